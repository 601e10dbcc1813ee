//! The terms of two rows of `A` as a list without those that are zero in both. A list of more rows, as
//! [`super::list`] makes them, keeps more zeros: of six pictures 44 % of the terms are left, of two 29 %;
//! of what a ReLU passes hardly any are left out of six, two fifths of two. So tiles are two rows high
//! and wide.
//!
//! Such a list is its length (`u32`), then, each together, the places `k` (`u32`) and the values of both
//! rows: vectors are compressed.

use super::Kernel;
use super::blocks::{Product, Rows};
use super::list::{Lists, place};
use super::pack::Line;
use crate::tuning::LINE;

/// Whether many terms of lists of `p` would be left out: of some of them, evenly spread, a quarter.
///
/// # Safety
/// `A` must be readable.
pub unsafe fn pay(p: &Product<'_>) -> bool {
    const SAMPLES: usize = 128;
    if p.rows < 2 || p.depth == 0 {
        return false;
    }
    let zero = |i: usize| {
        // Rows in another order than terms.
        let m = i * 37 % SAMPLES * (p.rows - 2) / (SAMPLES - 1);
        let k = i * p.depth / SAMPLES;
        // SAFETY: `m + 2 ≤ rows` and `k < depth`.
        (m..m + 2).all(|m| unsafe { *p.a.add(m * p.a_row + k * p.a_depth) } == 0.0)
    };
    4 * (0..SAMPLES).filter(|&i| zero(i)).count() >= SAMPLES
}

/// Values from one part of a list to the next. Whole vectors are written.
#[inline(always)]
const fn step(depth: usize) -> usize {
    depth + LINE
}

/// A list of two rows.
#[derive(Clone, Copy)]
pub struct Pair {
    /// Its places.
    at: *mut f32,
    step: usize,
    /// Its length.
    pub count: usize,
}

impl Pair {
    /// An empty one, in room for `depth` terms.
    ///
    /// # Safety
    /// The room must be there.
    #[inline(always)]
    unsafe fn new(list: *mut f32, depth: usize) -> Pair {
        // SAFETY: the places begin a line on.
        Pair { at: unsafe { list.add(LINE) }, step: step(depth), count: 0 }
    }
    /// One that was made for `depth` terms.
    ///
    /// # Safety
    /// It must be there.
    #[inline(always)]
    pub unsafe fn of(list: *mut f32, depth: usize) -> Pair {
        // SAFETY: a list begins with its length.
        unsafe { Pair { count: *list.cast::<u32>() as usize, ..Pair::new(list, depth) } }
    }
    /// The place of a term.
    ///
    /// # Safety
    /// `i < count`
    #[inline(always)]
    pub unsafe fn place(&self, i: usize) -> usize {
        // SAFETY: the caller's promise.
        unsafe { *self.at.add(i).cast::<u32>() as usize }
    }
    /// Its value in row `m` of the two.
    ///
    /// # Safety
    /// `i < count`
    #[inline(always)]
    pub unsafe fn value(&self, i: usize, m: usize) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { *self.at.add((1 + m) * self.step + i) }
    }
    /// Appends those of a vector of terms, from `i` on, that are not zero in both rows.
    ///
    /// # Safety
    /// No more may be appended than `depth`.
    #[inline(always)]
    unsafe fn add<K: Kernel>(&mut self, k: K, i: usize, values: [K::F; 2]) {
        const COUNTED: Line = Line::counted();
        let any = k.or(k.bits(values[0]), k.bits(values[1]));
        // Only zeros, of either sign, give a zero.
        let any = k.nonzero(k.of_bits(any));
        // SAFETY: there is room for a vector after each part.
        unsafe {
            let places = k.int_add(k.int(i as i32), k.bits(k.load(COUNTED.0.as_ptr())));
            let to = self.at.add(self.count);
            k.store(to, k.compress(any, k.of_bits(places)));
            k.store(to.add(self.step), k.compress(any, values[0]));
            k.store(to.add(2 * self.step), k.compress(any, values[1]));
        }
        self.count += any.count_ones() as usize;
    }
    /// Writes the length.
    #[inline(always)]
    fn end(self) {
        // SAFETY: a line before the places is the list's.
        unsafe { *self.at.sub(LINE).cast() = self.count as u32 };
    }
}

