//! The product of a single row, which only waits for `B` to come from a cache: a few rows of `B` at a
//! time, each read from end to end, so that the processor foresees what comes next. Meanwhile the
//! sums stay in the first level; their chains are those of [`super::tile`].

use super::Kernel;
use super::blocks::Product;
use super::functions::{Relu, Unary};
use super::list::{RowTerms, Run};
use super::tile::Start;
use crate::tuning::LINE;
use std::mem::MaybeUninit;

/// Rows of `B` at a time.
pub const RUN: usize = 4;
/// Vectors of sums in registers.
const V: usize = 4;

/// Sums on their way: not in the output, whose first and last cache line may be shared with another
/// thread's.
#[repr(align(64))]
pub struct Sums(MaybeUninit<[f32; Sums::LEN]>);

impl Sums {
    /// How many there are.
    pub const LEN: usize = 1024;

    /// None yet.
    #[inline(always)]
    pub fn new() -> Sums {
        Sums(MaybeUninit::uninit())
    }

    /// Where they are.
    #[inline(always)]
    pub fn place(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

/// The least columns of a row that are computed so.
pub const COLS: usize = 32;

/// Computes as many columns of `p`, which has one row, as fill vectors: how many those are.
///
/// # Safety
/// As [`super::blocks::run`]; `B` has rows, and the terms are listed at `p.left`.
#[inline(always)]
pub unsafe fn run<K: Kernel>(k: K, p: &Product<'_>, start: Start) -> usize {
    let cols = p.cols / (V * K::LANES) * (V * K::LANES);
    let mut from = 0;
    while from < cols {
        let part = Sums::LEN.min(cols - from);
        // SAFETY: the parts lie within `p`.
        unsafe { sums(k, &p.block(0, 1, from, part), start) };
        from += part;
    }
    cols
}

/// The same for at most `Sums::LEN` columns, all of them full.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn sums<K: Kernel>(k: K, p: &Product<'_>, start: Start) {
    let mut sums = Sums::new();
    let sums = sums.place();
    // SAFETY: the first terms write all sums, later ones go on from there.
    unsafe {
        let mut from = match start {
            Start::Zero => std::ptr::null(),
            Start::Bias => p.start,
            Start::Stored => p.c.cast_const(),
        };
        let mut list = RowTerms::of(p.left);
        while let Some(run) = list.next::<RUN>() {
            terms(k, p, run, from, sums);
            from = sums;
        }
        while let Some(run) = list.next::<1>() {
            terms(k, p, run, from, sums);
            from = sums;
        }
        for o in (0..p.cols).step_by(K::LANES) {
            let sum = if from.is_null() { k.splat(0.0) } else { k.load(from.add(o)) };
            // As in a tile.
            let sum = k.add(sum, k.splat(0.0));
            k.store(p.c.add(o), if p.relu { Relu.apply(k, sum) } else { sum });
        }
    }
}

/// Adds `N` terms to the sums at `from`, or to zero where it is null.
///
/// # Safety
/// As [`run`]; `from` and `to` have `p.cols` values.
#[inline(always)]
unsafe fn terms<K: Kernel, const N: usize>(
    k: K,
    p: &Product<'_>,
    run: Run<N>,
    from: *const f32,
    to: *mut f32,
) {
    let run = run.over(k, p.b_depth);
    // SAFETY: all places are below `depth`, `o < cols`; what is fetched ahead need not exist.
    unsafe {
        for o in (0..p.cols).step_by(V * K::LANES) {
            let mut sums = [k.splat(0.0); V];
            if !from.is_null() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = k.load(from.add(o + v * K::LANES));
                }
            }
            for &(a, b, next) in &run {
                let (b, next) = (p.b.add(b + o), p.b.wrapping_add(next + o));
                for v in (0..V).step_by((LINE / K::LANES).max(1)) {
                    k.prefetch(next.wrapping_add(v * K::LANES));
                }
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = k.mul_add(a, k.load(b.add(v * K::LANES)), *sum);
                }
            }
            for (v, &sum) in sums.iter().enumerate() {
                k.store(to.add(o + v * K::LANES), sum);
            }
        }
    }
}
