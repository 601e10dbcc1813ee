//! `mlp inspect`: a model's contents; those of a data set are shown by [`crate::data::inspect`].

use crate::args::{Global, InspectArgs};
use crate::output::{self, bytes, count, entry, grouped, metric, print};
use crate::train::{components, pca_json};
use crate::{data, input};
use mlp_data::TargetCoding;
use mlp_model::{LayerSpec, Model, Task, container};
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
    data::inspect::show(&args.file, &args.reading, global)
}

fn task_text(model: &Model) -> String {
    match &model.pipeline.target {
        TargetCoding::Number { name, .. } => format!("regression: the number `{name}`"),
        TargetCoding::Classes { name, labels } | TargetCoding::Labels { name, labels, .. } => {
            let of = if model.task == Task::Multilabel { "any" } else { "one" };
            let shown: Vec<&str> = labels.iter().take(12).map(String::as_str).collect();
            let more = if labels.len() > 12 { ", …" } else { "" };
            let all = format!("{}{more}", shown.join(", "));
            format!("{}: `{name}`, {of} of {} ({all})", model.task.name(), labels.len())
        }
    }
}

fn inputs_text(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for field in model.pipeline.schema.fields.iter().take(40) {
        let word = if lines.is_empty() { "columns" } else { "" };
        lines.push(entry(word, &format!("{} ({})", field.name, field.kind)));
    }
    let fields = model.pipeline.schema.fields.len();
    if fields > 40 {
        lines.push(entry("", &format!("… and {} more", fields - 40)));
    }
    lines
}

fn model_text(model: &Model, sha: &str) -> String {
    let record = &model.record;
    let mut lines = vec![entry("task", &task_text(model))];
    lines.extend(inputs_text(model));
    let mut width = model.network.inputs();
    let inputs = match (&model.pipeline.projection, model.pipeline.features()) {
        (Some(projection), _) => {
            format!("{} of {} encoded", components(projection), grouped(projection.inputs))
        }
        (None, Some((set, shape, _))) => {
            format!("{} features: {}", grouped(width), set.words(shape))
        }
        (None, None) => grouped(width),
    };
    lines.push(entry("inputs", &inputs));
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
    let epochs =
        format!("{}, best {}", count(record.history.len(), "epoch", "epochs"), record.best_epoch);
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
        fields.map(|f| json!({"name": f.name, "kind": f.kind.to_string()})).collect();
    let scores: serde_json::Map<String, Value> =
        record.scores.iter().map(|s| (s.name.clone(), json!(s.value))).collect();
    let mut document = json!({
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
        "config": record.options(),
        "model_sha256": sha,
    });
    if let Some(projection) = &model.pipeline.projection {
        document["pca"] = pca_json(projection);
    }
    document
}
