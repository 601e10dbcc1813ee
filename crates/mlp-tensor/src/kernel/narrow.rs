//! A row of inputs times weights of 16 bits, two of which share a word: half the bytes of `f32`, and
//! one instruction more for two of them. Layout and rounding: `crate::narrow`.

use super::{Job, Kernel};
use crate::narrow::{GROUP, HALF};
use crate::tuning::NARROW_AHEAD;

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
            // Sixteen chains keep two multipliers of four cycles busy, where there are registers.
            while K::LANES == HALF && from + 8 * K::LANES <= self.width {
                block::<K, 8>(k, &self, from);
                from += 8 * K::LANES;
            }
            while from + 4 * K::LANES <= self.width {
                block::<K, 4>(k, &self, from);
                from += 4 * K::LANES;
            }
            while from < self.width {
                block::<K, 1>(k, &self, from);
                from += K::LANES;
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
    let place = |v: usize| {
        let word = from + v * K::LANES;
        word / HALF * GROUP + word % HALF
    };
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
