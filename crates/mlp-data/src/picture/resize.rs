//! Resampling of 8-bit pictures: a triangle filter, widened when reducing so that nothing is
//! skipped. Integers only, hence the same bits on every host. The weights: [`super::taps`]. What part
//! of a picture goes where: [`super::fit`].
//!
//! Pillow goes across first and down second; here it is down first, since whole rows are added up
//! at the machine's width. The results differ by at most one grey level.

use super::taps::{POINT, Span, Taps, used};
use mlp_tensor::{Exec, Work};
use std::ops::Range;

/// An 8-bit picture, or the part of it that is at hand, row by row, the channels of a pixel together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pixels<'a> {
    /// Values a pixel.
    pub channels: usize,
    /// Column and row of the first pixel at hand.
    pub first: (usize, usize),
    /// Bytes from row to row.
    pub stride: usize,
    /// The rows.
    pub bytes: &'a [u8],
}

/// A change of a picture's size.
#[derive(Debug)]
pub(super) struct Resampling {
    across: Taps,
    down: Taps,
    /// The columns that are used.
    columns: Range<usize>,
}

impl Resampling {
    /// The part `across × down` of a picture of `from` pixels a side, brought to `to`. No side is
    /// zero.
    pub fn new(from: (usize, usize), across: Span, down: Span, to: (usize, usize)) -> Resampling {
        Resampling {
            across: Taps::new(from.0, across, to.0),
            down: Taps::new(from.1, down, to.1),
            columns: used(from.0, across, to.0),
        }
    }

    /// Does it; of the picture only what is [`used`] need be at hand.
    pub fn of(&self, exec: &Exec, from: Pixels, to: &mut [u8]) {
        assert_eq!(to.len(), self.across.firsts.len() * self.down.firsts.len() * from.channels);
        exec.vectorized(Job { how: self, from, out: to });
    }
}

/// A picture on its way to another size.
struct Job<'a> {
    how: &'a Resampling,
    from: Pixels<'a>,
    out: &'a mut [u8],
}

impl Work for Job<'_> {
    type Out = ();
    #[inline(always)]
    fn run(self) {
        match self.from.channels {
            1 => self.rows::<1>(),
            _ => self.rows::<3>(),
        }
    }
}

/// Output rows that go across together, as lanes of vectors.
const LANES: usize = 8;

impl Job<'_> {
    /// All rows, each first down, then several at once across.
    #[inline(always)]
    fn rows<const C: usize>(self) {
        let Job { how: Resampling { across: taps, down, columns }, from, out } = self;
        let (start, length) = ((columns.start - from.first.0) * C, columns.len() * C);
        let row = taps.firsts.len() * C;
        let mut narrow = vec![[0u8; LANES]; length.next_multiple_of(AT_ONCE * LANES)];
        let mut done = vec![[0u8; LANES]; row.next_multiple_of(AT_ONCE * LANES)];
        let mut rows = vec![0u8; narrow.len() * LANES];
        let mut sums = Vec::new();
        let mut down = down.iter();
        for out in out.chunks_mut(row * LANES) {
            for to in rows.chunks_exact_mut(narrow.len()).take(out.len() / row) {
                let Some((first, weights)) = down.next() else { return };
                let first = (first - from.first.1) * from.stride + start;
                let from = |k: usize| &from.bytes[first + k * from.stride..][..length];
                add_rows(from, weights, &mut sums, &mut to[..length]);
            }
            to_lanes(&rows, &mut narrow);
            across::<C>(&narrow, taps, columns.start, &mut done);
            to_rows(&done, row, out);
        }
    }
}

/// Squares of bytes that change together.
const AT_ONCE: usize = 4;

/// As many squares of bytes side by side: of each row so many words of eight bytes.
type Squares = [[u64; AT_ONCE]; LANES];

/// Rows one after another, as long as there are lanes: byte `i` of every row side by side.
#[inline(always)]
fn to_lanes(rows: &[u8], lanes: &mut [[u8; LANES]]) {
    let stride = lanes.len();
    for (i, lanes) in lanes.chunks_exact_mut(AT_ONCE * LANES).enumerate() {
        let mut squares = Squares::default();
        for (l, words) in squares.iter_mut().enumerate() {
            let (row, _) = rows[l * stride + i * AT_ONCE * LANES..].as_chunks::<LANES>();
            for (word, bytes) in words.iter_mut().zip(row) {
                *word = u64::from_le_bytes(*bytes);
            }
        }
        transpose(&mut squares);
        for (j, words) in squares.iter().enumerate() {
            for (w, word) in words.iter().enumerate() {
                lanes[w * LANES + j] = word.to_le_bytes();
            }
        }
    }
}

