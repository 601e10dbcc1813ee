//! How the matrix product is gone through: which blocks of `A` and `B` stay near while they are used,
//! and which tiles make up a block of `C`. The tile itself stands in [`super::tile`].
//!
//! Every element of `C` is one chain of `mul_add` in rising `k`. Between blocks of `k` the partial
//! value is stored and loaded as `f32`, which changes nothing. All three products of a layer are
//! this one with other strides.

use super::descent::Fetch;
use super::list::{self, Lists, RowList, TERMS};
use super::tile::{Start, tile};
use super::{Kernel, pack, pairs, row};
use crate::tuning::LINE;

/// `C[m][o] = start[o] + Σ_k A[m][k]·B[k][o]` for `m < rows`, `o < cols`, `k < depth`, all strides
/// in elements.
#[derive(Clone, Copy)]
pub struct Product<'a> {
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
    /// Whether `A` and `B` are taken for finite: zeros of `A` are passed over without a look at `B`.
    pub finite: bool,
    /// How it is cut up.
    pub cut: &'a Cut,
    /// How far ahead the first tile of a block fetches `B`, which comes from afar; later tiles find
    /// it near.
    pub ahead: u32,
    /// Room for a block of `B`, `cut.depth` rows of `cut.cols` or of the widest tile; where it is
    /// null, `b_col` is 1 and `B` is read in place.
    pub pack: *mut f32,
    /// How `pack` is filled; side by side in any case where there are several blocks of rows, or where a
    /// tile is a line wide.
    pub copies: Copies,
    /// What is fetched meanwhile, of a product of one block.
    pub fetch: Option<&'a Fetch>,
    /// Room for lists of a block of `A`, [`list::room`] of `cut`; where it is null, `A` is read in place.
    /// Where `pack` is null there must be none unless `finite`, and a single row makes its own.
    pub left: *mut f32,
    /// Whether lists are of two rows each, and tiles as high.
    pub pairs: bool,
}

/// Where copies of `B` are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Copies {
    /// Those for a column of tiles where the last ones were, which is near, when it needs them.
    InTurn,
    /// Those for a block side by side, since several blocks of `A` need them.
    Together,
    /// So they are, already.
    Made,
}

/// How a product is cut up, so that what is used again is still in a cache near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Longest run of `k` at a time.
    pub depth: usize,
    /// Most rows of `A` at a time.
    pub rows: usize,
    /// Columns of `B` that share a block of `A`; where a tile is as wide, one tile.
    pub cols: usize,
}

impl<'a> Product<'a> {
    /// The block from row `m` and column `o` on.
    ///
    /// # Safety
    /// `m + rows` and `o + cols` must not pass this product's.
    #[inline(always)]
    pub unsafe fn block(&self, m: usize, rows: usize, o: usize, cols: usize) -> Product<'a> {
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
    unsafe fn terms(&self, k: usize, depth: usize) -> Product<'a> {
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

/// Computes `p` by tiles of `M` rows and `V ≤ 4` vectors, or pairs of rows by tiles of `PAIR ≤ 8`; a single
/// row by tiles of `ROW` vectors, so that its few chains keep the multipliers busy, or where `ROW` is 0
/// by whole rows of `B`. Returns whether `B` is finite, as far as it was copied.
///
/// # Safety
/// Every element that `p` describes must be readable (`A`, `B`, `start`) or writable and not
/// otherwise in use (`C`, `pack`, `left`).
#[inline(always)]
pub unsafe fn run<
    K: Kernel,
    const M: usize,
    const V: usize,
    const PAIR: usize,
    const ROW: usize,
>(
    k: K,
    p: &Product<'_>,
) -> bool {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        if p.rows == 1 && p.pack.is_null() {
            single::<K, V, ROW>(k, p);
            return true;
        }
        if p.pairs { slabs::<K, 2, PAIR>(k, p) } else { slabs::<K, M, V>(k, p) }
    }
}

/// Several rows, as [`run`].
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn slabs<K: Kernel, const M: usize, const V: usize>(k: K, p: &Product<'_>) -> bool {
    let mut finite = true;
    // SAFETY: the blocks partition `p`.
    unsafe {
        let mut from = 0;
        while from < p.cols {
            let cols = slab_width::<K>(p.cols - from, V, p.cut.cols);
            finite &= slab::<K, M, V>(k, &p.block(0, p.rows, from, cols));
            from += cols;
        }
    }
    finite
}

