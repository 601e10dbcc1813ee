//! Encoded rows and the batches filled from them. What encodes them: [`crate::pipeline`].

use crate::features::{FeatureSet, Room};
use crate::rows::Rows;
use crate::{Bytes, DataError, PictureShape};
use mlp_tensor::{Exec, MatrixViewMut, elementwise, matrix};
use std::ops::Range;
use std::sync::OnceLock;

/// Targets of encoded rows or of a batch, coded for the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Targets {
    /// Class indices.
    Classes(Vec<u32>),
    /// Scaled numbers.
    Numbers(Vec<f32>),
    /// None known.
    #[default]
    None,
    /// Sets of labels.
    Labels {
        /// Number of labels.
        width: usize,
        /// `width × count`, an example after another: 1 where it has the label, else 0.
        hits: Vec<u8>,
    },
}

impl Targets {
    /// Those of some examples.
    ///
    /// # Panics
    /// If there are not so many, unless there are none at all.
    pub fn part(&self, range: Range<usize>) -> TargetsView<'_> {
        match self {
            Targets::Classes(all) => TargetsView::Classes(&all[range]),
            Targets::Numbers(all) => TargetsView::Numbers(&all[range]),
            Targets::None => TargetsView::None,
            Targets::Labels { width, hits } => {
                let hits = &hits[range.start * width..range.end * width];
                TargetsView::Labels { width: *width, hits }
            }
        }
    }

    /// All of them.
    pub fn view(&self) -> TargetsView<'_> {
        match self {
            Targets::Classes(all) => TargetsView::Classes(all),
            Targets::Numbers(all) => TargetsView::Numbers(all),
            Targets::None => TargetsView::None,
            Targets::Labels { width, hits } => TargetsView::Labels { width: *width, hits },
        }
    }

    /// Puts those of some rows of `all` here, in the room that is there.
    fn gather(&mut self, all: &Targets, rows: &[usize]) {
        match (all, self) {
            (Targets::Classes(all), Targets::Classes(into)) => {
                into.clear();
                into.extend(rows.iter().map(|&r| all[r]));
            }
            (Targets::Numbers(all), Targets::Numbers(into)) => {
                into.clear();
                into.extend(rows.iter().map(|&r| all[r]));
            }
            (Targets::Classes(all), into) => {
                *into = Targets::Classes(rows.iter().map(|&r| all[r]).collect());
            }
            (Targets::Numbers(all), into) => {
                *into = Targets::Numbers(rows.iter().map(|&r| all[r]).collect());
            }
            (Targets::None, into) => *into = Targets::None,
            (Targets::Labels { width, hits: all }, into) => {
                if !matches!(into, Targets::Labels { .. }) {
                    *into = Targets::Labels { width: *width, hits: Vec::new() };
                }
                let Targets::Labels { width: theirs, hits } = into else { return };
                *theirs = *width;
                hits.clear();
                rows.iter().for_each(|r| hits.extend_from_slice(&all[r * width..(r + 1) * width]));
            }
        }
    }
}

