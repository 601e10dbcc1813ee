//! Exponential and logarithm in `f64` and what follows from them.

use super::{ROUND, coefficients as c, polynomial};
use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// What `LN_2` lacks of the true value.
const LN_2_LOW: f64 = 2.319_046_813_846_299_6e-17;
/// `ln 2` in two parts; the first has 21 zero bits at its end, so that its multiples by exponents
/// are exact.
const LN_2_PARTS: [f64; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];

/// `n`, `r`, what `r` lacks, and `r² q(r)`, where `x = n ln 2 + r` and `exp(r) = 1 + r + r² q(r)`.
#[inline(always)]
fn reduce(x: f64) -> (i64, f64, f64) {
    let shifted = x.mul_add(LOG2_E, ROUND);
    let n = shifted.to_bits() as i64 - ROUND.to_bits() as i64;
    let minus_n = ROUND - shifted;
    let high = minus_n.mul_add(LN_2, x);
    let r = minus_n.mul_add(LN_2_LOW, high);
    let low = minus_n.mul_add(LN_2_LOW, high - r);
    // The rest enters with the slope of the exponential, near enough 1 + r.
    let rest = (r * r).mul_add(polynomial(&c::EXP, r), low.mul_add(r, low));
    (n, r, rest)
}

/// `2^n` for `-1022 ≤ n ≤ 1023`.
#[inline(always)]
fn power(n: i64) -> f64 {
    f64::from_bits(((n + 1023) as u64) << 52)
}

/// `exp(x)`
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    let (n, r, rest) = reduce(x.clamp(-746.0, 710.0));
    let y = 1.0 + (r + rest);
    // In two steps, so that the result may overflow to infinity or round once to a subnormal.
    y * power(n >> 1) * power(n - (n >> 1))
}

/// `exp(x) - 1`
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    // Beyond 60 the one is far below the last bit.
    if x.is_nan() || x > 60.0 {
        return exp(x);
    }
    let (n, r, rest) = reduce(x.clamp(-60.0, 60.0));
    if n == 0 {
        return if x == 0.0 { x } else { r + rest };
    }
    let scale = power(n);
    (scale - 1.0) + scale.mul_add(r, scale * rest)
}

/// `ln(x · (1 + rest/x))` with `|rest|` below half an ulp of `x`, for normal `x > 0`.
#[inline(always)]
fn ln_normal(x: f64, rest: f64, exponent: i64) -> f64 {
    // The exponent that leaves a mantissa in [√½, √2).
    let bits = x.to_bits() as i64;
    let n = (bits - (SQRT_2 / 2.0).to_bits() as i64) >> 52;
    let m = f64::from_bits((bits - (n << 52)) as u64);
    let n = (n + exponent) as f64;
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let w = s * s;
    // ln(1 + f) = 2s + s³ L(w) = f - f²/2 + s (f²/2 + w L(w)), the square with its rounding error.
    let half = 0.5 * f * f;
    let lost = (0.5 * f).mul_add(f, -half);
    let series = s.mul_add(w.mul_add(polynomial(&c::LN, w), half), -lost);
    let low = n.mul_add(LN_2_PARTS[1], rest / x) + series;
    // The large terms are added with what their sum rounds away.
    let high = n * LN_2_PARTS[0];
    let a = high + f;
    let a_low = if high == 0.0 { 0.0 } else { f - (a - high) };
    let b = a - half;
    let b_low = (a - b) - half;
    b + (low + (a_low + b_low))
}

/// `ln(x)`
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    if x <= 0.0 {
        return if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    if !x.is_finite() {
        return x;
    }
    if x < f64::MIN_POSITIVE {
        return ln_normal(x * power(54), 0.0, -54);
    }
    ln_normal(x, 0.0, 0)
}

/// `ln(1 + x)`
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    // Below 2^-54 the logarithm is x; this keeps the sign of zero and subnormals.
    if x.abs() < power(-54) {
        return x;
    }
    let u = 1.0 + x;
    if u <= 0.0 || !u.is_finite() {
        return ln(u);
    }
    // What the sum lost, exactly (Knuth's two-sum).
    let back = u - x;
    let lost = (1.0 - back) + (x - (u - back));
    ln_normal(u, lost, 0)
}

/// `tanh(x)`
#[inline(always)]
pub fn tanh(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    // tanh(20) rounds to 1.
    let e = exp_m1(2.0 * x.abs().min(20.0));
    (e / (e + 2.0)).copysign(x)
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn logistic(x: f64) -> f64 {
    let e = exp(-x.abs());
    if x > 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// `ln(1 + exp(x))`
#[inline(always)]
pub fn softplus(x: f64) -> f64 {
    let low = ln_1p(exp(-x.abs()));
    if x > 0.0 { x + low } else { low }
}
