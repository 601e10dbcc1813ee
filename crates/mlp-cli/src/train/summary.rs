//! What is about to be trained, in a few lines.

use crate::output::{bytes, count, entry, figure, grouped, percent, say};
use mlp_data::{Dataset, Kind, Part, Projection, Split, Target, TargetCoding};
use mlp_model::LayerSpec;
use mlp_train::{OptimizerKind, Prepared, majority_or_mean};
use serde_json::{Value, json};

/// Classes or columns named before `…`.
const SHOWN: usize = 6;

/// Prints the summary; `how` says by what the parts were made, `checks` what was found to be odd.
pub fn show(data: &Dataset, split: &Split, how: &str, checks: &[String], session: &Prepared) {
    for line in lines(data, split, how, checks, session) {
        say(&line);
    }
}

fn lines(
    data: &Dataset,
    split: &Split,
    how: &str,
    checks: &[String],
    session: &Prepared,
) -> Vec<String> {
    let mut lines = vec![entry("data", &contents(data))];
    if let Some(classes) = classes(&data.target) {
        let word = match data.target {
            Target::Numbers { .. } => "target",
            Target::Labels { .. } => "labels",
            Target::Classes { .. } | Target::None => "classes",
        };
        lines.push(entry(word, &classes));
    }
    lines.extend(data.notes.iter().map(|note| entry("", note)));
    lines.extend(skipped(data));
    let parts = [Part::Train, Part::Validation, Part::Test];
    let part = |p: Part| format!("{} {}", grouped(session.rows(p).len()), p.name());
    let used: Vec<String> =
        parts.into_iter().filter(|&p| !session.rows(p).is_empty()).map(part).collect();
    if let Some(weights) = &data.weights {
        let text = format!("rows count by `{}`, scaled to a mean of 1 in training", weights.name);
        lines.push(entry("weights", &text));
    }
    let how = format!("({how}seed {})", session.config.seed);
    lines.push(entry("split", &format!("{} {how}", used.join(" · "))));
    lines.extend(split.warnings(data).into_iter().map(|w| entry("", &w)));
    let word = |i: usize| if i == 0 { "checks" } else { "" };
    lines.extend(checks.iter().enumerate().map(|(i, text)| entry(word(i), text)));
    lines.push(entry("inputs", &inputs(session)));
    for (column, reason) in &session.pipeline.dropped {
        lines.push(entry("", &format!("column `{column}` is left out: {reason}")));
    }
    if !session.config.augment.is_none() {
        lines.push(entry("", &format!("training pictures changed: {}", session.config.augment)));
    }
    lines.extend(layers(session));
    let training = training(session);
    let word = |i: usize| if i == 0 { "training" } else { "" };
    lines.extend(training.iter().enumerate().map(|(i, text)| entry(word(i), text)));
    let part = if session.test.is_empty() { Part::Validation } else { Part::Test };
    let rows = session.rows(part);
    if !rows.is_empty() {
        let text = format!("{} ({})", baseline(session, &data.target, rows), part.name());
        lines.push(entry("baseline", &text));
    }
    lines
}

fn contents(data: &Dataset) -> String {
    let rows = data.len();
    match data.table.schema.fields.first().map(|f| f.kind) {
        Some(Kind::Picture(s)) => {
            let colour = if s.channels == 1 { "one channel" } else { "colour" };
            let what = count(rows, "picture", "pictures");
            format!("{}: {what} of {}×{}, {colour}", data.name, s.width, s.height)
        }
        _ => {
            let columns = count(data.table.schema.fields.len(), "column", "columns");
            format!("{}: {} of {columns}", data.name, count(rows, "row", "rows"))
        }
    }
}

/// The classes and how many there are of each.
pub fn classes(target: &Target) -> Option<String> {
    match target {
        Target::Classes { labels, codes, name } => {
            let counts = target.counts(0..codes.len());
            Some(format!("{} (target `{name}`)", each(labels, &counts)))
        }
        Target::Labels { labels, hits, name, .. } => {
            let mut rows = hits.chunks_exact(labels.len().max(1));
            let (all, none) = (rows.len(), rows.by_ref().filter(|row| !row.contains(&1)).count());
            let counts = target.counts(0..all);
            let mean = counts.iter().sum::<u64>() as f64 / all.max(1) as f64;
            let (each, none) = (each(labels, &counts), count(none, "row", "rows"));
            Some(format!("{each} (target `{name}`; {mean:.2} a row, {none} without any)"))
        }
        Target::Numbers { name, values } => {
            let (low, high) = values
                .iter()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
            Some(format!("numbers from {} to {} (target `{name}`)", figure(low), figure(high)))
        }
        Target::None => None,
    }
}

/// Labels and how many rows have each.
fn each(labels: &[String], counts: &[u64]) -> String {
    let each = labels.iter().zip(counts).take(SHOWN);
    let mut text: Vec<String> = each.map(|(label, n)| format!("{label} {}", grouped(*n))).collect();
    if labels.len() > SHOWN {
        text.push(format!("… ({} in all)", labels.len()));
    }
    text.join(", ")
}

/// What could not be read.
pub fn skipped(data: &Dataset) -> Vec<String> {
    let mut lines = Vec::new();
    if !data.skipped.is_empty() {
        let files = count(data.skipped.len(), "file", "files");
        lines.push(entry(
            "skipped",
            &format!("{files} that cannot be read (--strict refuses them):"),
        ));
        for s in data.skipped.iter().take(10) {
            lines.push(entry("", &format!("{}: {}", s.path, s.reason)));
        }
        if data.skipped.len() > 10 {
            lines.push(entry("", &format!("… and {} more", grouped(data.skipped.len() - 10))));
        }
    }
    lines
}

