//! Encoded rows and the batches filled from them. What encodes them: [`crate::pipeline`].

use crate::{Bytes, DataError};
use mlp_tensor::Exec;

/// Targets of encoded rows or of a batch, coded for the network.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Class indices.
    Classes(Vec<u32>),
    /// Scaled numbers.
    Numbers(Vec<f32>),
    /// None known.
    None,
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
pub trait Examples {
    /// How many.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Number of inputs an example.
    fn width(&self) -> usize;
    /// Fills `batch` with the given rows, in order.
    ///
    /// # Errors
    /// A row that is out of range, or that cannot be read.
    fn fill(&self, exec: &Exec, rows: &[usize], batch: &mut Batch) -> Result<(), DataError>;
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
    /// Numbers an example.
    pub(crate) dense_width: usize,
    /// `rows × dense_width`.
    pub(crate) dense: Vec<f32>,
    pub(crate) pixels: Option<EncodedPixels>,
}

/// Pictures as bytes: input `i` is `(byte[i] − mean[i]) × factor[i]`.
#[derive(Clone, Debug)]
pub(crate) struct EncodedPixels {
    /// `rows × mean.len()`.
    pub(crate) bytes: Bytes,
    /// One a byte of a picture.
    pub(crate) mean: Vec<f32>,
    /// One a byte of a picture.
    pub(crate) factor: Vec<f32>,
}

impl EncodedPixels {
    /// Subtraction and product round each on their own, alike on every host; no fused operation is
    /// needed.
    fn widen(&self, row: usize, into: &mut [f32]) {
        let n = self.mean.len();
        let bytes = &self.bytes[row * n..(row + 1) * n];
        let scaling = self.mean.iter().zip(&self.factor);
        for ((x, byte), (mean, factor)) in into.iter_mut().zip(bytes).zip(scaling) {
            *x = (f32::from(*byte) - mean) * factor;
        }
    }
}

impl Encoded {
    /// The inputs of the given rows: `width × rows.len()`, an example after another.
    ///
    /// # Errors
    /// A row out of range.
    pub fn inputs(&self, exec: &Exec, rows: &[usize]) -> Result<Vec<f32>, DataError> {
        let mut x = Vec::new();
        self.fill_inputs(exec, rows, &mut x)?;
        Ok(x)
    }

    fn fill_inputs(&self, exec: &Exec, rows: &[usize], x: &mut Vec<f32>) -> Result<(), DataError> {
        if let Some(row) = rows.iter().find(|r| **r >= self.rows) {
            let what = format!("example {row} of {} does not exist", self.rows);
            return Err(DataError::unusable(what));
        }
        let (width, dense) = (self.width(), self.dense_width);
        // Every element is written below, so what a longer batch left behind need not be cleared.
        x.resize(rows.len() * width, 0.0);
        exec.for_each_chunk(x, width.max(1), |i, example| {
            let row = rows[i];
            example[..dense].copy_from_slice(&self.dense[row * dense..(row + 1) * dense]);
            if let Some(pixels) = &self.pixels {
                pixels.widen(row, &mut example[dense..]);
            }
        });
        Ok(())
    }
}

impl Examples for Encoded {
    fn len(&self) -> usize {
        self.rows
    }
    fn width(&self) -> usize {
        self.dense_width + self.pixels.as_ref().map_or(0, |p| p.mean.len())
    }
    fn fill(&self, exec: &Exec, rows: &[usize], batch: &mut Batch) -> Result<(), DataError> {
        self.fill_inputs(exec, rows, &mut batch.x)?;
        batch.count = rows.len();
        match (&self.targets, &mut batch.targets) {
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
        }
        Ok(())
    }
}
