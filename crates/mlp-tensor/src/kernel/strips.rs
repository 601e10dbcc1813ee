//! A row of inputs times weights in strips, of 32 bits, or of 16 bits two of which share a word: half the
//! bytes of `f32`, and one instruction more for two of them. Layout and rounding: `crate::strips`.

use super::list::{RowList, RowTerms, TERMS};
use super::{Job, Kernel};
use crate::tuning::{LINE, STRIP, STRIP_AHEAD};

/// `y = w·x + b` for some strips, whose words hold `N` weights each.
pub struct StripRow<'a, const N: usize> {
    /// Inputs.
    pub x: &'a [f32],
    /// From the first word of a strip on.
    pub words: *const f32,
    /// Words an input of all strips, in whole lines.
    pub width: usize,
    /// One value for each of `N·width` outputs.
    pub b: *const f32,
    /// As long.
    pub y: *mut f32,
    /// Whether the last strip comes first.
    pub back: bool,
}

impl<const N: usize> Job for StripRow<'_, N> {
    type Out = ();
    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let StripRow { x, words, width: all, mut b, y, back } = self;
        let (strips, mut list) = (all.div_ceil(STRIP * LINE), RowList::new());
        // Once for no inputs at all.
        for part in (0..x.len().max(1)).step_by(TERMS) {
            let terms = &x[part..x.len().min(part + TERMS)];
            // SAFETY: `StripMatrix::forward` vouches for words, biases and outputs; lists have room.
            unsafe {
                let list = list.fill(terms.as_ptr(), 1, terms.len(), false);
                for i in 0..strips {
                    let from = STRIP * LINE * if back { strips - 1 - i } else { i };
                    let (width, at) = ((STRIP * LINE).min(all - from), N * from);
                    let words = words.add(from * x.len() + part * width);
                    strip::<K, N>(k, &Terms { list, words, width, b: b.add(at), y: y.add(at) });
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
    words: *const f32,
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
unsafe fn strip<K: Kernel, const N: usize>(k: K, row: &Terms) {
    let mut from = 0;
    // SAFETY: the caller's promise; the blocks lie within the width, which every vector divides.
    unsafe {
        // Eight chains keep two multipliers of four cycles busy, and find registers everywhere. Only weights of
        // 32 bits in the widest vectors have four, a whole strip; a wider strip was not faster.
        while N == 1 && K::LANES < LINE && from + 8 * K::LANES <= row.width {
            block::<K, 8, N>(k, row, from);
            from += 8 * K::LANES;
        }
        while from + 4 * K::LANES <= row.width {
            block::<K, 4, N>(k, row, from);
            from += 4 * K::LANES;
        }
        while from < row.width {
            block::<K, 1, N>(k, row, from);
            from += K::LANES;
        }
    }
}

/// Where the outputs of a word's first weight are; those of a second are a line on.
#[inline(always)]
fn place<const N: usize>(word: usize) -> usize {
    word / LINE * (N * LINE) + word % LINE
}

/// `W` vectors of words from word `from` on: `N·W` vectors of chains in registers.
///
/// # Safety
/// As [`strip`].
#[inline(always)]
unsafe fn block<K: Kernel, const W: usize, const N: usize>(k: K, row: &Terms, from: usize) {
    let place = |v: usize, n: usize| place::<N>(from + v * K::LANES) + n * LINE;
    let mut sums = [[k.splat(0.0); W]; N];
    // SAFETY: the caller's promise; what is fetched ahead need not exist.
    unsafe {
        for (n, sums) in sums.iter_mut().enumerate() {
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = k.load(row.b.add(place(v, n)));
            }
        }
        let all = row.words.add(from);
        let mut list = RowTerms::of(row.list);
        while let Some((x, at, next)) = list.one(STRIP_AHEAD) {
            let (x, words) = (k.splat(x), all.add(at as usize * row.width));
            let next = all.wrapping_add(next as usize * row.width);
            for v in (0..W).step_by((LINE / K::LANES).max(1)) {
                k.prefetch(next.wrapping_add(v * K::LANES));
            }
            for (n, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    let word = k.load(words.add(v * K::LANES));
                    let low = || k.of_bits(k.to_upper(k.bits(word)));
                    // The lower half is the end of the upper weight's mantissa, and was reckoned with.
                    *sum = k.mul_add(x, if n + 1 < N { low() } else { word }, *sum);
                }
            }
        }
        for (n, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                k.store(row.y.add(place(v, n)), k.add(sum, k.splat(0.0)));
            }
        }
    }
}
