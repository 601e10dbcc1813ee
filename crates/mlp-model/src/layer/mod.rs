//! The seam for layers: shapes, a forward and a backward pass, and the gradient of the parameters, as
//! pure functions over matrices with an example a column.

mod dense;
mod dropout;

pub use dense::Dense;
pub use dropout::Dropout;

use mlp_tensor::update::{Moved, Step};
use mlp_tensor::{Descents, Exec, MatrixView, MatrixViewMut, Streams};

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
    /// Where in the batch the examples of this pass begin.
    pub first: usize,
}

/// What a backward pass is given and fills; all matrices have an example a column.
#[derive(Debug)]
pub struct Back<'a> {
    /// The layer's output.
    pub y: MatrixView<'a>,
    /// What the forward pass kept, as high as [`Shape::cache`] says.
    pub cache: MatrixView<'a>,
    /// Given: the gradient by the layer's output. Left behind: what [`Layer::gradient`] needs of it.
    pub dy: MatrixViewMut<'a>,
    /// To fill where asked: the gradient by its input.
    pub dx: Option<MatrixViewMut<'a>>,
}

/// What becomes of the gradient of a layer's parameters.
#[derive(Debug)]
pub enum Sink<'s, 'a> {
    /// It is written here.
    Gradient(&'s mut [f32]),
    /// It moves the parameters, together with those of other layers, when the descents are run.
    Descent(Descent<'a>, &'s mut Descents<'a>),
}

/// An optimizer's step on a layer's parameters.
#[derive(Debug)]
pub struct Descent<'a> {
    /// The step on weights, and that on biases, which do not decay.
    pub steps: [Step; 2],
    /// The parameters with their moments.
    pub params: Moved<'a>,
    /// Room for the gradient.
    pub gradient: &'a mut [f32],
    /// Whether all that the gradient is summed of is known to be finite; `false` is always right, and slower.
    pub finite: bool,
}

/// A layer. Passes are pure functions of their arguments and cannot fail. A pass may be over a part
/// of the batch, by one of several threads: nothing may depend on which.
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

    /// Writes the output `y` and, when training, what the backward pass needs.
    fn forward(
        &self,
        pass: Pass<'_>,
        params: &[f32],
        x: MatrixView<'_>,
        y: MatrixViewMut<'_>,
        cache: Option<MatrixViewMut<'_>>,
    );

    /// The gradient by the input, and what the gradient by the parameters needs.
    fn backward(&self, pass: Pass<'_>, params: &[f32], back: Back<'_>);

    /// The gradient of the parameters over the whole batch, from the inputs and what `backward` left
    /// in `dy`. Nothing to do without parameters.
    fn gradient<'a>(
        &self,
        _exec: &Exec,
        _x: MatrixView<'a>,
        _dy: MatrixView<'a>,
        _sink: Sink<'_, 'a>,
    ) {
    }
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
