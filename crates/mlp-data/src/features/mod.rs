//! What a picture tells beyond its single pixels: histograms of oriented gradients ([`hog`]) and of
//! colours ([`colour`]), as numbers. How they are scaled and stored: [`crate::Encoder::Features`].

pub mod colour;
pub mod hog;

pub use hog::Hog;

use crate::PictureShape;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What the network sees of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Features {
    /// Every pixel.
    #[default]
    Pixels,
    /// Histograms of oriented gradients.
    Hog,
    /// These, and a histogram of the colours of each quarter.
    HogColor,
}

/// Inputs that may be made of one picture.
const MAX_WIDTH: u64 = 1 << 28;

/// Features of a picture, one kind after another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSet {
    /// Histograms of oriented gradients, from the same gradients.
    pub hog: Vec<Hog>,
    /// Parts of each channel's range, for the histogram of colours; 0 for none.
    pub colours: u32,
}

/// Buffers of the computation, reused from picture to picture: with the same shape nothing is
/// allocated after the first.
#[derive(Clone, Debug, Default)]
pub struct Room {
    gradients: hog::Gradients,
    cells: Vec<f32>,
}

impl FeatureSet {
    /// Features of one picture of that shape.
    pub fn width(&self, shape: PictureShape) -> usize {
        let hog: usize = self.hog.iter().map(|hog| hog.width(shape)).sum();
        hog + colour::width(self.colours)
    }

    /// Where each kind stands among the features.
    pub fn kinds(&self, shape: PictureShape) -> Vec<Range<usize>> {
        let widths = self.hog.iter().map(|hog| hog.width(shape));
        let mut from = 0;
        let place = |width: usize| {
            from += width;
            from - width..from
        };
        let kinds = widths.chain([colour::width(self.colours)]).map(place);
        kinds.filter(|range| !range.is_empty()).collect()
    }

    /// Whether these features can be made of pictures of that shape; how many there are.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn check(&self, shape: PictureShape) -> Result<usize, String> {
        let sides = u64::from(shape.width) * u64::from(shape.height);
        if !(1..=MAX_WIDTH).contains(&sides) || !matches!(shape.channels, 1 | 3) {
            return Err(format!("pictures of {shape}"));
        }
        let mut width = 0u64;
        for hog in &self.hog {
            width = width.saturating_add(hog.check(shape)?);
        }
        if self.colours > colour::MAX {
            return Err(format!("{} parts of a channel's range", self.colours));
        }
        if self.colours > 0 && shape.channels != 3 {
            let what = "pictures of one channel have no colours to count";
            return Err(format!("{what}; choose --features hog, or --channels rgb"));
        }
        width = width.saturating_add(colour::width(self.colours) as u64);
        match (1..=MAX_WIDTH).contains(&width) {
            true => Ok(width as usize),
            false => Err(format!("{width} features of pictures {shape}")),
        }
    }

    /// Writes the features of a picture, `width(shape)` numbers. They are functions of its bytes
    /// alone, with the same bits on every host.
    ///
    /// # Panics
    /// If a slice has another length than the shape says.
    pub fn write(&self, shape: PictureShape, bytes: &[u8], room: &mut Room, into: &mut [f32]) {
        let mut rest = into;
        if !self.hog.is_empty() {
            room.gradients.fill(shape, bytes);
        }
        for hog in &self.hog {
            let (own, more) = rest.split_at_mut(hog.width(shape));
            hog.write(&room.gradients, &mut room.cells, own);
            rest = more;
        }
        if self.colours > 0 {
            colour::write(self.colours, shape, bytes, rest);
        }
    }

    /// Values of features given to the pixels they tell of, `width × height`: that of a number of a
    /// cell in equal parts to the pixels of the cell, that of a colour to those of the quarter. Sums
    /// stay as they are.
    pub fn spread(&self, shape: PictureShape, values: &[f64]) -> Vec<f64> {
        let mut pixels = vec![0.0; shape.width as usize * shape.height as usize];
        let mut rest = values;
        for hog in &self.hog {
            let (own, more) = rest.split_at(hog.width(shape).min(rest.len()));
            hog.spread(shape, own, &mut pixels);
            rest = more;
        }
        colour::spread(self.colours, shape, rest, &mut pixels);
        pixels
    }

    /// What the features are, in words.
    pub fn words(&self, shape: PictureShape) -> String {
        let mut words: Vec<String> = self.hog.iter().map(|hog| hog.words(shape)).collect();
        if self.colours > 0 {
            words.push(format!("colours of each quarter in {}³ parts", self.colours));
        }
        words.join("; ")
    }

    /// A name for every feature of the picture column `column`, to `names`.
    pub fn names(&self, column: &str, shape: PictureShape, names: &mut Vec<String>) {
        self.hog.iter().for_each(|hog| hog.names(column, shape, names));
        if self.colours > 0 {
            colour::names(column, self.colours, names);
        }
    }
}

#[cfg(test)]
mod tests;
