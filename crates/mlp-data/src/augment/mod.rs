//! Changes made to training pictures, so that no two epochs see the same: which, and how strong.
//! What they do is in the rooms beside: `warp` and `elastic` move pixels, `light` changes their
//! values. Every change is a function of (seed, epoch, example) in integers, the same on every host
//! and for any number of threads. Rows that are not read for a training step never change.

mod elastic;
mod examples;
mod light;
mod warp;
mod words;

pub use examples::{Augmented, Rooms};

use crate::PictureShape;
use mlp_tensor::{Purpose, Stream, Streams};

/// How strong each change is at most; 0 for none. By default nothing is changed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Augment {
    /// Share of the pictures that are mirrored, left to right.
    pub flip: f32,
    /// Moved by up to this share of the width and of the height.
    pub shift: f32,
    /// Turned by up to so many degrees, either way.
    pub rotate: f32,
    /// Made larger or smaller, by up to the factor `1 + scale`.
    pub scale: f32,
    /// A row moved along by up to this share of its distance from the middle row.
    pub shear: f32,
    /// A window whose sides are shorter by up to this share, at a random place.
    pub crop: f32,
    /// Up to this share of the full range added to all bytes, or taken away.
    pub brightness: f32,
    /// The distance from the picture's mean times `1 − contrast` to `1 + contrast`.
    pub contrast: f32,
    /// The distance from grey times `1 − color` to `1 + color`, and each channel by half of that.
    pub color: f32,
    /// In every second picture a rectangle of up to this share of the area becomes the mean colour
    /// (Zhong et al. 2017).
    pub erase: f32,
    /// Normal noise of up to this share of the full range as deviation, on every byte.
    pub noise: f32,
    /// Elastic distortion (Simard, Steinkraus and Platt 2003): the root mean square by which pixels
    /// move, as a share of the side.
    pub elastic: f32,
}

/// Buffers, reused from picture to picture: with the same shape nothing is allocated after the
/// first.
#[derive(Clone, Debug, Default)]
pub struct Room {
    picture: Vec<u8>,
    elastic: elastic::Elastic,
    features: crate::features::Room,
}

/// Values in `-1..1`, in the order in which they are drawn.
struct Draws(Stream);

impl Draws {
    fn share(&mut self) -> f64 {
        f64::from(self.0.uniform())
    }
    fn either_way(&mut self) -> f64 {
        2.0 * self.share() - 1.0
    }
}

impl Augment {
    /// Whether nothing is changed.
    pub fn is_none(&self) -> bool {
        *self == Augment::default()
    }

    /// The picture `bytes` of an example as it is seen in an epoch. All choices are drawn whether
    /// they matter or not, so that a change of one leaves the others as they were.
    ///
    /// # Panics
    /// If `bytes` are not those of a picture of that shape.
    pub fn picture<'r>(
        &self,
        streams: &Streams,
        (epoch, example): (u32, usize),
        shape: PictureShape,
        bytes: &[u8],
        room: &'r mut Room,
    ) -> &'r [u8] {
        let Room { picture, elastic, .. } = room;
        let mut draws = Draws(streams.at(Purpose::Augment, epoch, example as u32));
        let affine = warp::Affine::draw(self, shape, &mut draws);
        let light = light::Light::draw(self, &mut draws);
        let patch = light::Patch::draw(self, shape, &mut draws);
        let deviation = draws.share() * f64::from(self.noise);
        picture.resize(bytes.len(), 0);
        let field = (self.elastic > 0.0).then(|| {
            elastic.draw(f64::from(self.elastic), shape, &mut draws.0);
            &*elastic
        });
        warp::warp(shape, bytes, &affine, field, picture);
        light.apply(shape, picture);
        if let Some(patch) = patch {
            patch.apply(shape, picture);
        }
        if self.noise > 0.0 {
            light::noise(deviation, &mut draws.0, picture);
        }
        picture
    }
}

#[cfg(test)]
mod tests;
