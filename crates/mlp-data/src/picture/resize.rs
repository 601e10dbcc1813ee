//! Resampling of 8-bit pictures: a triangle filter, widened when reducing so that nothing is
//! skipped. Integers only, hence the same bits on every host. What part of a picture goes where:
//! [`super::fit`].
//!
//! The filter is the one Pillow calls `BILINEAR` (`Image.resize`, `reducing_gap=None`), described
//! in Fant, "A Nonaliasing, Real-Time Spatial Transform Technique", 1986. Pillow goes across first
//! and down second; here it is down first, since whole rows are added up at the machine's width.
//! The results differ by at most one grey level.

use mlp_tensor::{Exec, Work};

/// Bits after the point of a weight: 8 of a pixel, these and the sign fill an `i32`.
const POINT: u32 = 22;

/// A part of one side of a picture, in pixels; the ends may lie inside of a pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// An 8-bit picture, row by row, the channels of a pixel together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixels<'a> {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Values a pixel.
    pub channels: usize,
    /// Bytes from row to row.
    pub stride: usize,
    /// `height` rows.
    pub bytes: &'a [u8],
}

/// Which input pixels make each output pixel of one side, and how much of each.
struct Taps {
    /// First input pixel and number of weights, one an output pixel.
    ranges: Vec<(usize, usize)>,
    /// Their weights, one after another; each output pixel's add up to `1 << POINT`.
    weights: Vec<i32>,
}

impl Taps {
    /// For `count` output pixels from the part `span` of `side` input pixels.
    fn new(side: usize, span: Span, count: usize) -> Taps {
        let scale = (span.to - span.from) / count as f64;
        let reach = scale.max(1.0);
        let mut taps = Taps { ranges: Vec::with_capacity(count), weights: Vec::new() };
        let mut ideal = Vec::new();
        for i in 0..count {
            let centre = span.from + (i as f64 + 0.5) * scale;
            // Casts of floats saturate, so the ends stay inside.
            let first = ((centre - reach + 0.5) as usize).min(side - 1);
            let last = ((centre + reach + 0.5) as usize).clamp(first + 1, side);
            ideal.clear();
            ideal.extend((first..last).map(|x| {
                let distance = (x as f64 + 0.5 - centre).abs() / reach;
                (1.0 - distance).max(0.0)
            }));
            taps.push(first, &ideal);
        }
        taps
    }
    /// Weights as integers that add up to one, so that an even surface stays exactly as it is: what
    /// rounding them loses or gains (at most half a unit each) is made up for by single units on
    /// those in the middle.
    fn push(&mut self, first: usize, ideal: &[f64]) {
        let one = f64::from(1 << POINT);
        let sum: f64 = ideal.iter().sum();
        let at = self.weights.len();
        self.weights.extend(ideal.iter().map(|w| (w / sum * one + 0.5) as i32));
        let mine = &mut self.weights[at..];
        let lacking = (1 << POINT) - mine.iter().sum::<i32>();
        let count = lacking.unsigned_abs() as usize;
        let from = (mine.len() - count) / 2;
        mine[from..from + count].iter_mut().for_each(|w| *w += lacking.signum());
        self.ranges.push((first, ideal.len()));
    }
    /// First input pixel and weights of each output pixel.
    fn iter(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let mut at = 0;
        self.ranges.iter().map(move |&(first, count)| {
            at += count;
            (first, &self.weights[at - count..at])
        })
    }
    /// The input pixels used by any output pixel: first and one past the last.
    fn used(&self) -> (usize, usize) {
        let first = self.ranges.iter().map(|r| r.0).min().unwrap_or(0);
        let last = self.ranges.iter().map(|r| r.0 + r.1).max().unwrap_or(0);
        (first, last)
    }
}

/// The part `across × down` of a picture, brought to `width × height` pixels. No side is zero.
pub(super) fn resample(
    exec: &Exec,
    from: Pixels,
    across: Span,
    down: Span,
    width: usize,
    height: usize,
) -> Vec<u8> {
    let x_taps = Taps::new(from.width, across, width);
    let y_taps = Taps::new(from.height, down, height);
    let mut out = vec![0u8; width * height * from.channels];
    exec.vectorized(Resampling { from, x_taps, y_taps, out: &mut out });
    out
}

/// A picture on its way to another size.
struct Resampling<'a> {
    from: Pixels<'a>,
    x_taps: Taps,
    y_taps: Taps,
    out: &'a mut [u8],
}

