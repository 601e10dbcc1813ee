//! Pictures that are nearly the same: saved again, made smaller, brighter or darker.
//!
//! Each picture is brought to a grid of 9×9 cells, of whose 128 differences between neighbours
//! across and down the signs make a hash (the difference hash of N. Krawetz, "Kind of like that",
//! 2013, in both directions). Pictures whose hashes differ in at most [`DISTANCE`] bits agree in at
//! least one of eight bands of 16 bits, so only those that share a band are compared. A pair counts
//! only if the pixels themselves correlate (Pearson, squared) by [`ALIKE`]. Pictures that are mostly
//! plain, such as digits on an empty ground, are alike by chance and are not compared.
//!
//! The thresholds were found on 1,399 photographs of cats and dogs at 64×64 pixels, among which the
//! one pair found shows the same dogs: of 160 that were saved at JPEG quality 30, made smaller by a
//! third, brighter, or lower in contrast, 159 are found; cut by 2 % a side, none.

use crate::PictureShape;
use crate::values::Bytes;
use mlp_tensor::Exec;

/// Bits that hashes may differ in.
const DISTANCE: u32 = 7;
/// Bands, of 16 bits each: one more than bits may differ.
const BANDS: usize = 8;
/// Pictures that share a band with more others than this are compared with the nearest ones only.
const CROWD: usize = 32;
/// Cells of the grid, across and down.
const GRID: usize = 9;
/// Below this side pictures are too small for the grid.
const LEAST_SIDE: u32 = 18;
/// Of the 128 differences so many must not be zero; else a picture is mostly plain.
const LIVELY: u32 = 96;
/// Least correlation, as its square times 1000.
const ALIKE: i128 = 960;

/// Pairs of nearly equal pictures among the given rows, each with the earlier row first, sorted.
/// Bytes are those of all rows, picture after picture.
pub fn near_pictures(
    exec: &Exec,
    shape: PictureShape,
    bytes: &Bytes,
    rows: &[u32],
) -> Vec<(u32, u32)> {
    if shape.width.min(shape.height) < LEAST_SIDE {
        return Vec::new();
    }
    let n = shape.len();
    let picture = |row: u32| {
        bytes.note_read(n);
        &bytes[row as usize * n..(row as usize + 1) * n]
    };
    let hashes = exec.map(rows.len(), |i| hash(shape, picture(rows[i])));
    let lively = rows.iter().zip(hashes).filter_map(|(row, hash)| Some((*row, hash?)));
    let (rows, hashes): (Vec<u32>, Vec<u128>) = lively.unzip();
    let found = exec.map(BANDS, |band| {
        let mut pairs = in_band(&hashes, band);
        pairs.retain(|&(a, b)| alike(picture(rows[a as usize]), picture(rows[b as usize])));
        pairs
    });
    let row = |(a, b): (u32, u32)| {
        let (a, b) = (rows[a as usize], rows[b as usize]);
        (a.min(b), a.max(b))
    };
    let mut pairs: Vec<(u32, u32)> = found.into_iter().flatten().map(row).collect();
    pairs.sort_unstable();
    pairs
}

fn band(hash: u128, band: usize) -> u16 {
    (hash >> (band * 16)) as u16
}

/// Pairs of hashes that are near and agree in this band, and in no earlier one.
fn in_band(hashes: &[u128], at: usize) -> Vec<(u32, u32)> {
    let mut order: Vec<u32> = (0..hashes.len() as u32).collect();
    let key = |i: &u32| {
        let hash = hashes[*i as usize];
        (band(hash, at), hash, *i)
    };
    order.sort_unstable_by_key(key);
    let mut pairs = Vec::new();
    let same = |a: &u32, b: &u32| band(hashes[*a as usize], at) == band(hashes[*b as usize], at);
    for bucket in order.chunk_by(same) {
        for (i, &a) in bucket.iter().enumerate() {
            for &b in bucket[i + 1..].iter().take(CROWD) {
                let (ha, hb) = (hashes[a as usize], hashes[b as usize]);
                let near = (ha ^ hb).count_ones() <= DISTANCE;
                if near && (0..at).all(|earlier| band(ha, earlier) != band(hb, earlier)) {
                    pairs.push((a, b));
                }
            }
        }
    }
    pairs
}

