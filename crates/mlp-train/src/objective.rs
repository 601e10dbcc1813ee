//! The mean loss of a batch as a function of the parameters, and what to say where it is no number.

use crate::{Objective, Prepared, Steps, Sums};
use mlp_model::data::{DataError, Examples, Targets, TargetsView};
use mlp_model::pass::Batch;
use mlp_model::tensor::update::{self, Moved};
use mlp_model::tensor::{Exec, Streams, reduce};
use mlp_model::{Descent, LayerSpec, Network, Task, Workspace, argmax, sum_of_losses};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Largest square of the norm of a gradient that is followed as it is. Beyond it the squares in Adam's second moment
/// leave the range of `f32`, and no training comes back from there; below it a step keeps every parameter finite.
const LARGEST: f64 = 1e30;

/// Room for what is noted of each example of a batch: bits of `f64`, since several threads write
/// them.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    losses: Vec<AtomicU64>,
    scores: Vec<AtomicU64>,
    targets: Targets,
}

impl Notes {
    /// For batches of up to `capacity` examples.
    pub fn new(capacity: usize) -> Notes {
        let room = || (0..capacity).map(|_| AtomicU64::new(0)).collect();
        Notes { losses: room(), scores: room(), targets: Targets::None }
    }
}

/// The mean loss of a batch. It counts as infinite where its gradient is not finite or out of all bounds, so that no
/// optimizer moves along it.
pub(crate) struct BatchObjective<'a> {
    pub exec: &'a Exec,
    pub session: &'a Prepared,
    /// The session's examples, as they are seen in this epoch.
    pub examples: &'a dyn Examples,
    /// The batch, as rows of the examples.
    pub rows: &'a [usize],
    /// The batch after it.
    pub next: &'a [usize],
    pub streams: &'a Streams,
    pub step: u32,
    pub work: &'a mut Workspace,
    pub notes: &'a mut Notes,
    pub sums: Sums,
    /// The layer whose gradient is out of bounds.
    pub exploded: Option<usize>,
    /// Why the batch could not be read. Its loss then counts as infinite.
    pub failed: Option<DataError>,
}

impl Objective for BatchObjective<'_> {
    fn eval(&mut self, params: &[f32], grad: &mut [f32]) -> f64 {
        let loss = self.pass(params);
        if loss.is_finite() { self.gradient(grad, loss) } else { loss }
    }

    fn descend(
        &mut self,
        exec: &Exec,
        steps: &Steps<'_>,
        moved: Moved<'_>,
        room: &mut [f32],
    ) -> f64 {
        let loss = self.pass(moved.values);
        if !loss.is_finite() {
            return loss;
        }
        // Where the bound does not rule out that the gradient is out of bounds, it is computed first.
        let bound = self.session.network.gradient_bound(self.work);
        if bound * bound * room.len() as f64 > self.limit() || bound.is_nan() {
            let value = self.gradient(room, loss);
            if value.is_finite() {
                steps.apply(exec, moved, room);
            }
            return value;
        }
        // The bound is finite, and so is every factor.
        let descent = Descent { steps: steps.pair, params: moved, gradient: room, finite: true };
        self.session.network.descend(exec, self.work, descent);
        loss
    }
}

/// Whether the square of a gradient's norm is at most `limit`; `false` for NaN.
fn within(exec: &Exec, grad: &[f32], limit: f64) -> bool {
    reduce::sum_of_squares(exec, grad) <= limit
}

