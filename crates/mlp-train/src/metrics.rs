//! How good answers are: metrics, their interval, the confusion of classes.

use crate::TrainError;
use mlp_model::data::{Batch, DataError, Examples, Target, TargetCoding, Targets};
use mlp_model::tensor::{Exec, math, reduce};
use mlp_model::{Model, Prediction, Score, Task};
use serde::Serialize;

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
    /// Mean cross-entropy in nats, or mean squared error in the target's unit squared.
    pub loss: f64,
    /// `accuracy`, `balanced_accuracy`, `f1_macro`, `roc_auc`; or `rmse`, `mae`, `r2`. The first is the main one.
    pub metrics: Vec<Score>,
    /// 95 % interval of the main metric: Wilson's for the accuracy, from the normal law of the mean squared error for
    /// the RMSE.
    pub interval: (f64, f64),
    /// For classes.
    pub confusion: Option<Confusion>,
}

impl Evaluation {
    /// A metric by name.
    pub fn score(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|score| score.name == name).map(|score| score.value)
    }

    /// Accuracy or RMSE.
    pub fn main(&self) -> &Score {
        &self.metrics[0]
    }
}

/// Evaluates a model on encoded rows that have targets.
///
/// # Errors
/// Rows without a target; those of [`Model::predict`].
pub fn evaluate(
    exec: &Exec,
    model: &Model,
    examples: &dyn Examples,
    rows: &[usize],
) -> Result<Evaluation, TrainError> {
    let answers = model.predict(exec, examples, rows)?;
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
    Ok(evaluate_answers(model.task, &answers, &targets))
}

fn none_yet(coding: &TargetCoding) -> Target {
    match coding {
        TargetCoding::Classes { name, labels } => {
            Target::Classes { name: name.clone(), labels: labels.clone(), codes: Vec::new() }
        }
        TargetCoding::Number { name, .. } => {
            Target::Numbers { name: name.clone(), values: Vec::new() }
        }
    }
}

fn add(all: &mut Target, more: &Targets, coding: &TargetCoding) {
    match (all, more, coding) {
        (Target::Classes { codes, .. }, Targets::Classes(more), _) => codes.extend(more),
        (
            Target::Numbers { values, .. },
            Targets::Numbers(more),
            TargetCoding::Number { mean, deviation, .. },
        ) => values.extend(more.iter().map(|&t| f64::from(t) * deviation + mean)),
        _ => {}
    }
}

/// Evaluates answers against the truth, row by row.
///
/// # Panics
/// If a class is none of the target's labels, or an answer has another number of probabilities.
pub fn evaluate_answers(task: Task, answers: &[Prediction], target: &Target) -> Evaluation {
    match target {
        Target::Numbers { values, .. } => {
            let number = |answer: &Prediction| match answer {
                Prediction::Number(y) => *y,
                Prediction::Class { .. } => f64::NAN,
            };
            numbers(task, &answers.iter().map(number).collect::<Vec<_>>(), values)
        }
        Target::Classes { labels, codes, .. } => classes(task, answers, labels, codes),
        Target::None => classes(task, &[], &[], &[]),
    }
}

fn score(name: &str, value: f64) -> Score {
    Score { name: name.into(), value }
}

fn mean(values: &[f64]) -> f64 {
    reduce::sum(values) / values.len().max(1) as f64
}

fn numbers(task: Task, answers: &[f64], truth: &[f64]) -> Evaluation {
    let squares: Vec<f64> = answers.iter().zip(truth).map(|(y, t)| (y - t) * (y - t)).collect();
    let errors: Vec<f64> = answers.iter().zip(truth).map(|(y, t)| (y - t).abs()).collect();
    let centre = mean(truth);
    let spread: Vec<f64> = truth.iter().map(|t| (t - centre) * (t - centre)).collect();
    let (mse, variance) = (mean(&squares), mean(&spread));
    // Of a constant, scikit-learn's convention: 1 if met exactly, else 0.
    let r2 = match variance > 0.0 {
        true => 1.0 - mse / variance,
        false => f64::from(mse == 0.0),
    };
    let deviation = mean(&squares.iter().map(|s| (s - mse) * (s - mse)).collect::<Vec<_>>()).sqrt();
    let half = Z * deviation / (squares.len().max(1) as f64).sqrt();
    Evaluation {
        task,
        examples: truth.len(),
        loss: mse,
        metrics: vec![score("rmse", mse.sqrt()), score("mae", mean(&errors)), score("r2", r2)],
        interval: ((mse - half).max(0.0).sqrt(), (mse + half).sqrt()),
        confusion: None,
    }
}

