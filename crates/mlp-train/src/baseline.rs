//! What a network must beat: the most frequent class or the mean, and a linear model.

use crate::metrics::{Evaluation, evaluate_answers};
use crate::{Config, OptimizerKind, Prepared, Schedule, TrainError, Trainer};
use mlp_model::data::{Part, Target, TargetCoding};
use mlp_model::tensor::Exec;
use mlp_model::{Prediction, Task};

/// Answers every row with the most frequent class of the training rows, or with their mean.
pub fn majority_or_mean(
    task: Task,
    coding: &TargetCoding,
    class_counts: &[u64],
    target: &Target,
) -> Evaluation {
    let counts = class_counts;
    let answer = match coding {
        TargetCoding::Number { mean, .. } => Prediction::Number(*mean),
        TargetCoding::Classes { labels, .. } => {
            let total = counts.iter().sum::<u64>().max(1) as f64;
            let index = (1..counts.len()).fold(0, |b, c| if counts[c] > counts[b] { c } else { b });
            let share = |c: usize| counts.get(c).map_or(0.0, |&n| n as f64 / total);
            let probabilities = (0..labels.len()).map(share).collect();
            Prediction::Class { index, probabilities }
        }
    };
    let rows = match target {
        Target::Classes { codes, .. } => codes.len(),
        Target::Numbers { values, .. } => values.len(),
        Target::None => 0,
    };
    evaluate_answers(task, &vec![answer; rows], target)
}

/// A linear or logistic regression on the same rows and preprocessing, and how it does on a part.
///
/// # Errors
/// As [`Trainer::run`] and [`Prepared::evaluate`].
pub fn linear(exec: &Exec, session: &Prepared, part: Part) -> Result<Evaluation, TrainError> {
    let batch = session.config.batch_size.unwrap_or(64).max(64);
    let steps = session.train.len().div_ceil(batch).max(1);
    let epochs = (3_000 / steps).clamp(3, 1_000) as u32;
    let config = Config {
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
    };
    let linear = session.sibling(config)?;
    let mut state = match linear.solve_exact(exec) {
        Ok((state, _)) => state,
        // Classes, or too large for a closed form: by gradient descent.
        Err(TrainError::Exact { .. }) => linear.start(),
        Err(other) => return Err(other),
    };
    Trainer { exec, session: &linear }.run(&mut state, &mut [])?;
    let model = linear.model(&state)?;
    linear.evaluate(exec, &model, part)
}