impl BatchObjective<'_> {
    /// The mean of weight times loss over the examples of the batch, as in Keras; leaves in the workspace what the
    /// gradient is summed of.
    fn pass(&mut self, params: &[f32]) -> f64 {
        let BatchObjective { exec, session, examples, rows, .. } = *self;
        let Notes { losses, scores, targets } = &mut *self.notes;
        let count = rows.len();
        let read = examples.targets(rows, targets).and_then(|()| {
            let scale = 1.0 / count as f32;
            let seed = (self.streams, self.step);
            let loss = |range: Range<usize>, z: &[f32], dz: &mut [f32]| {
                let (first, targets) = (range.start, targets.part(range));
                let weight = |i: usize| session.weight(rows[first + i]);
                let note = |i: usize, score: f64| {
                    scores[first + i].store((weight(i) * score).to_bits(), Ordering::Relaxed);
                };
                each_score(session.task, z, targets, note);
                session.loss.examples(exec, z, targets, Some((scale, &mut *dz)), &mut |i, loss| {
                    losses[first + i].store((weight(i) * loss).to_bits(), Ordering::Relaxed);
                });
                if session.weights.is_some() {
                    let outputs = session.network.outputs();
                    for (i, dz) in dz.chunks_exact_mut(outputs).enumerate() {
                        let weight = weight(i) as f32;
                        dz.iter_mut().for_each(|dz| *dz *= weight);
                    }
                }
                // It would go through all layers as subnormal numbers.
                update::settle(dz);
            };
            let batch = Batch { examples, rows, next: self.next };
            session.network.train_rows(exec, params, batch, seed, self.work, loss)
        });
        if let Err(error) = read {
            self.failed = Some(error);
            return f64::INFINITY;
        }
        let value =
            |notes: &[AtomicU64], i: usize| f64::from_bits(notes[i].load(Ordering::Relaxed));
        let score = (0..count).fold(0.0, |sum, i| sum + value(scores, i));
        let loss = sum_of_losses(count, &|i| value(losses, i));
        self.sums = Sums { loss, score, count: count as u64 };
        loss / count as f64
    }

    /// Writes the gradient; the loss, or infinity where the gradient is out of bounds.
    fn gradient(&mut self, grad: &mut [f32], loss: f64) -> f64 {
        let (exec, network) = (self.exec, &self.session.network);
        network.gradient(exec, self.work, grad);
        let limit = self.limit();
        if within(exec, grad, limit) {
            return loss;
        }
        // Gradients flow from the last layer to the first: the one nearest to the loss is where it began.
        let layers = (0..network.layers().len()).rev();
        self.exploded = layers.into_iter().find(|&l| !within(exec, &grad[network.range(l)], limit));
        f64::INFINITY
    }

    /// The square of the largest norm to go along. A gradient that will be clipped to a fit size must be finite only.
    fn limit(&self) -> f64 {
        let clip = f64::from(self.session.config.clip);
        if clip > 0.0 && clip * clip <= LARGEST { f64::MAX } else { LARGEST }
    }

    /// After a value that is not finite: the layer at fault, in words.
    pub fn fault(&self, params: &[f32]) -> String {
        fault(&self.session.network, params, self.exploded, Some(self.work))
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
    let bad_output = |l: usize, work: &Workspace| {
        network.output(l, work).is_some_and(|output| output.iter().any(|v| !v.is_finite()))
    };
    let mut layers = 0..network.layers().len();
    if let Some(layer) = layers.clone().find(|&l| bad(&params[network.range(l)])) {
        return format!("a weight of layer {} is not a finite number", number(network, layer));
    }
    if let Some(layer) = exploded {
        return format!("the gradient of layer {} is too large", number(network, layer));
    }
    match work.and_then(|work| layers.find(|&l| bad_output(l, work))) {
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

/// Right answers, or the sum of squared errors in the scaled unit, weighted; added in rising example order.
pub(crate) fn hits(task: Task, z: &[f32], targets: &Targets, weight: impl Fn(usize) -> f64) -> f64 {
    let mut sum = 0.0;
    each_score(task, z, targets.view(), |i, score| sum += weight(i) * score);
    sum
}

/// Calls `each` for every example in order, with 1 for a right answer and 0 for a wrong one, or with the squared error
/// in the scaled unit.
fn each_score(task: Task, z: &[f32], targets: TargetsView<'_>, mut each: impl FnMut(usize, f64)) {
    let right = |right: bool| f64::from(u8::from(right));
    match (task, targets) {
        (Task::Regression, TargetsView::Numbers(t)) => {
            for (i, (&z, &t)) in z.iter().zip(t).enumerate() {
                let error = f64::from(z) - f64::from(t);
                each(i, error * error);
            }
        }
        (Task::Binary, TargetsView::Classes(t)) => {
            for (i, (&z, &t)) in z.iter().zip(t).enumerate() {
                each(i, right((z > 0.0) == (t == 1)));
            }
        }
        (Task::Multiclass, TargetsView::Classes(t)) if !t.is_empty() => {
            for (i, (z, &t)) in z.chunks_exact(z.len() / t.len()).zip(t).enumerate() {
                each(i, right(argmax(z) == t as usize));
            }
        }
        (Task::Multilabel, TargetsView::Labels { width, hits }) => {
            let rows = z.chunks_exact(width).zip(hits.chunks_exact(width));
            for (i, (z, hits)) in rows.enumerate() {
                let mut pairs = z.iter().zip(hits);
                each(i, right(pairs.all(|(&z, &hit)| (z >= 0.0) == (hit == 1))));
            }
        }
        _ => {}
    }
}
