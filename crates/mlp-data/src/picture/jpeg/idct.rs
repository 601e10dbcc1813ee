//! Inverse cosine transforms of a block of 8 × 8 coefficients to 8 × 8, 4 × 4, 2 × 2 or one pixel.
//!
//! The smaller ones take the lowest frequencies only, as libjpeg does (ISO/IEC 10918-1 A.3.3 with
//! `n` for 8): what they leave out is what so few pixels cannot show. Most coefficients are zero, so
//! each that is not is put across at once, and all go down together. Sums and products of `f32` in a
//! fixed order: the same bits on every host.

/// √2 cos(kπ/16) for k = 0 to 8.
const COSINES: [f32; 9] = [
    std::f32::consts::SQRT_2,
    1.387_039_8,
    1.306_563,
    1.175_875_6,
    1.0,
    0.785_694_96,
    0.541_196_1,
    0.275_899_4,
    0.0,
];

/// What a frequency is at each of `N` pixels: √2 cos((2x+1)uπ/2N), or 1 for u = 0. None of those
/// that are left out.
const fn basis<const N: usize>() -> [[f32; N]; 8] {
    let mut rows = [[0.0; N]; 8];
    let mut i = 0;
    while i < N * N {
        let (u, x) = (i / N, i % N);
        let sixteenths = (2 * x + 1) * u * (8 / N) % 32;
        rows[u][x] = match sixteenths {
            _ if u == 0 => 1.0,
            0..=8 => COSINES[sixteenths],
            9..=16 => -COSINES[16 - sixteenths],
            17..=24 => -COSINES[sixteenths - 16],
            _ => COSINES[32 - sixteenths],
        };
        i += 1;
    }
    rows
}

/// A block whose coefficients are `N` pixels across already, and frequencies down still.
pub(super) struct Block<const N: usize>([[f32; N]; 8]);

impl<const N: usize> Block<N> {
    const BASIS: [[f32; N]; 8] = basis();

    /// Of the one coefficient that all pixels have in common.
    #[inline(always)]
    pub fn new(mean: f32) -> Block<N> {
        let mut rows = [[0.0; N]; 8];
        rows[0] = [mean; N];
        Block(rows)
    }

    /// Adds coefficient number `8 v + u`: `v` down and `u` across.
    #[inline(always)]
    pub fn add(&mut self, number: u8, value: f32) {
        let row = &mut self.0[usize::from(number >> 3) & 7];
        for (pixel, basis) in row.iter_mut().zip(&Self::BASIS[usize::from(number & 7)]) {
            *pixel += value * basis;
        }
    }

    /// All pixels.
    #[inline(always)]
    pub fn pixels(&self) -> [[u8; N]; N] {
        let mut out = [[0; N]; N];
        // Even frequencies are the same above and below, odd ones change their sign.
        for y in 0..N / 2 {
            let (mut even, mut odd) = (self.0[0], self.0[1]);
            odd.iter_mut().for_each(|sum| *sum *= Self::BASIS[1][y]);
            for v in 1..N / 2 {
                for x in 0..N {
                    even[x] += Self::BASIS[2 * v][y] * self.0[2 * v][x];
                    odd[x] += Self::BASIS[2 * v + 1][y] * self.0[2 * v + 1][x];
                }
            }
            for x in 0..N {
                out[y][x] = pixel(even[x] + odd[x]);
                out[N - 1 - y][x] = pixel(even[x] - odd[x]);
            }
        }
        out
    }
}

/// An eighth of the sum and the middle of the range, as a byte.
#[inline(always)]
pub(super) fn pixel(sum: f32) -> u8 {
    // The last bits of the sum are those of the nearest whole number.
    let value = (sum * 0.125 + 128.0).clamp(0.0, 255.0);
    (value + 8_388_608.0).to_bits() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    /// √2 cos((2x+1)uπ/2n), or 1 for u = 0, from the known cosines.
    fn cosine(n: usize, x: usize, u: usize) -> f64 {
        let cosines = [
            1.0,
            0.980785280403,
            0.923879532511,
            0.831469612303,
            std::f64::consts::FRAC_1_SQRT_2,
            0.555570233020,
            0.382683432365,
            0.195090322016,
            0.0,
        ];
        let sixteenths = (2 * x + 1) * u * (8 / n) % 32;
        let cos = match sixteenths {
            0..=8 => cosines[sixteenths],
            9..=16 => -cosines[16 - sixteenths],
            17..=24 => -cosines[sixteenths - 16],
            _ => cosines[32 - sixteenths],
        };
        if u == 0 { 1.0 } else { 2f64.sqrt() * cos }
    }

    #[track_caller]
    fn check<const N: usize>() {
        let mut word = 7u32;
        for _ in 0..50 {
            let coefficients: [f32; 64] = std::array::from_fn(|i| {
                word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((word >> 24) as f32 - 128.0) * if i == 0 { 4.0 } else { 1.0 }
            });
            let mut block = Block::<N>::new(coefficients[0]);
            for (i, value) in (0..64).zip(coefficients).skip(1) {
                block.add(i, value);
            }
            for (y, row) in block.pixels().iter().enumerate() {
                for (x, seen) in row.iter().enumerate() {
                    let terms = (0..N * N).map(|i| {
                        let (v, u) = (i / N, i % N);
                        f64::from(coefficients[8 * v + u]) * cosine(N, x, u) * cosine(N, y, v)
                    });
                    let exact = (terms.sum::<f64>() / 8.0 + 128.0).clamp(0.0, 255.0);
                    assert!((exact - f64::from(*seen)).abs() < 0.51, "{x} {y} {exact} {seen}");
                }
            }
        }
    }

    #[test]
    fn transforms_are_those_of_the_standard() {
        check::<2>();
        check::<4>();
        check::<8>();
    }
}
