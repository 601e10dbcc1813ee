//! How good answers are: metrics, their interval, the confusion of classes. Of sets of labels: `labels`.

mod labels;

pub use labels::LabelFigures;

use crate::TrainError;
use mlp_model::data::{Batch, DataError, Examples, Target, TargetCoding, Targets};
use mlp_model::tensor::{Exec, math, reduce};
use mlp_model::{Model, Prediction, Score, Task};
use serde::Serialize;
use std::borrow::Borrow;

/// The normal distribution holds 95 % within this many deviations.
const Z: f64 = 1.959_963_984_540_054;

/// Counts of true against predicted classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// The classes.
    pub labels: Vec<String>,
    /// `counts[true][predicted]`.
    pub counts: Vec<Vec<u64>>,
}

/// All figures of some answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What was predicted.
    pub task: Task,
    /// How many answers.
    pub examples: usize,
    /// Mean cross-entropy in nats (of labels the mean over them), or mean squared error in the target's unit squared.
    pub loss: f64,
    /// `accuracy`, `balanced_accuracy`, `f1_macro`, `roc_auc`; or `rmse`, `mae`, `r2`; or
    /// `subset_accuracy` (the share of rows all of whose labels are right), `f1_micro`, `f1_macro`, `hamming_loss`,
    /// `roc_auc`, as scikit-learn defines them. The first is the main one.
    pub metrics: Vec<Score>,
    /// 95 % interval of the main metric: Wilson's for an accuracy, from the normal law of the mean squared error for
    /// the RMSE.
    pub interval: (f64, f64),
    /// For classes; rows are counted, whatever their weights.
    pub confusion: Option<Confusion>,
    /// For sets of labels, one a label; else none.
    pub labels: Vec<LabelFigures>,
    /// Whether rows count by their weights, in all figures but `examples` and the confusion. The interval then is that
    /// of `(Σw)² / Σw²` rows (Kish, "Survey Sampling", 1965).
    pub weighted: bool,
}

impl Evaluation {
    /// A metric by name.
    pub fn score(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|score| score.name == name).map(|score| score.value)
    }

    /// Accuracy, RMSE or subset accuracy.
    pub fn main(&self) -> &Score {
        &self.metrics[0]
    }
}

/// Evaluates a model on encoded rows that have targets, each of which counts as much as its weight (one for each of
/// `rows`), or as any other.
///
/// # Errors
/// Rows without a target; those of [`Model::predict`].
pub fn evaluate(
    exec: &Exec,
    model: &Model,
    examples: &dyn Examples,
    rows: &[usize],
    weights: Option<&[f64]>,
) -> Result<Evaluation, TrainError> {
    let mut batch = Batch::new();
    let mut targets = none_yet(&model.pipeline.target);
    for rows in rows.chunks(4096) {
        examples.fill(exec, rows, &mut batch)?;
        if batch.targets == Targets::None {
            let what =
                "these rows have no target to compare with: name its column with --target".into();
            return Err(DataError::Unusable { what }.into());
        }
        add(&mut targets, &batch.targets, &model.pipeline.target);
    }
    let Target::Classes { labels, codes, .. } = &targets else {
        let answers = model.predict(exec, examples, rows)?;
        return Ok(evaluate_answers(model.task, &answers, &targets, weights));
    };
    // Answers one by one would take many times what is in them.
    let mut by_class = ByClass::new(labels.len(), rows.len());
    for rows in rows.chunks(1 << 16) {
        by_class.add(&model.predict(exec, examples, rows)?);
    }
    Ok(classes(model.task, &by_class, labels, codes, Weighing(weights)))
}

fn none_yet(coding: &TargetCoding) -> Target {
    match coding {
        TargetCoding::Classes { name, labels } => {
            Target::Classes { name: name.clone(), labels: labels.clone(), codes: Vec::new() }
        }
        TargetCoding::Number { name, .. } => {
            Target::Numbers { name: name.clone(), values: Vec::new() }
        }
        TargetCoding::Labels { name, labels, separator } => Target::Labels {
            name: name.clone(),
            labels: labels.clone(),
            separator: separator.clone(),
            hits: Vec::new(),
        },
    }
}

fn add(all: &mut Target, more: &Targets, coding: &TargetCoding) {
    match (all, more, coding) {
        (Target::Classes { codes, .. }, Targets::Classes(more), _) => codes.extend(more),
        (Target::Labels { hits, .. }, Targets::Labels { hits: more, .. }, _) => hits.extend(more),
        (
            Target::Numbers { values, .. },
            Targets::Numbers(more),
            TargetCoding::Number { mean, deviation, .. },
        ) => values.extend(more.iter().map(|&t| f64::from(t) * deviation + mean)),
        _ => {}
    }
}

