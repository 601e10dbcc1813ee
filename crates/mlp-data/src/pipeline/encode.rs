//! Rows to encoded numbers and targets, as a fitted pipeline says. What becomes of one column: `encoder`.

use super::{Encoder, Pipeline};
use crate::examples::{EncodedPixels, Front};
use crate::rows::{Rows, RowsWriter};
use crate::words::{listed, most_similar};
use crate::{Bytes, Column, DataError, Encoded, Field, Kind, PictureShape, Table, Target};
use mlp_tensor::Exec;
use std::ops::Range;

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

    /// As [`Pipeline::encode`], with the features of pictures and the projection computed on the threads
    /// of `exec`.
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
            Some(projection) => projection.apply(exec, encoded, table.folder().as_deref()),
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