/// Lists a block of `A` at `left`, pair after pair, and a last row alone.
///
/// # Safety
/// `A` must be readable, and there must be room for the lists.
#[inline(always)]
pub unsafe fn lists<K: Kernel>(k: K, p: &Product<'_>) {
    let pairs = p.rows / 2 * 2;
    // SAFETY: the caller's promise.
    unsafe {
        if p.a_row == 1 {
            for m in (0..pairs).step_by(LINE) {
                columns(k, p, m, LINE.min(pairs - m));
            }
        } else {
            for m in (0..pairs).step_by(2) {
                across(k, p, m);
            }
        }
        if pairs < p.rows {
            Lists(k, p).tile::<1>(pairs);
        }
    }
}

/// The values of a row lie side by side.
///
/// # Safety
/// As [`lists`]; rows `m` and `m + 1` must exist.
#[inline(always)]
unsafe fn across<K: Kernel>(k: K, p: &Product<'_>, m: usize) {
    // SAFETY: no vector is read beyond the terms.
    unsafe {
        let mut list = Pair::new(p.left.add(place(m, p.depth)), p.depth);
        let first = p.a.add(m * p.a_row);
        let second = first.add(p.a_row);
        let mut i = 0;
        while i + K::LANES <= p.depth {
            list.add(k, i, [k.load(first.add(i)), k.load(second.add(i))]);
            i += K::LANES;
        }
        if i < p.depth {
            let rest = p.depth - i;
            let values = [k.load_part(first.add(i), rest), k.load_part(second.add(i), rest)];
            list.add(k, i, values);
        }
        list.end();
    }
}

/// The values of a term lie side by side: a line of rows is turned, a vector of terms at a time.
///
/// # Safety
/// As [`lists`]; `rows`, an even number of at most a line, must exist from `m` on.
#[inline(always)]
unsafe fn columns<K: Kernel>(k: K, p: &Product<'_>, m: usize, rows: usize) {
    let lanes = K::LANES;
    let mut square = [Line([0.0; LINE]); LINE];
    let square: *mut f32 = square.as_mut_ptr().cast();
    // SAFETY: the caller's promise; a line of rows has `LINE × lanes` values.
    unsafe {
        let mut all = [Pair::new(p.left, p.depth); LINE / 2];
        for (pair, list) in all.iter_mut().enumerate() {
            list.at = p.left.wrapping_add(place(m + 2 * pair, p.depth) + LINE);
        }
        for i in (0..p.depth).step_by(lanes) {
            let from = p.a.add(i * p.a_depth + m);
            if rows == LINE && i + lanes <= p.depth {
                let mut any = k.int(0);
                for i in 0..lanes {
                    for o in (0..LINE).step_by(lanes) {
                        any = k.or(any, k.bits(k.load(from.add(i * p.a_depth + o))));
                    }
                }
                // Zeros of pictures lie together.
                if k.nonzero(k.of_bits(any)) == 0 {
                    continue;
                }
                for o in (0..LINE).step_by(lanes) {
                    k.turn(from.add(o), p.a_depth, square.add(o * lanes), lanes);
                }
            } else {
                let terms = lanes.min(p.depth - i);
                for row in 0..rows {
                    for i in 0..lanes {
                        let value = if i < terms { *from.add(i * p.a_depth + row) } else { 0.0 };
                        *square.add(row * lanes + i) = value;
                    }
                }
            }
            for (pair, list) in all[..rows / 2].iter_mut().enumerate() {
                let from = square.add(2 * pair * lanes);
                list.add(k, i, [k.load(from), k.load(from.add(lanes))]);
            }
        }
        all[..rows / 2].iter().for_each(|list| list.end());
    }
}
