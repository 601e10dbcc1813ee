//! The tile of the matrix product, written once: a block of `C` held in registers, `B` read by
//! vectors, `A` broadcast.

use super::Kernel;
use super::blocks::Product;
use super::functions::{Relu, Unary};
use super::pairs::Pair;
use crate::tuning::LINE;

/// What the chains of a tile start from.
#[derive(Clone, Copy)]
pub enum Start {
    /// Zero.
    Zero,
    /// One value a column.
    Bias,
    /// The partial sums in `C`.
    Stored,
}

impl Start {
    /// Of a product's first terms.
    #[inline(always)]
    pub fn of(p: &Product<'_>) -> Start {
        if p.start.is_null() { Start::Zero } else { Start::Bias }
    }
}

/// One tile: `M` rows by `V` vectors of chains in registers.
///
/// # Safety
/// Every element that `p` describes must be readable (`A`, `B`, `start`) or writable and not
/// otherwise in use (`C`). `p.rows` is `M`; `p.cols` needs `V` vectors, and fills them unless `PART`;
/// of the steps of `A` one is 1. Where `p.left` is not null, a list of the terms is there.
#[inline(always)]
pub unsafe fn tile<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product<'_>,
    start: Start,
) {
    // Lanes of the last vector; all of them if it is full.
    let last = p.cols - (V - 1) * K::LANES;
    // SAFETY: `A` is read at `m < M`, `i < depth`.
    unsafe {
        let mut acc = begin::<K, M, V, PART>(k, p, start, last);
        // In any case the addresses of a turn are constants away from a few that rise.
        if M == 2 && p.pairs && !p.left.is_null() {
            let list = Pair::of(p.left, p.depth);
            for i in 0..list.count {
                let b = p.b.add(list.place(i) * p.b_depth);
                term::<K, M, V, PART>(k, b, &mut acc, last, |m| list.value(i, m));
            }
        } else if !p.left.is_null() {
            listed::<K, M, V, PART>(k, p, &mut acc, last);
        } else if p.a_depth == 1 {
            let mut rows = [p.a; M];
            for (m, row) in rows.iter_mut().enumerate() {
                *row = row.add(m * p.a_row);
            }
            let a = |i, m: usize| *rows[m].add(i);
            chains::<K, M, V, PART>(k, p, &mut acc, last, a);
        } else {
            debug_assert!(p.a_row == 1 || M == 1, "A has neither rows nor columns");
            let a = |i, m| *p.a.add(i * p.a_depth + m);
            chains::<K, M, V, PART>(k, p, &mut acc, last, a);
        }
        finish::<K, M, V, PART>(k, p, acc, last);
    }
}

/// Adds all terms to a tile; `a(i, m)` is `A[m][i]`.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn chains<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product<'_>,
    acc: &mut [[K::F; V]; M],
    last: usize,
    a: impl Fn(usize, usize) -> f32,
) {
    // SAFETY: `B` is read at `i < depth`, `o < cols`; what is fetched ahead need not exist.
    unsafe {
        let (mut i, ahead) = (0, p.ahead as usize * p.b_depth);
        // The last step may pass the end of the matrix by a stride, where nothing is read.
        let mut b = p.b;
        while i + K::TURN <= p.depth {
            if ahead > 0 {
                for j in 0..K::TURN {
                    fetch::<K, V>(k, b.wrapping_add(ahead + j * p.b_depth));
                }
            }
            for j in 0..K::TURN {
                term::<K, M, V, PART>(k, b, acc, last, |m| a(i + j, m));
                b = b.wrapping_add(p.b_depth);
            }
            i += K::TURN;
        }
        while i < p.depth {
            term::<K, M, V, PART>(k, b, acc, last, |m| a(i, m));
            b = b.wrapping_add(p.b_depth);
            i += 1;
        }
    }
}

/// Fetches `V` vectors of a row of `B`, which need not exist.
#[inline(always)]
fn fetch<K: Kernel, const V: usize>(k: K, row: *const f32) {
    for v in (0..V).step_by((LINE / K::LANES).max(1)) {
        k.prefetch(row.wrapping_add(v * K::LANES));
    }
}

