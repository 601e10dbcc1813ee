//! Initial weights, by the activation that follows (the rules of Keras' `initializers`).

use crate::{LayerSpec, NetworkSpec, Params, Slot};
use mlp_tensor::{Activation, Purpose, Streams, Values};

/// Variance times the number of inputs: He 2015 for the rectifier family, LeCun 1998 for selu;
/// `None` is Glorot 2010, whose variance is `2 / (inputs + outputs)`.
fn gain(activation: Activation) -> Option<f64> {
    use Activation::*;
    match activation {
        Relu | LeakyRelu | Elu | Gelu | Silu | Mish | Softplus => Some(2.0),
        Selu => Some(1.0),
        Identity | Logistic | Tanh => None,
    }
}

/// Weights uniform with that variance, biases zero. A slot's values depend on the seed and its
/// position alone.
pub(crate) fn init(spec: &NetworkSpec, slots: &[Slot], streams: &Streams) -> Params {
    let mut values = Values::zeros(slots.last().map_or(0, |slot| slot.range.end));
    for (index, slot) in slots.iter().enumerate().filter(|(_, slot)| slot.decay) {
        let LayerSpec::Dense { activation, .. } = spec.layers[slot.layer] else { continue };
        let variance = match gain(activation) {
            Some(gain) => gain / slot.cols as f64,
            None => 2.0 / (slot.rows + slot.cols) as f64,
        };
        // A uniform distribution on ±a has variance a²/3.
        let limit = (3.0 * variance).sqrt();
        let mut stream = streams.at(Purpose::Init, 0, index as u32);
        for value in &mut values[slot.range.clone()] {
            *value = ((2.0 * stream.uniform_f64() - 1.0) * limit) as f32;
        }
    }
    Params { values, slots: slots.to_vec() }
}
