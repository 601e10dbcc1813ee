//! `mlp inspect`: a model's or a data set's contents, without training.

use crate::args::{Global, InspectArgs};
use crate::input;
use crate::output::{self, bytes, entry, figure, grouped, metric, print};
use crate::train::{classes, skipped, skipped_json};
use mlp_data::{Column, Dataset, Kind, MISSING, OpenOptions, Target, TargetCoding};
use mlp_model::{LayerSpec, Model, container};
use serde_json::{Value, json};
use std::path::Path;

/// Runs the verb.
pub fn run(args: &InspectArgs, global: &Global) -> anyhow::Result<()> {
    let path = input::model_path(Path::new(&args.file));
    if input::is_container(&path) {
        let model = input::model(&path)?;
        let sha = container::sha256_hex(&model.to_bytes()?);
        return match global.json {
            true => output::json(&model_json(&model, &sha)),
            false => print(&model_text(&model, &sha)),
        };
    }
    let options = OpenOptions {
        target: args.target.clone(),
        labels: args.labels.clone(),
        label_regex: args.label_regex.clone(),
        header: args.header,
        ..OpenOptions::default()
    };
    let data = input::data(&input::exec(global)?, global, &args.file, &options)?;
    match global.json {
        true => output::json(&data_json(&data)),
        false => print(&data_text(&data)),
    }
}

fn task_text(model: &Model) -> String {
    match &model.pipeline.target {
        TargetCoding::Number { name, .. } => format!("regression: the number `{name}`"),
        TargetCoding::Classes { name, labels } => {
            let shown: Vec<&str> = labels.iter().take(12).map(String::as_str).collect();
            let more = if labels.len() > 12 { ", …" } else { "" };
            let all = format!("{}{more}", shown.join(", "));
            format!("{}: `{name}`, one of {} ({all})", model.task.name(), labels.len())
        }
    }
}

fn inputs_text(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for field in model.pipeline.schema.fields.iter().take(40) {
        let word = if lines.is_empty() { "columns" } else { "" };
        lines.push(entry(word, &format!("{} ({})", field.name, kind(field.kind))));
    }
    let fields = model.pipeline.schema.fields.len();
    if fields > 40 {
        lines.push(entry("", &format!("… and {} more", fields - 40)));
    }
    lines
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Number => "number".into(),
        Kind::Boolean => "boolean".into(),
        Kind::Category => "category".into(),
        Kind::Picture(s) => format!("picture {}×{}×{}", s.width, s.height, s.channels),
    }
}

fn model_text(model: &Model, sha: &str) -> String {
    let record = &model.record;
    let mut lines = vec![entry("task", &task_text(model))];
    lines.extend(inputs_text(model));
    let mut width = model.network.inputs();
    let features = model.pipeline.features();
    let of = features
        .map_or(String::new(), |(set, shape, _)| format!(" features: {}", set.words(shape)));
    lines.push(entry("inputs", &format!("{}{of}", grouped(width))));
    for (i, layer) in model.network.spec().layers.iter().enumerate() {
        let text = match layer {
            LayerSpec::Dense { outputs, activation } => {
                let size = (width + 1) * outputs;
                let text = format!("dense {width} → {outputs} {}", activation.name());
                width = *outputs;
                format!("{text}, {} parameters", grouped(size))
            }
            LayerSpec::Dropout { rate } => format!("dropout {rate} (while training)"),
        };
        lines.push(entry(if i == 0 { "layers" } else { "" }, &text));
    }
    let parameters = model.network.parameters();
    lines
        .push(entry("", &format!("{} parameters, {}", grouped(parameters), bytes(parameters * 4))));
    let [train, valid, test] = record.examples.map(grouped);
    let data = format!("{train} train, {valid} validation, {test} test");
    lines.push(entry("data", &data));
    lines.push(entry("", &format!("fingerprint {}", container::hex(&record.fingerprint))));
    for score in &record.scores {
        let name = score.name.rsplit('.').next().unwrap_or("");
        let word = if score.name == record.scores[0].name { "scores" } else { "" };
        lines.push(entry(word, &format!("{:<32} {:>9}", score.name, metric(name, score.value))));
    }
    let epochs = format!("{} epochs, best {}", record.history.len(), record.best_epoch);
    lines.push(entry("trained", &format!("{epochs}, by version {}", record.version)));
    let config: Vec<String> = record.config.iter().map(|(k, v)| format!("{k} {v}")).collect();
    for (i, words) in config.chunks(5).enumerate() {
        lines.push(entry(if i == 0 { "options" } else { "" }, &words.join(", ")));
    }
    lines.push(entry("sha256", sha));
    lines.join("\n")
}