/// One row, as [`run`]; by a list unless it is short.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn single<K: Kernel, const V: usize, const ROW: usize>(k: K, p: &Product<'_>) {
    // SAFETY: the blocks partition `p`; lists are as long as their room.
    unsafe {
        let (mut start, mut from) = (Start::of(p), 0);
        if p.cols < row::COLS {
            // Nobody made the lists that there may be room for.
            strips::<K, 1, V>(k, &Product { left: std::ptr::null_mut(), ..*p }, start);
            return;
        }
        let mut list = RowList::new();
        loop {
            let depth = TERMS.min(p.depth - from);
            let mut part = p.terms(from, depth);
            part.left = list.fill(part.a, part.a_depth, depth, !p.finite);
            let mut o = if ROW == 0 { row::run(k, &part, start) } else { 0 };
            while ROW > 0 && o + ROW * K::LANES <= p.cols {
                tile::<K, 1, ROW, false>(k, &part.block(0, 1, o, ROW * K::LANES), start);
                o += ROW * K::LANES;
            }
            strips::<K, 1, V>(k, &part.block(0, 1, o, p.cols - o), start);
            (start, from) = (Start::Stored, from + depth);
            if from == p.depth {
                return;
            }
        }
    }
}

/// The width of the next slab where `cols` are left, all about equally wide: whole tiles of `v` vectors, where
/// `most` columns hold several, or one tile.
#[inline(always)]
fn slab_width<K: Kernel>(cols: usize, v: usize, most: usize) -> usize {
    let width = v * K::LANES;
    if most >= 2 * width {
        let most = most / width * width;
        // Divisions by what is not known are not spent on small products.
        let several = || cols.div_ceil(cols.div_ceil(most)).next_multiple_of(width);
        return if cols <= most { cols } else { several() };
    }
    let vectors = cols.div_ceil(K::LANES);
    (vectors.div_ceil(vectors.div_ceil(v)) * K::LANES).min(cols)
}

/// The width of the next strip where `cols` are left: a whole tile of `v` vectors, or all of them.
#[inline(always)]
pub fn strip_width<K: Kernel>(cols: usize, v: usize) -> usize {
    cols.min(v * K::LANES)
}

/// Several tiles side by side, by blocks of `k` and of rows; returns as [`run`].
///
/// # Safety
/// As [`run`]; `p.pack` is null or has room for all columns.
#[inline(always)]
unsafe fn slab<K: Kernel, const M: usize, const V: usize>(k: K, p: &Product<'_>) -> bool {
    let mut all_finite = true;
    // SAFETY: the blocks partition `p`.
    unsafe {
        // Blocks of about equal depth, in whole lines, or the ends of lists are made value by value;
        // divisions are not spent on small products.
        let deep = p.depth > p.cut.depth;
        let blocks = if deep { p.depth.div_ceil(p.cut.depth) } else { 1 };
        let depth = match deep {
            true => p.depth.div_ceil(blocks).next_multiple_of(LINE).min(p.cut.depth),
            false => p.depth,
        };
        // Single lines of rows that are far apart are not copied in turn: long runs are fetched sooner.
        let line = V * K::LANES <= LINE;
        let together = line || p.copies != Copies::InTurn || p.rows > p.cut.rows;
        let (mut start, mut from) = (Start::of(p), 0);
        for _ in 0..blocks {
            let depth = depth.min(p.depth - from);
            let mut part = p.terms(from, depth);
            if !part.pack.is_null() {
                part.ahead = 0;
                if together {
                    let made = part.copies == Copies::Made;
                    all_finite &= made || copy::<K, V>(k, &mut part);
                    part.copies = Copies::Made;
                }
            }
            let mut m = 0;
            while m < p.rows {
                let rows = p.cut.rows.min(p.rows - m);
                let part = part.block(m, rows, 0, p.cols);
                if !part.left.is_null() && M == 2 {
                    pairs::lists(k, &part);
                } else if !part.left.is_null() {
                    each::<M>(rows, &mut Lists(k, &part));
                }
                all_finite &= strips::<K, M, V>(k, &part, start);
                m += rows;
            }
            from += depth;
            start = Start::Stored;
        }
    }
    all_finite
}

/// Copies `B`, and does without lists unless it is finite, which is returned: zero times infinity is a
/// term like others.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn copy<K: Kernel, const V: usize>(k: K, p: &mut Product<'_>) -> bool {
    // SAFETY: the caller's promise.
    let finite = unsafe { pack::right::<K, V>(k, p) };
    if !finite {
        p.left = std::ptr::null_mut();
    }
    finite
}

