//! `mlp evaluate`.

use crate::args::{EvaluateArgs, Global};
use crate::failure::usage;
use crate::input;
use crate::output::{self, figure, grouped, metric, print, say};
use crate::train::{interval, metrics_json, skipped, skipped_json};
use anyhow::{Context, bail};
use mlp_data::{Dataset, OpenOptions, Part};
use mlp_model::Model;
use mlp_tensor::Exec;
use mlp_train::{Confusion, Evaluation, evaluate, majority_or_mean};
use serde_json::json;

/// Largest confusion table that is printed.
const MAX_CLASSES: usize = 20;

/// Runs the verb.
pub fn run(args: &EvaluateArgs, global: &Global) -> anyhow::Result<()> {
    let exec = input::exec(global)?;
    let model = input::model(&args.model)?;
    let known = model.pipeline.open_options();
    let options = OpenOptions {
        target: args.target.clone().or(known.target.clone()),
        labels: args.labels.clone(),
        label_regex: args.label_regex.clone(),
        header: args.header,
        strict: args.strict,
        target_optional: false,
        ..known
    };
    let data = input::data(&exec, global, &args.data, &options)?;
    let rows = rows(&data, args.part.as_deref())?;
    let encoded = model
        .pipeline
        .encode_on(&exec, &data.table, &data.target)
        .with_context(|| data.name.clone())?;
    let network = evaluate(&exec, &model, &encoded, &rows)?;
    let (coding, counts) = (&model.pipeline.target, &model.record.class_counts);
    let baseline = majority_or_mean(model.task, coding, counts, &data.target.select(&rows));
    let own = is_training_data(&exec, &args.data, &model, &options, &data);
    if global.json {
        return output::json(&json!({
            "task": model.task.name(),
            "examples": network.examples,
            "loss": network.loss,
            "metrics": metrics_json(&network),
            "baseline": metrics_json(&baseline),
            "confusion": network.confusion,
            "unseen": unseen_json(&encoded.unseen),
            "skipped": skipped_json(&data.skipped),
            "training_data": own,
        }));
    }
    if !global.quiet {
        notes(&data, &encoded.unseen, own);
    }
    tell(&model, &network, &baseline)
}

/// Whether these are the very data the model was trained on. Where training left columns out, they are read again as
/// training read them, since the fingerprint covers all columns.
fn is_training_data(
    exec: &Exec,
    name: &str,
    model: &Model,
    options: &OpenOptions,
    data: &Dataset,
) -> bool {
    let same = |data: &Dataset| data.fingerprint() == model.record.fingerprint;
    if model.pipeline.dropped.is_empty() {
        return same(data);
    }
    let whole = OpenOptions { schema: None, columns: Vec::new(), ..options.clone() };
    mlp_data::open(exec, name, &whole, &mlp_data::open::Quiet).is_ok_and(|data| same(&data))
}

/// Categories that training never saw, as JSON.
pub fn unseen_json(unseen: &[(String, usize)]) -> serde_json::Value {
    unseen.iter().filter(|(_, n)| *n > 0).map(|(c, n)| json!({"column": c, "rows": n})).collect()
}

/// What a user should know before the figures.
fn notes(data: &Dataset, unseen: &[(String, usize)], own: bool) {
    data.notes.iter().for_each(|note| say(note));
    skipped(data).iter().for_each(|line| say(line));
    tell_unseen(unseen);
    if own {
        say("careful: this is the data the model was trained on, training rows included");
    }
}

/// Says which columns held words that training never saw.
pub fn tell_unseen(unseen: &[(String, usize)]) {
    for (column, rows) in unseen.iter().filter(|(_, rows)| *rows > 0) {
        say(&format!("column `{column}`: {} hold a word that training never saw", {
            output::count(*rows, "row", "rows")
        }));
    }
}

fn rows(data: &Dataset, part: Option<&str>) -> anyhow::Result<Vec<usize>> {
    let Some(word) = part else { return Ok((0..data.len()).collect()) };
    let parts = [Part::Train, Part::Validation, Part::Test];
    let Some(part) = parts.into_iter().find(|p| p.name() == word) else {
        return Err(usage(format!("--part {word}: must be train, validation or test")));
    };
    let rows: Vec<usize> = (0..data.len()).filter(|&r| data.parts[r] == Some(part)).collect();
    if rows.is_empty() {
        bail!("`{}` does not itself mark any row as {word}; leave --part out", data.name);
    }
    Ok(rows)
}

fn tell(model: &Model, network: &Evaluation, baseline: &Evaluation) -> anyhow::Result<()> {
    let title = output::count(network.examples, "example", "examples");
    let base = if network.confusion.is_some() { "most frequent class" } else { "mean" };
    let mut rows = vec![vec![title, "model".into(), "95 % interval".into(), base.into()]];
    for (i, score) in network.metrics.iter().enumerate() {
        let interval = if i == 0 { interval(&score.name, network.interval) } else { String::new() };
        let other = baseline.score(&score.name).map_or("-".into(), |v| metric(&score.name, v));
        rows.push(vec![score.name.clone(), metric(&score.name, score.value), interval, other]);
    }
    rows.push(vec!["loss".into(), figure(network.loss), String::new(), figure(baseline.loss)]);
    print(&output::table(&rows))?;
    match &network.confusion {
        Some(confusion) if model.labels().len() <= MAX_CLASSES => {
            print(&format!("\n{}", confusion_table(confusion)))
        }
        Some(_) => {
            print(&format!("\n({} classes: --json has the confusion)", model.labels().len()))
        }
        None => Ok(()),
    }
}

fn confusion_table(confusion: &Confusion) -> String {
    let mut rows = vec![vec!["true \\ predicted".to_string()]];
    rows[0].extend(confusion.labels.iter().cloned());
    for (label, counts) in confusion.labels.iter().zip(&confusion.counts) {
        let mut row = vec![label.clone()];
        row.extend(counts.iter().map(|&n| grouped(n)));
        rows.push(row);
    }
    output::table(&rows)
}
