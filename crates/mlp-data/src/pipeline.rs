//! Fitted preprocessing: part of the model, applied identically at prediction. One column:
//! `encoder`, the scaling of its numbers: `scaling`; the target: `target`; principal components:
//! `projection`; checks of what a file holds: `check`.

mod check;
mod dates;
mod encode;
mod encoder;
mod projection;
mod scaling;
mod target;

pub use dates::Dates;
pub use encoder::Encoder;
pub(crate) use encoder::{is_truth, truth_of};
pub use projection::Projection;
pub use scaling::Scaling;
pub(crate) use scaling::log1p;
pub use target::TargetCoding;

use crate::features::FeatureSet;
use crate::open::{OpenOptions, PictureOptions};
use crate::{Field, Kind, PictureShape, Schema, TaskHint};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Fitted preprocessing. An example's inputs are its numbers in the order of the columns, then its
/// pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    /// The columns expected (inputs only).
    pub schema: Schema,
    /// One a column of the schema.
    pub encoders: Vec<Encoder>,
    /// How the target is coded.
    pub target: TargetCoding,
    /// Columns of the training data that are not used, each with the reason.
    pub dropped: Vec<(String, String)>,
    /// All columns of the training data in their order: those of the schema, dropped ones, the
    /// target. A file without a header is read by it. May be empty where nothing was dropped: then
    /// the order is the schema's, the target last.
    pub columns: Vec<String>,
    /// How picture files are brought to the shape of the picture column.
    pub picture: Option<PictureOptions>,
    /// What all inputs are replaced by, where principal components were asked for. In a model file
    /// it has a section of its own.
    #[serde(skip)]
    pub projection: Option<Projection>,
}

impl Pipeline {
    /// Number of inputs of the network.
    pub fn width(&self) -> usize {
        self.projection.as_ref().map_or_else(|| self.encoded_width(), |p| p.outputs)
    }
    /// Number of inputs before a projection: what the columns become.
    pub fn encoded_width(&self) -> usize {
        self.dense_width() + self.picture_shape().map_or(0, PictureShape::len)
    }
    /// The shape of the pictures whose pixels are inputs, if there are any; not of those of which
    /// features are taken.
    pub fn picture_shape(&self) -> Option<PictureShape> {
        self.schema.fields.iter().zip(&self.encoders).find_map(|pair| match pair {
            (Field { kind: Kind::Picture(shape), .. }, Encoder::Pixels { .. }) => Some(*shape),
            _ => None,
        })
    }
    /// The features taken of pictures of which shape, and their place among the inputs.
    pub fn features(&self) -> Option<(&FeatureSet, PictureShape, Range<usize>)> {
        let mut at = 0;
        self.schema.fields.iter().zip(&self.encoders).find_map(|(field, encoder)| {
            let from = at;
            at += encoder.width();
            match (field.kind, encoder) {
                (Kind::Picture(shape), Encoder::Features { set, .. }) => {
                    Some((set, shape, from..at))
                }
                _ => None,
            }
        })
    }
    /// Number of inputs that are not pixels, before a projection.
    pub fn dense_width(&self) -> usize {
        self.encoders.iter().map(Encoder::width).sum()
    }
    /// A name for every input: `age`, `colour=red`, `age is missing`, `picture[12,7,red]` (row,
    /// column); `component 1` and so on after a projection. Made on demand.
    pub fn input_names(&self) -> Vec<String> {
        match &self.projection {
            Some(projection) => {
                (1..=projection.outputs).map(|i| format!("component {i}")).collect()
            }
            None => self.encoded_names(),
        }
    }
    /// The names of what the columns become, before a projection.
    pub fn encoded_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.encoded_width());
        let columns = || self.schema.fields.iter().zip(&self.encoders);
        columns().for_each(|(field, encoder)| encoder.names(field, &mut names));
        for (field, encoder) in columns() {
            if let (Kind::Picture(shape), Encoder::Pixels { .. }) = (field.kind, encoder) {
                self.pixel_names(&field.name, shape, &mut names);
            }
        }
        names
    }
    fn pixel_names(&self, name: &str, shape: PictureShape, names: &mut Vec<String>) {
        for row in 0..shape.height {
            for column in 0..shape.width {
                match shape.channels {
                    3 => names.extend(
                        ["red", "green", "blue"].map(|c| format!("{name}[{row},{column},{c}]")),
                    ),
                    _ => names.push(format!("{name}[{row},{column}]")),
                }
            }
        }
    }
    /// How to read data for this pipeline: its columns and kinds, its target (which need not be
    /// there), its pictures.
    pub fn open_options(&self) -> OpenOptions {
        let mut options = OpenOptions {
            schema: Some(self.schema.clone()),
            columns: self.columns.clone(),
            target_optional: true,
            ..OpenOptions::default()
        };
        match &self.target {
            TargetCoding::Classes { name, labels } => {
                options.target = Some(name.clone());
                options.class_labels = Some(labels.clone());
            }
            TargetCoding::Number { name, .. } => {
                options.target = Some(name.clone());
                options.task = TaskHint::Numbers;
            }
            TargetCoding::Labels { name, labels, separator } => {
                options = options.with_labels(name, labels, separator.as_deref());
            }
        }
        match self.picture {
            Some(picture) => options.with_picture(picture),
            None => options,
        }
    }
}

#[cfg(test)]
mod tests;
