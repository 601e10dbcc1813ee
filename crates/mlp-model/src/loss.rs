//! Losses on logits, in forms that stay finite for any |z| ≤ 1e4 and keep their relative accuracy
//! where an example is nearly right; summed in f64 in a fixed order.

use crate::argmax;
use mlp_data::{Targets, TargetsView};
use mlp_tensor::elementwise::softmax_columns;
use mlp_tensor::{Exec, math};

/// A loss of a batch of logits. Class indices must be below the number of classes; targets of the
/// wrong kind are a fault of the caller and give 0.
pub trait Loss: Send + Sync {
    /// Calls `each(i, loss)` for every example in order; `z` is `outputs × count`. Where `grad` is
    /// given as `(scale, dz)`, writes to `dz` (`outputs × count`) the gradient of `scale` times their
    /// sum. On the calling thread; examples do not depend on one another.
    fn examples(
        &self,
        exec: &Exec,
        z: &[f32],
        targets: TargetsView<'_>,
        grad: Option<(f32, &mut [f32])>,
        each: &mut dyn FnMut(usize, f64),
    );

    /// The sum of the losses of all examples.
    fn sum(&self, exec: &Exec, z: &[f32], targets: &Targets) -> f64 {
        let mut losses = Vec::new();
        self.examples(exec, z, targets.view(), None, &mut |_, loss| losses.push(loss));
        sum(losses.len(), &|i| losses[i])
    }

    /// The same sum, to the bit; writes to `dz` (`outputs × count`) the gradient of `scale` times
    /// the sum.
    fn sum_and_grad(
        &self,
        exec: &Exec,
        z: &[f32],
        targets: &Targets,
        scale: f32,
        dz: &mut [f32],
    ) -> f64 {
        let (mut losses, grad) = (Vec::new(), Some((scale, dz)));
        self.examples(exec, z, targets.view(), grad, &mut |_, loss| losses.push(loss));
        sum(losses.len(), &|i| losses[i])
    }
}

/// Examples whose losses are added one after another before the tree.
const CHUNK: usize = 64;

/// The sum of the losses of a batch, as every loss adds them: `value(i)` for `i` in `0..count`, chains
/// of 64 combined in halves.
pub fn sum(count: usize, value: &impl Fn(usize) -> f64) -> f64 {
    fn tree(from: usize, to: usize, value: &impl Fn(usize) -> f64) -> f64 {
        let chunks = (to - from).div_ceil(CHUNK);
        if chunks <= 1 {
            return (from..to).fold(0.0, |sum, i| sum + value(i));
        }
        let middle = from + chunks / 2 * CHUNK;
        tree(from, middle, value) + tree(middle, to, value)
    }
    tree(0, count, value)
}

fn weight(weights: &Option<Vec<f32>>, class: u32) -> f32 {
    weights.as_ref().and_then(|w| w.get(class as usize)).copied().unwrap_or(1.0)
}

/// `(z - t)²`
#[derive(Clone, Copy, Debug)]
pub struct SquaredError;

impl Loss for SquaredError {
    fn examples(
        &self,
        _: &Exec,
        z: &[f32],
        targets: TargetsView<'_>,
        grad: Option<(f32, &mut [f32])>,
        each: &mut dyn FnMut(usize, f64),
    ) {
        let TargetsView::Numbers(t) = targets else { return };
        for (i, (&z, &t)) in z.iter().zip(t).enumerate() {
            let d = f64::from(z) - f64::from(t);
            each(i, d * d);
        }
        if let Some((scale, dz)) = grad {
            for ((d, &z), &t) in dz.iter_mut().zip(z).zip(t) {
                *d = 2.0 * (z - t) * scale;
            }
        }
    }
}

/// Binary cross-entropy on one logit: `softplus(z) - t·z`, where class 1 has `t = 1`.
#[derive(Clone, Debug, Default)]
pub struct Logistic {
    /// One factor a class.
    pub class_weights: Option<Vec<f32>>,
}

/// The logit of the class that is not the target: the loss is its softplus, without cancellation.
fn other_logit(z: f32, target: u32) -> f64 {
    if target == 1 { -f64::from(z) } else { f64::from(z) }
}

