//! The tutorial in a hundred lines: a multilayer perceptron in f64, written to be read, not to be
//! fast.
//!
//! It is the oracle: its gradients are tested against finite differences, and the fast network
//! against it.

use crate::{LayerSpec, NetworkSpec};
use mlp_data::Targets;
use mlp_tensor::{Activation, math};

/// One layer of nodes. Node `o` computes `f(Σ_i weights[o][i]·x[i] + biases[o])`.
#[derive(Clone, Debug)]
pub struct Nodes {
    /// A row of weights a node.
    pub weights: Vec<Vec<f64>>,
    /// A bias a node.
    pub biases: Vec<f64>,
    /// `f`.
    pub activation: Activation,
}

/// Layers of nodes; the last gives the logits.
#[derive(Clone, Debug)]
pub struct Reference {
    /// From input to output.
    pub layers: Vec<Nodes>,
}

/// What is minimised, for one example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceLoss {
    /// `(z - t)²`
    Squared,
    /// Cross-entropy of a logistic output.
    Logistic,
    /// Cross-entropy of a softmax.
    Softmax,
    /// Mean over labels of the cross-entropy of a logistic output each.
    Labels,
}

impl Nodes {
    /// From the gradient by the sums, that by the inputs.
    pub fn by_inputs(&self, dz: &[f64]) -> Vec<f64> {
        let mut dx = vec![0.0; self.weights.first().map_or(0, Vec::len)];
        for (weights, dz) in self.weights.iter().zip(dz) {
            dx.iter_mut().zip(weights).for_each(|(dx, w)| *dx += dz * w);
        }
        dx
    }
}

impl Reference {
    /// The same network, from its flat parameters. Dropout is left out: it does nothing at
    /// prediction.
    pub fn new(spec: &NetworkSpec, params: &[f32]) -> Reference {
        let (mut at, mut inputs, mut layers) = (0, spec.inputs, Vec::new());
        for layer in &spec.layers {
            let LayerSpec::Dense { outputs, activation } = *layer else { continue };
            let biases_at = at + outputs * inputs;
            let weight = |o: usize, i: usize| f64::from(params[at + i * outputs + o]);
            layers.push(Nodes {
                weights: (0..outputs)
                    .map(|o| (0..inputs).map(|i| weight(o, i)).collect())
                    .collect(),
                biases: (0..outputs).map(|o| f64::from(params[biases_at + o])).collect(),
                activation,
            });
            (at, inputs) = (biases_at + outputs, outputs);
        }
        Reference { layers }
    }

    /// Every layer's sums `z` and outputs `y` for one example.
    pub fn trace(&self, x: &[f64]) -> Vec<(Vec<f64>, Vec<f64>)> {
        let mut trace: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for layer in &self.layers {
            let x = trace.last().map_or(x, |(_, y)| y);
            let node =
                |(w, b): (&Vec<f64>, &f64)| b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
            let z: Vec<f64> = layer.weights.iter().zip(&layer.biases).map(node).collect();
            let y = z.iter().map(|&z| layer.activation.value_f64(z)).collect();
            trace.push((z, y));
        }
        trace
    }

