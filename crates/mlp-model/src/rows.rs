//! A network made ready for answers row by row, where each call waits for the weights to come from a
//! cache. Layout and rounding: [`mlp_tensor::strips`]. Training and everything else stays with
//! [`Network`].

use crate::{LayerSpec, Network};
use mlp_tensor::{Activation, Exec, MatrixView, StripMatrix, Values, Weights};

/// A network that answers one row a call, sooner than [`Network::forward`]: with a copy of the weights in the
/// order in which they are read, and if wanted in half as many bytes. Then each is off by at most 2⁻⁸ of
/// itself, plus 2⁻⁶⁴; biases stay `f32`. Weights are taken for finite.
///
/// ```
/// use mlp_model::tensor::{Activation, Exec, Streams, Weights};
/// use mlp_model::{Mode, ModelError, NetworkSpec, RowNetwork};
///
/// let exec = Exec::serial();
/// let network = NetworkSpec::mlp(4, &[6, 6], Activation::Tanh, 0.0, 1).build()?;
/// let params = network.init(&Streams::new(1));
/// let (x, mut work) = ([0.5, -1.0, 0.25, 2.0], network.workspace(1));
/// let z = network.forward(&exec, &params.values, &x, 1, Mode::Infer, &mut work)[0];
/// // To the bit what the network says, …
/// let mut rows = RowNetwork::new(&network, &params.values, Weights::F32);
/// assert_eq!(rows.forward(&exec, &x), [z]);
/// // … and with weights of 16 bits close to it: what it says with the weights as they became.
/// let mut rows = RowNetwork::new(&network, &params.values, Weights::Bits16);
/// assert!((rows.forward(&exec, &x)[0] - z).abs() < 0.01);
/// let z = network.forward(&exec, &rows.widened(), &x, 1, Mode::Infer, &mut work)[0];
/// assert_eq!(rows.forward(&exec, &x), [z]);
/// # Ok::<(), ModelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RowNetwork {
    inputs: usize,
    layers: Vec<RowDense>,
    /// A layer's inputs and outputs, in turn.
    values: [Values; 2],
    /// Whether the last call began each layer with its last outputs.
    back: bool,
}

/// `f(w·x + b)`
#[derive(Clone, Debug)]
struct RowDense {
    w: StripMatrix,
    /// With zeros up to the padded length.
    b: Values,
    f: Activation,
}

impl RowNetwork {
    /// Lays out the weights of a network; dropout, which does nothing here, is left out.
    ///
    /// # Panics
    /// If `params` has not one value a parameter.
    pub fn new(network: &Network, params: &[f32], weights: Weights) -> RowNetwork {
        assert!(params.len() == network.parameters(), "params has not one value a parameter");
        let mut layers = Vec::new();
        for (i, spec) in network.spec().layers.iter().enumerate() {
            if let LayerSpec::Dense { outputs, activation } = *spec {
                let (w, b) = params[network.range(i)].split_at(outputs * width(network, i));
                let w = MatrixView::from_slice(w, outputs, width(network, i));
                let (w, mut b) = (StripMatrix::new(w, weights), Values::from(b));
                b.resize(w.padded());
                layers.push(RowDense { w, b, f: activation });
            }
        }
        let widest = layers.iter().map(|layer| layer.w.padded()).max().unwrap_or(0);
        let values = [Values::zeros(widest), Values::zeros(widest)];
        RowNetwork { inputs: network.inputs(), layers, values, back: false }
    }

    /// The parameters of the same network with the weights as they became.
    pub fn widened(&self) -> Vec<f32> {
        let mut params = Vec::new();
        for RowDense { w, b, .. } in &self.layers {
            params.extend_from_slice(w.widened().as_slice());
            params.extend_from_slice(&b[..w.shape().0]);
        }
        params
    }

    /// The logits of one row.
    ///
    /// # Panics
    /// If `x` has not one value an input.
    pub fn forward(&mut self, exec: &Exec, x: &[f32]) -> &[f32] {
        assert!(x.len() == self.inputs, "x has not one value an input");
        self.back = !self.back;
        let [from, to] = &mut self.values;
        let (mut from, mut to) = (from, to);
        for (i, RowDense { w, b, f }) in self.layers.iter().enumerate() {
            let (outputs, inputs) = w.shape();
            let x = if i == 0 { x } else { &from[..inputs] };
            w.forward(exec, b, x, *f, self.back, &mut to[..w.padded()]);
            std::mem::swap(&mut from, &mut to);
            if i + 1 == self.layers.len() {
                return &from[..outputs];
            }
        }
        &[]
    }
}

/// Inputs of a layer.
fn width(network: &Network, layer: usize) -> usize {
    network.layers()[layer].shape().inputs
}