/// The way back, to rows of `row` bytes each, of which there may be fewer than lanes.
#[inline(always)]
fn to_rows(lanes: &[[u8; LANES]], row: usize, rows: &mut [u8]) {
    for (i, lanes) in lanes.chunks_exact(AT_ONCE * LANES).enumerate() {
        let mut squares = Squares::default();
        for (j, words) in squares.iter_mut().enumerate() {
            for (w, word) in words.iter_mut().enumerate() {
                *word = u64::from_le_bytes(lanes[w * LANES + j]);
            }
        }
        transpose(&mut squares);
        let from = i * AT_ONCE * LANES;
        for (words, row) in squares.iter().zip(rows.chunks_exact_mut(row)) {
            let (to, rest) = row[from..].as_chunks_mut::<LANES>();
            for (to, word) in to.iter_mut().zip(words) {
                *to = word.to_le_bytes();
            }
            if let Some(last) = words.get(to.len()) {
                rest.iter_mut().zip(last.to_le_bytes()).for_each(|(to, byte)| *to = byte);
            }
        }
    }
}

/// Exchanges rows and columns of each square: halves, quarters and single bytes of words of eight
/// change places (Warren, "Hacker's Delight", 7-3).
#[inline(always)]
fn transpose(squares: &mut Squares) {
    let steps = [(4, 0xFFFF_FFFF), (2, 0xFFFF_0000_FFFF), (1, 0x00FF_00FF_00FF_00FFu64)];
    for (step, mask) in steps {
        for i in 0..LANES {
            if i & step == 0 {
                let (low, high) = squares.split_at_mut(i + step);
                for (low, high) in low[i].iter_mut().zip(&mut high[0]) {
                    let swap = ((*low >> (8 * step)) ^ *high) & mask;
                    *high ^= swap;
                    *low ^= swap << (8 * step);
                }
            }
        }
    }
}

/// `to[i] = Σ weights[k] · rows(k)[i]`, rounded. Four rows at a time if there are many.
#[inline(always)]
fn add_rows<'a>(
    rows: impl Fn(usize) -> &'a [u8],
    weights: &[i32],
    sums: &mut Vec<i32>,
    to: &mut [u8],
) {
    match *weights {
        [a] => few([rows(0)], [a], to),
        [a, b] => few([rows(0), rows(1)], [a, b], to),
        [a, b, c] => few([rows(0), rows(1), rows(2)], [a, b, c], to),
        [a, b, c, d] => few([rows(0), rows(1), rows(2), rows(3)], [a, b, c, d], to),
        _ => {
            sums.clear();
            sums.resize(to.len(), 0);
            let (fours, rest) = weights.as_chunks::<4>();
            for (i, weights) in fours.iter().enumerate() {
                let k = 4 * i;
                add([rows(k), rows(k + 1), rows(k + 2), rows(k + 3)], *weights, sums);
            }
            for (i, weight) in rest.iter().enumerate() {
                add([rows(4 * fours.len() + i)], [*weight], sums);
            }
            for (to, sum) in to.iter_mut().zip(sums) {
                *to = rounded(*sum);
            }
        }
    }
}

/// All of a sum at once.
#[inline(always)]
fn few<const N: usize>(rows: [&[u8]; N], weights: [i32; N], to: &mut [u8]) {
    for row in rows {
        assert_eq!(row.len(), to.len());
    }
    for i in 0..to.len() {
        let mut sum = 0i32;
        for k in 0..N {
            sum = sum.wrapping_add(product(weights[k], rows[k][i]));
        }
        to[i] = rounded(sum);
    }
}

/// A part of sums.
#[inline(always)]
fn add<const N: usize>(rows: [&[u8]; N], weights: [i32; N], sums: &mut [i32]) {
    for row in rows {
        assert_eq!(row.len(), sums.len());
    }
    for i in 0..sums.len() {
        for k in 0..N {
            sums[i] = sums[i].wrapping_add(product(weights[k], rows[k][i]));
        }
    }
}

