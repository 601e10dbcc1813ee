//! Inverse cosine transforms of a block of 8 × 8 coefficients to 8 × 8, 4 × 4, 2 × 2 or one pixel.
//!
//! The smaller ones take the lowest frequencies only, as libjpeg does (ISO/IEC 10918-1 A.3.3 with
//! `n` for 8): what they leave out is what so few pixels cannot show. Sums and products of `f32` in
//! a fixed order: the same bits on every host.

/// Coefficients in columns, the lowest frequency first: those of one column side by side.
pub(super) type Block = [f32; 64];

/// √2 cos(kπ/16) for k = 1, 2, 3, 5, 6, 7.
const C1: f32 = 1.387_039_8;
const C2: f32 = 1.306_563;
const C3: f32 = 1.175_875_6;
const C5: f32 = 0.785_694_96;
const C6: f32 = 0.541_196_1;
const C7: f32 = 0.275_899_4;

/// Along one side of four frequencies, on as many columns at once as `L`.
#[inline(always)]
fn four<const L: usize>(f: [[f32; L]; 4]) -> [[f32; L]; 4] {
    let mut out = [[0.0; L]; 4];
    for i in 0..L {
        let (sum, difference) = (f[0][i] + f[2][i], f[0][i] - f[2][i]);
        let (outer, inner) = (C2 * f[1][i] + C6 * f[3][i], C6 * f[1][i] - C2 * f[3][i]);
        out[0][i] = sum + outer;
        out[1][i] = difference + inner;
        out[2][i] = difference - inner;
        out[3][i] = sum - outer;
    }
    out
}

/// Along one side of eight.
#[inline(always)]
fn eight<const L: usize>(f: [[f32; L]; 8]) -> [[f32; L]; 8] {
    let even = four([f[0], f[2], f[4], f[6]]);
    let mut out = [[0.0; L]; 8];
    for i in 0..L {
        let (a, b, c, d) = (f[1][i], f[3][i], f[5][i], f[7][i]);
        let odd = [
            C1 * a + C3 * b + (C5 * c + C7 * d),
            C3 * a - C7 * b - (C1 * c + C5 * d),
            C5 * a - C1 * b + (C7 * c + C3 * d),
            C7 * a - C5 * b + (C3 * c - C1 * d),
        ];
        for k in 0..4 {
            out[k][i] = even[k][i] + odd[k];
            out[7 - k][i] = even[k][i] - odd[k];
        }
    }
    out
}

/// Rows become columns.
#[inline(always)]
fn turned<const N: usize>(f: [[f32; N]; N]) -> [[f32; N]; N] {
    let mut out = [[0.0; N]; N];
    for i in 0..N {
        for k in 0..N {
            out[i][k] = f[k][i];
        }
    }
    out
}

/// The lowest frequencies.
#[inline(always)]
fn columns<const N: usize>(block: &Block) -> [[f32; N]; N] {
    let mut out = [[0.0; N]; N];
    for (to, row) in out.iter_mut().zip(block.chunks_exact(8)) {
        to.copy_from_slice(&row[..N]);
    }
    out
}

/// An eighth of the sum and the middle of the range, as a byte.
#[inline(always)]
fn pixel(sum: f32) -> u8 {
    // The last bits of the sum are those of the nearest whole number.
    let value = (sum * 0.125 + 128.0).clamp(0.0, 255.0);
    (value + 8_388_608.0).to_bits() as u8
}

#[inline(always)]
fn pixels<const N: usize>(sums: [[f32; N]; N]) -> [[u8; N]; N] {
    let mut out = [[0; N]; N];
    for i in 0..N {
        for k in 0..N {
            out[i][k] = pixel(sums[i][k]);
        }
    }
    out
}

/// The pixel of a block of one coefficient.
#[inline(always)]
pub(super) fn to_1(block: &Block) -> u8 {
    pixel(block[0])
}

#[inline(always)]
pub(super) fn to_2(block: &Block) -> [[u8; 2]; 2] {
    let (top, low) = ((block[0], block[8]), (block[1], block[9]));
    let (left, right) = ((top.0 + top.1, low.0 + low.1), (top.0 - top.1, low.0 - low.1));
    pixels([[left.0 + left.1, right.0 + right.1], [left.0 - left.1, right.0 - right.1]])
}

#[inline(always)]
pub(super) fn to_4(block: &Block) -> [[u8; 4]; 4] {
    pixels(four(turned(four(columns::<4>(block)))))
}

#[inline(always)]
pub(super) fn to_8(block: &Block) -> [[u8; 8]; 8] {
    pixels(eight(turned(eight(columns::<8>(block)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// √2 cos((2x+1)uπ/2n), or 1 for u = 0, by Chebyshev's recurrence from the known cosines.
    fn basis(n: usize, x: usize, u: usize) -> f64 {
        let sixteenth = (2 * x + 1) * u * (8 / n) % 32;
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
        let cos = |k: usize| match k {
            0..=8 => cosines[k],
            9..=16 => -cosines[16 - k],
            17..=24 => -cosines[k - 16],
            _ => cosines[32 - k],
        };
        if u == 0 { 1.0 } else { 2f64.sqrt() * cos(sixteenth) }
    }

    #[track_caller]
    fn check<const N: usize>(transform: fn(&Block) -> [[u8; N]; N]) {
        let mut word = 7u32;
        for _ in 0..50 {
            let block: Block = std::array::from_fn(|i| {
                word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((word >> 24) as f32 - 128.0) * if i == 0 { 4.0 } else { 1.0 }
            });
            let seen = transform(&block);
            for (y, row) in seen.iter().enumerate() {
                for (x, seen) in row.iter().enumerate() {
                    let terms = (0..N * N).map(|i| {
                        let (v, u) = (i / N, i % N);
                        f64::from(block[8 * u + v]) * basis(N, x, u) * basis(N, y, v)
                    });
                    let exact = (terms.sum::<f64>() / 8.0 + 128.0).clamp(0.0, 255.0);
                    assert!((exact - f64::from(*seen)).abs() < 0.51, "{x} {y} {exact} {seen}");
                }
            }
        }
    }

    #[test]
    fn transforms_are_those_of_the_standard() {
        check::<1>(|block| [[to_1(block)]]);
        check(to_2);
        check(to_4);
        check(to_8);
    }
}
