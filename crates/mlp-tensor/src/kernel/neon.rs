//! The NEON kernel.

use super::blocks::{self, Product};
use super::{Job, Kernel};
use std::arch::aarch64::*;

/// NEON; made only by [`run`].
#[derive(Clone, Copy)]
pub struct Neon(());

/// Compiles a job to NEON.
///
/// # Safety
/// The host must have it.
#[target_feature(enable = "neon")]
pub unsafe fn run<J: Job>(job: J) -> J::Out {
    job.run(Neon(()))
}

impl Kernel for Neon {
    const LANES: usize = 4;
    type F = float32x4_t;
    type I = int32x4_t;
    type M = uint32x4_t;

    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> float32x4_t {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { vld1q_f32(p) }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: float32x4_t) {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { vst1q_f32(p, v) }
    }
    #[inline(always)]
    unsafe fn load_part(self, p: *const f32, n: usize) -> float32x4_t {
        // SAFETY: as above; `n < 4` values are copied.
        unsafe {
            let mut part = [0.0f32; 4];
            std::ptr::copy_nonoverlapping(p, part.as_mut_ptr(), n);
            vld1q_f32(part.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, n: usize, v: float32x4_t) {
        // SAFETY: as above; `n < 4` values are copied.
        unsafe {
            let mut part = [0.0f32; 4];
            vst1q_f32(part.as_mut_ptr(), v);
            std::ptr::copy_nonoverlapping(part.as_ptr(), p, n)
        }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vdupq_n_f32(x) }
    }
    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vaddq_f32(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vsubq_f32(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vmulq_f32(a, b) }
    }
    #[inline(always)]
    fn div(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vdivq_f32(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vfmaq_f32(c, a, b) }
    }
    #[inline(always)]
    fn gt(self, a: float32x4_t, b: float32x4_t) -> uint32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vcgtq_f32(a, b) }
    }
    #[inline(always)]
    fn select(self, m: uint32x4_t, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vbslq_f32(m, a, b) }
    }
    #[inline(always)]
    fn nonzero(self, v: float32x4_t) -> u32 {
        const BITS: [u32; 4] = [1, 2, 4, 8];
        // SAFETY: a value of this type proves the instruction set; there are four bits to load.
        unsafe { vaddvq_u32(vbicq_u32(vld1q_u32(BITS.as_ptr()), vceqzq_f32(v))) }
    }
    #[inline(always)]
    fn bits(self, v: float32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vreinterpretq_s32_f32(v) }
    }
    #[inline(always)]
    fn of_bits(self, v: int32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vreinterpretq_f32_s32(v) }
    }
    #[inline(always)]
    fn int(self, x: i32) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vdupq_n_s32(x) }
    }
    #[inline(always)]
    fn int_add(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vaddq_s32(a, b) }
    }
    #[inline(always)]
    fn int_sub(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vsubq_s32(a, b) }
    }
    #[inline(always)]
    fn and(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vandq_s32(a, b) }
    }
    #[inline(always)]
    fn or(self, a: int32x4_t, b: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vorrq_s32(a, b) }
    }
    #[inline(always)]
    fn to_exponent(self, a: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vshlq_n_s32::<23>(a) }
    }
    #[inline(always)]
    fn to_upper(self, a: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vshlq_n_s32::<16>(a) }
    }
    #[inline(always)]
    fn half(self, a: int32x4_t) -> int32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vshrq_n_s32::<1>(a) }
    }
    #[inline(always)]
    fn sqrt(self, a: float32x4_t) -> float32x4_t {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { vsqrtq_f32(a) }
    }
    #[inline(always)]
    unsafe fn load_bytes(self, p: *const u8) -> float32x4_t {
        // SAFETY: as above; four bytes are copied.
        unsafe {
            let mut four = [0.0f32; 4];
            for (i, x) in four.iter_mut().enumerate() {
                *x = f32::from(*p.add(i));
            }
            vld1q_f32(four.as_ptr())
        }
    }
    #[inline(always)]
    unsafe fn product(self, p: &Product<'_>) -> bool {
        // SAFETY: the caller's promise is passed on.
        unsafe { blocks::run::<Self, 6, 4, 8, 0>(self, p) }
    }
}
