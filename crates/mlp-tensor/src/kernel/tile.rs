//! The matrix product, written once: blocks of `C` held in registers, `B` read by vectors, `A`
//! broadcast.
//!
//! Every element of `C` is one chain of `mul_add` in rising `k`. Between blocks of `k` the partial
//! value is stored and loaded as `f32`, which changes nothing. All three products of a layer are
//! this one with other strides.

use super::Kernel;
use super::functions::{Relu, Unary};
use super::pack;

/// `C[m][o] = start[o] + Σ_k A[m][k]·B[k][o]` for `m < rows`, `o < cols`, `k < depth`, all strides
/// in elements.
#[derive(Clone, Copy)]
pub struct Product {
    /// Rows of `C`.
    pub rows: usize,
    /// Columns of `C`.
    pub cols: usize,
    /// Length of the sums.
    pub depth: usize,
    /// `A[m][k]` is at `a + m·a_row + k·a_depth`.
    pub a: *const f32,
    /// Step between rows of `A`.
    pub a_row: usize,
    /// Step between elements of a row of `A`.
    pub a_depth: usize,
    /// `B[k][o]` is at `b + k·b_depth + o·b_col`; one of the two steps is 1.
    pub b: *const f32,
    /// Step between rows of `B`.
    pub b_depth: usize,
    /// Step between columns of `B`.
    pub b_col: usize,
    /// `C[m][o]` is at `c + m·c_row + o`.
    pub c: *mut f32,
    /// Step between rows of `C`.
    pub c_row: usize,
    /// `start[o]`, one a column; zero if null.
    pub start: *const f32,
    /// Whether `max(·, 0)` is applied to the finished sums.
    pub relu: bool,
    /// Longest run of `k` at a time.
    pub run: usize,
    /// How far ahead the first tile of a block fetches `B`, which comes from afar; later tiles find
    /// it near.
    pub ahead: usize,
    /// Room for one block of `B`, `run` rows of the widest tile; where it is null, `b_col` is 1 and
    /// `B` is read in place.
    pub pack: *mut f32,
}

impl Product {
    /// The block from row `m` and column `o` on.
    ///
    /// # Safety
    /// `m + rows` and `o + cols` must not pass this product's.
    #[inline(always)]
    pub unsafe fn block(&self, m: usize, rows: usize, o: usize, cols: usize) -> Product {
        // SAFETY: the offsets stay within the matrices, as the caller promises.
        unsafe {
            Product {
                rows,
                cols,
                a: self.a.add(m * self.a_row),
                b: self.b.add(o * self.b_col),
                // Where tiles have a place of their own, this one is null.
                c: self.c.wrapping_add(m * self.c_row + o),
                start: if self.start.is_null() { self.start } else { self.start.add(o) },
                ..*self
            }
        }
    }

    /// The terms from `k` on; all but the first block go on from what `C` holds.
    ///
    /// # Safety
    /// `k + depth` must not pass this product's.
    #[inline(always)]
    unsafe fn terms(&self, k: usize, depth: usize) -> Product {
        // SAFETY: the offsets stay within the matrices, as the caller promises.
        unsafe {
            Product {
                depth,
                a: self.a.add(k * self.a_depth),
                b: self.b.add(k * self.b_depth),
                relu: self.relu && k + depth == self.depth,
                ..*self
            }
        }
    }
}

/// What the chains of a tile start from.
#[derive(Clone, Copy)]
enum Start {
    /// Zero.
    Zero,
    /// One value a column.
    Bias,
    /// The partial sums in `C`.
    Stored,
}

/// Computes `p` by tiles of `M` rows and `V ≤ 4` vectors; a single row by `ROW` vectors, so that
/// its few chains keep the multipliers busy.
///
/// # Safety
/// Every element that `p` describes must be readable (`A`, `B`, `start`) or writable and not
/// otherwise in use (`C`, `pack`).
#[inline(always)]
pub unsafe fn run<K: Kernel, const M: usize, const V: usize, const ROW: usize>(k: K, p: &Product) {
    // SAFETY: the blocks partition `p`.
    unsafe {
        let mut from = 0;
        if p.rows == 1 && p.pack.is_null() {
            while from + ROW * K::LANES <= p.cols {
                columns::<K, 1, ROW, false>(k, &p.block(0, 1, from, ROW * K::LANES));
                from += ROW * K::LANES;
            }
        }
        while from < p.cols {
            let cols = panel::<K>(p.cols - from, V);
            strip::<K, M, V>(k, &p.block(0, p.rows, from, cols));
            from += cols;
        }
    }
}

/// The width of the next block of columns, at most `v` vectors, where `cols` are left: the last
/// blocks are about equally wide.
#[inline(always)]
pub fn panel<K: Kernel>(cols: usize, v: usize) -> usize {
    let vectors = cols.div_ceil(K::LANES);
    (vectors.div_ceil(vectors.div_ceil(v)) * K::LANES).min(cols)
}