/// Columns of tiles, one after the other; returns as [`run`].
///
/// # Safety
/// As [`run`]; what is to be copied side by side is copied.
#[inline(always)]
unsafe fn strips<K: Kernel, const M: usize, const V: usize>(
    k: K,
    p: &Product<'_>,
    start: Start,
) -> bool {
    let (width, mut o, mut finite) = (V * K::LANES, 0, true);
    // SAFETY: the strips partition `p`; their copies of `B` lie in one place or one after the other.
    unsafe {
        while o < p.cols {
            let cols = strip_width::<K>(p.cols - o, V);
            let mut part = p.block(0, p.rows, o, cols);
            if !p.pack.is_null() {
                if p.copies == Copies::Made {
                    part.pack = p.pack.add(o * p.depth);
                } else {
                    finite &= copy::<K, V>(k, &mut part);
                }
                (part.b, part.b_col) = (part.pack, 1);
                part.b_depth = cols.next_multiple_of(K::LANES);
            }
            match (cols.div_ceil(K::LANES), cols == width) {
                (_, true) => each::<M>(p.rows, &mut Strip::<K, V, false>(k, part, start, o)),
                (1, _) => each::<M>(p.rows, &mut Strip::<K, 1, true>(k, part, start, o)),
                // The guards keep widths that cannot come up from being compiled.
                (2, _) if V >= 2 => each::<M>(p.rows, &mut Strip::<K, 2, true>(k, part, start, o)),
                (3, _) if V >= 3 => each::<M>(p.rows, &mut Strip::<K, 3, true>(k, part, start, o)),
                (4, _) if V >= 4 => each::<M>(p.rows, &mut Strip::<K, 4, true>(k, part, start, o)),
                (5, _) if V >= 5 => each::<M>(p.rows, &mut Strip::<K, 5, true>(k, part, start, o)),
                (6, _) if V >= 6 => each::<M>(p.rows, &mut Strip::<K, 6, true>(k, part, start, o)),
                (7, _) if V >= 7 => each::<M>(p.rows, &mut Strip::<K, 7, true>(k, part, start, o)),
                (8, _) if V >= 8 => each::<M>(p.rows, &mut Strip::<K, 8, true>(k, part, start, o)),
                _ => unreachable!("a strip that is not full has at most eight vectors"),
            }
            o += cols;
        }
    }
    finite
}

/// What is done with the rows of each tile.
pub trait Rows {
    /// Rows `m..m + M`.
    ///
    /// # Safety
    /// They must exist.
    unsafe fn tile<const M: usize>(&mut self, m: usize);
}

/// Cuts `rows` into tiles of `M`, and what is left into 4, 2 and 1; always alike.
///
/// # Safety
/// As `work` asks for.
#[inline(always)]
unsafe fn each<const M: usize>(rows: usize, work: &mut impl Rows) {
    let mut m = 0;
    // SAFETY: all ends are within `rows`.
    unsafe {
        // Twice four rows keep the multipliers busier than six and two.
        while m + M <= rows && (M != 6 || rows - m != 8) {
            work.tile::<M>(m);
            m += M;
        }
        while M > 4 && m + 4 <= rows {
            work.tile::<4>(m);
            m += 4;
        }
        while m + 2 <= rows {
            work.tile::<2>(m);
            m += 2;
        }
        while m < rows {
            work.tile::<1>(m);
            m += 1;
        }
    }
}

/// One tile's columns, `V` vectors wide, filled unless `PART`; at last, how far from their slab's first.
struct Strip<'a, K, const V: usize, const PART: bool>(K, Product<'a>, Start, usize);

impl<K: Kernel, const V: usize, const PART: bool> Rows for Strip<'_, K, V, PART> {
    #[inline(always)]
    unsafe fn tile<const M: usize>(&mut self, m: usize) {
        let &mut Strip(k, ref mut strip, start, o) = self;
        // SAFETY: the rows exist, and so do their lists.
        unsafe {
            let mut p = strip.block(m, M, 0, strip.cols);
            if !p.left.is_null() {
                p.left = p.left.add(list::place(m, p.depth));
            }
            if let Some(fetch) = p.fetch {
                fetch.rows::<K, M, V>(k, m, o);
            }
            tile::<K, M, V, PART>(k, &p, start);
        }
        // The first tile has fetched `B`.
        strip.ahead = 0;
    }
}
