//! The mean loss of a batch as a function of the parameters, and what to say where it is no number.

use crate::{Objective, Sums};
use mlp_model::data::{Batch, Targets};
use mlp_model::tensor::{Exec, reduce};
use mlp_model::{LayerSpec, Loss, Mode, Network, Task, Workspace, argmax};

/// Largest square of the norm of a gradient that is followed as it is. Beyond it the squares in Adam's second moment
/// leave the range of `f32`, and no training comes back from there; below it a step keeps every parameter finite.
const LARGEST: f64 = 1e30;

/// The mean loss of a batch. It counts as infinite where its gradient is not finite or out of all bounds, so that no
/// optimizer moves along it.
pub(crate) struct BatchObjective<'a> {
    pub exec: &'a Exec,
    pub network: &'a Network,
    pub task: Task,
    pub loss: &'a dyn Loss,
    pub batch: &'a Batch,
    pub mode: Mode<'a>,
    pub work: &'a mut Workspace,
    pub sums: Sums,
    /// Largest norm of the gradient that the optimizer follows; 0 for no limit.
    pub clip: f32,
    /// The layer whose gradient is out of bounds.
    pub exploded: Option<usize>,
}

impl Objective for BatchObjective<'_> {
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64 {
        let Batch { x, targets, count } = self.batch;
        let (exec, count, mode) = (self.exec, *count, self.mode);
        self.network.forward(exec, params, x, count, mode, self.work);
        let (z, dz) = self.network.logits_and_gradient(self.work);
        let score = hits(self.task, z, targets);
        let loss = self.loss.sum_and_grad(exec, z, targets, 1.0 / count as f32, dz);
        self.sums = Sums { loss, score, count: count as u64 };
        if !loss.is_finite() {
            return loss;
        }
        self.network.backward(exec, params, x, self.work, grad);
        let limit = self.limit();
        if within(exec, grad, limit) {
            return loss / count as f64;
        }
        // Gradients flow from the last layer to the first: the one nearest to the loss is where it began.
        let layers = (0..self.network.layers().len()).rev();
        self.exploded =
            layers.into_iter().find(|&l| !within(exec, &grad[self.network.range(l)], limit));
        f64::INFINITY
    }
}

/// Whether the square of a gradient's norm is at most `limit`; `false` for NaN.
fn within(exec: &Exec, grad: &[f32], limit: f64) -> bool {
    reduce::sum_of_squares(exec, grad) <= limit
}

impl BatchObjective<'_> {
    /// The square of the largest norm to go along. A gradient that will be clipped to a fit size must be finite only.
    fn limit(&self) -> f64 {
        let clip = f64::from(self.clip);
        if clip > 0.0 && clip * clip <= LARGEST { f64::MAX } else { LARGEST }
    }

    /// After a value that is not finite: the layer at fault, in words.
    pub fn fault(&self, params: &[f32]) -> String {
        fault(self.network, params, self.exploded, Some(self.work))
    }
}

/// The first layer whose weights are not finite, else the one whose gradient exploded, else the first whose outputs in
/// the last pass are not finite.
pub(crate) fn fault(
    network: &Network,
    params: &[f32],
    exploded: Option<usize>,
    work: Option<&Workspace>,
) -> String {
    let bad = |values: &[f32]| values.iter().any(|v| !v.is_finite());
    let mut layers = 0..network.layers().len();
    if let Some(layer) = layers.clone().find(|&l| bad(&params[network.range(l)])) {
        return format!("a weight of layer {} is not a finite number", number(network, layer));
    }
    if let Some(layer) = exploded {
        return format!("the gradient of layer {} is too large", number(network, layer));
    }
    match work.and_then(|work| layers.find(|&l| bad(network.output(l, work)))) {
        Some(layer) => {
            format!("an output of layer {} is not a finite number", number(network, layer))
        }
        None => {
            let last = number(network, network.layers().len());
            format!("the loss after layer {last} is not a finite number")
        }
    }
}

/// A layer's number as users count: dense layers, from 1.
fn number(network: &Network, layer: usize) -> usize {
    let layers = network.spec().layers.iter().take(layer.saturating_add(1));
    layers.filter(|layer| matches!(layer, LayerSpec::Dense { .. })).count()
}

/// Right answers, or the sum of squared errors in the scaled unit; added in rising example order.
pub(crate) fn hits(task: Task, z: &[f32], targets: &Targets) -> f64 {
    match (task, targets) {
        (Task::Regression, Targets::Numbers(t)) => {
            let error = |(&z, &t): (&f32, &f32)| f64::from(z) - f64::from(t);
            z.iter().zip(t).map(error).fold(0.0, |sum, e| sum + e * e)
        }
        (Task::Binary, Targets::Classes(t)) => {
            z.iter().zip(t).filter(|&(&z, &t)| (z > 0.0) == (t == 1)).count() as f64
        }
        (Task::Multiclass, Targets::Classes(t)) if !t.is_empty() => {
            let examples = z.chunks_exact(z.len() / t.len()).zip(t);
            examples.filter(|(z, t)| argmax(z) == **t as usize).count() as f64
        }
        _ => 0.0,
    }
}
