//! Figures of sets of labels, as scikit-learn defines them for indicator matrices. Of classes and numbers: the room
//! above.

use super::{Evaluation, Weighing, mean, rank_auc, score, wilson};
use mlp_model::tensor::math;
use mlp_model::{Prediction, Task};
use serde::Serialize;
use std::borrow::Borrow;

/// How well one label was told; rows are counted, whatever their weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelFigures {
    /// The label.
    pub label: String,
    /// Rows that have it.
    pub examples: u64,
    /// Rows of which it was said.
    pub predicted: u64,
    /// Rows that have it and of which it was said.
    pub right: u64,
    /// Share of the rows of which it was said that have it; `None` if it was said of none.
    pub precision: Option<f64>,
    /// Share of the rows that have it of which it was said; `None` if none has it.
    pub recall: Option<f64>,
    /// `2·right / (examples + predicted)`; 0 where neither occurs.
    pub f1: f64,
    /// Area under the ROC curve; `None` where all or no rows have it.
    pub roc_auc: Option<f64>,
}

/// Weights of rows with a label, of those of which it was said, and of both.
#[derive(Clone, Copy, Default)]
struct Sums {
    truth: f64,
    predicted: f64,
    right: f64,
}

impl Sums {
    fn add(&mut self, truth: bool, predicted: bool, weight: f64) {
        self.truth += if truth { weight } else { 0.0 };
        self.predicted += if predicted { weight } else { 0.0 };
        self.right += if truth && predicted { weight } else { 0.0 };
    }

    /// 0 where it is not defined, as in scikit-learn.
    fn f1(self) -> f64 {
        let both = self.truth + self.predicted;
        if both > 0.0 { 2.0 * self.right / both } else { 0.0 }
    }
}

/// Figures of answers against `hits`, `labels × rows`.
pub(super) fn evaluate<A: Borrow<Prediction>>(
    task: Task,
    answers: &[A],
    labels: &[String],
    hits: &[u8],
    weights: Weighing<'_>,
) -> Evaluation {
    let width = labels.len();
    let (mut counts, mut sums) = (vec![Sums::default(); width], vec![Sums::default(); width]);
    let (mut losses, mut exact, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    let mut by_label = vec![Vec::with_capacity(answers.len()); width];
    let rows = answers.iter().zip(hits.chunks_exact(width.max(1))).enumerate();
    for (row, (answer, hits)) in rows {
        let Prediction::Labels { probabilities, against } = answer.borrow() else { continue };
        let (mut loss, mut errors) = (0.0, 0usize);
        for (j, (&p, &hit)) in probabilities.iter().zip(hits).enumerate() {
            let (truth, said) = (hit == 1, p >= 0.5);
            counts[j].add(truth, said, 1.0);
            sums[j].add(truth, said, weights.at(row));
            errors += usize::from(truth != said);
            let of_truth = if truth { p } else { against[j] };
            loss -= math::ln(of_truth.max(f64::from(f32::MIN_POSITIVE)));
            by_label[j].push(p);
        }
        losses.push(loss / width as f64);
        exact.push(f64::from(errors == 0));
        wrong.push(errors as f64 / width as f64);
    }
    let aucs: Vec<Option<f64>> = (0..width)
        .map(|j| {
            let truth: Vec<u32> = hits.iter().skip(j).step_by(width).map(|&h| h.into()).collect();
            rank_auc(&by_label[j], &truth, 1, weights)
        })
        .collect();
    let subset = weights.mean(&exact);
    let defined: Vec<f64> = aucs.iter().flatten().copied().collect();
    let mut metrics = vec![
        score("subset_accuracy", subset),
        score("f1_micro", total(&sums).f1()),
        score("f1_macro", mean(&sums.iter().map(|s| s.f1()).collect::<Vec<_>>())),
        score("hamming_loss", weights.mean(&wrong)),
    ];
    metrics.extend((!defined.is_empty()).then(|| score("roc_auc", mean(&defined))));
    let each = labels.iter().zip(counts).zip(aucs);
    Evaluation {
        task,
        examples: losses.len(),
        loss: weights.mean(&losses),
        metrics,
        interval: wilson(subset, weights.effective(losses.len())),
        confusion: None,
        labels: each.map(|((label, counts), auc)| figures(label, counts, auc)).collect(),
        weighted: weights.0.is_some(),
    }
}

fn total(sums: &[Sums]) -> Sums {
    sums.iter().fold(Sums::default(), |all, one| Sums {
        truth: all.truth + one.truth,
        predicted: all.predicted + one.predicted,
        right: all.right + one.right,
    })
}

fn figures(label: &str, counts: Sums, roc_auc: Option<f64>) -> LabelFigures {
    let share = |of: f64| (of > 0.0).then(|| counts.right / of);
    LabelFigures {
        label: label.to_string(),
        examples: counts.truth as u64,
        predicted: counts.predicted as u64,
        right: counts.right as u64,
        precision: share(counts.predicted),
        recall: share(counts.truth),
        f1: counts.f1(),
        roc_auc,
    }
}
