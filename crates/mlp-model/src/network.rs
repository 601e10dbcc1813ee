//! Layers in a row over one flat parameter vector.

use crate::layer::{Gradients, Layer, Mode, Pass, Saved};
use crate::{LayerSpec, NetworkSpec, Params, Slot, init};
use mlp_tensor::{Exec, Streams};
use std::ops::Range;

/// A network ready to run. Its parameters are kept apart, so that optimizers see one flat vector.
#[derive(Debug)]
pub struct Network {
    spec: NetworkSpec,
    layers: Vec<Box<dyn Layer>>,
    ranges: Vec<Range<usize>>,
    slots: Vec<Slot>,
    /// Most values an example that any layer puts out.
    widest: usize,
}

/// Buffers of a pass, for batches up to a size. They are made by the first pass that needs them and
/// reused from batch to batch: after the first training step a step allocates nothing here.
///
/// It also remembers the last forward pass, so that a backward pass is always that of the same
/// layers, examples and dropout masks.
#[derive(Debug)]
pub struct Workspace {
    capacity: usize,
    /// Examples in the last forward pass.
    count: usize,
    /// Streams and step of the last forward pass, where it trained.
    trained: Option<(Streams, u32)>,
    /// Layers that ran in the last forward pass, in order: those that did not pass through.
    ran: Vec<usize>,
    outputs: Vec<Vec<f32>>,
    caches: Vec<Vec<f32>>,
    dy: Vec<f32>,
    dx: Vec<f32>,
    scratch: Vec<f32>,
}

/// Makes room for `size` values; what is there already stays.
fn grow(buffer: &mut Vec<f32>, size: usize) {
    if buffer.len() < size {
        buffer.resize(size, 0.0);
    }
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
        let widest = layers.iter().map(|layer| layer.shape().outputs).max().unwrap_or(0);
        Network { spec, layers, ranges, slots, widest }
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

    /// Buffers for batches of up to `capacity` examples.
    pub fn workspace(&self, capacity: usize) -> Workspace {
        Workspace {
            capacity,
            count: 0,
            trained: None,
            ran: Vec::with_capacity(self.layers.len()),
            outputs: vec![Vec::new(); self.layers.len()],
            caches: vec![Vec::new(); self.layers.len()],
            dy: Vec::new(),
            dx: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// The logits of `count` examples, `outputs × count`; `x` begins with `inputs × count` values.
    ///
    /// # Panics
    /// If `count` is more than the workspace was made for, or `x` or `params` are too short.
    pub fn forward<'w>(
        &self,
        exec: &Exec,
        params: &[f32],
        x: &[f32],
        count: usize,
        mode: Mode<'_>,
        work: &'w mut Workspace,
    ) -> &'w [f32] {
        let Workspace { capacity, ran, outputs, caches, .. } = work;
        assert!(count <= *capacity, "a batch of {count} in a workspace for {capacity}");
        ran.clear();
        for (index, layer) in self.layers.iter().enumerate() {
            if layer.passes_through(mode) {
                continue;
            }
            let shape = layer.shape();
            let kept = if matches!(mode, Mode::Train(..)) { shape.cache } else { 0 };
            grow(&mut outputs[index], shape.outputs * *capacity);
            grow(&mut caches[index], kept * *capacity);
            let (before, from_here) = outputs.split_at_mut(index);
            let input = ran.last().map_or(x, |&l| &before[l]);
            layer.forward(
                Pass { exec, mode, layer: index, count },
                &params[self.range(index)],
                &input[..shape.inputs * count],
                &mut from_here[0][..shape.outputs * count],
                &mut caches[index][..kept * count],
            );
            ran.push(index);
        }
        work.count = count;
        work.trained = match mode {
            Mode::Infer => None,
            Mode::Train(streams, step) => Some((*streams, step)),
        };
        self.logits_of(work)
    }

    fn logits_of<'w>(&self, work: &'w Workspace) -> &'w [f32] {
        let size = self.outputs() * work.count;
        work.ran.last().map_or(&[], |&l| &work.outputs[l][..size])
    }

    /// What a layer put out in the last forward pass, `outputs × count`. For a layer that passed
    /// its input through, that input; empty where this is the input of the network.
    pub fn output<'w>(&self, layer: usize, work: &'w Workspace) -> &'w [f32] {
        let size = self.layers[layer].shape().outputs * work.count;
        let ran = work.ran.iter().rev().find(|&&l| l <= layer);
        ran.map_or(&[], |&l| &work.outputs[l][..size])
    }

    /// After a forward pass: its logits, and room for the gradient of the logits, which must be
    /// filled before [`Network::backward`]. Both `outputs × count`.
    pub fn logits_and_gradient<'w>(&self, work: &'w mut Workspace) -> (&'w [f32], &'w mut [f32]) {
        grow(&mut work.dy, self.widest * work.capacity);
        let size = self.outputs() * work.count;
        let logits = work.ran.last().map_or(&[][..], |&l| &work.outputs[l][..size]);
        (logits, &mut work.dy[..size])
    }

    /// The gradient of every parameter, written to `grad`, for the last forward pass of `work`,
    /// from the gradient of its logits. `params` and `x` must be those of that pass.
    ///
    /// # Panics
    /// If the last forward pass did not train, or a slice is too short.
    pub fn backward(
        &self,
        exec: &Exec,
        params: &[f32],
        x: &[f32],
        work: &mut Workspace,
        grad: &mut [f32],
    ) {
        let Workspace { capacity, count, trained, ran, outputs, caches, dy, dx, scratch } = work;
        let (capacity, count) = (*capacity, *count);
        let Some((streams, step)) = trained else {
            panic!("a backward pass needs a forward pass in training mode before it")
        };
        grow(dy, self.widest * capacity);
        grow(dx, self.widest * capacity);
        // Below the first layer with parameters no gradient is wanted.
        let has_parameters = |&l: &usize| !self.ranges[l].is_empty();
        let first = ran.iter().position(has_parameters).unwrap_or(ran.len());
        for (position, &index) in ran.iter().enumerate().skip(first).rev() {
            let shape = self.layers[index].shape();
            let before = position.checked_sub(1).map(|p| ran[p]);
            let saved = Saved {
                x: &before.map_or(x, |l| &outputs[l])[..shape.inputs * count],
                y: &outputs[index][..shape.outputs * count],
                cache: &caches[index][..shape.cache * count],
            };
            let gradients = Gradients {
                dy: &mut dy[..shape.outputs * count],
                dparams: &mut grad[self.range(index)],
                dx: (position > first).then(|| &mut dx[..shape.inputs * count]),
                scratch,
            };
            let pass = Pass { exec, mode: Mode::Train(streams, *step), layer: index, count };
            self.layers[index].backward(pass, &params[self.range(index)], saved, gradients);
            std::mem::swap(dy, dx);
        }
    }
}
