//! What a network is made of, as data: written to the model file, read by every exporter.

use crate::layer::{Dense, Dropout};
use crate::{Layer, ModelError, Network};
use mlp_tensor::Activation;
use serde::{Deserialize, Serialize};

/// Most parameters a network may have: 2^31 (8 GiB of `f32`).
pub const MAX_PARAMETERS: usize = 1 << 31;
/// Most layers a network may have.
const MAX_LAYERS: usize = 10_000;

/// A layer, as data. The set is closed: a new kind makes every `match` that forgot it a compile
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum LayerSpec {
    /// `f(w·x + b)`
    Dense {
        /// Nodes.
        outputs: usize,
        /// `f`.
        activation: Activation,
    },
    /// While training, sets each value to zero with probability `rate` and scales the others by
    /// `1 / (1 - rate)`.
    Dropout {
        /// In `[0, 1)`.
        rate: f32,
    },
}

/// A network, as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Values an example.
    pub inputs: usize,
    /// From input to output.
    pub layers: Vec<LayerSpec>,
}

impl NetworkSpec {
    /// Hidden layers of one activation, dropout after each, a linear output layer.
    pub fn mlp(
        inputs: usize,
        hidden: &[usize],
        activation: Activation,
        dropout: f32,
        outputs: usize,
    ) -> NetworkSpec {
        let mut layers = Vec::new();
        for &width in hidden {
            layers.push(LayerSpec::Dense { outputs: width, activation });
            // A negative or undefined rate is kept, for `check` to refuse.
            if dropout != 0.0 {
                layers.push(LayerSpec::Dropout { rate: dropout });
            }
        }
        layers.push(LayerSpec::Dense { outputs, activation: Activation::Identity });
        NetworkSpec { inputs, layers }
    }

    /// Values the network puts out an example.
    pub fn outputs(&self) -> usize {
        self.layers
            .iter()
            .rev()
            .find_map(|layer| match layer {
                LayerSpec::Dense { outputs, .. } => Some(*outputs),
                LayerSpec::Dropout { .. } => None,
            })
            .unwrap_or(self.inputs)
    }

    /// Checks sizes and rates, and gives the number of parameters.
    ///
    /// # Errors
    /// [`ModelError::Network`] for no input or no dense layer, a layer without outputs, too many
    /// layers or more than [`MAX_PARAMETERS`], or a dropout rate outside of `[0, 1)`.
    pub fn check(&self) -> Result<usize, ModelError> {
        let fail = |what: String| Err(ModelError::Network { what });
        // A dense layer bounds every width by the number of parameters.
        if self.inputs == 0 || !self.layers.iter().any(|l| matches!(l, LayerSpec::Dense { .. })) {
            return fail("a network needs at least one input and one dense layer".into());
        }
        if self.layers.len() > MAX_LAYERS {
            return fail(format!("{} layers are more than {MAX_LAYERS}", self.layers.len()));
        }
        let (mut width, mut total) = (self.inputs, 0usize);
        for (i, layer) in self.layers.iter().enumerate() {
            match *layer {
                LayerSpec::Dense { outputs, .. } => {
                    let size = width.checked_add(1).and_then(|w| w.checked_mul(outputs));
                    let sum = size.and_then(|s| s.checked_add(total));
                    match sum.filter(|&s| outputs > 0 && s <= MAX_PARAMETERS) {
                        Some(s) => (width, total) = (outputs, s),
                        None => {
                            return fail(format!(
                                "layer {i} of {width} inputs and {outputs} outputs: it needs at \
                                 least one output, and the network at most {MAX_PARAMETERS} parameters"
                            ));
                        }
                    }
                }
                LayerSpec::Dropout { rate } => {
                    if !(0.0..1.0).contains(&rate) {
                        return fail(format!("layer {i}: dropout {rate} is not in [0, 1)"));
                    }
                }
            }
        }
        Ok(total)
    }

    /// The layers as code.
    ///
    /// # Errors
    /// As [`NetworkSpec::check`].
    pub fn build(self) -> Result<Network, ModelError> {
        self.check()?;
        let mut width = self.inputs;
        let mut layers: Vec<Box<dyn Layer>> = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            match *layer {
                LayerSpec::Dense { outputs, activation } => {
                    layers.push(Box::new(Dense { inputs: width, outputs, activation }));
                    width = outputs;
                }
                LayerSpec::Dropout { rate } => layers.push(Box::new(Dropout { width, rate })),
            }
        }
        Ok(Network::new(self, layers))
    }
}