fn model_json(model: &Model, sha: &str) -> Value {
    let record = &model.record;
    let fields = model.pipeline.schema.fields.iter();
    let columns: Vec<Value> =
        fields.map(|f| json!({"name": f.name, "kind": kind(f.kind)})).collect();
    let scores: serde_json::Map<String, Value> =
        record.scores.iter().map(|s| (s.name.clone(), json!(s.value))).collect();
    let config: serde_json::Map<String, Value> =
        record.config.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    json!({
        "kind": "model",
        "task": model.task.name(),
        "labels": model.labels(),
        "columns": columns,
        "inputs": model.network.inputs(),
        "layers": model.network.spec().layers,
        "parameters": model.network.parameters(),
        "examples": record.examples,
        "fingerprint": container::hex(&record.fingerprint),
        "scores": scores,
        "epochs": record.history.len(),
        "best_epoch": record.best_epoch,
        "version": record.version,
        "config": config,
        "model_sha256": sha,
    })
}

/// What a column holds: missing cells, and a range or the number of different words.
struct Facts {
    missing: usize,
    text: String,
    json: Value,
}

/// An end of a range: whole numbers as such.
fn end(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 { value.to_string() } else { figure(value) }
}

fn facts(column: &Column) -> Facts {
    match column {
        Column::Number(values) => {
            let present = || values.iter().copied().filter(|v| !v.is_nan());
            let low = present().fold(f64::INFINITY, f64::min);
            let high = present().fold(f64::NEG_INFINITY, f64::max);
            let missing = values.iter().filter(|v| v.is_nan()).count();
            let text = format!("{} to {}", end(low), end(high));
            Facts { missing, text, json: json!({"minimum": low, "maximum": high}) }
        }
        Column::Category { levels, codes } => {
            let missing = codes.iter().filter(|&&c| c == MISSING).count();
            let shown: Vec<&str> = levels.iter().take(5).map(String::as_str).collect();
            let more = if levels.len() > 5 { ", …" } else { "" };
            let text = format!("{} different: {}{more}", grouped(levels.len()), shown.join(", "));
            Facts { missing, text, json: json!({"levels": levels.len()}) }
        }
        Column::Pixels { .. } => Facts { missing: 0, text: String::new(), json: json!({}) },
    }
}

fn data_text(data: &Dataset) -> String {
    let mut lines = vec![entry("data", &format!("{}: {} rows", data.name, grouped(data.len())))];
    lines.extend(data.notes.iter().map(|note| entry("", note)));
    lines.extend(skipped(data));
    if let Some(target) = classes(&data.target) {
        lines.push(entry("target", &target));
    }
    let mut rows = Vec::new();
    for (field, column) in data.table.schema.fields.iter().zip(&data.table.columns) {
        let facts = facts(column);
        let missing = match facts.missing {
            0 => String::new(),
            n => format!("{} missing", grouped(n)),
        };
        rows.push(vec![field.name.clone(), kind(field.kind), missing, facts.text]);
    }
    let widths: Vec<usize> = (0..3)
        .map(|c| rows.iter().map(|row: &Vec<String>| row[c].chars().count()).max().unwrap_or(0))
        .collect();
    for (i, row) in rows.iter().enumerate() {
        let cells: Vec<String> = (0..3)
            .map(|c| format!("{}{}", row[c], " ".repeat(widths[c] - row[c].chars().count())))
            .collect();
        let line = format!("{}   {}", cells.join("   "), row[3]);
        lines.push(entry(if i == 0 { "columns" } else { "" }, line.trim_end()));
    }
    lines.join("\n")
}

fn data_json(data: &Dataset) -> Value {
    let fields = data.table.schema.fields.iter().zip(&data.table.columns);
    let columns: Vec<Value> = fields
        .map(|(field, column)| {
            let facts = facts(column);
            json!({
                "name": field.name,
                "kind": kind(field.kind),
                "missing": facts.missing,
                "values": facts.json,
            })
        })
        .collect();
    let target = match &data.target {
        Target::Classes { name, labels, codes } => {
            let mut counts = vec![0usize; labels.len()];
            codes.iter().for_each(|&c| counts[c as usize] += 1);
            json!({"name": name, "kind": "classes", "labels": labels, "counts": counts})
        }
        Target::Numbers { name, .. } => json!({"name": name, "kind": "number"}),
        Target::None => Value::Null,
    };
    json!({
        "kind": "data",
        "name": data.name,
        "rows": data.len(),
        "columns": columns,
        "target": target,
        "notes": data.notes,
        "skipped": skipped_json(&data.skipped),
        "fingerprint": container::hex(&data.fingerprint()),
    })
}
