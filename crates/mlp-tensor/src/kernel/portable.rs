//! The portable kernel: plain Rust, one value at a time. The reference whose bits every other
//! kernel gives.

use super::Kernel;
use super::blocks::{self, Product};

/// Plain Rust, on any host.
#[derive(Clone, Copy)]
pub struct Portable;

impl Kernel for Portable {
    const LANES: usize = 1;
    type F = f32;
    type I = i32;
    type M = bool;

    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> f32 {
        // SAFETY: the caller promises a readable value.
        unsafe { *p }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: f32) {
        // SAFETY: the caller promises a writable value.
        unsafe { *p = v }
    }
    #[inline(always)]
    unsafe fn load_part(self, _p: *const f32, _n: usize) -> f32 {
        0.0
    }
    #[inline(always)]
    unsafe fn store_part(self, _p: *mut f32, _n: usize, _v: f32) {}
    #[inline(always)]
    fn splat(self, x: f32) -> f32 {
        x
    }
    #[inline(always)]
    fn add(self, a: f32, b: f32) -> f32 {
        a + b
    }
    #[inline(always)]
    fn sub(self, a: f32, b: f32) -> f32 {
        a - b
    }
    #[inline(always)]
    fn mul(self, a: f32, b: f32) -> f32 {
        a * b
    }
    #[inline(always)]
    fn div(self, a: f32, b: f32) -> f32 {
        a / b
    }
    #[inline(always)]
    fn mul_add(self, a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn gt(self, a: f32, b: f32) -> bool {
        a > b
    }
    #[inline(always)]
    fn select(self, m: bool, a: f32, b: f32) -> f32 {
        if m { a } else { b }
    }
    #[inline(always)]
    fn nonzero(self, v: f32) -> u32 {
        u32::from(v != 0.0)
    }
    #[inline(always)]
    fn bits(self, v: f32) -> i32 {
        v.to_bits() as i32
    }
    #[inline(always)]
    fn of_bits(self, v: i32) -> f32 {
        f32::from_bits(v as u32)
    }
    #[inline(always)]
    fn int(self, x: i32) -> i32 {
        x
    }
    #[inline(always)]
    fn int_add(self, a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }
    #[inline(always)]
    fn int_sub(self, a: i32, b: i32) -> i32 {
        a.wrapping_sub(b)
    }
    #[inline(always)]
    fn and(self, a: i32, b: i32) -> i32 {
        a & b
    }
    #[inline(always)]
    fn or(self, a: i32, b: i32) -> i32 {
        a | b
    }
    #[inline(always)]
    fn to_exponent(self, a: i32) -> i32 {
        a << 23
    }
    #[inline(always)]
    fn to_upper(self, a: i32) -> i32 {
        a << 16
    }
    #[inline(always)]
    fn half(self, a: i32) -> i32 {
        a >> 1
    }
    #[inline(always)]
    fn sqrt(self, a: f32) -> f32 {
        a.sqrt()
    }
    #[inline(always)]
    unsafe fn load_bytes(self, p: *const u8) -> f32 {
        // SAFETY: the caller promises a readable byte.
        unsafe { f32::from(*p) }
    }
    #[inline(always)]
    unsafe fn product(self, p: &Product<'_>) -> bool {
        // SAFETY: the caller's promise is passed on.
        unsafe { blocks::run::<Self, 4, 4, 8, 0>(self, p) }
    }
}
