//! The terms of a few rows of `A` as a list without those whose values are all zero. Pictures, counts
//! and what a ReLU passes are mostly zeros, often the same ones in rows that are neighbours.
//!
//! Zero times a finite `B` adds a zero, which changes no sum but `−0`, and a sum that ends as `−0`
//! becomes `+0` with every tile: a list gives the bits of all terms as long as `B` is finite.
//!
//! A list of `M` rows begins with its length (`u32`); each term is its place `k` (`u32`) and `M` values.

use super::Kernel;
use super::blocks::{Product, Rows};
use super::pack::Line;
use crate::tuning::LINE;

/// Values that the list of a tile from row `m` on may take before it: where that list begins.
#[inline(always)]
pub const fn place(m: usize, depth: usize) -> usize {
    m * 2 * (depth + LINE)
}

/// Room for the lists of `rows` rows. Whole vectors are written, the last of which may pass the end.
pub const fn room(rows: usize, depth: usize) -> usize {
    place(rows, depth) + LINE
}

/// Terms of a list of one row: it stays below two pages, each of which the stack is probed for.
pub const TERMS: usize = 992;

/// The list of one row, or of a part of it.
#[repr(align(64))]
pub struct RowList(std::mem::MaybeUninit<[f32; room(1, TERMS)]>);

impl RowList {
    /// None yet.
    #[inline(always)]
    pub fn new() -> RowList {
        RowList(std::mem::MaybeUninit::uninit())
    }

    /// Lists `n ≤ TERMS` values, `step` apart; zeros only if `all` are wanted.
    ///
    /// # Safety
    /// They must be readable.
    #[inline(always)]
    pub unsafe fn fill(&mut self, from: *const f32, step: usize, n: usize, all: bool) -> *mut f32 {
        debug_assert!(n <= TERMS, "a list that is too long");
        let list: *mut f32 = self.0.as_mut_ptr().cast();
        // SAFETY: there is room for two words a value and one more.
        unsafe {
            let mut to = Writer::<1>::new(list);
            for i in 0..n {
                let value = *from.add(i * step);
                *to.values() = value;
                to.next(i, all || value != 0.0);
            }
            to.end();
        }
        list
    }
}

/// The terms of a list of one row that are still to come.
pub struct RowTerms {
    at: *const f32,
    left: usize,
}

/// A few terms.
pub struct Run<const N: usize> {
    /// Their values,
    pub values: [f32; N],
    /// and places.
    pub places: [u32; N],
    /// The places of as many that follow, where so many do.
    pub next: [u32; N],
}

impl<const N: usize> Run<N> {
    /// Each value in all lanes, and where rows `step` apart begin: its own and the one to fetch.
    #[inline(always)]
    pub fn over<K: Kernel>(&self, k: K, step: usize) -> [(K::F, usize, usize); N] {
        // Not `map`, which is not always inlined.
        let mut all = [(k.splat(0.0), 0, 0); N];
        for (i, one) in all.iter_mut().enumerate() {
            let [place, next] = [self.places[i], self.next[i]];
            *one = (k.splat(self.values[i]), place as usize * step, next as usize * step);
        }
        all
    }
}

impl RowTerms {
    /// All of a list.
    ///
    /// # Safety
    /// It must be one of one row, and stay.
    #[inline(always)]
    pub unsafe fn of(list: *const f32) -> RowTerms {
        // SAFETY: a list begins with its length.
        unsafe { RowTerms { at: list.add(1), left: *list.cast::<u32>() as usize } }
    }
    /// The next one's value and place, and the place of the one `ahead` of it, or of the last.
    #[inline(always)]
    pub fn one(&mut self, ahead: usize) -> Option<(f32, u32, u32)> {
        let last = self.left.checked_sub(1)?;
        // SAFETY: there are `left` terms.
        let (value, place, next) = unsafe {
            let next = self.at.add(2 * ahead.min(last)).cast();
            (*self.at.add(1), *self.at.cast(), *next)
        };
        // SAFETY: the same.
        self.at = unsafe { self.at.add(2) };
        self.left = last;
        Some((value, place, next))
    }
    /// The next `N`, if there are so many.
    #[inline(always)]
    pub fn next<const N: usize>(&mut self) -> Option<Run<N>> {
        if self.left < N {
            return None;
        }
        let mut run = Run { values: [0.0; N], places: [0; N], next: [0; N] };
        let last = self.left - 1;
        for i in 0..N {
            // SAFETY: there are `left` terms.
            unsafe {
                run.places[i] = *self.at.add(2 * i).cast();
                run.values[i] = *self.at.add(2 * i + 1);
                run.next[i] = *self.at.add(2 * (N + i).min(last)).cast();
            }
        }
        // SAFETY: the same.
        self.at = unsafe { self.at.add(2 * N) };
        self.left -= N;
        Some(run)
    }
}

/// Writes a list of `M` rows.
struct Writer<const M: usize> {
    list: *mut f32,
    to: *mut f32,
}

