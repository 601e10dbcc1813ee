//! What a network must beat: the most frequent class or the mean, and a linear model.

use crate::metrics::{Evaluation, evaluate_answers};
use crate::{Config, OptimizerKind, Prepared, Schedule, State, TrainError, Trainer};
use mlp_model::data::{Part, Target, TargetCoding};
use mlp_model::tensor::Exec;
use mlp_model::{Prediction, Task, argmax};

/// Answers every row with the most frequent class of the training rows, or with their mean, or with the labels that
/// most of them have; rows count by their weights, one a row of the target, where there are any. `class_counts` are
/// those of the training rows and how many these are.
pub fn majority_or_mean(
    task: Task,
    coding: &TargetCoding,
    class_counts: (&[u64], u64),
    target: &Target,
    weights: Option<&[f64]>,
) -> Evaluation {
    let (counts, rows) = class_counts;
    let answer = match coding {
        TargetCoding::Number { mean, .. } => Prediction::Number(*mean),
        TargetCoding::Classes { labels, .. } => {
            let total = counts.iter().sum::<u64>().max(1) as f64;
            let share = |c: usize| counts.get(c).map_or(0.0, |&n| n as f64 / total);
            let probabilities = (0..labels.len()).map(share).collect();
            Prediction::Class { index: argmax(counts), probabilities }
        }
        TargetCoding::Labels { labels, .. } => {
            let share = |n: u64| n as f64 / rows.max(1) as f64;
            let of = |j: usize| counts.get(j).copied().unwrap_or_default().min(rows);
            Prediction::Labels {
                probabilities: (0..labels.len()).map(|j| share(of(j))).collect(),
                against: (0..labels.len()).map(|j| share(rows - of(j))).collect(),
            }
        }
    };
    let rows = match target {
        Target::Classes { codes, .. } => codes.len(),
        Target::Numbers { values, .. } => values.len(),
        Target::Labels { labels, hits, .. } => hits.len() / labels.len().max(1),
        Target::None => 0,
    };
    evaluate_answers(task, &vec![&answer; rows], target, weights)
}

/// Most operations of a closed form, which runs on one thread: seconds.
const MAX_OPERATIONS: usize = 5_000_000_000;
/// Steps to the minimum of data of any size.
const STEPS: usize = 3_000;
/// Most examples shown, repeats counted.
const MAX_SHOWN: usize = 2_000_000;

/// A linear or logistic regression on the same rows and preprocessing, and how it does on a part.
///
/// It has a batch size and a number of epochs of its own: up to 100,000 training examples it is shown at most 400,000,
/// above that three times all, and never more than 2,000,000 or once all. Numbers are fitted in closed form where that
/// takes seconds.
///
/// # Errors
/// As [`Trainer::run`] and [`Prepared::evaluate`]. It is a comparison only: an error here, such as
/// [`TrainError::Diverged`], says nothing of the network, and the caller should report it and go on without.
pub fn linear(exec: &Exec, session: &Prepared, part: Part) -> Result<Evaluation, TrainError> {
    let linear = session.sibling(pace(session.train.len(), session))?;
    let mut state = match closed_form(exec, &linear)? {
        Some(state) => state,
        None => linear.start(),
    };
    Trainer { exec, session: &linear }.run(&mut state, &mut [])?;
    let model = linear.model(&state)?;
    linear.evaluate(exec, &model, part)
}

/// How to descend to the one minimum of a linear model.
fn pace(examples: usize, session: &Prepared) -> Config {
    let batch = (examples / 8).clamp(16, 128);
    let steps = examples.div_ceil(batch).max(1);
    let most = (MAX_SHOWN / examples.max(1)).max(1);
    let epochs = (STEPS / steps).clamp(3, 1_000).min(most) as u32;
    Config {
        hidden: Vec::new(),
        dropout: 0.0,
        optimizer: OptimizerKind::AdamW,
        learning_rate: Some(if session.pipeline.width() > 1_000 { 0.001 } else { 0.01 }),
        schedule: Schedule::Cosine,
        batch_size: Some(batch),
        epochs: Some(epochs),
        class_weights: session.config.class_weights,
        // The loss has one minimum only: there is no reason to stop before it.
        patience: 0,
        seed: session.config.seed,
        ..Config::default()
    }
}

/// The fit of a number as target; `None` for classes, and where it would take long.
fn closed_form(exec: &Exec, linear: &Prepared) -> Result<Option<State>, TrainError> {
    let (rows, width) = (linear.train.len(), linear.pipeline.width());
    let operations = 2_usize.saturating_mul(rows).saturating_mul(width);
    if operations.saturating_mul(rows.min(width)) > MAX_OPERATIONS {
        return Ok(None);
    }
    match linear.solve_exact(exec) {
        Ok((state, _)) => Ok(Some(state)),
        Err(TrainError::Exact { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}
