//! Every option of a training with the value it took: what `config.toml` of the run folder holds.

use super::Job;
use crate::options::Options;
use crate::words::{
    Activation, Augment, Channels, ClassWeights, Colour, Features, Hidden, Numbers, Optimizer,
    Pixels, Resize, ScheduleWord, Size, TaskWord,
};
use mlp_data::{Kind, Target, TargetCoding, TaskHint};
use mlp_train::Schedule;
use std::path::Path;

/// The options of a job, resolved. Paths are made absolute, so that a run can be resumed from anywhere.
pub fn resolved(job: &Job<'_>) -> Options {
    let o = &job.options;
    let absolute = |path: &Path| std::fs::canonicalize(path).ok();
    let (valid, test) = o.shares();
    let (picture, plan) = (job.data.picture, o.plan());
    // Pictures that were no files have no size to be brought to.
    let columns = &job.session.pipeline.schema.fields;
    let pixels = columns.iter().any(|f| matches!(f.kind, Kind::Picture(_)));
    let data = o.data.as_ref().map(|d| match absolute(Path::new(d)) {
        Some(path) => path.to_string_lossy().into_owned(),
        None => d.clone(),
    });
    let (name, task) = match &job.session.pipeline.target {
        TargetCoding::Classes { name, .. } | TargetCoding::Labels { name, .. } => {
            (name, TaskHint::Classes)
        }
        TargetCoding::Number { name, .. } => (name, TaskHint::Numbers),
    };
    let named = picture.is_none() && !matches!(job.data.target, Target::None);
    network(
        job,
        Options {
            data,
            out: None,
            target: o.target.clone().or(named.then(|| name.clone())),
            task: o.task.filter(|t| t.task().is_some()).or(named.then(|| TaskWord::of(task))),
            test_data: o.test_data.as_deref().and_then(absolute),
            labels: o.labels.as_deref().and_then(absolute),
            valid: (o.split.is_none() || o.fold.is_some()).then_some(valid),
            test: o.split.is_none().then_some(test),
            split: o.split.as_deref().and_then(absolute),
            // It need not be there, if nothing is kept.
            cache_dir: o.cache_dir.as_deref().and_then(|dir| std::path::absolute(dir).ok()),
            checks: Some(o.checks.unwrap_or(true)),
            drop_duplicates: Some(o.drop_duplicates.unwrap_or(false)),
            size: picture.map(|p| Size(p.size.0, p.size.1)),
            resize: picture.map(|p| Resize::of(p.resize)),
            channels: picture.map(|p| Channels::of(p.channels)),
            background: picture.map(|p| Colour(p.background)),
            numbers: named.then(|| Numbers::of(plan.numbers)).or(o.numbers),
            rare_below: named.then_some(plan.min_count).or(o.rare_below),
            max_levels: named.then_some(plan.max_levels).or(o.max_levels),
            whiten: plan.pca.map(|pca| pca.whiten).or(o.whiten),
            pixels: pixels.then(|| Pixels::of(plan.pixels)),
            features: pixels.then(|| Features::of(plan.features)),
            augment: pixels.then(|| Augment(job.session.config.augment)),
            threads: None,
            isa: None,
            quiet: None,
            json: None,
            ..o.clone()
        },
    )
}

/// The hyper-parameters over the other options.
fn network(job: &Job<'_>, others: Options) -> Options {
    let c = &job.session.config;
    let (step_every, step_factor) = match c.schedule {
        Schedule::Step { every, factor } => (Some(every), Some(decimal(factor))),
        _ => (None, None),
    };
    Options {
        hidden: Some(Hidden(c.hidden.clone())),
        activation: Some(Activation(c.activation)),
        dropout: Some(decimal(c.dropout)),
        optimizer: Some(Optimizer::of(c.optimizer)),
        learning_rate: c.learning_rate.map(decimal),
        schedule: Some(ScheduleWord::of(c.schedule)),
        warmup: Some(decimal(c.warmup)),
        step_every,
        step_factor,
        epochs: c.epochs,
        batch_size: c.batch_size,
        patience: Some(c.patience),
        weight_decay: c.weight_decay.map(decimal),
        momentum: Some(decimal(c.momentum)),
        nesterov: Some(c.nesterov),
        beta1: Some(decimal(c.betas.0)),
        beta2: Some(decimal(c.betas.1)),
        epsilon: Some(decimal(c.epsilon)),
        clip: Some(decimal(c.clip)),
        class_weights: Some(ClassWeights::of(c.class_weights)),
        seed: Some(c.seed),
        ..others
    }
}

/// The shortest decimal of an `f32`, so that the file reads `0.001`, not `0.0010000000474974513`; it gives the same
/// `f32` again.
fn decimal(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}
