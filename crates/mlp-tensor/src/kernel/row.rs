//! The product of a single row, which only waits for `B` to come from a cache: a few rows of `B` at a
//! time, each read from end to end, so that the processor foresees what comes next. Meanwhile the
//! sums stay in the first level; their chains are those of [`super::tile`].

use super::Kernel;
use super::blocks::Product;
use super::functions::{Relu, Unary};
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

/// Computes as many columns of `p`, which has one row, as fill vectors: how many those are.
///
/// # Safety
/// As [`super::blocks::run`]; `B` has rows.
#[inline(always)]
pub unsafe fn run<K: Kernel>(k: K, p: &Product<'_>) -> usize {
    let cols = p.cols / (V * K::LANES) * (V * K::LANES);
    let mut from = 0;
    while from < cols {
        let part = Sums::LEN.min(cols - from);
        // SAFETY: the parts lie within `p`.
        unsafe { sums(k, &p.block(0, 1, from, part)) };
        from += part;
    }
    cols
}

/// The same for at most `Sums::LEN` columns, all of them full.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn sums<K: Kernel>(k: K, p: &Product<'_>) {
    let mut sums = Sums::new();
    let sums = sums.place();
    // SAFETY: the first terms write all sums, later ones go on from there; all `i < depth`.
    unsafe {
        let (mut from, mut i) = (p.start, 0);
        while i + RUN < p.depth {
            terms::<K, RUN>(k, p, i, from, sums);
            (from, i) = (sums, i + RUN);
        }
        while i + 1 < p.depth {
            terms::<K, 1>(k, p, i, from, sums);
            (from, i) = (sums, i + 1);
        }
        match p.depth {
            0 => terms::<K, 0>(k, p, 0, from, p.c),
            _ => terms::<K, 1>(k, p, i, from, p.c),
        }
        if p.relu {
            for o in (0..p.cols).step_by(K::LANES) {
                k.store(p.c.add(o), Relu.apply(k, k.load(p.c.add(o))));
            }
        }
    }
}

/// Adds the `N` terms from `i` on to the sums at `from`, or to zero where it is null.
///
/// # Safety
/// As [`run`]; `i + N` must not pass the end; `from` and `to` have `p.cols` values.
#[inline(always)]
unsafe fn terms<K: Kernel, const N: usize>(
    k: K,
    p: &Product<'_>,
    i: usize,
    from: *const f32,
    to: *mut f32,
) {
    let mut a = [k.splat(0.0); N];
    // SAFETY: all `i < depth`, `o < cols`; what is fetched ahead need not exist.
    unsafe {
        for (j, a) in a.iter_mut().enumerate() {
            *a = k.splat(*p.a.add((i + j) * p.a_depth));
        }
        for o in (0..p.cols).step_by(V * K::LANES) {
            let mut sums = [k.splat(0.0); V];
            if !from.is_null() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = k.load(from.add(o + v * K::LANES));
                }
            }
            for (j, &a) in a.iter().enumerate() {
                let b = p.b.add((i + j) * p.b_depth + o);
                for v in (0..V).step_by((LINE / K::LANES).max(1)) {
                    k.prefetch(b.wrapping_add(N * p.b_depth + v * K::LANES).cast_mut());
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
