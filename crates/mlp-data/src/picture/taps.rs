//! The weights of a triangle filter for resampling, as integers.
//!
//! The filter is the one Pillow calls `BILINEAR` (`Image.resize`, `reducing_gap=None`), described
//! in Fant, "A Nonaliasing, Real-Time Spatial Transform Technique", 1986.

use std::ops::Range;

/// Bits after the point of a weight: 8 of a pixel, these and the sign fill an `i32`.
pub(super) const POINT: u32 = 22;

/// A part of one side of a picture, in pixels; the ends may lie inside of a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// Which input pixels make each output pixel of one side, and how much of each.
#[derive(Debug)]
pub(super) struct Taps {
    /// First input pixel of each output pixel.
    pub firsts: Vec<usize>,
    /// Weights of an output pixel, the same number for all.
    pub count: usize,
    /// The weights, one output pixel's after another's; each output pixel's add up to `1 << POINT`.
    pub weights: Vec<i32>,
}

/// The input pixels that make output pixel `i` of `count` from the part `span` of `side`, and its
/// centre.
fn tap(side: usize, span: Span, count: usize, i: usize) -> (Range<usize>, f64) {
    let scale = (span.to - span.from) / count as f64;
    let centre = span.from + (i as f64 + 0.5) * scale;
    let reach = scale.max(1.0);
    // Casts of floats saturate, so the ends stay inside.
    let first = ((centre - reach + 0.5) as usize).min(side - 1);
    let last = ((centre + reach + 0.5) as usize).clamp(first + 1, side);
    (first..last, centre)
}

/// The input pixels that make any of `count` output pixels from the part `span` of `side`.
pub(super) fn used(side: usize, span: Span, count: usize) -> Range<usize> {
    tap(side, span, count, 0).0.start..tap(side, span, count, count - 1).0.end
}

impl Taps {
    /// For `count` output pixels from the part `span` of `side` input pixels.
    pub fn new(side: usize, span: Span, outputs: usize) -> Taps {
        let used = used(side, span, outputs);
        let each: Vec<_> = (0..outputs).map(|i| tap(side, span, outputs, i)).collect();
        let count = each.iter().map(|(range, _)| range.len()).max().unwrap_or(1);
        let (mut firsts, mut weights) = (Vec::with_capacity(outputs), vec![0; outputs * count]);
        let inverse = 1.0 / ((span.to - span.from) / outputs as f64).max(1.0);
        let mut ideal = vec![0.0; count];
        for ((range, centre), weights) in each.into_iter().zip(weights.chunks_exact_mut(count)) {
            let ideal = &mut ideal[..range.len()];
            for (x, ideal) in range.clone().zip(ideal.iter_mut()) {
                let distance = (x as f64 + 0.5 - centre).abs() * inverse;
                *ideal = (1.0 - distance).max(0.0);
            }
            // Where there are fewer, others of no weight make up for them.
            let first = range.start.min(used.end - count);
            let at = range.start - first;
            whole(ideal, &mut weights[at..at + range.len()]);
            firsts.push(first);
        }
        Taps { firsts, count, weights }
    }
    /// First input pixel and weights of each output pixel.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &[i32])> {
        self.firsts.iter().copied().zip(self.weights.chunks_exact(self.count))
    }
}

/// Weights as integers that add up to one, so that an even surface stays exactly as it is: what
/// rounding them loses or gains (at most half a unit each) is made up for by single units on those
/// in the middle.
fn whole(ideal: &[f64], weights: &mut [i32]) {
    let one = f64::from(1 << POINT) / ideal.iter().sum::<f64>();
    for (weight, ideal) in weights.iter_mut().zip(ideal) {
        *weight = (ideal * one + 0.5) as i32;
    }
    let lacking = (1 << POINT) - weights.iter().sum::<i32>();
    let count = lacking.unsigned_abs() as usize;
    let from = (weights.len() - count) / 2;
    weights[from..from + count].iter_mut().for_each(|w| *w += lacking.signum());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one() {
        for (side, count) in [(1, 1), (1, 64), (7, 3), (3, 7), (500, 64), (65_535, 2)] {
            let taps = Taps::new(side, Span { from: 0.0, to: side as f64 }, count);
            let used = used(side, Span { from: 0.0, to: side as f64 }, count);
            assert_eq!(used, 0..side);
            for (first, weights) in taps.iter() {
                assert_eq!(weights.iter().sum::<i32>(), 1 << POINT);
                assert!(weights.iter().all(|w| *w >= 0), "{side} {count} {weights:?}");
                assert!(first + weights.len() <= side);
            }
        }
    }
}
