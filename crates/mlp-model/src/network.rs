//! Layers in a row over one flat parameter vector. How they are run: [`crate::pass`].

use crate::layer::Layer;
use crate::{LayerSpec, NetworkSpec, Params, Slot, init};
use mlp_tensor::Streams;
use std::ops::Range;

/// A network ready to run. Its parameters are kept apart, so that optimizers see one flat vector.
#[derive(Debug)]
pub struct Network {
    spec: NetworkSpec,
    layers: Vec<Box<dyn Layer>>,
    ranges: Vec<Range<usize>>,
    slots: Vec<Slot>,
}

impl Network {
    pub(crate) fn new(spec: NetworkSpec, layers: Vec<Box<dyn Layer>>) -> Network {
        let (mut slots, mut ranges, mut at) = (Vec::new(), Vec::new(), 0);
        // Numbered as the modules of a `torch.nn.Sequential`: an activation is one of its own.
        let mut module = 0;
        for (index, layer) in layers.iter().enumerate() {
            let start = at;
            for (suffix, rows, cols) in layer.slots() {
                let range = at..at + rows * cols;
                at = range.end;
                let (name, decay) = (format!("{module}.{suffix}"), suffix == "weight");
                slots.push(Slot { name, layer: index, rows, cols, range, decay });
            }
            ranges.push(start..at);
            module += match spec.layers[index] {
                LayerSpec::Dense { activation: mlp_tensor::Activation::Identity, .. } => 1,
                LayerSpec::Dense { .. } => 2,
                LayerSpec::Dropout { .. } => 1,
            };
        }
        Network { spec, layers, ranges, slots }
    }

    /// What it is made of.
    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// The layers, in order.
    pub fn layers(&self) -> &[Box<dyn Layer>] {
        &self.layers
    }

    /// Where a layer's parameters lie.
    pub fn range(&self, layer: usize) -> Range<usize> {
        self.ranges[layer].clone()
    }

    /// What lies where in the parameter vector.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.slots.last().map_or(0, |slot| slot.range.end)
    }

    /// Values an example puts in.
    pub fn inputs(&self) -> usize {
        self.spec.inputs
    }

    /// Values an example gets out.
    pub fn outputs(&self) -> usize {
        self.spec.outputs()
    }

    /// Initial parameters, chosen from the activation of each layer.
    pub fn init(&self, streams: &Streams) -> Params {
        init::init(&self.spec, &self.slots, streams)
    }
}
