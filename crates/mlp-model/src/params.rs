//! All parameters of a network in one flat vector; layers own ranges of it.

use mlp_tensor::Values;
use std::ops::Range;

/// A matrix or vector inside the flat vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `0.weight`, `0.bias`, … by the position of the layer, as `torch.nn.Sequential` counts.
    pub name: String,
    /// Index of its layer.
    pub layer: usize,
    /// Outputs.
    pub rows: usize,
    /// Inputs; 1 for a bias.
    pub cols: usize,
    /// Where it lies; column-major, so that the weights of one input lie together.
    pub range: Range<usize>,
    /// Whether weight decay applies: to weights, not to biases.
    pub decay: bool,
}

/// A network's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// All of them.
    pub values: Values,
    /// What lies where, in rising order without gaps.
    pub slots: Vec<Slot>,
}

impl Params {
    /// The values of a slot.
    pub fn slot(&self, slot: &Slot) -> &[f32] {
        &self.values[slot.range.clone()]
    }
}