/// Evaluates answers against the truth, row by row; with weights, one a row.
///
/// # Panics
/// If a class is none of the target's labels, an answer has another number of probabilities, or there are fewer weights
/// than rows.
pub fn evaluate_answers<A: Borrow<Prediction>>(
    task: Task,
    answers: &[A],
    target: &Target,
    weights: Option<&[f64]>,
) -> Evaluation {
    let weights = Weighing(weights);
    match target {
        Target::Numbers { values, .. } => {
            let number = |answer: &A| match answer.borrow() {
                Prediction::Number(y) => *y,
                Prediction::Class { .. } | Prediction::Labels { .. } => f64::NAN,
            };
            numbers(task, &answers.iter().map(number).collect::<Vec<_>>(), values, weights)
        }
        Target::Classes { labels, codes, .. } => {
            let mut by_class = ByClass::new(labels.len(), answers.len());
            by_class.add(answers);
            classes(task, &by_class, labels, codes, weights)
        }
        Target::Labels { labels, hits, .. } => {
            labels::evaluate(task, answers, labels, hits, weights)
        }
        Target::None => classes(task, &ByClass::new(0, 0), &[], &[], weights),
    }
}

fn score(name: &str, value: f64) -> Score {
    Score { name: name.into(), value }
}

fn mean(values: &[f64]) -> f64 {
    reduce::sum(values) / values.len().max(1) as f64
}

/// How much each row counts: as much as any other where nothing is said. A weight of 1 for all gives the same bits.
#[derive(Clone, Copy)]
struct Weighing<'a>(Option<&'a [f64]>);

impl Weighing<'_> {
    fn at(self, row: usize) -> f64 {
        self.0.map_or(1.0, |weights| weights[row])
    }

    /// The mean of one value a row; 0 where nothing counts.
    fn mean(self, values: &[f64]) -> f64 {
        let Some(weights) = self.0 else { return mean(values) };
        let products: Vec<f64> = values.iter().zip(weights).map(|(v, w)| v * w).collect();
        let total = reduce::sum(&weights[..values.len()]);
        reduce::sum(&products) / if total > 0.0 { total } else { 1.0 }
    }

    /// How many rows of equal weight would say as much: `(Σw)² / Σw²`.
    fn effective(self, rows: usize) -> f64 {
        let Some(weights) = self.0 else { return rows as f64 };
        let weights = &weights[..rows];
        let squares: Vec<f64> = weights.iter().map(|w| w * w).collect();
        let (total, squares) = (reduce::sum(weights), reduce::sum(&squares));
        if squares > 0.0 { total * total / squares } else { 0.0 }
    }
}

fn numbers(task: Task, answers: &[f64], truth: &[f64], weights: Weighing<'_>) -> Evaluation {
    let squares: Vec<f64> = answers.iter().zip(truth).map(|(y, t)| (y - t) * (y - t)).collect();
    let errors: Vec<f64> = answers.iter().zip(truth).map(|(y, t)| (y - t).abs()).collect();
    let centre = weights.mean(truth);
    let spread: Vec<f64> = truth.iter().map(|t| (t - centre) * (t - centre)).collect();
    let (mse, variance) = (weights.mean(&squares), weights.mean(&spread));
    // Of a constant, scikit-learn's convention: 1 if met exactly, else 0.
    let r2 = match variance > 0.0 {
        true => 1.0 - mse / variance,
        false => f64::from(mse == 0.0),
    };
    let scatter: Vec<f64> = squares.iter().map(|s| (s - mse) * (s - mse)).collect();
    let half = Z * weights.mean(&scatter).sqrt() / weights.effective(squares.len()).max(1.0).sqrt();
    let metrics =
        vec![score("rmse", mse.sqrt()), score("mae", weights.mean(&errors)), score("r2", r2)];
    Evaluation {
        task,
        examples: truth.len(),
        loss: mse,
        metrics,
        interval: ((mse - half).max(0.0).sqrt(), (mse + half).sqrt()),
        confusion: None,
        labels: Vec::new(),
        weighted: weights.0.is_some(),
    }
}

/// Answers of one class each, by column.
struct ByClass {
    index: Vec<u32>,
    /// A column a class.
    probabilities: Vec<Vec<f64>>,
}

impl ByClass {
    fn new(classes: usize, rows: usize) -> ByClass {
        let probabilities = (0..classes).map(|_| Vec::with_capacity(rows)).collect();
        ByClass { index: Vec::with_capacity(rows), probabilities }
    }

