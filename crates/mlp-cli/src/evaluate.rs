//! `mlp evaluate`.

use crate::args::{EvaluateArgs, Global};
use crate::failure::usage;
use crate::fetched;
use crate::input;
use crate::options::TypeOf;
use crate::output::{self, figure, grouped, metric, print, say};
use crate::sets;
use crate::train::{TYPE, interval, metrics_json, skipped, skipped_json};
use anyhow::{Context, bail};
use mlp_data::{Dataset, OpenOptions, Part};
use mlp_model::Model;
use mlp_tensor::Exec;
use mlp_train::{Confusion, Evaluation, evaluate, majority_or_mean};
use serde_json::json;

/// Largest confusion table that is printed.
const MAX_CLASSES: usize = 20;
/// Most labels whose figures are printed.
const MAX_LABELS: usize = 40;

/// Runs the verb.
pub fn run(args: &EvaluateArgs, global: &Global) -> anyhow::Result<()> {
    let exec = input::exec(global)?;
    let model = input::model(&args.model)?;
    let known = model.pipeline.open_options();
    let options = OpenOptions {
        target: args.target.clone().or(known.target.clone()),
        label_columns: match args.target {
            Some(_) => Vec::new(),
            None => known.label_columns.clone(),
        },
        weight: weight(&model),
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
    let weights = data.weights.as_ref().map(|w| rows.iter().map(|&row| w.values[row]).collect());
    let weights: Option<&[f64]> = weights.as_ref().map(|w: &Vec<f64>| &w[..]);
    let network = evaluate(&exec, &model, &encoded, &rows, weights)?;
    let (coding, counts) = (&model.pipeline.target, &model.record.class_counts);
    let counts = (&counts[..], model.record.examples[0]);
    let truth = data.target.select(&rows);
    let baseline = majority_or_mean(model.task, coding, counts, &truth, weights);
    let own = is_training_data(&exec, &args.data, &model, &options, &data);
    if global.json {
        let mut document = json!({
            "task": model.task.name(),
            "examples": network.examples,
            "loss": network.loss,
            "metrics": metrics_json(&network),
            "baseline": metrics_json(&baseline),
            "confusion": network.confusion,
            "unseen": unseen_json(&encoded.unseen),
            "skipped": skipped_json(&data.skipped),
            "training_data": own,
        });
        if !network.labels.is_empty() {
            document["labels"] = json!(network.labels);
        }
        return output::json(&document);
    }
    if !global.quiet {
        notes(&data, &encoded.unseen, own);
    }
    tell(&model, &network, &baseline)
}

/// The column by which the training weighed rows: where it is there, so does the evaluation.
fn weight(model: &Model) -> Option<String> {
    let word = model.record.config.iter().find(|(word, _)| word == "weight");
    word.map(|(_, column)| column.clone())
}

/// What the training was told of columns.
fn types(model: &Model) -> Vec<TypeOf> {
    let words = model.record.config.iter().filter(|(word, _)| word == TYPE);
    words.filter_map(|(_, of)| of.parse().ok()).collect()
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
    let types = types(model).into_iter().map(|of| (of.column, of.kind)).collect();
    let whole = OpenOptions { schema: None, columns: Vec::new(), types, ..options.clone() };
    let Ok((path, whole)) = fetched::resolved(name, &whole) else { return false };
    mlp_data::open(exec, &path, &whole, &mlp_data::open::Quiet).is_ok_and(|data| same(&data))
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
    let title = output::count(network.examples, "example", "examples") + weighted(network);
    let base = sets::baseline(model.task);
    let mut rows = vec![vec![title, "model".into(), "95 % interval".into(), base.into()]];
    for (i, score) in network.metrics.iter().enumerate() {
        let interval = if i == 0 { interval(&score.name, network.interval) } else { String::new() };
        let other = baseline.score(&score.name).map_or("-".into(), |v| metric(&score.name, v));
        rows.push(vec![score.name.clone(), metric(&score.name, score.value), interval, other]);
    }
    rows.push(vec!["loss".into(), figure(network.loss), String::new(), figure(baseline.loss)]);
    print(&output::table(&rows))?;
    if !network.labels.is_empty() {
        return print(&format!("\n{}", labels_table(network)));
    }
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

/// The figures of each label.
fn labels_table(network: &Evaluation) -> String {
    let mut rows = vec![sets::TITLES.map(String::from).to_vec()];
    rows.extend(sets::hardest(&network.labels, MAX_LABELS).into_iter().map(sets::cells));
    let table = output::table(&rows);
    match network.labels.len() > MAX_LABELS {
        true => format!("{table}\n({} labels: --json has all)", network.labels.len()),
        false => table,
    }
}

/// Said behind the number of examples.
pub fn weighted(evaluation: &Evaluation) -> &'static str {
    if evaluation.weighted { ", weighted" } else { "" }
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
