//! The instruction sets: one trait of vector operations, one implementation each, and the wrappers
//! that compile a [`Job`] to each of them. What is computed with the vectors stands in the modules
//! beside this one, written once: every operation here is exactly specified by IEEE 754, so every
//! instruction set gives the same bits.
//!
//! Nothing here knows of threads or matrices.

// Vector intrinsics and raw pointers cannot be had without `unsafe`; in this project it
// stands only here and in the modules that hand pieces of matrices and slices to threads.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
pub mod blocks;
pub mod descent;
pub mod elementwise;
pub mod functions;
pub mod list;
#[cfg(test)]
mod naive;
#[cfg(target_arch = "aarch64")]
mod neon;
pub mod pack;
pub mod pairs;
mod portable;
mod row;
#[cfg(test)]
mod shapes;
pub mod strips;
#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "oracles")]
mod tests;
mod tile;

pub use portable::Portable;

use crate::Isa;
use blocks::Product;
use pack::Line;

/// One SIMD instruction set: vectors of `LANES` values and the operations on them.
///
/// A value of an implementing type proves that the host has the instruction set; it is made only by
/// [`run`].
pub trait Kernel: Copy {
    /// Values in a vector.
    const LANES: usize;
    /// Terms a turn of a tile's loop: several where a tile's rows are read in fewer cycles than their
    /// addresses are reckoned; more than needed has the compiler read ahead what there are no registers for.
    const TURN: usize = 4;
    /// A vector of `f32`.
    type F: Copy;
    /// A vector of `i32`, as wide.
    type I: Copy;
    /// The result of a comparison.
    type M: Copy;

    /// Reads `LANES` values.
    /// # Safety
    /// `LANES` values must be readable at `p`.
    unsafe fn load(self, p: *const f32) -> Self::F;
    /// Writes `LANES` values.
    /// # Safety
    /// `LANES` values must be writable at `p`.
    unsafe fn store(self, p: *mut f32, v: Self::F);
    /// Whether `load_part` also reads `LANES` values, as fast as `load`.
    const MASKS: bool = false;
    /// Reads `n < LANES` values; the other lanes are zero.
    /// # Safety
    /// `n` values must be readable at `p`.
    unsafe fn load_part(self, p: *const f32, n: usize) -> Self::F;
    /// Writes the first `n < LANES` values.
    /// # Safety
    /// `n` values must be writable at `p`.
    unsafe fn store_part(self, p: *mut f32, n: usize, v: Self::F);
    /// `x` in every lane.
    fn splat(self, x: f32) -> Self::F;
    /// `a + b`
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a - b`
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b`
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a / b`
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `a > b`, false for NaN.
    fn gt(self, a: Self::F, b: Self::F) -> Self::M;
    /// `a` where `a > b`, else `b`: a NaN in `b` passes.
    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        self.select(self.gt(a, b), a, b)
    }
    /// `a` where `b > a`, else `b`: a NaN in `b` passes.
    #[inline(always)]
    fn min(self, a: Self::F, b: Self::F) -> Self::F {
        self.select(self.gt(b, a), a, b)
    }
    /// `a` where `m`, else `b`.
    fn select(self, m: Self::M, a: Self::F, b: Self::F) -> Self::F;
    /// A bit for each lane, the first one lowest: whether it is not zero. NaN is not.
    fn nonzero(self, v: Self::F) -> u32;
    /// The values of the lanes whose bits are set, in their order; what follows has no meaning.
    #[inline(always)]
    fn compress(self, lanes: u32, v: Self::F) -> Self::F {
        let (mut from, mut to) = (Line([0.0; 16]), Line([0.0; 16]));
        // SAFETY: no vector has more lanes than a line.
        unsafe { self.store(from.0.as_mut_ptr(), v) };
        let mut count = 0;
        for lane in 0..Self::LANES {
            to.0[count] = from.0[lane];
            count += (lanes >> lane & 1) as usize;
        }
        // SAFETY: the same.
        unsafe { self.load(to.0.as_ptr()) }
    }
    /// The bits of the values.
    fn bits(self, v: Self::F) -> Self::I;
    /// The values of the bits.
    fn of_bits(self, v: Self::I) -> Self::F;
    /// `x` in every lane.
    fn int(self, x: i32) -> Self::I;
    /// `a + b`, wrapping.
    fn int_add(self, a: Self::I, b: Self::I) -> Self::I;
    /// `a - b`, wrapping.
    fn int_sub(self, a: Self::I, b: Self::I) -> Self::I;
    /// `a & b`
    fn and(self, a: Self::I, b: Self::I) -> Self::I;
    /// `a | b`
    fn or(self, a: Self::I, b: Self::I) -> Self::I;
    /// `a << 23`: an integer into the exponent's place.
    fn to_exponent(self, a: Self::I) -> Self::I;
    /// `a << 16`: lower halves into the place of upper ones.
    fn to_upper(self, a: Self::I) -> Self::I;
    /// `a >> 1`, arithmetic.
    fn half(self, a: Self::I) -> Self::I;
    /// The square root, correctly rounded.
    fn sqrt(self, a: Self::F) -> Self::F;
    /// Reads `LANES` bytes as numbers.
    /// # Safety
    /// `LANES` bytes must be readable at `p`.
    unsafe fn load_bytes(self, p: *const u8) -> Self::F;
    /// Asks for the cache line of `p`. Any address is allowed.
    #[inline(always)]
    fn prefetch(self, _p: *const f32) {}
    /// The same for a line that will be written: no other core keeps it.
    #[inline(always)]
    fn claim(self, _p: *mut f32) {}
    /// Turns a square of `LANES × LANES` values: `to[j·to_step + i] = from[i·from_step + j]`.
    /// # Safety
    /// The first must be readable, the second writable; they must not overlap.
    #[inline(always)]
    unsafe fn turn(self, from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        for i in 0..Self::LANES {
            for j in 0..Self::LANES {
                // SAFETY: within the squares, which the caller vouches for.
                unsafe { *to.add(j * to_step + i) = *from.add(i * from_step + j) };
            }
        }
    }
    /// A block of a matrix product with this instruction set's tile; returns as [`blocks::run`].
    /// # Safety
    /// As [`blocks::run`].
    unsafe fn product(self, p: &Product<'_>) -> bool;
}

/// Work written once for every instruction set. `run` must be `#[inline(always)]`, and so must all
/// it calls with `k`, or it is compiled for the base instruction set.
pub trait Job {
    /// What comes out.
    type Out;
    /// Does the work.
    fn run<K: Kernel>(self, k: K) -> Self::Out;
}

/// Runs a job compiled for `isa`.
///
/// # Safety
/// The host must have `isa`.
pub unsafe fn run<J: Job>(isa: Isa, job: J) -> J::Out {
    match isa {
        // SAFETY: the caller promises that the host has it.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { avx2::run(job) },
        // SAFETY: the caller promises that the host has it.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { avx512::run(job) },
        // SAFETY: the caller promises that the host has it.
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => unsafe { neon::run(job) },
        _ => job.run(Portable),
    }
}

/// The instruction sets this host has, best first.
pub fn detect() -> Vec<Isa> {
    let mut found = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512f") {
            found.push(Isa::Avx512);
        }
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
        {
            found.push(Isa::Avx2);
        }
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        found.push(Isa::Neon);
    }
    found.push(Isa::Portable);
    found
}
