//! Fitted preprocessing: part of the model, applied identically at prediction. One column:
//! `encoder`, the scaling of its numbers: `scaling`; the target: `target`; principal components:
//! `projection`; checks of what a file holds: `check`.

mod check;
mod dates;
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

use crate::examples::{EncodedPixels, Front};
use crate::features::FeatureSet;
use crate::open::{OpenOptions, PictureOptions};
use crate::rows::{Rows, RowsWriter};
use crate::words::{listed, most_similar};
use crate::{
    Bytes, Column, DataError, Encoded, Field, Kind, PictureShape, Schema, Table, Target, TaskHint,
};
use mlp_tensor::Exec;
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

/// Rows encoded at once.
const BLOCK: usize = 1 << 16;

/// A column, what becomes of it, and where among the numbers.
struct Input<'a> {
    field: &'a Field,
    encoder: &'a Encoder,
    column: &'a Column,
    place: Range<usize>,
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
    /// Encodes rows. Columns are found by name, in any order; extra ones are ignored, a lacking one
    /// is an error. Numbers are encoded at once; pixels stay bytes until a batch is filled, unless
    /// there is a projection, which makes them numbers.
    ///
    /// # Errors
    /// Lacking columns; a column or target of another kind or shape; a class that is not among the
    /// labels.
    pub fn encode(&self, table: &Table, target: &Target) -> Result<Encoded, DataError> {
        self.encode_on(&Exec::serial(), table, target)
    }

    /// As [`Pipeline::encode`], with the features of pictures computed on the threads of `exec`.
    ///
    /// # Errors
    /// See [`Pipeline::encode`].
    pub fn encode_on(
        &self,
        exec: &Exec,
        table: &Table,
        target: &Target,
    ) -> Result<Encoded, DataError> {
        let targets = self.target.encode(target)?;
        let mut columns = Vec::with_capacity(self.encoders.len());
        let (mut pixels, mut at) = (None, 0);
        for (field, encoder) in self.schema.fields.iter().zip(&self.encoders) {
            let (column, place) = (self.find(table, field)?, at..at + encoder.width());
            at = place.end;
            pixels = pixels.or_else(|| encoded_pixels(column, encoder, &place));
            columns.push(Input { field, encoder, column, place });
        }
        let (dense, new) = self.encode_dense(exec, &columns, pixels.as_ref(), table)?;
        let unseen = columns.iter().zip(new).filter(|(_, new)| *new > 0);
        let unseen = unseen.map(|(input, new)| (input.field.name.clone(), new)).collect();
        let encoded = Encoded { targets, unseen, rows: table.rows, dense, pixels };
        match &self.projection {
            Some(projection) => projection.apply(encoded, table.folder().as_deref()),
            None => Ok(encoded),
        }
    }

    /// All inputs but pixels, block by block, and for each column how many rows held an unseen word.
    fn encode_dense(
        &self,
        exec: &Exec,
        columns: &[Input<'_>],
        pixels: Option<&EncodedPixels>,
        table: &Table,
    ) -> Result<(Rows, Vec<usize>), DataError> {
        let width = self.dense_width();
        let scratch = table.folder();
        let failed = |e| match &scratch {
            Some(folder) => DataError::io(folder, e),
            None => DataError::unusable(format!("encoded rows: {e}")),
        };
        let mut rows = RowsWriter::new(width, table.rows, scratch.as_deref()).map_err(failed)?;
        let mut unseen = vec![0; columns.len()];
        for start in (0..table.rows).step_by(BLOCK) {
            let range = start..table.rows.min(start + BLOCK);
            let fill = |dense: &mut [f32]| {
                for (input, unseen) in columns.iter().zip(&mut unseen) {
                    let Input { field, encoder, column, place } = input;
                    let (rows, at) = (range.clone(), place.start);
                    *unseen += encoder.encode(column, rows, field.kind, dense, width, at);
                }
                if let Some(pixels) = pixels {
                    pixels.write_all(exec, start, dense, width);
                }
            };
            rows.block(range.len(), fill).map_err(failed)?;
            if scratch.is_some() {
                table.forget();
            }
        }
        Ok((rows.finish(), unseen))
    }

    /// The table's column of that name, which must be of that kind.
    fn find<'a>(&self, table: &'a Table, field: &Field) -> Result<&'a Column, DataError> {
        let here = || table.schema.fields.iter().map(|f| f.name.as_str());
        let Some(column) = table.column(&field.name) else {
            let lacking: Vec<&str> = self.schema.fields.iter().map(|f| f.name.as_str()).collect();
            let lacking: Vec<&str> =
                lacking.into_iter().filter(|n| table.column(n).is_none()).collect();
            return Err(DataError::unusable(format!(
                "the model needs {} that are not there: {}; nearest to `{}`: {}",
                if lacking.len() == 1 { "a column" } else { "columns" },
                listed(&lacking, 8),
                field.name,
                listed(&most_similar(&field.name, here()), 3)
            )));
        };
        let fits = match (column, field.kind) {
            (Column::Number(_), Kind::Number | Kind::Date(_)) => true,
            (Column::Category { .. }, Kind::Category | Kind::Boolean) => true,
            (Column::Pixels { shape, .. }, Kind::Picture(wanted)) => *shape == wanted,
            _ => false,
        };
        if fits {
            return Ok(column);
        }
        let is = match column {
            Column::Number(_) => "numbers".to_string(),
            Column::Category { .. } => "words".to_string(),
            Column::Pixels { shape, .. } => format!("pictures {shape}"),
        };
        Err(DataError::unusable(format!(
            "column `{}` holds {is}; the model was trained on a {}",
            field.name, field.kind
        )))
    }
}

/// What becomes of the pictures of a column, if that is what it holds.
fn encoded_pixels(
    column: &Column,
    encoder: &Encoder,
    place: &Range<usize>,
) -> Option<EncodedPixels> {
    let Column::Pixels { shape, bytes } = column else { return None };
    match encoder {
        Encoder::Pixels { mean, deviation } => {
            Some(widening(*shape, bytes.clone(), mean, deviation, Front::Pixels))
        }
        Encoder::Features { set, mean, deviation } => {
            let front = Front::Features { set: set.clone(), place: place.clone() };
            Some(widening(*shape, bytes.clone(), mean, deviation, front))
        }
        _ => None,
    }
}

/// Scaling by channel, by pixel or by feature, written out for every input that a picture becomes.
fn widening(
    shape: PictureShape,
    bytes: Bytes,
    mean: &[f32],
    deviation: &[f32],
    front: Front,
) -> EncodedPixels {
    let n = match &front {
        Front::Pixels => shape.len(),
        Front::Features { place, .. } => place.len(),
    };
    let factor = |d: &f32| if *d > 0.0 { 1.0 / d } else { 0.0 };
    EncodedPixels {
        shape,
        front,
        bytes,
        mean: mean.iter().copied().cycle().take(n).collect(),
        factor: deviation.iter().map(factor).cycle().take(n).collect(),
    }
}

#[cfg(test)]
mod tests;