fn inputs(session: &Prepared) -> String {
    let width = session.pipeline.encoded_width();
    let encoded = match session.pipeline.schema.fields.first().map(|f| f.kind) {
        Some(Kind::Picture(_)) if session.pipeline.picture_shape().is_none() => {
            let names = session.pipeline.features().map(|(set, shape, _)| set.words(shape));
            format!("{} features: {}", grouped(width), names.unwrap_or_default())
        }
        Some(Kind::Picture(s)) => {
            format!("{} = {} × {} × {}", grouped(width), s.width, s.height, s.channels)
        }
        _ => format!("{} after encoding", grouped(width)),
    };
    match &session.pipeline.projection {
        Some(projection) => format!("{} of {encoded}", components(projection)),
        None => encoded,
    }
}

/// How many principal components there are, and how much they say.
pub fn components(projection: &Projection) -> String {
    let share = percent(projection.explained.iter().sum::<f64>().min(1.0));
    let what = count(projection.outputs, "principal component", "principal components");
    let whitened = if projection.whiten { ", whitened" } else { "" };
    format!("{what} ({share} of the variance{whitened})")
}

fn layers(session: &Prepared) -> Vec<String> {
    let mut lines = Vec::new();
    let mut width = session.network.inputs();
    for layer in &session.network.spec().layers {
        let word = if lines.is_empty() { "layers" } else { "" };
        let text = match layer {
            LayerSpec::Dense { outputs, activation } => {
                let parameters = (width + 1) * outputs;
                let shape = format!("dense {} → {}", grouped(width), grouped(*outputs));
                width = *outputs;
                format!(
                    "{shape:<20} {:<10} {:>11} parameters",
                    activation.name(),
                    grouped(parameters)
                )
            }
            LayerSpec::Dropout { rate } => format!("dropout {rate}"),
        };
        lines.push(entry(word, &text));
    }
    let parameters = session.network.parameters();
    let total = format!("{} parameters, {}", grouped(parameters), bytes(parameters * 4));
    lines.push(entry("", &total));
    lines
}

fn training(session: &Prepared) -> Vec<String> {
    let c = &session.config;
    if c.optimizer == OptimizerKind::Exact {
        return vec!["closed-form least squares".into()];
    }
    let words = c.words();
    let word = |key: &str| {
        words.iter().find(|(k, _)| k == key).map_or("", |(_, value)| value.as_str()).to_string()
    };
    let epochs = word("epochs");
    let epochs = format!("{epochs} {}", if epochs == "1" { "epoch" } else { "epochs" });
    let steps = c.pace(session.train.len()).total();
    let patience = match c.patience {
        0 => String::new(),
        n if session.valid.is_empty() => format!(", no validation part: patience {n} is idle"),
        n => format!(", patience {n}"),
    };
    let how = ["optimizer", "learning-rate", "schedule", "batch-size"].map(word);
    let [optimizer, rate, schedule, batch] = how;
    vec![
        format!("{optimizer}, rate {rate} {schedule}, batch {batch}"),
        format!("{epochs} = {} steps{patience}", grouped(steps)),
    ]
}

/// The baseline on some rows, in words.
fn baseline(session: &Prepared, target: &Target, rows: &[usize]) -> String {
    let coding = &session.pipeline.target;
    let counts = (&session.class_counts[..], session.train.len() as u64);
    let (target, weights) = (target.select(rows), session.weights_of(rows));
    let answer = majority_or_mean(session.task, coding, counts, &target, weights.as_deref());
    match &session.pipeline.target {
        TargetCoding::Classes { labels, .. } => {
            let top = mlp_model::argmax(&session.class_counts);
            let label = labels.get(top).map_or("", String::as_str);
            format!("always `{label}`: {}", percent(answer.main().value))
        }
        TargetCoding::Labels { .. } => {
            let value = percent(answer.main().value);
            format!("each label by its majority: subset accuracy {value}")
        }
        TargetCoding::Number { mean, .. } => {
            format!("always the mean {}: rmse {}", figure(*mean), figure(answer.main().value))
        }
    }
}

/// The same as JSON, for `--dry-run --json`.
pub fn json(data: &Dataset, session: &Prepared) -> Value {
    let config: serde_json::Map<String, Value> =
        session.config.words().into_iter().map(|(k, v)| (k, Value::String(v))).collect();
    let mut document = json!({
        "data": data.name,
        "examples": {
            "train": session.train.len(),
            "validation": session.valid.len(),
            "test": session.test.len(),
        },
        "skipped": data.skipped.iter()
            .map(|s| json!({"path": s.path, "reason": s.reason})).collect::<Vec<_>>(),
        "inputs": session.network.inputs(),
        "outputs": session.network.outputs(),
        "parameters": session.network.parameters(),
        "task": session.task.name(),
        "config": config,
    });
    if let Some(projection) = &session.pipeline.projection {
        document["pca"] = pca_json(projection);
    }
    document
}

/// Principal components as JSON.
pub fn pca_json(projection: &Projection) -> Value {
    json!({
        "inputs": projection.inputs,
        "components": projection.outputs,
        "whitened": projection.whiten,
        "explained": projection.explained,
    })
}