/// Signs of the differences between neighbours of the grid, 8×8 across, 8×8 down; `None` of a
/// picture that is mostly plain.
fn hash(shape: PictureShape, picture: &[u8]) -> Option<u128> {
    let grid = grid(shape, picture);
    let (mut bits, mut lively) = (0u128, 0);
    for y in 0..GRID - 1 {
        for x in 0..GRID - 1 {
            let here = grid[y * GRID + x];
            let (right, below) = (grid[y * GRID + x + 1], grid[(y + 1) * GRID + x]);
            bits = bits << 2 | u128::from(here > right) << 1 | u128::from(here > below);
            lively += u32::from(here != right) + u32::from(here != below);
        }
    }
    (lively >= LIVELY).then_some(bits)
}

/// Mean of each cell's bytes, in 256ths, plain parts made equal by rounding.
fn grid(shape: PictureShape, picture: &[u8]) -> [u32; GRID * GRID] {
    let (w, h, c) = (shape.width as usize, shape.height as usize, shape.channels as usize);
    let edge = |i: usize, side: usize| i * side / GRID;
    let mut sums = [0u32; GRID * GRID];
    for y in 0..GRID {
        for line in edge(y, h)..edge(y + 1, h) {
            let line = &picture[line * w * c..(line + 1) * w * c];
            for x in 0..GRID {
                let cell = &line[edge(x, w) * c..edge(x + 1, w) * c];
                sums[y * GRID + x] += cell.iter().map(|b| u32::from(*b)).sum::<u32>();
            }
        }
    }
    for y in 0..GRID {
        for x in 0..GRID {
            let lines = edge(y + 1, h) - edge(y, h);
            let bytes = (lines * (edge(x + 1, w) - edge(x, w)) * c) as u32;
            sums[y * GRID + x] = sums[y * GRID + x] / bytes.max(1) / 2;
        }
    }
    sums
}

/// Whether two pictures' bytes correlate: invariant to brightness and contrast. In integers.
fn alike(a: &[u8], b: &[u8]) -> bool {
    let (mut sa, mut sb, mut aa, mut bb, mut ab) = (0u64, 0u64, 0u64, 0u64, 0u64);
    for (a, b) in a.chunks(4096).zip(b.chunks(4096)) {
        // Sums of 4,096 products of bytes fit into 32 bits.
        let mut sums = [0u32; 5];
        for (&x, &y) in a.iter().zip(b) {
            let (x, y) = (u32::from(x), u32::from(y));
            sums[0] += x;
            sums[1] += y;
            sums[2] += x * x;
            sums[3] += y * y;
            sums[4] += x * y;
        }
        let [x, y, xx, yy, xy] = sums.map(u64::from);
        sa += x;
        sb += y;
        aa += xx;
        bb += yy;
        ab += xy;
    }
    let n = a.len() as i128;
    let [sa, sb, aa, bb, ab] = [sa, sb, aa, bb, ab].map(i128::from);
    let (va, vb, cov) = (n * aa - sa * sa, n * bb - sb * sb, n * ab - sa * sb);
    // Of very large pictures the last bits are left out, so that a square fits; cov² ≤ va · vb.
    let shift = (i128::BITS - va.max(vb).leading_zeros()).saturating_sub(62);
    let [va, vb, cov] = [va, vb, cov].map(|v| v >> shift);
    // Plain pictures correlate with nothing.
    va > 0 && vb > 0 && cov > 0 && cov * cov / va.max(1) * 1000 >= ALIKE * vb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_pictures_do_not_overflow() {
        let a: Vec<u8> = (0..30_000_000u32).map(|i| (i % 2 * 255) as u8).collect();
        let b: Vec<u8> = a.iter().map(|v| 255 - v).collect();
        assert!(alike(&a, &a) && !alike(&a, &b));
    }
}
