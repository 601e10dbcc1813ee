//! A histogram of the colours of each quarter of a picture: each channel's range is cut into equal
//! parts, and their combinations are counted. A number is the root of a share, so that the distance
//! of two pictures is that of Hellinger.

use crate::PictureShape;

/// Quarters: left and right above, left and right below.
pub const QUARTERS: usize = 4;
/// Parts of a channel's range, at most.
pub(super) const MAX: u32 = 16;

/// Numbers of a picture.
pub fn width(parts: u32) -> usize {
    QUARTERS * (parts as usize).pow(3)
}

/// Writes the histograms of a colour picture, quarter by quarter; red is the slowest index.
pub(super) fn write(parts: u32, shape: PictureShape, bytes: &[u8], into: &mut [f32]) {
    let (width, height) = (shape.width as usize, shape.height as usize);
    let own = (parts as usize).pow(3);
    let part = |v: u8| (u32::from(v) * parts) >> 8;
    into.fill(0.0);
    let mut pixels = [0u32; QUARTERS];
    for (y, row) in bytes.chunks_exact(width * 3).enumerate() {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            let quarter = quarter(x, y, width, height);
            let [r, g, b] = [part(pixel[0]), part(pixel[1]), part(pixel[2])];
            into[quarter * own + ((r * parts + g) * parts + b) as usize] += 1.0;
            pixels[quarter] += 1;
        }
    }
    for (quarter, pixels) in into.chunks_exact_mut(own).zip(pixels) {
        let pixels = pixels.max(1) as f32;
        quarter.iter_mut().for_each(|v| *v = (*v / pixels).sqrt());
    }
}

/// Where a pixel lies.
fn quarter(x: usize, y: usize, width: usize, height: usize) -> usize {
    2 * usize::from(2 * y >= height) + usize::from(2 * x >= width)
}

/// Adds the values of the numbers to the pixels of their quarter, in equal parts.
pub(super) fn spread(parts: u32, shape: PictureShape, values: &[f64], pixels: &mut [f64]) {
    let (width, height) = (shape.width as usize, shape.height as usize);
    if parts == 0 {
        return;
    }
    let sums = values.chunks_exact((parts as usize).pow(3)).map(|own| own.iter().sum::<f64>());
    let place = |at: usize| quarter(at % width, at / width, width, height);
    for (i, sum) in sums.enumerate() {
        let own = (0..pixels.len()).filter(|&at| place(at) == i);
        let part = sum / own.clone().count().max(1) as f64;
        own.for_each(|at| pixels[at] += part);
    }
}

/// `picture colours[1] red 0/8 green 3/8 blue 7/8`: the quarter, then the part of each range.
pub(super) fn names(column: &str, parts: u32, names: &mut Vec<String>) {
    let all = || 0..parts;
    for quarter in 0..QUARTERS {
        for (r, g) in all().flat_map(|r| all().map(move |g| (r, g))) {
            names.extend(all().map(|b| {
                format!(
                    "{column} colours[{quarter}] red {r}/{parts} green {g}/{parts} blue {b}/{parts}"
                )
            }));
        }
    }
}
