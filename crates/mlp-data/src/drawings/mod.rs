//! Cats and dogs drawn from a seed: the set `drawings`.
//!
//! A drawing is a function of a seed and a number, the same bytes on every host, in any order, on any thread. Even
//! numbers are cats, odd ones dogs. Pose, proportions, ears, muzzle, whiskers, eyes, tongue, tail, fur, stroke,
//! background, things in front and noise vary; what differs between cats and dogs differs in how often it occurs, so
//! that no trait alone tells them apart.
//!
//! [`write_folder`] writes PNG files that any reader of pictures takes; the embedded set reads the same files from
//! memory.

mod backdrop;
mod body;
mod dice;
mod folder;
mod fur;
mod head;
mod noise;
mod pen;
mod scene;

pub(crate) use folder::read;
pub use folder::{file_name, write_folder};

use dice::Dice;
use image::ImageEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use pen::Pen;
use scene::Scene;
use tiny_skia::{Color, Pixmap};

/// Pixels of a side.
pub const SIDE: u32 = 180;
/// The seed of the embedded set.
pub const SEED: u64 = 1;
/// Drawings in the embedded set.
pub const COUNT: u64 = 7000;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A cat.
    Cat,
    /// A dog.
    Dog,
}

impl Class {
    /// Both, in the order of their labels.
    pub const ALL: [Class; 2] = [Class::Cat, Class::Dog];

    /// Of drawing number `index`.
    pub fn of(index: u64) -> Class {
        Class::ALL[(index % 2) as usize]
    }

    /// `cat` or `dog`.
    pub fn label(self) -> &'static str {
        match self {
            Class::Cat => "cat",
            Class::Dog => "dog",
        }
    }
}

/// A picture of [`SIDE`]×[`SIDE`] pixels and what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// What it shows.
    pub class: Class,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

/// Drawing number `index` of a seed.
pub fn draw(seed: u64, index: u64) -> Drawing {
    draw_class(seed, index, Class::of(index))
}

/// The animal of this class that the seed and the number give.
pub fn draw_class(seed: u64, index: u64, class: Class) -> Drawing {
    let mut dice = Dice::new(seed, index);
    let scene = Scene::draw(class, &mut dice.fork());
    let Some(mut picture) = Pixmap::new(SIDE, SIDE) else {
        return Drawing { class, rgb: vec![255; 3 * (SIDE * SIDE) as usize] };
    };
    picture.fill(Color::WHITE);
    let mut pen = Pen::new(picture, scene.stroke, scene.ink, scene.wobble, dice.fork());
    backdrop::behind(&mut pen, &mut dice.fork());
    pen.place = body::body(&mut pen, &scene, &mut dice.fork());
    head::head(&mut pen, &scene, &mut dice.fork());
    backdrop::in_front(&mut pen, &mut dice.fork());
    let mut rgb: Vec<u8> =
        pen.picture.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    noise::add(&mut rgb, &mut dice.fork());
    Drawing { class, rgb }
}

impl Drawing {
    /// The drawing as a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder =
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
        // Writing to memory does not fail, and the pixels are as many as the size says.
        let _ = encoder.write_image(&self.rgb, SIDE, SIDE, image::ExtendedColorType::Rgb8);
        bytes
    }
}

#[cfg(test)]
mod tests;
