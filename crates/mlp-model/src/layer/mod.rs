//! The seam for layers: shapes, a forward and a backward pass as pure functions over slices.

mod dense;
mod dropout;

pub use dense::Dense;
pub use dropout::Dropout;

use mlp_tensor::{Exec, Streams};

/// Whether a pass trains. Dropout without a stream of random numbers cannot be written.
#[derive(Clone, Copy, Debug)]
pub enum Mode<'a> {
    /// Prediction: no randomness.
    Infer,
    /// Training: the streams of the seed, and the number of the step.
    Train(&'a Streams, u32),
}

/// What every pass through a layer is given.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// How to execute.
    pub exec: &'a Exec,
    /// Whether to train.
    pub mode: Mode<'a>,
    /// Position of the layer in its network.
    pub layer: usize,
    /// Examples in the batch.
    pub count: usize,
}

/// What a forward pass left for the backward pass.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// The layer's input, `inputs × count`.
    pub x: &'a [f32],
    /// Its output, `outputs × count`.
    pub y: &'a [f32],
    /// What it kept for itself, `cache × count`.
    pub cache: &'a [f32],
}

/// The gradients a backward pass is given and fills.
#[derive(Debug)]
pub struct Gradients<'a> {
    /// Given: by the layer's output, `outputs × count`. May be overwritten.
    pub dy: &'a mut [f32],
    /// To fill: by its parameters.
    pub dparams: &'a mut [f32],
    /// To fill where asked: by its input, `inputs × count`.
    pub dx: Option<&'a mut [f32]>,
    /// Room that may be grown and used at will.
    pub scratch: &'a mut Vec<f32>,
}

/// A layer. Batches are column-major: `width × count`, one example after another. Passes are pure
/// functions of their arguments and cannot fail.
pub trait Layer: Send + Sync + std::fmt::Debug {
    /// Inputs and outputs an example, and values kept an example between forward and backward.
    fn shape(&self) -> Shape;

    /// Parameters in order, as (suffix, rows, columns); none by default.
    fn slots(&self) -> Vec<(&'static str, usize, usize)> {
        Vec::new()
    }

    /// Whether the output is the input, so that the pass can be left out. Never true for a layer
    /// with parameters.
    fn passes_through(&self, _mode: Mode<'_>) -> bool {
        false
    }

    /// Writes the output and what the backward pass needs. `cache` is empty when inferring.
    fn forward(&self, pass: Pass<'_>, params: &[f32], x: &[f32], y: &mut [f32], cache: &mut [f32]);

    /// From `dy` writes the gradient of the parameters, and that of the input where asked.
    fn backward(&self, pass: Pass<'_>, params: &[f32], saved: Saved<'_>, gradients: Gradients<'_>);
}

/// Sizes an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Values in.
    pub inputs: usize,
    /// Values out.
    pub outputs: usize,
    /// Values kept from forward to backward, beside input and output.
    pub cache: usize,
}
