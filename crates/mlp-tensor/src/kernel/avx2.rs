//! The AVX2 with FMA kernel.

use super::blocks::{self, Product};
use super::{Job, Kernel};
use std::arch::asm;
use std::arch::x86_64::*;

/// AVX2 with FMA; made only by [`run`].
#[derive(Clone, Copy)]
pub struct Avx2(());

/// Compiles a job to AVX2 with FMA.
///
/// # Safety
/// The host must have it.
#[target_feature(enable = "avx2,fma")]
pub unsafe fn run<J: Job>(job: J) -> J::Out {
    job.run(Avx2(()))
}

/// The mask of the first `n < 8` lanes.
///
/// # Safety
/// The host must have AVX2.
#[inline(always)]
unsafe fn first(n: usize) -> __m256i {
    // SAFETY: the caller promises AVX2.
    unsafe {
        let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(n as i32), lane)
    }
}

/// The lanes whose bits are set, for each byte of bits.
static ORDERS: [[u8; 8]; 256] = orders();

const fn orders() -> [[u8; 8]; 256] {
    let mut orders = [[0; 8]; 256];
    let mut bits = 0;
    while bits < 256 {
        let (mut lane, mut count) = (0, 0);
        while lane < 8 {
            if bits >> lane & 1 != 0 {
                orders[bits][count] = lane as u8;
                count += 1;
            }
            lane += 1;
        }
        bits += 1;
    }
    orders
}

/// Asks for a cache line that will be written.
#[inline(always)]
pub fn claim(p: *mut f32) {
    // SAFETY: it takes any address; a processor without it does nothing. The compiler's own intrinsic asks
    // only to read, unless the instruction is promised to it.
    unsafe {
        asm!("prefetchw [{p}]", p = in(reg) p.addr(), options(nomem, nostack, preserves_flags));
    }
}

impl Kernel for Avx2 {
    const LANES: usize = 8;
    type F = __m256;
    type I = __m256i;
    type M = __m256;

    #[inline(always)]
    unsafe fn load(self, p: *const f32) -> __m256 {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { _mm256_loadu_ps(p) }
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32, v: __m256) {
        // SAFETY: as above, and the caller vouches for the memory.
        unsafe { _mm256_storeu_ps(p, v) }
    }
    #[inline(always)]
    unsafe fn load_part(self, p: *const f32, n: usize) -> __m256 {
        // SAFETY: as above; lanes outside of the mask are not touched.
        unsafe { _mm256_maskload_ps(p, first(n)) }
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f32, n: usize, v: __m256) {
        // Not by a mask, which takes AMD's processors two dozen cycles.
        // SAFETY: as above; the pieces are `n` values together.
        unsafe {
            let (mut p, mut four) = (p, _mm256_castps256_ps128(v));
            if n & 4 != 0 {
                _mm_storeu_ps(p, four);
                (p, four) = (p.add(4), _mm256_extractf128_ps::<1>(v));
            }
            if n & 2 != 0 {
                _mm_store_sd(p.cast(), _mm_castps_pd(four));
                (p, four) = (p.add(2), _mm_movehl_ps(four, four));
            }
            if n & 1 != 0 {
                _mm_store_ss(p, four);
            }
        }
    }
    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_set1_ps(x) }
    }
    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_div_ps(a, b) }
    }
    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn gt(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_cmp_ps::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_min_ps(a, b) }
    }
    #[inline(always)]
    fn select(self, m: __m256, a: __m256, b: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_blendv_ps(b, a, m) }
    }
    #[inline(always)]
    fn nonzero(self, v: __m256) -> u32 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(v, _mm256_setzero_ps())) as u32 }
    }
    #[inline(always)]
    fn compress(self, lanes: u32, v: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set; there is an order for eight bits.
        unsafe {
            let order = _mm_loadl_epi64(ORDERS[lanes as usize & 255].as_ptr().cast());
            _mm256_permutevar8x32_ps(v, _mm256_cvtepu8_epi32(order))
        }
    }
    #[inline(always)]
    fn bits(self, v: __m256) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_castps_si256(v) }
    }
    #[inline(always)]
    fn of_bits(self, v: __m256i) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_castsi256_ps(v) }
    }
    #[inline(always)]
    fn int(self, x: i32) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_set1_epi32(x) }
    }
    #[inline(always)]
    fn int_add(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_add_epi32(a, b) }
    }
    #[inline(always)]
    fn int_sub(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_sub_epi32(a, b) }
    }
    #[inline(always)]
    fn and(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_and_si256(a, b) }
    }
    #[inline(always)]
    fn or(self, a: __m256i, b: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_or_si256(a, b) }
    }
    #[inline(always)]
    fn to_exponent(self, a: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_slli_epi32::<23>(a) }
    }
    #[inline(always)]
    fn to_upper(self, a: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_slli_epi32::<16>(a) }
    }
    #[inline(always)]
    fn half(self, a: __m256i) -> __m256i {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_srai_epi32::<1>(a) }
    }
    #[inline(always)]
    fn sqrt(self, a: __m256) -> __m256 {
        // SAFETY: a value of this type proves the instruction set.
        unsafe { _mm256_sqrt_ps(a) }
    }
    #[inline(always)]
    unsafe fn load_bytes(self, p: *const u8) -> __m256 {
        // SAFETY: as above; eight bytes are read.
        unsafe { _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(p.cast()))) }
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
            let mut r = [_mm256_setzero_ps(); 8];
            for (i, r) in r.iter_mut().enumerate() {
                *r = _mm256_loadu_ps(from.add(i * from_step));
            }
            // Afterwards lane `l` of `s[4i + c]` holds column `4l + c` of the rows from `4i` on.
            let mut s = [_mm256_setzero_ps(); 8];
            for i in [0, 4] {
                let t0 = _mm256_castps_pd(_mm256_unpacklo_ps(r[i], r[i + 1]));
                let t1 = _mm256_castps_pd(_mm256_unpackhi_ps(r[i], r[i + 1]));
                let t2 = _mm256_castps_pd(_mm256_unpacklo_ps(r[i + 2], r[i + 3]));
                let t3 = _mm256_castps_pd(_mm256_unpackhi_ps(r[i + 2], r[i + 3]));
                s[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(t0, t2));
                s[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(t0, t2));
                s[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(t1, t3));
                s[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(t1, t3));
            }
            for c in 0..4 {
                let low = _mm256_permute2f128_ps::<0x20>(s[c], s[4 + c]);
                let high = _mm256_permute2f128_ps::<0x31>(s[c], s[4 + c]);
                _mm256_storeu_ps(to.add(c * to_step), low);
                _mm256_storeu_ps(to.add((4 + c) * to_step), high);
            }
        }
    }
    #[inline(always)]
    unsafe fn product(self, p: &Product<'_>) -> bool {
        // SAFETY: the caller's promise is passed on.
        unsafe { blocks::run::<Self, 6, 2, 6, 0>(self, p) }
    }
}
