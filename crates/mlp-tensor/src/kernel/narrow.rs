//! A row of inputs times weights of 16 bits, two of which share a word: half the bytes of `f32`, and
//! one instruction more for two of them. Layout and rounding: `crate::narrow`.

use super::list::{RowList, RowTerms, Run, TERMS};
use super::row::{RUN, Sums};
use super::{Job, Kernel};
use crate::narrow::{GROUP, HALF, STRIP};
use crate::tuning::{LINE, NARROW_AHEAD};

/// Vectors of words in registers.
const W: usize = 4;

/// `y = w·x + b` for some strips of words.
pub struct NarrowRow<'a> {
    /// Inputs.
    pub x: &'a [f32],
    /// From the first word of a strip on.
    pub words: *const u32,
    /// Words an input of all strips, a multiple of `HALF`.
    pub width: usize,
    /// One value for each of `2·width` outputs.
    pub b: *const f32,
    /// As long.
    pub y: *mut f32,
    /// Whether the last strip comes first.
    pub back: bool,
}

impl Job for NarrowRow<'_> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let NarrowRow { x, words, width: all, mut b, y, back } = self;
        let (strips, mut list) = (all.div_ceil(STRIP * HALF), RowList::new());
        // Once for no inputs at all.
        for part in (0..x.len().max(1)).step_by(TERMS) {
            let terms = &x[part..x.len().min(part + TERMS)];
            // SAFETY: `NarrowMatrix::forward` vouches for words, biases and outputs; lists have room.
            unsafe {
                let list = list.fill(terms.as_ptr(), 1, terms.len(), false);
                for i in 0..strips {
                    let from = STRIP * HALF * if back { strips - 1 - i } else { i };
                    let (width, at) = ((STRIP * HALF).min(all - from), place(from));
                    let words = words.add(from * x.len() + part * width);
                    strip(k, &Terms { list, words, width, b: b.add(at), y: y.add(at) });
                }
            }
            b = y;
        }
    }
}

/// Some terms of a row for the outputs of a strip.
struct Terms {
    /// Those that are not zero.
    list: *const f32,
    /// The words of the first that was a candidate for the list.
    words: *const u32,
    /// Words an input.
    width: usize,
    b: *const f32,
    y: *mut f32,
}

/// Adds the terms to all sums of a strip.
///
/// # Safety
/// The list, the words, biases and outputs must be there.
#[inline(always)]
unsafe fn strip<K: Kernel>(k: K, row: &Terms) {
    let mut from = 0;
    // SAFETY: the caller's promise; the blocks lie within the width, which every vector divides.
    unsafe {
        if K::LANES < HALF {
            from = row.width / (W * K::LANES) * (W * K::LANES);
            rows(k, row, from);
        } else if row.width == STRIP * HALF {
            return block::<K, STRIP>(k, row, 0);
        }
        while from < row.width {
            block::<K, 1>(k, row, from);
            from += K::LANES;
        }
    }
}

/// Where the outputs of a word's lower half are; those of the upper half are `HALF` on.
#[inline(always)]
fn place(word: usize) -> usize {
    word / HALF * GROUP + word % HALF
}

/// The first `width` words of all inputs: a few inputs at a time from end to end, as [`super::row`] does
/// it.
///
/// # Safety
/// As [`columns`]; the outputs are at most `Sums::LEN`.
#[inline(always)]
unsafe fn rows<K: Kernel>(k: K, row: &Terms, width: usize) {
    let mut sums = Sums::new();
    let (sums, mut from) = (sums.place(), row.b);
    // SAFETY: the caller's promise.
    unsafe {
        let mut list = RowTerms::of(row.list);
        while let Some(run) = list.next::<RUN>() {
            terms(k, row, run, width, from, sums);
            from = sums;
        }
        while let Some(run) = list.next::<1>() {
            terms(k, row, run, width, from, sums);
            from = sums;
        }
        for o in (0..2 * width).step_by(K::LANES) {
            k.store(row.y.add(o), k.add(k.load(from.add(o)), k.splat(0.0)));
        }
    }
}

/// Adds `N` terms to the sums at `from`.
///
/// # Safety
/// As [`rows`].
#[inline(always)]
unsafe fn terms<K: Kernel, const N: usize>(
    k: K,
    row: &Terms,
    run: Run<N>,
    width: usize,
    from: *const f32,
    to: *mut f32,
) {
    let run = run.over(k, row.width);
    // SAFETY: the caller's promise; what is fetched ahead need not exist.
    unsafe {
        let all = row.words.cast::<f32>();
        for o in (0..width).step_by(W * K::LANES) {
            let (mut low, mut high) = ([k.splat(0.0); W], [k.splat(0.0); W]);
            for v in 0..W {
                let at = place(o + v * K::LANES);
                (low[v], high[v]) = (k.load(from.add(at)), k.load(from.add(at + HALF)));
            }
            for &(x, at, next) in &run {
                let (words, next) = (all.add(at + o), all.wrapping_add(next + o));
                for v in (0..W).step_by((LINE / K::LANES).max(1)) {
                    k.prefetch(next.wrapping_add(v * K::LANES));
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
/// As [`columns`].
#[inline(always)]
unsafe fn block<K: Kernel, const W: usize>(k: K, row: &Terms, from: usize) {
    let place = |v: usize| place(from + v * K::LANES);
    let (mut low, mut high) = ([k.splat(0.0); W], [k.splat(0.0); W]);
    // SAFETY: the caller's promise; what is fetched ahead need not exist.
    unsafe {
        for v in 0..W {
            low[v] = k.load(row.b.add(place(v)));
            high[v] = k.load(row.b.add(place(v) + HALF));
        }
        let all = row.words.add(from).cast::<f32>();
        let mut list = RowTerms::of(row.list);
        while let Some((x, at, next)) = list.one(NARROW_AHEAD) {
            let (x, words) = (k.splat(x), all.add(at as usize * row.width));
            let next = all.wrapping_add(next as usize * row.width);
            for v in 0..W {
                k.prefetch(next.wrapping_add(v * K::LANES));
                let word = k.load(words.add(v * K::LANES));
                low[v] = k.mul_add(x, k.of_bits(k.to_upper(k.bits(word))), low[v]);
                // The lower half is the end of this weight's mantissa, and was reckoned with.
                high[v] = k.mul_add(x, word, high[v]);
            }
        }
        for v in 0..W {
            k.store(row.y.add(place(v)), k.add(low[v], k.splat(0.0)));
            k.store(row.y.add(place(v) + HALF), k.add(high[v], k.splat(0.0)));
        }
    }
}