impl Loss for Logistic {
    fn examples(
        &self,
        _: &Exec,
        z: &[f32],
        targets: TargetsView<'_>,
        grad: Option<(f32, &mut [f32])>,
        each: &mut dyn FnMut(usize, f64),
    ) {
        let TargetsView::Classes(t) = targets else { return };
        for (i, (&z, &t)) in z.iter().zip(t).enumerate() {
            let loss = math::softplus(other_logit(z, t));
            each(i, f64::from(weight(&self.class_weights, t)) * loss);
        }
        if let Some((scale, dz)) = grad {
            for ((d, &z), &t) in dz.iter_mut().zip(z).zip(t) {
                let wrong = math::logistic(other_logit(z, t)) as f32;
                let signed = if t == 1 { -wrong } else { wrong };
                *d = signed * (weight(&self.class_weights, t) * scale);
            }
        }
    }
}

/// A logit a label, each with the binary cross-entropy of [`Logistic`]; the loss of an example is their mean: their sum
/// divided by the number of labels, so that it compares with that of other numbers of labels.
#[derive(Clone, Debug)]
pub struct LabelLogistic {
    /// Logits an example.
    pub labels: usize,
    /// Two factors a label: of examples without it and with it.
    pub class_weights: Option<Vec<f32>>,
}

impl Loss for LabelLogistic {
    fn examples(
        &self,
        _: &Exec,
        z: &[f32],
        targets: TargetsView<'_>,
        grad: Option<(f32, &mut [f32])>,
        each: &mut dyn FnMut(usize, f64),
    ) {
        let TargetsView::Labels { hits, .. } = targets else { return };
        let weight = |j: usize, hit: u8| weight(&self.class_weights, 2 * j as u32 + u32::from(hit));
        let rows = z.chunks_exact(self.labels).zip(hits.chunks_exact(self.labels));
        for (i, (z, hits)) in rows.enumerate() {
            let pairs = z.iter().zip(hits).enumerate();
            let loss = pairs.fold(0.0, |sum, (j, (&z, &hit))| {
                let loss = math::softplus(other_logit(z, u32::from(hit)));
                sum + f64::from(weight(j, hit)) * loss
            });
            each(i, loss / self.labels as f64);
        }
        if let Some((scale, dz)) = grad {
            let scale = scale / self.labels as f32;
            for (k, ((d, &z), &hit)) in dz.iter_mut().zip(z).zip(hits).enumerate() {
                let wrong = math::logistic(other_logit(z, u32::from(hit))) as f32;
                let signed = if hit == 1 { -wrong } else { wrong };
                *d = signed * (weight(k % self.labels, hit) * scale);
            }
        }
    }
}

/// Cross-entropy of a softmax: `ln Σ exp(z) - z_t`.
#[derive(Clone, Debug)]
pub struct SoftmaxCrossEntropy {
    /// Logits an example.
    pub classes: usize,
    /// One factor a class.
    pub class_weights: Option<Vec<f32>>,
}

/// The sum of all values but one, in rising order.
fn sum_without(p: &[f32], left_out: usize) -> f64 {
    let add =
        |sum: f64, (j, &p): (usize, &f32)| if j == left_out { sum } else { sum + f64::from(p) };
    p.iter().enumerate().fold(0.0, add)
}

impl SoftmaxCrossEntropy {
    /// From the logits of an example and their softmax. With the largest logit `m`, the loss is `(m -
    /// z_t) + ln(1 + Σ' exp(z - m))` without the largest in the sum, whose terms are `p / p_m`.
    fn one(&self, z: &[f32], p: &[f32], t: u32) -> f64 {
        let best = argmax(z);
        let behind = f64::from(z[best]) - f64::from(z[t as usize]);
        let loss = behind + math::ln_1p(sum_without(p, best) / f64::from(p[best]));
        f64::from(weight(&self.class_weights, t)) * loss
    }
}

impl Loss for SoftmaxCrossEntropy {
    fn examples(
        &self,
        exec: &Exec,
        z: &[f32],
        targets: TargetsView<'_>,
        grad: Option<(f32, &mut [f32])>,
        each: &mut dyn FnMut(usize, f64),
    ) {
        let TargetsView::Classes(t) = targets else { return };
        let mut room = Vec::new();
        let (scale, p) = match grad {
            Some((scale, dz)) => (Some(scale), dz),
            None => {
                room.resize(z.len(), 0.0);
                (None, &mut room[..])
            }
        };
        softmax_columns(&exec.alone(), z, self.classes, p);
        let columns = z.chunks_exact(self.classes).zip(p.chunks_exact_mut(self.classes));
        for (i, ((z, p), &t)) in columns.zip(t).enumerate() {
            each(i, self.one(z, p, t));
            if let Some(scale) = scale {
                // `p_t - 1`, without cancellation
                p[t as usize] = -sum_without(p, t as usize) as f32;
                let factor = weight(&self.class_weights, t) * scale;
                p.iter_mut().for_each(|p| *p *= factor);
            }
        }
    }
}