impl Work for Resampling<'_> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        match self.from.channels {
            1 => self.rows(across::<1>),
            _ => self.rows(across::<3>),
        }
    }
}

/// Output rows that go across together, as lanes of vectors.
const LANES: usize = 8;

impl Resampling<'_> {
    /// All rows, each first down, then several at once `across`.
    #[inline(always)]
    fn rows(self, across: impl Fn(&[[u8; LANES]], &Taps, usize, &mut [[u8; LANES]])) {
        let Resampling { from, x_taps, y_taps, out } = self;
        let (left, right) = x_taps.used();
        let (start, length) = (left * from.channels, (right - left) * from.channels);
        let row = x_taps.ranges.len() * from.channels;
        let mut sums = vec![0i32; length];
        let mut narrow = vec![[0u8; LANES]; length.next_multiple_of(LANES)];
        let mut done = vec![[0u8; LANES]; row.next_multiple_of(LANES)];
        let mut rows = vec![0u8; narrow.len() * LANES];
        let mut taps = y_taps.iter();
        for out in out.chunks_mut(row * LANES) {
            for to in rows.chunks_exact_mut(narrow.len()).take(out.len() / row) {
                let Some((first, weights)) = taps.next() else { return };
                let rows = |k: usize| &from.bytes[(first + k) * from.stride + start..][..length];
                add_rows(rows, weights, &mut sums);
                to.iter_mut().zip(&sums).for_each(|(to, sum)| *to = rounded(*sum));
            }
            to_lanes(&rows, &mut narrow);
            across(&narrow, &x_taps, left, &mut done);
            to_rows(&done, row, out);
        }
    }
}

/// Rows one after another, as long as there are lanes: byte `i` of every row side by side.
#[inline(always)]
fn to_lanes(rows: &[u8], lanes: &mut [[u8; LANES]]) {
    let stride = lanes.len();
    for (block, lanes) in lanes.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut square = [[0u8; LANES]; LANES];
        for (l, own) in square.iter_mut().enumerate() {
            own.copy_from_slice(&rows[l * stride + block * LANES..][..LANES]);
        }
        *lanes = transposed(square);
    }
}

/// The way back, to rows of `row` bytes each, of which there may be fewer than lanes.
#[inline(always)]
fn to_rows(lanes: &[[u8; LANES]], row: usize, rows: &mut [u8]) {
    for (block, lanes) in lanes.as_chunks::<LANES>().0.iter().enumerate() {
        let at = block * LANES;
        let count = LANES.min(row - at);
        for (own, row) in transposed(*lanes).iter().zip(rows.chunks_exact_mut(row)) {
            row[at..at + count].copy_from_slice(&own[..count]);
        }
    }
}

/// A square of bytes with rows and columns exchanged: halves, quarters and single bytes of words of
/// eight change places (Warren, "Hacker's Delight", 7-3).
#[inline(always)]
fn transposed(square: [[u8; LANES]; LANES]) -> [[u8; LANES]; LANES] {
    let mut words = square.map(u64::from_le_bytes);
    let steps = [(4, 0xFFFF_FFFF), (2, 0xFFFF_0000_FFFF), (1, 0x00FF_00FF_00FF_00FFu64)];
    for (step, mask) in steps {
        for i in (0..LANES).filter(|i| i & step == 0) {
            let swap = ((words[i] >> (8 * step)) ^ words[i + step]) & mask;
            words[i + step] ^= swap;
            words[i] ^= swap << (8 * step);
        }
    }
    words.map(u64::to_le_bytes)
}

/// `sums[i] = Σ weights[k] · rows(k)[i]`, four rows at a time to spare loads and stores of the
/// sums.
#[inline(always)]
fn add_rows<'a>(rows: impl Fn(usize) -> &'a [u8], weights: &[i32], sums: &mut [i32]) {
    sums.fill(0);
    let mut k = 0;
    for w in weights.chunks(4) {
        if let [w0, w1, w2, w3] = *w {
            let quads = rows(k).iter().zip(rows(k + 1)).zip(rows(k + 2)).zip(rows(k + 3));
            for (sum, (((a, b), c), d)) in sums.iter_mut().zip(quads) {
                let (ab, cd) = (product(w0, *a), product(w2, *c));
                let ab = ab.wrapping_add(product(w1, *b));
                let cd = cd.wrapping_add(product(w3, *d));
                *sum = sum.wrapping_add(ab.wrapping_add(cd));
            }
        } else {
            for (j, w) in w.iter().enumerate() {
                for (sum, a) in sums.iter_mut().zip(rows(k + j)) {
                    *sum = sum.wrapping_add(product(*w, *a));
                }
            }
        }
        k += w.len();
    }
}

