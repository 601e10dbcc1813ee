//! One step of training, whole: the pass, the loss, every gradient, the update by plain gradient
//! descent, and the loss after it.

use crate::reference::{Nodes, Reference, ReferenceLoss};
use mlp_data::Targets;

/// A step of gradient descent on one example.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// The learning rate.
    pub rate: f64,
    /// Sums and answers of every layer before the step.
    pub forward: Vec<(Vec<f64>, Vec<f64>)>,
    /// The loss before the step.
    pub loss: f64,
    /// Its gradient by the outputs of the network.
    pub dlogits: Vec<f64>,
    /// The gradients of every layer, and what they do to it.
    pub layers: Vec<LayerStep>,
    /// The network after the step.
    pub after: Reference,
    /// The loss of the same example after the step.
    pub loss_after: f64,
}

/// A layer in a step.
#[derive(Clone, Debug)]
pub struct LayerStep {
    /// Of the loss by every node's sum.
    pub dz: Vec<f64>,
    /// By every weight and bias, `dw = dz · x` and `db = dz`, in the shape of the layer.
    pub gradient: Nodes,
    /// Weights and biases before the step.
    pub before: Nodes,
    /// After it: `w − rate · dw`.
    pub after: Nodes,
}

impl TraceStep {
    /// Takes a step; the target is that of the first example in `targets`.
    pub fn take(
        network: &Reference,
        loss: ReferenceLoss,
        x: &[f64],
        targets: &Targets,
        rate: f64,
    ) -> TraceStep {
        let forward = network.trace(x);
        let logits = forward.last().map_or(x, |(_, y)| y);
        let (value, dlogits) = loss.of(logits, targets, 0);
        let mut after = network.clone();
        let mut layers = Vec::new();
        for (l, dz) in network.back(&forward, &dlogits).into_iter().enumerate() {
            let (before, input) = (&network.layers[l], if l == 0 { x } else { &forward[l - 1].1 });
            let by_weight = |dz: &f64| input.iter().map(|x| dz * x).collect();
            let gradient = Nodes {
                weights: dz.iter().map(by_weight).collect(),
                biases: dz.clone(),
                activation: before.activation,
            };
            let nodes = &mut after.layers[l];
            let moved = nodes.weights.iter_mut().flatten().chain(&mut nodes.biases);
            let along = gradient.weights.iter().flatten().chain(&gradient.biases);
            moved.zip(along).for_each(|(w, dw)| *w -= rate * dw);
            layers.push(LayerStep { dz, gradient, before: before.clone(), after: nodes.clone() });
        }
        let loss_after = loss.of(&after.forward(x), targets, 0).0;
        TraceStep { rate, forward, loss: value, dlogits, layers, after, loss_after }
    }
}