/// Adds the terms of a list to a tile.
///
/// # Safety
/// As [`tile`]; the list is at `p.left`.
#[inline(always)]
unsafe fn listed<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product<'_>,
    acc: &mut [[K::F; V]; M],
    last: usize,
) {
    // SAFETY: `B` is read at the places in the list, all below `depth`.
    unsafe {
        let (mut at, mut count) = (p.left.cast_const().add(1), *p.left.cast::<u32>());
        while count >= K::TURN as u32 {
            // Several rows share a copy of `B`, which is near.
            if M == 1 && p.ahead > 0 {
                for j in 0..K::TURN as u32 {
                    let far = at.add((j + p.ahead).min(count - 1) as usize * (M + 1));
                    let b = p.b.wrapping_add(*far.cast::<u32>() as usize * p.b_depth);
                    fetch::<K, V>(k, b);
                }
            }
            for _ in 0..K::TURN {
                let b = p.b.add(*at.cast::<u32>() as usize * p.b_depth);
                term::<K, M, V, PART>(k, b, acc, last, |m| *at.add(1 + m));
                at = at.add(M + 1);
            }
            count -= K::TURN as u32;
        }
        for _ in 0..count {
            let b = p.b.add(*at.cast::<u32>() as usize * p.b_depth);
            term::<K, M, V, PART>(k, b, acc, last, |m| *at.add(1 + m));
            at = at.add(M + 1);
        }
    }
}

/// Adds one term to each chain; `a(m)` is that of `A`.
///
/// # Safety
/// The row of `B` must be readable.
#[inline(always)]
unsafe fn term<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    b: *const f32,
    acc: &mut [[K::F; V]; M],
    last: usize,
    a: impl Fn(usize) -> f32,
) {
    if M < V {
        // Few rows: their values stay in registers while those of `B` come and go.
        let mut left = [k.splat(0.0); M];
        for (m, left) in left.iter_mut().enumerate() {
            *left = k.splat(a(m));
        }
        for v in 0..V {
            // SAFETY: the caller's promise.
            let right = unsafe { part::<K, V, PART>(k, b, v, last) };
            for (row, &left) in acc.iter_mut().zip(&left) {
                row[v] = k.mul_add(left, right, row[v]);
            }
        }
        return;
    }
    let mut right = [k.splat(0.0); V];
    for (v, right) in right.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *right = unsafe { part::<K, V, PART>(k, b, v, last) };
    }
    for (m, row) in acc.iter_mut().enumerate() {
        let left = k.splat(a(m));
        for (chain, &right) in row.iter_mut().zip(&right) {
            *chain = k.mul_add(left, right, *chain);
        }
    }
}

/// What the chains of a tile start from.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn begin<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product<'_>,
    start: Start,
    last: usize,
) -> [[K::F; V]; M] {
    let mut acc = [[k.splat(0.0); V]; M];
    // SAFETY: row `m < M` and vector `v < V` lie within `C`, the last vector as far as `cols` goes.
    unsafe {
        match start {
            Start::Zero => {}
            Start::Bias => {
                for v in 0..V {
                    let bias = part::<K, V, PART>(k, p.start, v, last);
                    for row in acc.iter_mut() {
                        row[v] = bias;
                    }
                }
            }
            Start::Stored => {
                for (m, row) in acc.iter_mut().enumerate() {
                    for (v, chain) in row.iter_mut().enumerate() {
                        *chain = part::<K, V, PART>(k, p.c.add(m * p.c_row), v, last);
                    }
                }
            }
        }
    }
    acc
}

/// Stores a finished tile, or one to go on with.
///
/// # Safety
/// As [`tile`].
#[inline(always)]
unsafe fn finish<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product<'_>,
    mut acc: [[K::F; V]; M],
    last: usize,
) {
    for row in acc.iter_mut() {
        for chain in row.iter_mut() {
            // No sum is −0, so terms that are zero make no difference.
            *chain = k.add(*chain, k.splat(0.0));
            if p.relu {
                *chain = Relu.apply(k, *chain);
            }
        }
    }
    for (m, row) in acc.iter().enumerate() {
        for (v, &chain) in row.iter().enumerate() {
            // SAFETY: row `m < M` and vector `v < V` lie within `C`, the last vector as far as
            // `cols` goes.
            unsafe {
                let to = p.c.add(m * p.c_row + v * K::LANES);
                if PART && v + 1 == V && last < K::LANES {
                    k.store_part(to, last, chain);
                } else {
                    k.store(to, chain);
                }
            }
        }
    }
}

/// Vector `v` of `V` of a row; the last one as far as it goes.
///
/// # Safety
/// The row must be readable that far.
#[inline(always)]
unsafe fn part<K: Kernel, const V: usize, const PART: bool>(
    k: K,
    row: *const f32,
    v: usize,
    last: usize,
) -> K::F {
    // SAFETY: the caller's promise.
    unsafe {
        let from = row.add(v * K::LANES);
        let partly = PART && v + 1 == V && (K::MASKS || last < K::LANES);
        if partly { k.load_part(from, last) } else { k.load(from) }
    }
}
