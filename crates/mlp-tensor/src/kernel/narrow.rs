//! A row of inputs times weights of 16 bits, two of which share a word: half the bytes of `f32`, and
//! one instruction more for two of them. Layout and rounding: `crate::narrow`.

use super::row::{RUN, Sums};
use super::{Job, Kernel};
use crate::narrow::{GROUP, HALF};
use crate::tuning::{LINE, NARROW_AHEAD};

/// Vectors of words in registers.
const W: usize = 4;

/// `y = w·x + b` for some columns of words.
pub struct NarrowRow<'a> {
    /// Inputs.
    pub x: &'a [f32],
    /// From the first word of the first input on; word `i` of input `k` is at `k·step + i`.
    pub words: *const u32,
    /// Step between inputs.
    pub step: usize,
    /// Words an input, a multiple of `HALF`.
    pub width: usize,
    /// One value for each of `2·width` outputs.
    pub b: *const f32,
    /// As long.
    pub y: *mut f32,
}

impl Job for NarrowRow<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let mut from = 0;
        // SAFETY: `NarrowMatrix::forward` vouches for words, biases and outputs; the blocks lie within
        // the width, which every vector divides.
        unsafe {
            if K::LANES == HALF {
                // Sixteen chains keep two multipliers of four cycles busy; there are registers.
                while from + 8 * K::LANES <= self.width {
                    block::<K, 8>(k, &self, from);
                    from += 8 * K::LANES;
                }
                while from + W * K::LANES <= self.width {
                    block::<K, W>(k, &self, from);
                    from += W * K::LANES;
                }
            } else if !self.x.is_empty() {
                let end = self.width / (W * K::LANES) * (W * K::LANES);
                while from < end {
                    let width = (Sums::LEN / 2).min(end - from);
                    rows(k, &self.part(from), width);
                    from += width;
                }
            }
            while from < self.width {
                block::<K, 1>(k, &self, from);
                from += K::LANES;
            }
        }
    }
}

impl NarrowRow<'_> {
    /// From word `from` on, the first of a group.
    ///
    /// # Safety
    /// There must be so many.
    #[inline(always)]
    unsafe fn part(&self, from: usize) -> NarrowRow<'_> {
        let (words, at) = (self.words.wrapping_add(from), place(from));
        let (b, y) = (self.b.wrapping_add(at), self.y.wrapping_add(at));
        NarrowRow { words, b, y, width: self.width - from, ..*self }
    }
}

/// Where the outputs of a word's lower half are; those of the upper half are `HALF` on.
#[inline(always)]
fn place(word: usize) -> usize {
    word / HALF * GROUP + word % HALF
}

/// The first `width` words of all inputs, of which there are some: a few inputs at a time from end to
/// end, as [`super::row`] does it.
///
/// # Safety
/// The words, biases and outputs must be there; the outputs are at most `Sums::LEN`.
#[inline(always)]
unsafe fn rows<K: Kernel>(k: K, row: &NarrowRow<'_>, width: usize) {
    let mut sums = Sums::new();
    let (sums, count) = (sums.place(), row.x.len());
    let (mut from, mut i) = (row.b, 0);
    // SAFETY: the caller's promise; the runs lie within the inputs.
    unsafe {
        while i + RUN < count {
            terms::<K, RUN>(k, row, i, width, from, sums);
            (from, i) = (sums, i + RUN);
        }
        while i < count {
            let to = if i + 1 == count { row.y } else { sums };
            terms::<K, 1>(k, row, i, width, from, to);
            (from, i) = (to, i + 1);
        }
    }
}

/// Adds the terms of the `N` inputs from `i` on to the sums at `from`.
///
/// # Safety
/// As [`rows`].
#[inline(always)]
unsafe fn terms<K: Kernel, const N: usize>(
    k: K,
    row: &NarrowRow<'_>,
    i: usize,
    width: usize,
    from: *const f32,
    to: *mut f32,
) {
    // SAFETY: the caller's promise; what is fetched ahead need not exist.
    unsafe {
        let words = row.words.cast::<f32>().add(i * row.step);
        for o in (0..width).step_by(W * K::LANES) {
            let (mut low, mut high) = ([k.splat(0.0); W], [k.splat(0.0); W]);
            for v in 0..W {
                let at = place(o + v * K::LANES);
                (low[v], high[v]) = (k.load(from.add(at)), k.load(from.add(at + HALF)));
            }
            for j in 0..N {
                let (x, words) = (k.splat(row.x[i + j]), words.add(j * row.step + o));
                for v in (0..W).step_by((LINE / K::LANES).max(1)) {
                    let line = words.wrapping_add(N * row.step + v * K::LANES);
                    k.prefetch(line.cast_mut());
                }
                for v in 0..W {
                    let word = k.load(words.add(v * K::LANES));
                    low[v] = k.mul_add(x, k.of_bits(k.to_upper(k.bits(word))), low[v]);
                    // As in `block`.
                    high[v] = k.mul_add(x, word, high[v]);
                }
            }
            for v in 0..W {
                let at = place(o + v * K::LANES);
                k.store(to.add(at), low[v]);
                k.store(to.add(at + HALF), high[v]);
            }
        }
    }
}

/// `W` vectors of words from word `from` on: `2·W` vectors of chains in registers.
///
/// # Safety
/// The words, biases and outputs must be there.
#[inline(always)]
unsafe fn block<K: Kernel, const W: usize>(k: K, row: &NarrowRow<'_>, from: usize) {
    let place = |v: usize| place(from + v * K::LANES);
    let (mut low, mut high) = ([k.splat(0.0); W], [k.splat(0.0); W]);
    // SAFETY: the caller's promise; what is fetched ahead need not exist.
    unsafe {
        for v in 0..W {
            low[v] = k.load(row.b.add(place(v)));
            high[v] = k.load(row.b.add(place(v) + HALF));
        }
        let mut words = row.words.add(from).cast::<f32>();
        for &x in row.x {
            let x = k.splat(x);
            for v in 0..W {
                let ahead = NARROW_AHEAD * row.step + v * K::LANES;
                k.prefetch(words.wrapping_add(ahead).cast_mut());
                let word = k.load(words.add(v * K::LANES));
                low[v] = k.mul_add(x, k.of_bits(k.to_upper(k.bits(word))), low[v]);
                // The lower half is the end of this weight's mantissa, and was reckoned with.
                high[v] = k.mul_add(x, word, high[v]);
            }
            words = words.wrapping_add(row.step);
        }
        for v in 0..W {
            k.store(row.y.add(place(v)), low[v]);
            k.store(row.y.add(place(v) + HALF), high[v]);
        }
    }
}
