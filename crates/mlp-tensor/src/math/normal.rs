//! The error function and the normal distribution in `f64`.

use super::exponential::exp;
use super::{coefficients as c, polynomial};
use std::f64::consts::FRAC_1_SQRT_2;

/// What `FRAC_1_SQRT_2` lacks of the true value.
const FRAC_1_SQRT_2_LOW: f64 = -4.833_646_656_726_457e-17;

/// `exp(-(x + rest)²)` with `rest` far below `x`, the square to full accuracy.
#[inline(always)]
fn gauss(x: f64, rest: f64) -> f64 {
    let square = x * x;
    let low = 2.0f64.mul_add(x * rest, x.mul_add(x, -square));
    let e = exp(-square);
    e.mul_add(-low, e)
}

/// `erf(x)` for `0 ≤ x ≤ 1`
#[inline(always)]
fn near(x: f64) -> f64 {
    x.mul_add(polynomial(&c::ERF, x * x), x)
}

/// `erfc(x + rest)` for `x ≥ 1`, `rest` far below `x`.
#[inline(always)]
fn far(x: f64, rest: f64) -> f64 {
    if x > 28.0 {
        return 0.0;
    }
    let u = 1.0 / x;
    let p = if x < 2.0 {
        polynomial(&c::ERFC_1, u - 0.75)
    } else if x < 4.0 {
        polynomial(&c::ERFC_2, u - 0.375)
    } else if x < 8.0 {
        polynomial(&c::ERFC_4, u - 0.1875)
    } else {
        polynomial(&c::ERFC_8, u - 0.080_357_142_857_142_86)
    };
    gauss(x, rest) * (p * u)
}

/// `erf(x)`
#[inline(always)]
pub fn erf(x: f64) -> f64 {
    let a = x.abs();
    if x.is_nan() {
        x
    } else if a <= 1.0 {
        near(a).copysign(x)
    } else {
        (1.0 - far(a, 0.0)).copysign(x)
    }
}

/// `erfc(x)`
#[inline(always)]
pub fn erfc(x: f64) -> f64 {
    tail(x, 0.0)
}

/// `erfc(x + rest)`
#[inline(always)]
fn tail(x: f64, rest: f64) -> f64 {
    if x.is_nan() {
        x
    } else if x >= 1.0 {
        far(x, rest)
    } else if x <= -1.0 {
        2.0 - far(-x, -rest)
    } else {
        1.0 - near(x.abs()).copysign(x)
    }
}

/// `Φ(x) = erfc(-x / √2) / 2`
#[inline(always)]
pub fn cdf(x: f64) -> f64 {
    let a = -x * FRAC_1_SQRT_2;
    let rest = x.mul_add(-FRAC_1_SQRT_2, -a) - x * FRAC_1_SQRT_2_LOW;
    0.5 * if x.is_infinite() { tail(-x, 0.0) } else { tail(a, rest) }
}