    fn add<A: Borrow<Prediction>>(&mut self, answers: &[A]) {
        for answer in answers {
            let Prediction::Class { index, probabilities } = answer.borrow() else { continue };
            self.index.push(*index as u32);
            for (column, &p) in self.probabilities.iter_mut().zip(probabilities) {
                column.push(p);
            }
        }
    }
}

fn classes(
    task: Task,
    answers: &ByClass,
    labels: &[String],
    truth: &[u32],
    weights: Weighing<'_>,
) -> Evaluation {
    let (size, n) = (labels.len(), truth.len());
    let (mut counts, mut sums) = (vec![vec![0u64; size]; size], vec![vec![0.0; size]; size]);
    let mut losses = Vec::with_capacity(n);
    for (row, (&index, &t)) in answers.index.iter().zip(truth).enumerate() {
        counts[t as usize][index as usize] += 1;
        sums[t as usize][index as usize] += weights.at(row);
        // A probability that rounded to 0 would make the mean infinite: the least positive f32 stands for it.
        let p = answers.probabilities[t as usize][row];
        losses.push(-math::ln(p.max(f64::from(f32::MIN_POSITIVE))));
    }
    let all: f64 = sums.iter().flatten().sum();
    let right: f64 = (0..size).map(|c| sums[c][c]).sum();
    let accuracy = right / if all > 0.0 { all } else { 1.0 };
    let (recall, f1) = per_class(&sums);
    let mut metrics = vec![
        score("accuracy", accuracy),
        score("balanced_accuracy", recall),
        score("f1_macro", f1),
    ];
    metrics
        .extend(roc_auc(&answers.probabilities, truth, weights).map(|auc| score("roc_auc", auc)));
    Evaluation {
        task,
        examples: n,
        loss: weights.mean(&losses),
        metrics,
        interval: wilson(accuracy, weights.effective(losses.len())),
        confusion: Some(Confusion { labels: labels.to_vec(), counts }),
        labels: Vec::new(),
        weighted: weights.0.is_some(),
    }
}

/// Mean recall over the classes that occur, and mean F1 over those that occur or are predicted, from weights of true
/// against predicted classes.
fn per_class(sums: &[Vec<f64>]) -> (f64, f64) {
    let (mut recalls, mut f1s) = (Vec::new(), Vec::new());
    for (class, row) in sums.iter().enumerate() {
        let right = row[class];
        let truth = row.iter().sum::<f64>();
        let predicted = sums.iter().map(|row| row[class]).sum::<f64>();
        if truth > 0.0 {
            recalls.push(right / truth);
        }
        if truth + predicted > 0.0 {
            f1s.push(2.0 * right / (truth + predicted));
        }
    }
    (mean(&recalls), mean(&f1s))
}

/// Area under the ROC curve: of the second class where there are two, else the mean of one class against the rest.
/// `None` where it is not defined, because only one class occurs.
fn roc_auc(by_class: &[Vec<f64>], truth: &[u32], weights: Weighing<'_>) -> Option<f64> {
    let one = |class: usize| rank_auc(&by_class[class], truth, class as u32, weights);
    if by_class.len() == 2 {
        return one(1);
    }
    let all: Vec<f64> = (0..by_class.len()).filter_map(one).collect();
    (!all.is_empty()).then(|| mean(&all))
}

/// Mann–Whitney's statistic over the pairs of a row of the class and another, each pair by the product of its weights:
/// the share in which the first has the larger probability; ties count half.
fn rank_auc(p: &[f64], truth: &[u32], class: u32, weights: Weighing<'_>) -> Option<f64> {
    // Rows of equal probability in their own order.
    let mut order: Vec<u32> = (0..p.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| p[a as usize].total_cmp(&p[b as usize]).then(a.cmp(&b)));
    let (mut below, mut of_class, mut won, mut i) = (0.0, 0.0, 0.0, 0);
    while i < order.len() {
        let ties =
            order[i..].iter().take_while(|&&j| p[j as usize] == p[order[i] as usize]).count();
        let (mut ours, mut others) = (0.0, 0.0);
        for &j in &order[i..i + ties] {
            let row = j as usize;
            *if truth[row] == class { &mut ours } else { &mut others } += weights.at(row);
        }
        won += ours * (below + 0.5 * others);
        of_class += ours;
        below += others;
        i += ties;
    }
    let pairs = of_class * below;
    (pairs > 0.0).then(|| won / pairs)
}

/// Wilson's 95 % score interval of a share `p` of `n`.
fn wilson(p: f64, n: f64) -> (f64, f64) {
    if n <= 0.0 {
        return (0.0, 1.0);
    }
    let z = Z;
    let centre = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}