    /// The logits of one example.
    pub fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.trace(x).pop().map_or_else(|| x.to_vec(), |(_, y)| y)
    }

    /// From the gradient by the logits, for a trace: that by every layer's sums, first layer first.
    pub fn back(&self, trace: &[(Vec<f64>, Vec<f64>)], dlogits: &[f64]) -> Vec<Vec<f64>> {
        let (mut all, mut dy) = (Vec::new(), dlogits.to_vec());
        for (l, (layer, (z, _))) in self.layers.iter().zip(trace).enumerate().rev() {
            let slopes = z.iter().map(|&z| layer.activation.slope_f64(z));
            let dz: Vec<f64> = dy.iter().zip(slopes).map(|(dy, slope)| dy * slope).collect();
            if l > 0 {
                dy = layer.by_inputs(&dz);
            }
            all.push(dz);
        }
        all.reverse();
        all
    }

    /// The mean loss of some examples, and its gradient in the order of the flat parameters.
    pub fn gradient(
        &self,
        loss: ReferenceLoss,
        x: &[Vec<f64>],
        targets: &Targets,
    ) -> (f64, Vec<f64>) {
        let mut sum = 0.0;
        let mut grad: Vec<Nodes> = self.layers.clone();
        for layer in &mut grad {
            layer.weights.iter_mut().flatten().chain(&mut layer.biases).for_each(|g| *g = 0.0);
        }
        for (i, x) in x.iter().enumerate() {
            let trace = self.trace(x);
            let logits = trace.last().map_or(x, |(_, y)| y);
            let (value, dlogits) = loss.of(logits, targets, i);
            sum += value;
            for (l, dz) in self.back(&trace, &dlogits).iter().enumerate() {
                let input = if l == 0 { x } else { &trace[l - 1].1 };
                for (o, &dz) in dz.iter().enumerate() {
                    grad[l].biases[o] += dz;
                    let dw = grad[l].weights[o].iter_mut().zip(input);
                    dw.for_each(|(dw, x)| *dw += dz * x);
                }
            }
        }
        let n = x.len() as f64;
        (sum / n, flat(&grad).iter().map(|g| g / n).collect())
    }

    /// The parameters in the order of the flat vector.
    pub fn flat(&self) -> Vec<f64> {
        flat(&self.layers)
    }

    /// A parameter by its place in the flat vector.
    pub fn parameter(&mut self, mut place: usize) -> Option<&mut f64> {
        for layer in &mut self.layers {
            let (outputs, inputs) = (layer.biases.len(), layer.weights[0].len());
            if place < outputs * inputs {
                return layer.weights.get_mut(place % outputs)?.get_mut(place / outputs);
            }
            place -= outputs * inputs;
            if place < outputs {
                return layer.biases.get_mut(place);
            }
            place -= outputs;
        }
        None
    }
}

fn flat(layers: &[Nodes]) -> Vec<f64> {
    let mut out = Vec::new();
    for layer in layers {
        for i in 0..layer.weights.first().map_or(0, Vec::len) {
            out.extend(layer.weights.iter().map(|w| w[i]));
        }
        out.extend(&layer.biases);
    }
    out
}

impl ReferenceLoss {
    /// The loss of example `i` and its gradient by the logits; nothing where the targets are of
    /// another kind.
    pub fn of(self, z: &[f64], targets: &Targets, i: usize) -> (f64, Vec<f64>) {
        match (self, targets) {
            (ReferenceLoss::Squared, Targets::Numbers(t)) => {
                let d = z[0] - f64::from(t[i]);
                (d * d, vec![2.0 * d])
            }
            (ReferenceLoss::Logistic, Targets::Classes(t)) => {
                let t = f64::from(t[i]);
                (math::softplus(z[0]) - t * z[0], vec![math::logistic(z[0]) - t])
            }
            (ReferenceLoss::Labels, Targets::Labels { width, hits }) => {
                let n = *width as f64;
                let hits = hits[i * width..(i + 1) * width].iter().map(|&hit| f64::from(hit));
                let pairs = z.iter().zip(hits.clone());
                let loss = pairs.map(|(z, t)| math::softplus(*z) - t * z).sum::<f64>() / n;
                (loss, z.iter().zip(hits).map(|(z, t)| (math::logistic(*z) - t) / n).collect())
            }
            (ReferenceLoss::Softmax, Targets::Classes(t)) => {
                let max = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let e: Vec<f64> = z.iter().map(|z| math::exp(z - max)).collect();
                let sum: f64 = e.iter().sum();
                let mut dz: Vec<f64> = e.iter().map(|e| e / sum).collect();
                dz[t[i] as usize] -= 1.0;
                (math::ln(sum) + max - z[t[i] as usize], dz)
            }
            _ => (0.0, vec![0.0; z.len()]),
        }
    }
}