/// Rows of `C` channels, one a lane, whose first pixel is number `left`, resampled across to as many
/// rows.
#[inline(always)]
fn across<const C: usize>(rows: &[[u8; LANES]], taps: &Taps, left: usize, out: &mut [[u8; LANES]]) {
    match taps.count {
        1 => pixels::<C, 1>(rows, taps, left, out),
        2 => pixels::<C, 2>(rows, taps, left, out),
        3 => pixels::<C, 3>(rows, taps, left, out),
        4 => pixels::<C, 4>(rows, taps, left, out),
        _ => {
            let from = rows.as_chunks::<C>().0;
            for (to, (first, weights)) in out.as_chunks_mut().0.iter_mut().zip(taps.iter()) {
                weighted(&from[first - left..][..weights.len()], weights, to);
            }
        }
    }
}

/// The same for `N` weights a pixel.
#[inline(always)]
fn pixels<const C: usize, const N: usize>(
    rows: &[[u8; LANES]],
    taps: &Taps,
    left: usize,
    out: &mut [[u8; LANES]],
) {
    let (from, weights) = (rows.as_chunks::<C>().0, taps.weights.as_chunks::<N>().0);
    let out = out.as_chunks_mut().0.iter_mut();
    for ((to, first), weights) in out.zip(&taps.firsts).zip(weights) {
        let from: &[_; N] = from[first - left..].first_chunk().expect("taps lie in the row");
        weighted(from, weights, to);
    }
}

/// A pixel of each lane.
#[inline(always)]
fn weighted<const C: usize>(from: &[[[u8; LANES]; C]], weights: &[i32], to: &mut [[u8; LANES]; C]) {
    let mut sums = [[0i32; LANES]; C];
    for (from, weight) in from.iter().zip(weights) {
        for c in 0..C {
            for l in 0..LANES {
                sums[c][l] = sums[c][l].wrapping_add(product(*weight, from[c][l]));
            }
        }
    }
    for c in 0..C {
        for l in 0..LANES {
            to[c][l] = rounded(sums[c][l]);
        }
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
    (sum.wrapping_add(1 << (POINT - 1)) >> POINT) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However many weights there are, the sums are those of the definition.
    #[test]
    fn every_way_across_gives_the_same() {
        let exec = Exec::new(None, Some(1)).unwrap();
        for (channels, width) in [(1, 97), (3, 41)] {
            let bytes: Vec<u8> = (0..19 * width * channels).map(|i| (i * i % 251) as u8).collect();
            let stride = width * channels;
            let from = Pixels { channels, first: (0, 0), stride, bytes: &bytes };
            let (across, down) =
                (Span { from: 1.5, to: width as f64 - 0.25 }, Span { from: 0.0, to: 19.0 });
            for to in [2, 5, 9, 13, 19, 26, 33, 40, 77, 120] {
                let taps = Taps::new(width, across, to);
                let mut seen = vec![0; channels * to * 19];
                Resampling::new((width, 19), across, down, (to, 19)).of(&exec, from, &mut seen);
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
    fn squares_are_transposed() {
        let byte = |w: usize, i: usize, j: usize| (w * 64 + i * 8 + j) as u8;
        let word = |w, i| u64::from_le_bytes(std::array::from_fn(|j| byte(w, i, j)));
        let mut squares = std::array::from_fn(|i| std::array::from_fn(|w| word(w, i)));
        transpose(&mut squares);
        for (i, words) in squares.iter().enumerate() {
            for (w, word) in words.iter().enumerate() {
                assert_eq!(word.to_le_bytes(), std::array::from_fn(|j| byte(w, j, i)));
            }
        }
    }

    #[test]
    fn halving_averages_with_a_triangle() {
        let from = Pixels { channels: 1, first: (0, 0), stride: 4, bytes: &[0, 0, 240, 240] };
        let (across, down) = (Span { from: 0.0, to: 4.0 }, Span { from: 0.0, to: 1.0 });
        // Weights 3/7, 3/7 and 1/7 at the border, where a fourth pixel is lacking.
        let halving = Resampling::new((4, 1), across, down, (2, 1));
        let mut seen = [0; 2];
        halving.of(&Exec::serial(), from, &mut seen);
        assert_eq!(seen, [34, 206]);
    }
}
