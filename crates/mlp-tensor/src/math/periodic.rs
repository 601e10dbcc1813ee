//! Sine and cosine of multiples of π in `f64`.

use super::{ROUND, coefficients as c, polynomial};
use std::f64::consts::PI;

/// What `PI` lacks of the true value.
const PI_LOW: f64 = 1.224_646_799_147_353_2e-16;

/// `sin(πx)` for `|x| ≤ 1/4`
#[inline(always)]
fn sin(x: f64) -> f64 {
    let w = x * x;
    PI.mul_add(x, x * w.mul_add(polynomial(&c::SIN_PI, w), PI_LOW))
}

/// `cos(πx)` for `|x| ≤ 1/4`
#[inline(always)]
fn cos(x: f64) -> f64 {
    let w = x * x;
    w.mul_add(polynomial(&c::COS_PI, w), 1.0)
}

/// Quarter turns, modulo four, and the rest: `x = q/2 + r`, exactly.
#[inline(always)]
fn turns(x: f64) -> (u64, f64) {
    // Of large values whole turns are dropped first, exactly, so that the rounding below fits.
    let x = if x.abs() < 1e15 { x } else { x % 2.0 };
    let shifted = x.mul_add(2.0, ROUND);
    let q = shifted.to_bits().wrapping_sub(ROUND.to_bits()) & 3;
    (q, (shifted - ROUND).mul_add(-0.5, x))
}

/// `cos(πx)`; NaN for an infinity.
#[inline(always)]
pub fn cos_pi(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    match turns(x) {
        (0, r) => cos(r),
        (1, r) => 0.0 - sin(r),
        (2, r) => -cos(r),
        (_, r) => 0.0 + sin(r),
    }
}

/// `sin(πx)`; NaN for an infinity. The sign of zero is that of `x` only at zero itself.
#[inline(always)]
pub fn sin_pi(x: f64) -> f64 {
    if !x.is_finite() {
        return f64::NAN;
    }
    if x == 0.0 {
        return x;
    }
    match turns(x) {
        (0, r) => 0.0 + sin(r),
        (1, r) => cos(r),
        (2, r) => 0.0 - sin(r),
        (_, r) => -cos(r),
    }
}
