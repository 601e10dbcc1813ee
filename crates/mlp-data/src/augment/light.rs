//! What becomes of the values of pixels: brightness, contrast and colour as one map of the channels,
//! a patch erased, noise.

use super::{Augment, Draws};
use crate::PictureShape;
use mlp_tensor::{Stream, math};

/// Bits after the point of a factor.
const BITS: u32 = 16;
/// Shares of red, green and blue in luma, ITU-R BT.601.
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// A change of light.
#[derive(Clone, Copy, Debug)]
pub(super) struct Light {
    /// Added, in grey levels.
    brightness: f64,
    /// Factor about the mean.
    contrast: f64,
    /// Factor about grey.
    saturation: f64,
    /// Of each channel.
    gains: [f64; 3],
}

impl Light {
    pub(super) fn draw(augment: &Augment, draws: &mut Draws) -> Light {
        let mut about = |strength: f32| draws.either_way() * f64::from(strength);
        Light {
            brightness: 255.0 * about(augment.brightness),
            contrast: 1.0 + about(augment.contrast),
            saturation: 1.0 + about(augment.color),
            gains: std::array::from_fn(|_| 1.0 + about(augment.color) / 2.0),
        }
    }

    /// Changes a picture in its place.
    pub(super) fn apply(&self, shape: PictureShape, picture: &mut [u8]) {
        let colour = shape.channels == 3 && (self.saturation != 1.0 || self.gains != [1.0; 3]);
        if !colour && self.contrast == 1.0 && self.brightness == 0.0 {
            return;
        }
        let sum: u64 = picture.iter().map(|v| u64::from(*v)).sum();
        let mean = sum as f64 / picture.len().max(1) as f64;
        let one = f64::from(1u32 << BITS);
        // Half a level, so that cutting off the bits after the point rounds.
        let offset = (1.0 - self.contrast) * mean + self.brightness + 0.5;
        let offset = (offset * one).round() as i32;
        if !colour {
            let factor = (self.contrast * one).round() as i32;
            let map: [u8; 256] = std::array::from_fn(|v| level(factor * v as i32 + offset));
            picture.iter_mut().for_each(|v| *v = map[usize::from(*v)]);
            return;
        }
        let factors: [[i32; 3]; 3] = std::array::from_fn(|to| {
            std::array::from_fn(|from| {
                let own = if from == to { self.saturation } else { 0.0 };
                let mixed = own + (1.0 - self.saturation) * LUMA[from];
                (self.contrast * self.gains[to] * mixed * one).round() as i32
            })
        });
        for pixel in picture.chunks_exact_mut(3) {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
            for (v, [by_r, by_g, by_b]) in pixel.iter_mut().zip(factors) {
                *v = level(by_r * r + by_g * g + by_b * b + offset);
            }
        }
    }
}

/// A value with bits after the point as a byte.
fn level(value: i32) -> u8 {
    (value >> BITS).clamp(0, 255) as u8
}

/// A rectangle that is erased.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    from: [usize; 2],
    to: [usize; 2],
}

impl Patch {
    pub(super) fn draw(augment: &Augment, shape: PictureShape, draws: &mut Draws) -> Option<Patch> {
        let erased = draws.either_way() < 0.0;
        let area = draws.share() * f64::from(augment.erase);
        // Sides that differ by up to a factor of 2.
        let ratio = math::exp(draws.either_way() * math::ln_1p(1.0) / 2.0);
        let places = [draws.share(), draws.share()];
        let shares = [area.sqrt() * ratio, area.sqrt() / ratio];
        let sides = [f64::from(shape.width), f64::from(shape.height)];
        let size: [f64; 2] = std::array::from_fn(|i| (shares[i].min(1.0) * sides[i]).round());
        let from: [f64; 2] = std::array::from_fn(|i| (places[i] * (sides[i] - size[i])).round());
        let patch = Patch {
            from: from.map(|v| v as usize),
            to: std::array::from_fn(|i| (from[i] + size[i]) as usize),
        };
        (erased && augment.erase > 0.0).then_some(patch)
    }

    /// Fills it with the mean of the picture.
    pub(super) fn apply(&self, shape: PictureShape, picture: &mut [u8]) {
        let channels = shape.channels as usize;
        let mut sums = [0u64; 3];
        for pixel in picture.chunks_exact(channels) {
            sums.iter_mut().zip(pixel).for_each(|(sum, v)| *sum += u64::from(*v));
        }
        let count = (picture.len() / channels).max(1) as u64;
        let mean = sums.map(|sum| ((sum + count / 2) / count) as u8);
        let [left, top] = self.from;
        let [right, bottom] = self.to;
        let rows = picture.chunks_exact_mut(shape.width as usize * channels);
        for row in rows.take(bottom).skip(top) {
            for pixel in row[left * channels..right * channels].chunks_exact_mut(channels) {
                pixel.copy_from_slice(&mean[..channels]);
            }
        }
    }
}

/// Adds noise of that deviation, as a share of the full range, to every byte: the sum of four
/// uniform bytes, which is nearly normal, of one word each.
pub(super) fn noise(deviation: f64, stream: &mut Stream, picture: &mut [u8]) {
    // A uniform byte has the variance (256² − 1)/12, and the mean 127.5.
    let own = (4.0 * (256.0 * 256.0 - 1.0) / 12.0f64).sqrt();
    let factor = (255.0 * deviation / own * f64::from(1u32 << BITS)).round() as i32;
    for v in picture {
        let sum: i32 = stream.next_u32().to_le_bytes().into_iter().map(i32::from).sum();
        let change = ((sum - 510) * factor + (1 << (BITS - 1))) >> BITS;
        *v = (i32::from(*v) + change).clamp(0, 255) as u8;
    }
}
