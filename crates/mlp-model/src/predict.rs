//! From encoded rows to logits, probabilities and answers in the target's own terms.

use crate::{Mode, Model, ModelError, Network, Task};
use mlp_data::{Examples, TargetCoding};
use mlp_tensor::elementwise::softmax_columns;
use mlp_tensor::{Exec, math};

/// The answer for one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Prediction {
    /// The most probable class, and the probability of each.
    Class {
        /// Index into the model's labels; the first of equals.
        index: usize,
        /// One a label; they add up to 1 within rounding.
        probabilities: Vec<f64>,
    },
    /// A number in the target's unit.
    Number(f64),
    /// Labels: those of a probability of at least 0.5.
    Labels {
        /// One a label, each for itself.
        probabilities: Vec<f64>,
        /// That a label does not hold: `1 - p`, exact where `p` is nearly 1.
        against: Vec<f64>,
    },
}

impl Prediction {
    /// The labels that it names, as indices; of a class the one, of a number none.
    pub fn named(&self) -> Vec<usize> {
        match self {
            Prediction::Class { index, .. } => vec![*index],
            Prediction::Number(_) => Vec::new(),
            Prediction::Labels { probabilities, .. } => {
                (0..probabilities.len()).filter(|&j| probabilities[j] >= 0.5).collect()
            }
        }
    }
}

/// Rows a pass; any other number gives the same bits.
const BATCH: usize = 512;

impl Network {
    /// The logits of some rows, `outputs × rows.len()`, an example after another.
    ///
    /// # Errors
    /// If a batch cannot be filled.
    pub fn logits(
        &self,
        exec: &Exec,
        params: &[f32],
        examples: &dyn Examples,
        rows: &[usize],
    ) -> Result<Vec<f32>, ModelError> {
        let mut out = Vec::with_capacity(rows.len() * self.outputs());
        let mut work = self.workspace(BATCH.min(rows.len()));
        for rows in rows.chunks(BATCH) {
            let z = self.forward_rows(exec, params, examples, rows, Mode::Infer, &mut work)?;
            out.extend_from_slice(z);
        }
        Ok(out)
    }
}

impl Model {
    /// The answers for some rows.
    ///
    /// # Errors
    /// If a batch cannot be filled, or if an output overflows to infinity or NaN; it names the row.
    pub fn predict(
        &self,
        exec: &Exec,
        examples: &dyn Examples,
        rows: &[usize],
    ) -> Result<Vec<Prediction>, ModelError> {
        let z = self.network.logits(exec, &self.params.values, examples, rows)?;
        if let Some(i) = z.iter().position(|z| !z.is_finite()) {
            let row = rows[i / self.network.outputs()];
            let what = format!(
                "row {row} (counted from 0): the network's output is not a finite number; \
                 look for extreme values in this row"
            );
            return Err(ModelError::Network { what });
        }
        Ok(self.answers(exec, &z))
    }

    /// Answers from logits, `outputs × count`.
    pub fn answers(&self, exec: &Exec, z: &[f32]) -> Vec<Prediction> {
        match (&self.pipeline.target, self.task) {
            (TargetCoding::Number { mean, deviation, .. }, _) => {
                z.iter().map(|&z| Prediction::Number(f64::from(z) * deviation + mean)).collect()
            }
            (_, Task::Binary | Task::Regression) => {
                z.iter().map(|&z| binary(f64::from(z))).collect()
            }
            (_, Task::Multilabel) => {
                let rows = z.chunks_exact(self.network.outputs());
                rows.map(|z| labels(z.iter().map(|&z| f64::from(z)))).collect()
            }
            (_, Task::Multiclass) => {
                let classes = self.network.outputs();
                let mut p = vec![0.0; z.len()];
                softmax_columns(exec, z, classes, &mut p);
                z.chunks_exact(classes)
                    .zip(p.chunks_exact(classes))
                    .map(|(z, p)| many(z, p))
                    .collect()
            }
        }
    }
}

impl Model {
    /// The answer from the logits of one row in `f64`, as the reference network gives them.
    pub fn answer_f64(&self, z: &[f64]) -> Prediction {
        match (&self.pipeline.target, self.task) {
            (TargetCoding::Number { mean, deviation, .. }, _) => {
                Prediction::Number(z[0] * deviation + mean)
            }
            (_, Task::Binary | Task::Regression) => binary(z[0]),
            (_, Task::Multilabel) => labels(z.iter().copied()),
            (_, Task::Multiclass) => {
                let index = argmax(z);
                let e: Vec<f64> = z.iter().map(|z_k| math::exp(z_k - z[index])).collect();
                let sum: f64 = e.iter().sum();
                Prediction::Class { index, probabilities: e.iter().map(|e| e / sum).collect() }
            }
        }
    }
}

/// The index of the largest value, the first of equals; 0 of none. It is the class of given logits, and the most
/// frequent one of given counts.
pub fn argmax<T: PartialOrd>(values: &[T]) -> usize {
    (1..values.len()).fold(0, |best, j| if values[j] > values[best] { j } else { best })
}

fn binary(z: f64) -> Prediction {
    // Each from its own tail: `1 - p` would be 0 long before the first class is impossible.
    let probabilities = vec![math::logistic(-z), math::logistic(z)];
    Prediction::Class { index: usize::from(z > 0.0), probabilities }
}

fn labels(z: impl Iterator<Item = f64> + Clone) -> Prediction {
    let probabilities = z.clone().map(math::logistic).collect();
    Prediction::Labels { probabilities, against: z.map(|z| math::logistic(-z)).collect() }
}

fn many(z: &[f32], p: &[f32]) -> Prediction {
    let index = argmax(z);
    let probabilities = p.iter().map(|&p| f64::from(p)).collect();
    Prediction::Class { index, probabilities }
}
