//! Deterministic elementary functions: polynomials in `mul_add`, the same bits on every host.
//! Errors in ulp are stated at each function and tested against a correctly rounded oracle.
//!
//! The `f64` functions stand here; the `f32` ones are single values of the vector forms in
//! `kernel`. Slices of `f32` go through `product::{activate, logistic_slice, exp_slice,
//! softmax_columns}`.

// `mul_add` compiled for the processor's fused instruction, which the base x86-64 lacks, takes
// `unsafe` to call.
#![allow(unsafe_code)]

mod coefficients;
mod exponential;
mod normal;
mod periodic;
mod quantile;

use crate::kernel::{Portable, functions};

/// Defines public functions from bodies. On x86-64 with FMA the body is compiled for it: the same
/// bits, since `mul_add` is exactly specified, without a call for each.
macro_rules! fused {
    ($($(#[$doc:meta])* $name:ident($x:ident: $t:ty) = $body:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name($x: $t) -> $t {
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("fma") {
                #[target_feature(enable = "fma")]
                fn with_fma($x: $t) -> $t {
                    $body
                }
                // SAFETY: the processor has FMA.
                return unsafe { with_fma($x) };
            }
            $body
        }
    )*};
}

fused! {
    /// `exp(x)`. Error below 1 ulp, results below the normal range included.
    exp(x: f64) = exponential::exp(x);
    /// Natural logarithm; NaN below zero, minus infinity at zero. Error below 1 ulp.
    ln(x: f64) = exponential::ln(x);
    /// `ln(1 + x)`. Error below 1 ulp.
    ln_1p(x: f64) = exponential::ln_1p(x);
    /// `exp(x) - 1`. Error below 2 ulp.
    exp_m1(x: f64) = exponential::exp_m1(x);
    /// Hyperbolic tangent. Error below 2 ulp.
    tanh(x: f64) = exponential::tanh(x);
    /// `1 / (1 + exp(-x))`. Error below 2 ulp, for large negative `x` too.
    logistic(x: f64) = exponential::logistic(x);
    /// `ln(1 + exp(x))`, finite for every finite `x`. Error below 2 ulp.
    softplus(x: f64) = exponential::softplus(x);
    /// Error function. Error below 2 ulp.
    erf(x: f64) = normal::erf(x);
    /// `1 - erf(x)`, to full relative accuracy in the upper tail. Error below 4 ulp.
    erfc(x: f64) = normal::erfc(x);
    /// The distribution function of the standard normal. Error below 6 ulp, in the lower tail too.
    normal_cdf(x: f64) = normal::cdf(x);
    /// The inverse of [`normal_cdf`]: infinite at 0 and 1, NaN outside. Error below 5 ulp.
    normal_quantile(p: f64) = quantile::quantile(p);
    /// `cos(π x)`: what schedules and Box–Muller need, exact at multiples of a half. Error below 1
    /// ulp.
    cos_pi(x: f64) = periodic::cos_pi(x);
    /// `sin(π x)`, exact at multiples of a half. Error below 2 ulp.
    sin_pi(x: f64) = periodic::sin_pi(x);
    /// `exp(x)` in f32. Error below 1 ulp, results below the normal range included.
    exp_f32(x: f32) = functions::exp(Portable, x);
    /// `tanh(x)` in f32. Error below 3 ulp.
    tanh_f32(x: f32) = functions::tanh(Portable, x);
    /// `1 / (1 + exp(-x))` in f32. Error below 2.5 ulp.
    logistic_f32(x: f32) = functions::logistic(Portable, x);
    /// `ln(1 + exp(x))` in f32. Error below 2 ulp.
    softplus_f32(x: f32) = functions::softplus(Portable, x);
    /// Error function in f32. Error below 2 ulp.
    erf_f32(x: f32) = functions::erf(Portable, x);
}

/// `x` to the power `n`, by repeated squaring from the lowest bit of `n`. One rounding a
/// multiplication: at most `2 log2 n` of them; the relative error is below `n` half-ulps.
pub fn powi(x: f64, n: u64) -> f64 {
    let (mut result, mut square, mut n) = (1.0, x, n);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// `c[0] + c[1] x + …`
#[inline(always)]
fn polynomial<const N: usize>(c: &[f64; N], x: f64) -> f64 {
    let mut sum = c[N - 1];
    for i in (0..N - 1).rev() {
        sum = sum.mul_add(x, c[i]);
    }
    sum
}

/// Added and taken away again it rounds to an integer, which meanwhile stands in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