/// [`Targets`] that are borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetsView<'a> {
    /// Class indices.
    Classes(&'a [u32]),
    /// Scaled numbers.
    Numbers(&'a [f32]),
    /// None known.
    None,
    /// Sets of labels.
    Labels {
        /// Number of labels.
        width: usize,
        /// `width × count`: 1 where the example has the label, else 0.
        hits: &'a [u8],
    },
}

/// Inputs and targets of some examples, ready for the network. Buffers are reused from fill to
/// fill.
#[derive(Clone, Debug)]
pub struct Batch {
    /// `inputs × count`, an example after another.
    pub x: Vec<f32>,
    /// One an example.
    pub targets: Targets,
    /// How many examples.
    pub count: usize,
}

impl Batch {
    /// Empty.
    pub fn new() -> Batch {
        Batch { x: Vec::new(), targets: Targets::None, count: 0 }
    }
}

impl Default for Batch {
    fn default() -> Batch {
        Batch::new()
    }
}

/// Examples of which batches are filled.
pub trait Examples: Sync {
    /// How many.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Number of inputs an example.
    fn width(&self) -> usize;
    /// Writes the inputs of the given rows, in order: a column of `x` each. On the calling thread,
    /// and callable from several: whoever will use the examples reads them.
    ///
    /// # Errors
    /// A row that is out of range, or that cannot be read.
    fn inputs(&self, exec: &Exec, rows: &[usize], x: MatrixViewMut<'_>) -> Result<(), DataError>;
    /// Says which rows will be asked for soon, so that they can be fetched meanwhile.
    fn expect(&self, _exec: &Exec, _rows: &[usize]) {}
    /// Writes the targets of the given rows, in order.
    ///
    /// # Errors
    /// A row that is out of range, or that cannot be read.
    fn targets(&self, rows: &[usize], into: &mut Targets) -> Result<(), DataError>;
    /// Fills `batch` with the given rows, in order.
    ///
    /// # Errors
    /// A row that is out of range, or that cannot be read.
    fn fill(&self, exec: &Exec, rows: &[usize], batch: &mut Batch) -> Result<(), DataError> {
        /// Rows a piece of work.
        const PIECE: usize = 64;
        let width = self.width();
        // Every element is written below, so what a longer batch left behind need not be cleared.
        batch.x.resize(rows.len() * width, 0.0);
        batch.count = rows.len();
        let failed = OnceLock::new();
        exec.for_each_chunk(&mut batch.x, (width * PIECE).max(1), |i, x| {
            let count = x.len() / width.max(1);
            let rows = &rows[i * PIECE..][..count];
            if let Err(error) = self.inputs(exec, rows, matrix::view_mut(x, width, count, width)) {
                // One error is enough; which of several is the first depends on the threads.
                let _ = failed.set(error);
            }
        });
        self.targets(rows, &mut batch.targets)?;
        failed.into_inner().map_or(Ok(()), Err)
    }
}

/// What a pipeline makes of rows: numbers, or pixels still as bytes with their scaling. An
/// example's inputs are its numbers, then its pixels.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// One a row.
    pub targets: Targets,
    /// For each category or boolean column in which there were any: how many rows held a word never
    /// seen in training, with an input for rare words or not (see [`Encoder::Category`]).
    ///
    /// [`Encoder::Category`]: crate::Encoder::Category
    pub unseen: Vec<(String, usize)>,
    pub(crate) rows: usize,
    /// All inputs but pixels.
    pub(crate) dense: Rows,
    pub(crate) pixels: Option<EncodedPixels>,
}

/// Pictures as bytes: input `i` is `(v[i] − mean[i]) × factor[i]`, where `v` are the bytes or the
/// features.
#[derive(Clone, Debug)]
pub(crate) struct EncodedPixels {
    pub(crate) shape: PictureShape,
    pub(crate) front: Front,
    /// `rows × shape.len()`.
    pub(crate) bytes: Bytes,
    /// One an input.
    pub(crate) mean: Vec<f32>,
    /// One an input.
    pub(crate) factor: Vec<f32>,
}

/// What becomes of a picture.
#[derive(Clone, Debug)]
pub(crate) enum Front {
    /// Its bytes are the last inputs, widened when a batch is read.
    Pixels,
    /// Its features are among the numbers, computed when the rows are encoded.
    Features {
        /// Which.
        set: FeatureSet,
        /// Their place among the numbers.
        place: Range<usize>,
    },
}

impl EncodedPixels {
    /// Subtraction and product round each on their own, alike on every host; no fused operation is
    /// needed.
    fn widen(&self, exec: &Exec, bytes: &[u8], into: &mut [f32]) {
        elementwise::widen(exec, bytes, &self.mean, &self.factor, into);
    }

    /// The bytes of a row's picture.
    pub(crate) fn picture(&self, row: usize) -> &[u8] {
        let n = self.shape.len();
        self.bytes.note_read(n);
        &self.bytes[row * n..(row + 1) * n]
    }

    /// How many of the last inputs are pixels.
    fn tail(&self) -> usize {
        match self.front {
            Front::Pixels => self.mean.len(),
            Front::Features { .. } => 0,
        }
    }

    /// Writes what becomes of a picture to its place in an example, whose first `dense` inputs are
    /// numbers.
    pub(crate) fn write(
        &self,
        exec: &Exec,
        picture: &[u8],
        room: &mut Room,
        dense: usize,
        example: &mut [f32],
    ) {
        match &self.front {
            Front::Pixels => self.widen(exec, picture, &mut example[dense..]),
            Front::Features { set, place } => {
                let own = &mut example[place.clone()];
                set.write(self.shape, picture, room, own);
                self.bytes.note_read(picture.len());
                for ((v, mean), factor) in own.iter_mut().zip(&self.mean).zip(&self.factor) {
                    *v = (*v - mean) * factor;
                }
            }
        }
    }

    /// Writes the features, if there are any, of the rows from `start` on to their numbers.
    pub(crate) fn write_all(&self, exec: &Exec, start: usize, dense: &mut [f32], width: usize) {
        /// Rows a piece of work.
        const PIECE: usize = 32;
        if self.tail() > 0 {
            return;
        }
        exec.for_each_chunk(dense, (width * PIECE).max(1), |i, rows| {
            let mut room = Room::default();
            for (j, example) in rows.chunks_exact_mut(width).enumerate() {
                self.write(exec, self.picture(start + i * PIECE + j), &mut room, width, example);
            }
        });
    }
}

impl Encoded {
    /// The inputs of the given rows: `width × rows.len()`, an example after another.
    ///
    /// # Errors
    /// A row out of range.
    pub fn all_inputs(&self, exec: &Exec, rows: &[usize]) -> Result<Vec<f32>, DataError> {
        let mut batch = Batch::new();
        self.fill(exec, rows, &mut batch)?;
        Ok(batch.x)
    }

    /// Whether every row has a picture.
    pub fn has_pictures(&self) -> bool {
        self.pixels.is_some()
    }

    /// The picture of a row: its shape and bytes.
    ///
    /// # Errors
    /// A row out of range.
    pub fn picture(&self, row: usize) -> Result<Option<(PictureShape, &[u8])>, DataError> {
        self.check(&[row])?;
        Ok(self.pixels.as_ref().map(|pixels| (pixels.shape, pixels.picture(row))))
    }

    /// Writes a row's numbers to the beginning of an example.
    ///
    /// # Errors
    /// A scratch file that cannot be read.
    pub(crate) fn numbers(&self, row: usize, example: &mut [f32]) -> Result<(), DataError> {
        self.dense
            .read(row, &mut example[..self.dense.width()])
            .map_err(|e| DataError::unusable(format!("encoded rows on disk cannot be read: {e}")))
    }

    /// Asks the processor for a row, if it is in memory.
    fn fetch(&self, exec: &Exec, row: usize) {
        if let Some(dense) = self.dense.in_memory(row) {
            elementwise::fetch(exec, dense);
        }
        if let Some(pixels) = self.pixels.as_ref().filter(|p| p.tail() > 0) {
            elementwise::fetch(exec, pixels.picture(row));
        }
    }

    pub(crate) fn check(&self, rows: &[usize]) -> Result<(), DataError> {
        match rows.iter().find(|r| **r >= self.rows) {
            None => Ok(()),
            Some(row) => {
                let what = format!("example {row} of {} does not exist", self.rows);
                Err(DataError::unusable(what))
            }
        }
    }
}

/// Rows that are fetched before they are read: of a whole batch asked for a step before, many are gone again.
const AHEAD: usize = 8;

impl Examples for Encoded {
    fn len(&self) -> usize {
        self.rows
    }
    fn width(&self) -> usize {
        self.dense.width() + self.pixels.as_ref().map_or(0, EncodedPixels::tail)
    }
    fn inputs(
        &self,
        exec: &Exec,
        rows: &[usize],
        mut x: MatrixViewMut<'_>,
    ) -> Result<(), DataError> {
        self.check(rows)?;
        let dense = self.dense.width();
        for (i, (mut column, &row)) in x.column_iter_mut().zip(rows).enumerate() {
            if let Some(&row) = rows.get(i + AHEAD) {
                self.fetch(exec, row);
            }
            let example = column.as_mut_slice();
            self.numbers(row, example)?;
            if let Some(pixels) = self.pixels.as_ref().filter(|p| p.tail() > 0) {
                pixels.widen(exec, pixels.picture(row), &mut example[dense..]);
            }
        }
        Ok(())
    }
    fn expect(&self, exec: &Exec, rows: &[usize]) {
        for &row in rows.iter().filter(|&&row| row < self.rows) {
            self.fetch(exec, row);
        }
    }
    fn targets(&self, rows: &[usize], into: &mut Targets) -> Result<(), DataError> {
        self.check(rows)?;
        into.gather(&self.targets, rows);
        Ok(())
    }
}