/// Rows of `C` channels, one a lane, whose first pixel is number `left`, resampled across to as many
/// rows.
#[inline(always)]
fn across<const C: usize>(rows: &[[u8; LANES]], taps: &Taps, left: usize, out: &mut [[u8; LANES]]) {
    let (pixels, _) = rows.as_chunks::<C>();
    let (out, _) = out.as_chunks_mut::<C>();
    for (to, (first, weights)) in out.iter_mut().zip(taps.iter()) {
        let mut sums = [[0i32; LANES]; C];
        for (pixel, w) in pixels[first - left..].iter().zip(weights) {
            for (sums, lanes) in sums.iter_mut().zip(pixel) {
                for (sum, value) in sums.iter_mut().zip(lanes) {
                    *sum = sum.wrapping_add(product(*w, *value));
                }
            }
        }
        *to = sums.map(|sums| sums.map(rounded));
    }
}

/// A weighted pixel. Sums of these are at most `255 << POINT`, so nothing wraps; saying that it may
/// lets the compiler use vectors also where it checks for overflow.
#[inline(always)]
fn product(weight: i32, pixel: u8) -> i32 {
    weight.wrapping_mul(i32::from(pixel))
}

/// The nearest whole number; weights add up to one, so it is at most 255.
#[inline(always)]
fn rounded(sum: i32) -> u8 {
    ((sum + (1 << (POINT - 1))) >> POINT) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_one() {
        for (side, count) in [(1, 1), (1, 64), (7, 3), (3, 7), (500, 64), (65_535, 2)] {
            let taps = Taps::new(side, Span { from: 0.0, to: side as f64 }, count);
            for (first, weights) in taps.iter() {
                assert_eq!(weights.iter().sum::<i32>(), 1 << POINT);
                assert!(weights.iter().all(|w| *w >= 0), "{side} {count} {weights:?}");
                assert!(first + weights.len() <= side);
            }
        }
    }

    /// However many weights there are, the sums are those of the definition.
    #[test]
    fn every_way_across_gives_the_same() {
        let exec = Exec::new(None, Some(1)).unwrap();
        for (channels, width) in [(1, 97), (3, 41)] {
            let bytes: Vec<u8> = (0..19 * width * channels).map(|i| (i * i % 251) as u8).collect();
            let stride = width * channels;
            let from = Pixels { width, height: 19, channels, stride, bytes: &bytes };
            let (across, down) =
                (Span { from: 1.5, to: width as f64 - 0.25 }, Span { from: 0.0, to: 19.0 });
            for to in [2, 5, 9, 13, 19, 26, 33, 40, 77, 120] {
                let taps = Taps::new(width, across, to);
                let seen = resample(&exec, from, across, down, to, 19);
                for (i, seen) in seen.iter().enumerate() {
                    let (y, x, c) = (i / channels / to, i / channels % to, i % channels);
                    let (first, weights) = taps.iter().nth(x).unwrap();
                    let pixel = |k: usize| bytes[y * stride + (first + k) * channels + c];
                    let sum = weights.iter().enumerate().map(|(k, w)| product(*w, pixel(k)));
                    assert_eq!(*seen, rounded(sum.sum()), "{channels} {to} {i}");
                }
            }
        }
    }

    #[test]
    fn a_square_is_transposed() {
        let square: [[u8; LANES]; LANES] =
            std::array::from_fn(|i| std::array::from_fn(|j| (i * 16 + j) as u8));
        for (i, row) in transposed(square).iter().enumerate() {
            for (j, byte) in row.iter().enumerate() {
                assert_eq!(*byte, (j * 16 + i) as u8);
            }
        }
    }

    #[test]
    fn halving_averages_with_a_triangle() {
        let from = Pixels { width: 4, height: 1, channels: 1, stride: 4, bytes: &[0, 0, 240, 240] };
        let (across, down) = (Span { from: 0.0, to: 4.0 }, Span { from: 0.0, to: 1.0 });
        // Weights 3/7, 3/7 and 1/7 at the border, where a fourth pixel is lacking.
        assert_eq!(resample(&Exec::serial(), from, across, down, 2, 1), [34, 206]);
    }
}
