//! The AVX-512F kernel.

use super::avx2::claim;
use super::blocks::{self, Product};
use super::{Job, Kernel};
use std::arch::x86_64::*;

/// AVX-512F; made only by [`run`].
#[derive(Clone, Copy)]
pub struct Avx512(());

/// Compiles a job to AVX-512F.
///
/// # Safety
/// The host must have it.
#[target_feature(enable = "avx512f")]
pub unsafe fn run<J: Job>(job: J) -> J::Out {
    job.run(Avx512(()))
}

/// The mask of the first `n ≤ 16` lanes.
#[inline(always)]
fn first(n: usize) -> __mmask16 {
    ((1u32 << n) - 1) as __mmask16
}

impl Kernel for Avx512 {
    const LANES: usize = 16;
    const TURN: usize = 1;
    const MASKS: bool = true;
    type F = __m512;
    type I = __m512i;
    type M = __mmask16;

    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> __m512 {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { _mm512_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: __m512) {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { _mm512_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn load_part(self, p: *const f32, n: usize) -> __m512 {
        // SAFETY: as above; lanes outside of the mask are not touched.
        unsafe { _mm512_maskz_loadu_ps(first(n), p) }
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, n: usize, v: __m512) {
        // SAFETY: as above; lanes outside of the mask are not touched.
        unsafe { _mm512_mask_storeu_ps(p, first(n), v) }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_set1_ps(x) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn gt(self, a: __m512, b: __m512) -> __mmask16 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    fn select(self, m: __mmask16, a: __m512, b: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_mask_blend_ps(m, b, a) }
    }
    #[inline(always)]
    fn nonzero(self, v: __m512) -> u32 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { u32::from(_mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(v, _mm512_setzero_ps())) }
    }
    #[inline(always)]
    fn compress(self, lanes: u32, v: __m512) -> __m512 {
        // Where an unoptimised crate is linked with `lto`, LLVM cannot move a mask that stays one ("Cannot emit
        // physreg copy instruction"): it is made anew from an integer.
        let lanes = std::hint::black_box(lanes as __mmask16);
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_maskz_compress_ps(lanes, v) }
    }
    #[inline(always)]
    fn bits(self, v: __m512) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_castps_si512(v) }
    }
    #[inline(always)]
    fn of_bits(self, v: __m512i) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_castsi512_ps(v) }
    }
    #[inline(always)]
    fn int(self, x: i32) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_set1_epi32(x) }
    }
    #[inline(always)]
    fn int_add(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_add_epi32(a, b) }
    }
    #[inline(always)]
    fn int_sub(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_sub_epi32(a, b) }
    }
    #[inline(always)]
    fn and(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_and_si512(a, b) }
    }
    #[inline(always)]
    fn or(self, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_or_si512(a, b) }
    }
    #[inline(always)]
    fn to_exponent(self, a: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_slli_epi32::<23>(a) }
    }
    #[inline(always)]
    fn to_upper(self, a: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_slli_epi32::<16>(a) }
    }
    #[inline(always)]
    fn half(self, a: __m512i) -> __m512i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_srai_epi32::<1>(a) }
    }
    #[inline(always)]
    fn sqrt(self, a: __m512) -> __m512 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm512_sqrt_ps(a) }
    }
    #[inline(always)]
    unsafe fn load_bytes(self, p: *const u8) -> __m512 {
        // SAFETY: as above; sixteen bytes are read.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(p.cast()))) }
    }
    #[inline(always)]
    fn prefetch(self, p: *const f32) {
        // SAFETY: every processor with this instruction set has it, and it takes any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
    }
    #[inline(always)]
    fn claim(self, p: *mut f32) {
        claim(p);
    }
    #[inline(always)]
    unsafe fn turn(self, from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        // SAFETY: as above, and the caller vouches for the squares.
        unsafe {
            let mut r = [_mm512_setzero_ps(); 16];
            for (i, r) in r.iter_mut().enumerate() {
                *r = _mm512_loadu_ps(from.add(i * from_step));
            }
            // Afterwards lane `l` of `s[4i + c]` holds column `4l + c` of the rows from `4i` on.
            let mut s = [_mm512_setzero_ps(); 16];
            for i in [0, 4, 8, 12] {
                let t0 = _mm512_castps_pd(_mm512_unpacklo_ps(r[i], r[i + 1]));
                let t1 = _mm512_castps_pd(_mm512_unpackhi_ps(r[i], r[i + 1]));
                let t2 = _mm512_castps_pd(_mm512_unpacklo_ps(r[i + 2], r[i + 3]));
                let t3 = _mm512_castps_pd(_mm512_unpackhi_ps(r[i + 2], r[i + 3]));
                s[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(t0, t2));
                s[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(t0, t2));
                s[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(t1, t3));
                s[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(t1, t3));
            }
            for c in 0..4 {
                let even_low = _mm512_shuffle_f32x4::<0x88>(s[c], s[4 + c]);
                let odd_low = _mm512_shuffle_f32x4::<0xdd>(s[c], s[4 + c]);
                let even_high = _mm512_shuffle_f32x4::<0x88>(s[8 + c], s[12 + c]);
                let odd_high = _mm512_shuffle_f32x4::<0xdd>(s[8 + c], s[12 + c]);
                let columns = [
                    _mm512_shuffle_f32x4::<0x88>(even_low, even_high),
                    _mm512_shuffle_f32x4::<0x88>(odd_low, odd_high),
                    _mm512_shuffle_f32x4::<0xdd>(even_low, even_high),
                    _mm512_shuffle_f32x4::<0xdd>(odd_low, odd_high),
                ];
                for (l, column) in columns.into_iter().enumerate() {
                    _mm512_storeu_ps(to.add((4 * l + c) * to_step), column);
                }
            }
        }
    }
    #[inline(always)]
    unsafe fn product(self, p: &Product<'_>) -> bool {
        // SAFETY: the caller's promise is passed on.
        unsafe { blocks::run::<Self, 8, 3, 8, 16>(self, p) }
    }
}