impl<const M: usize> Writer<M> {
    /// # Safety
    /// There must be room for it.
    #[inline(always)]
    unsafe fn new(list: *mut f32) -> Writer<M> {
        // SAFETY: a list has a word for its length.
        Writer { list, to: unsafe { list.add(1) } }
    }
    /// Where the values of the next term belong.
    ///
    /// # Safety
    /// There must be room for it.
    #[inline(always)]
    unsafe fn values(&self) -> *mut f32 {
        // SAFETY: the place comes first.
        unsafe { self.to.add(1) }
    }
    /// Keeps the term, which is that of `k`, or has the next one take its place.
    ///
    /// # Safety
    /// There must be room for it.
    #[inline(always)]
    unsafe fn next(&mut self, k: usize, keep: bool) {
        // SAFETY: the caller's promise. Without a branch, which could not be foreseen.
        unsafe {
            *self.to.cast() = k as u32;
            self.to = self.to.add(if keep { M + 1 } else { 0 });
        }
    }
    /// Writes the length.
    #[inline(always)]
    fn end(self) {
        // SAFETY: `to` never leaves the list.
        unsafe {
            let words = self.to.offset_from(self.list) as usize - 1;
            *self.list.cast() = (words / (M + 1)) as u32;
        }
    }
}

/// Lists a block of `A` at `left`, tile after tile.
pub struct Lists<'a, K>(pub K, pub &'a Product<'a>);

impl<K: Kernel> Rows for Lists<'_, K> {
    #[inline(always)]
    unsafe fn tile<const M: usize>(&mut self, m: usize) {
        let &mut Lists(k, p) = self;
        // Two of these tiles at once, wherever both exist: a line of columns holds more than one. Tiles of 4, 2
        // and 1 rows are the last few.
        let twice = M > 4 && m / (2 * M) < p.rows / (2 * M);
        // SAFETY: the rows exist. Whole vectors are written: what they write too far is written over
        // by the next term or list, and after the last one there is room for a vector. Of two that are made at
        // once the first has room for one as well: `place` leaves more than a list and a line.
        unsafe {
            let to = |m| Writer::<M>::new(p.left.add(place(m, p.depth)));
            match p.a_row {
                1 if !twice => columns(k, p, m, [to(m)]),
                1 if m.is_multiple_of(2 * M) => columns(k, p, m, [to(m), to(m + M)]),
                1 => {}
                _ => across(k, p, m, to(m)),
            }
        }
    }
}

/// The values of a term lie side by side: those of some tiles.
///
/// # Safety
/// As [`Lists`].
#[inline(always)]
unsafe fn columns<K: Kernel, const M: usize, const TILES: usize>(
    k: K,
    p: &Product<'_>,
    m: usize,
    mut to: [Writer<M>; TILES],
) {
    let whole = p.rows - m >= (TILES - 1) * M + M.next_multiple_of(K::LANES);
    // SAFETY: the caller's promise; no vector is read beyond the rows.
    unsafe {
        for i in 0..p.depth {
            let row = p.a.add(i * p.a_depth + m);
            for (tile, to) in to.iter_mut().enumerate() {
                let (first, mut any) = (tile * M, 0);
                for o in (first..first + M).step_by(K::LANES) {
                    let (from, lanes) = (row.add(o), K::LANES.min(first + M - o));
                    let v = if whole { k.load(from) } else { part(k, from, p.rows - m - o) };
                    k.store(to.values().add(o - first), v);
                    any |= k.nonzero(v) & ((1 << lanes) - 1);
                }
                to.next(i, any != 0);
            }
        }
    }
    for to in to {
        to.end();
    }
}

/// As many of `left` values as fill a vector.
///
/// # Safety
/// They must be readable.
#[inline(always)]
unsafe fn part<K: Kernel>(k: K, from: *const f32, left: usize) -> K::F {
    // SAFETY: the caller's promise.
    unsafe { if left < K::LANES { k.load_part(from, left) } else { k.load(from) } }
}

/// The values of a row lie side by side: they are turned, square by square.
///
/// # Safety
/// As [`Lists`].
#[inline(always)]
unsafe fn across<K: Kernel, const M: usize>(k: K, p: &Product<'_>, m: usize, mut to: Writer<M>) {
    let lanes = K::LANES;
    // One more, since the rows of a tile need not be the first of a square.
    let mut square = [Line([0.0; 16]); 17];
    let square: *mut f32 = square.as_mut_ptr().cast();
    // SAFETY: the caller's promise; a square is `lanes × lanes`, at most 16 × 16.
    unsafe {
        let (row, mut i) = (p.a.add(m * p.a_row), 0);
        let first = m.min(p.rows.saturating_sub(lanes));
        while M <= lanes && lanes <= p.rows && i + lanes <= p.depth {
            let mut bits = k.int(0);
            for m in 0..M {
                bits = k.or(bits, k.bits(k.load(row.add(m * p.a_row + i))));
            }
            // Zeros of pictures lie together. Only zeros give a zero.
            let any = k.nonzero(k.of_bits(bits));
            if any != 0 {
                k.turn(p.a.add(first * p.a_row + i), p.a_row, square, lanes);
                for j in 0..lanes {
                    k.store(to.values(), k.load(square.add(j * lanes + m - first)));
                    to.next(i + j, any >> j & 1 != 0);
                }
            }
            i += lanes;
        }
        for i in i..p.depth {
            let (values, mut any) = (to.values(), false);
            for m in 0..M {
                *values.add(m) = *row.add(m * p.a_row + i);
                any |= *values.add(m) != 0.0;
            }
            to.next(i, any);
        }
    }
    to.end();
}
