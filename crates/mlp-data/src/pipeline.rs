//! Fitted preprocessing: part of the model, applied identically at prediction. One column:
//! `encoder`, the scaling of its numbers: `scaling`; principal components: `projection`; checks of
//! what a file holds: `check`.

mod check;
mod dates;
mod encoder;
mod projection;
mod scaling;

pub use dates::Dates;
pub use encoder::Encoder;
pub(crate) use encoder::{is_truth, truth_of};
pub use projection::Projection;
pub use scaling::Scaling;
pub(crate) use scaling::log1p;

use crate::examples::{EncodedPixels, Front};
use crate::features::FeatureSet;
use crate::open::{OpenOptions, PictureOptions};
use crate::rows::{Rows, RowsWriter};
use crate::words::{listed, most_similar, shown};
use crate::{
    Bytes, Column, DataError, Encoded, Field, Kind, PictureShape, Schema, Table, Target, Targets,
    TaskHint,
};
use mlp_tensor::Exec;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// How a target is coded for the network, and undone in every output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TargetCoding {
    /// Class labels; code = index.
    Classes {
        /// The column's name.
        name: String,
        /// The classes.
        labels: Vec<String>,
    },
    /// `(value - mean) / deviation`.
    Number {
        /// The column's name.
        name: String,
        /// Of the training rows; 0 if not scaled.
        mean: f64,
        /// Of the training rows; 1 if not scaled or constant.
        deviation: f64,
    },
    /// None, one or several labels: 1 where a row has the label, else 0.
    Labels {
        /// The column's name, or those of the columns, `,` between them.
        name: String,
        /// The labels.
        labels: Vec<String>,
        /// What stands between them in a cell; `None` where each is a column of yes and no.
        separator: Option<String>,
    },
}

impl TargetCoding {
    /// The name of the target's column.
    pub fn name(&self) -> &str {
        let (TargetCoding::Classes { name, .. }
        | TargetCoding::Number { name, .. }
        | TargetCoding::Labels { name, .. }) = self;
        name
    }
    /// The columns that it is read from.
    pub(crate) fn columns(&self) -> Vec<&str> {
        match self {
            TargetCoding::Labels { labels, separator: None, .. } => {
                labels.iter().map(String::as_str).collect()
            }
            other => vec![other.name()],
        }
    }
    /// The classes or labels; none of a number.
    pub fn labels(&self) -> &[String] {
        match self {
            TargetCoding::Classes { labels, .. } | TargetCoding::Labels { labels, .. } => labels,
            TargetCoding::Number { .. } => &[],
        }
    }
    /// What it holds, in a word.
    fn holds(&self) -> &'static str {
        match self {
            TargetCoding::Classes { .. } => "classes",
            TargetCoding::Number { .. } => "numbers",
            TargetCoding::Labels { .. } => "sets of labels",
        }
    }
}

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
        let targets = self.encode_target(target)?;
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

    fn encode_target(&self, target: &Target) -> Result<Targets, DataError> {
        match (target, &self.target) {
            (Target::None, _) => Ok(Targets::None),
            (
                Target::Classes { labels: theirs, codes, .. },
                TargetCoding::Classes { name, labels },
            ) => {
                let place = |label: &String| labels.iter().position(|l| l == label);
                let map: Vec<Option<usize>> = theirs.iter().map(place).collect();
                let code = |&c: &u32| match map.get(c as usize).copied().flatten() {
                    Some(code) => Ok(code as u32),
                    None => {
                        let word = theirs.get(c as usize).map_or("", String::as_str);
                        Err(DataError::unusable(format!(
                            "target `{name}` holds `{}`, which is none of the model's classes {}",
                            shown(word),
                            listed(labels, 5)
                        )))
                    }
                };
                Ok(Targets::Classes(codes.iter().map(code).collect::<Result<_, _>>()?))
            }
            (Target::Numbers { values, .. }, TargetCoding::Number { mean, deviation, .. }) => {
                let scaled = values.iter().map(|v| ((v - mean) / deviation) as f32);
                Ok(Targets::Numbers(scaled.collect()))
            }
            (
                Target::Labels { labels: theirs, hits, .. },
                TargetCoding::Labels { name, labels, .. },
            ) => labels_of(name, labels, theirs, hits),
            (Target::Classes { name, .. }, coding) => other(name, "classes", coding),
            (Target::Numbers { name, .. }, coding) => other(name, "numbers", coding),
            (Target::Labels { name, .. }, coding) => other(name, "sets of labels", coding),
        }
    }
}

fn other(name: &str, is: &str, coding: &TargetCoding) -> Result<Targets, DataError> {
    let holds = coding.holds();
    let what = format!("target `{name}` holds {is}; the model was trained on {holds}");
    Err(DataError::unusable(what))
}

/// Sets of labels, the columns in the order of the model's.
fn labels_of(
    name: &str,
    labels: &[String],
    theirs: &[String],
    hits: &[u8],
) -> Result<Targets, DataError> {
    let width = labels.len();
    if labels == theirs {
        return Ok(Targets::Labels { width, hits: hits.to_vec() });
    }
    let place = |label: &String| labels.iter().position(|l| l == label);
    let mut places = Vec::with_capacity(theirs.len());
    for label in theirs {
        places.push(place(label).ok_or_else(|| {
            DataError::unusable(format!(
                "target `{name}` holds the label `{}`, which is none of the model's {}",
                shown(label),
                listed(labels, 5)
            ))
        })?);
    }
    let rows = hits.len() / theirs.len().max(1);
    let mut ours = vec![0; rows * width];
    for (row, all) in ours.chunks_exact_mut(width).zip(hits.chunks_exact(theirs.len())) {
        places.iter().zip(all).for_each(|(place, hit)| row[*place] = *hit);
    }
    Ok(Targets::Labels { width, hits: ours })
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