fn classes(task: Task, answers: &[Prediction], labels: &[String], truth: &[u32]) -> Evaluation {
    let size = labels.len();
    let mut counts = vec![vec![0u64; size]; size];
    let mut losses = Vec::with_capacity(truth.len());
    let mut by_class = vec![Vec::with_capacity(truth.len()); size];
    for (answer, &t) in answers.iter().zip(truth) {
        let Prediction::Class { index, probabilities } = answer else { continue };
        counts[t as usize][*index] += 1;
        // A probability that rounded to 0 would make the mean infinite: the least positive f32 stands for it.
        losses.push(-math::ln(probabilities[t as usize].max(f64::from(f32::MIN_POSITIVE))));
        for (column, &p) in by_class.iter_mut().zip(probabilities) {
            column.push(p);
        }
    }
    let right: u64 = (0..size).map(|c| counts[c][c]).sum();
    let n = truth.len();
    let accuracy = right as f64 / n.max(1) as f64;
    let (recall, f1) = per_class(&counts);
    let mut metrics = vec![
        score("accuracy", accuracy),
        score("balanced_accuracy", recall),
        score("f1_macro", f1),
    ];
    metrics.extend(roc_auc(&by_class, truth).map(|auc| score("roc_auc", auc)));
    Evaluation {
        task,
        examples: n,
        loss: mean(&losses),
        metrics,
        interval: wilson(right, n as u64),
        confusion: Some(Confusion { labels: labels.to_vec(), counts }),
    }
}

/// Mean recall over the classes that occur, and mean F1 over those that occur or are predicted.
fn per_class(counts: &[Vec<u64>]) -> (f64, f64) {
    let (mut recalls, mut f1s) = (Vec::new(), Vec::new());
    for (class, row) in counts.iter().enumerate() {
        let right = row[class] as f64;
        let truth = row.iter().sum::<u64>() as f64;
        let predicted = counts.iter().map(|row| row[class]).sum::<u64>() as f64;
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
fn roc_auc(by_class: &[Vec<f64>], truth: &[u32]) -> Option<f64> {
    let one = |class: usize| rank_auc(&by_class[class], truth, class as u32);
    if by_class.len() == 2 {
        return one(1);
    }
    let all: Vec<f64> = (0..by_class.len()).filter_map(one).collect();
    (!all.is_empty()).then(|| mean(&all))
}

/// Mann–Whitney's statistic over the number of pairs; ties count half.
fn rank_auc(p: &[f64], truth: &[u32], class: u32) -> Option<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let positive = truth.iter().filter(|&&t| t == class).count() as f64;
    let negative = truth.len() as f64 - positive;
    let (mut ranks, mut i) = (0.0, 0);
    while i < order.len() {
        let ties = order[i..].iter().take_while(|&&j| p[j] == p[order[i]]).count();
        let middle = i as f64 + (ties as f64 + 1.0) / 2.0;
        let hits = order[i..i + ties].iter().filter(|&&j| truth[j] == class).count();
        ranks += middle * hits as f64;
        i += ties;
    }
    let pairs = positive * negative;
    (pairs > 0.0).then(|| (ranks - positive * (positive + 1.0) / 2.0) / pairs)
}

/// Wilson's 95 % score interval of a share.
fn wilson(right: u64, n: u64) -> (f64, f64) {
    if n == 0 {
        return (0.0, 1.0);
    }
    let (z, n, p) = (Z, n as f64, right as f64 / n as f64);
    let centre = p + z * z / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}