/// One block of at most `V` vectors of columns.
///
/// # Safety
/// As [`run`].
#[inline(always)]
pub unsafe fn strip<K: Kernel, const M: usize, const V: usize>(k: K, p: &Product) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match (p.cols.div_ceil(K::LANES), p.cols == V * K::LANES) {
            (_, true) => columns::<K, M, V, false>(k, p),
            (1, _) => columns::<K, M, 1, true>(k, p),
            // The guards keep widths that cannot come up from being compiled.
            (2, _) if V >= 2 => columns::<K, M, 2, true>(k, p),
            (3, _) if V >= 3 => columns::<K, M, 3, true>(k, p),
            _ if V >= 4 => columns::<K, M, 4, true>(k, p),
            _ => unreachable!("a tile is at most V vectors wide"),
        }
    }
}

/// One block of columns, `V` vectors wide, over all rows, by blocks of `k`.
///
/// # Safety
/// As [`run`]; `p.cols` needs `V` vectors, and fills them unless `PART`.
#[inline(always)]
unsafe fn columns<K: Kernel, const M: usize, const V: usize, const PART: bool>(k: K, p: &Product) {
    // SAFETY: the blocks partition `p`; a packed block of `B` is `V` vectors wide.
    unsafe {
        let blocks = p.depth.div_ceil(p.run).max(1);
        let depth = p.depth.div_ceil(blocks);
        let mut start = if p.start.is_null() { Start::Zero } else { Start::Bias };
        let mut from = 0;
        for _ in 0..blocks {
            let depth = depth.min(p.depth - from);
            let mut part = p.terms(from, depth);
            if !p.pack.is_null() {
                pack::block::<K, V>(k, &part);
                (part.b, part.b_depth, part.b_col) = (p.pack, V * K::LANES, 1);
                part.ahead = 0;
            }
            let mut m = 0;
            while m + M <= p.rows {
                tile::<K, M, V, PART>(k, &part.block(m, M, 0, p.cols), start);
                part.ahead = 0;
                m += M;
            }
            while M > 4 && m + 4 <= p.rows {
                tile::<K, 4, V, PART>(k, &part.block(m, 4, 0, p.cols), start);
                m += 4;
            }
            while m + 2 <= p.rows {
                tile::<K, 2, V, PART>(k, &part.block(m, 2, 0, p.cols), start);
                m += 2;
            }
            while m < p.rows {
                tile::<K, 1, V, PART>(k, &part.block(m, 1, 0, p.cols), start);
                m += 1;
            }
            from += depth;
            start = Start::Stored;
        }
    }
}

/// One tile: `M` rows by `V` vectors of chains in registers.
///
/// # Safety
/// As [`columns`]; `p.rows` is `M`.
#[inline(always)]
unsafe fn tile<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product,
    start: Start,
) {
    // Lanes of the last vector; all of them if it is full.
    let last = p.cols - (V - 1) * K::LANES;
    // SAFETY: `A` and `B` are read at `m < M`, `k < depth`, `o < cols`; what is fetched ahead need
    // not exist.
    unsafe {
        let mut acc = begin::<K, M, V, PART>(k, p, start, last);
        let (mut a, mut b) = (p.a, p.b);
        let ahead = p.ahead * p.b_depth;
        for _ in 0..p.depth {
            for v in 0..V {
                k.prefetch(b.wrapping_add(ahead + v * K::LANES).cast_mut());
            }
            let mut right = [k.splat(0.0); V];
            for (v, right) in right.iter_mut().enumerate() {
                *right = part::<K, V, PART>(k, b, v, last);
            }
            for (m, row) in acc.iter_mut().enumerate() {
                let left = k.splat(*a.add(m * p.a_row));
                for (chain, &right) in row.iter_mut().zip(&right) {
                    *chain = k.mul_add(left, right, *chain);
                }
            }
            // The last step may pass the end of the matrix by a stride, where nothing is read.
            a = a.wrapping_add(p.a_depth);
            b = b.wrapping_add(p.b_depth);
        }
        finish::<K, M, V, PART>(k, p, acc, last);
    }
}

/// What the chains of a tile start from.
///
/// # Safety
/// As [`columns`].
#[inline(always)]
unsafe fn begin<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product,
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
/// As [`columns`].
#[inline(always)]
unsafe fn finish<K: Kernel, const M: usize, const V: usize, const PART: bool>(
    k: K,
    p: &Product,
    mut acc: [[K::F; V]; M],
    last: usize,
) {
    if p.relu {
        for row in acc.iter_mut() {
            for chain in row.iter_mut() {
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
        if PART && v + 1 == V && last < K::LANES { k.load_part(from, last) } else { k.load(from) }
    }
}
