//! The exports in the programs they are made for: onnxruntime after the official checker, and PyTorch's layout; and the
//! model file as `docs/format.md` describes it. Needs Python with `numpy`, `onnx` and `onnxruntime`; what is not there
//! is named aloud and not checked.

use crate::models::{Case, all, case, projected};
use mlp_export::model::{Model, Task};
use mlp_export::{Exporter, Json, Onnx, Safetensors};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Python: `MLP_PYTHON`, or the one on the path.
fn python() -> Command {
    Command::new(std::env::var_os("MLP_PYTHON").unwrap_or_else(|| "python3".into()))
}

fn has(modules: &str) -> bool {
    let output = python().args(["-c", &format!("import {modules}")]).output();
    let found = output.is_ok_and(|output| output.status.success());
    if !found {
        // Not `eprintln!`: what passes through it is hidden when a test succeeds.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no Python that can `import {modules}`");
    }
    found
}

fn rows(values: impl IntoIterator<Item = f64>, width: usize) -> Value {
    let values: Vec<f64> = values.into_iter().collect();
    json!(values.chunks_exact(width).collect::<Vec<_>>())
}

fn of(values: &[f32], width: usize) -> Value {
    rows(values.iter().map(|&v| f64::from(v)), width)
}

/// Writes the export and what it should give, and returns the two paths.
fn write(
    folder: &Path,
    name: &str,
    exporter: &dyn Exporter,
    case: &Case,
    expected: Value,
) -> [String; 2] {
    let width = case.model.network.inputs();
    let input = if exporter.name() == "onnx" { &case.raw } else { &case.inputs };
    let expected = json!({ "input": of(input, width), "outputs": expected });
    let paths = [exporter.extension(), "case.json"].map(|end| folder.join(format!("{name}.{end}")));
    std::fs::write(&paths[0], exporter.export(&case.model).unwrap()).unwrap();
    std::fs::write(&paths[1], expected.to_string()).unwrap();
    paths.map(|path| path.to_str().unwrap().to_owned())
}

fn golden(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden").join(script)
}

#[track_caller]
fn run(script: &str, files: &[[String; 2]]) {
    let output = python().arg(golden(script)).args(files.as_flattened()).output().unwrap();
    let (found, complaint) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{found}{complaint}");
    assert_eq!(
        found.lines().filter(|line| line.contains("largest difference")).count(),
        files.len()
    );
}

#[test]
fn onnxruntime_says_what_the_model_says() {
    if !has("numpy, onnx, onnxruntime") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, model): (String, Model)| {
        let case = case(model, 6);
        let logits = of(&case.logits, case.model.network.outputs());
        let answers = |width| rows(case.answers.iter().copied(), width);
        let expected = match case.model.task {
            Task::Regression => json!({ "prediction": answers(1) }),
            Task::Binary => json!({ "probabilities": answers(2), "logits": logits }),
            Task::Multiclass | Task::Multilabel => {
                json!({ "probabilities": answers(3), "logits": logits })
            }
        };
        write(folder.path(), &name, &Onnx, &case, expected)
    };
    let files: Vec<_> = all().into_iter().map(write).collect();
    run("check_onnx.py", &files);
}

#[test]
fn pytorchs_layout_gives_the_same_logits() {
    if !has("numpy") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, model): (String, Model)| {
        let case = case(model, 6);
        let expected = json!({ "logits": of(&case.logits, case.model.network.outputs()) });
        write(folder.path(), &name, &Safetensors, &case, expected)
    };
    let files: Vec<_> = all().into_iter().map(write).collect();
    run("check_torch.py", &files);
}

/// The reader's numbers are those of the JSON export; `f32` values as Python prints them, which is as `f64`.
#[track_caller]
fn assert_same_layers(name: &str, read: &Value, exported: &Value) {
    let floats = |value: &Value| -> Vec<f32> { serde_json::from_value(value.clone()).unwrap() };
    let (read, exported) = (read.as_array().unwrap(), exported.as_array().unwrap());
    assert_eq!(read.len(), exported.len(), "{name}");
    for (read, exported) in read.iter().zip(exported) {
        assert_eq!(read["kind"], exported["kind"], "{name}");
        assert_eq!(read["activation"], exported["activation"], "{name}");
        if read["kind"] == "dropout" {
            continue;
        }
        assert_eq!(floats(&read["biases"]), floats(&exported["biases"]), "{name}");
        let rows = |layer: &Value| -> Vec<Vec<f32>> {
            layer["weights"].as_array().unwrap().iter().map(floats).collect()
        };
        assert_eq!(rows(read), rows(exported), "{name}");
    }
}

#[test]
fn the_model_file_is_what_its_page_says() {
    if !has("json, hashlib") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, model) in all().into_iter().chain([("projected".into(), projected())]) {
        let path = folder.path().join(&name);
        model.save(&path).unwrap();
        let output = python().arg(golden("read_model.py")).arg(&path).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let read: Value = serde_json::from_slice(&output.stdout).unwrap();
        let exported: Value = serde_json::from_slice(&Json.export(&model).unwrap()).unwrap();
        for part in ["task", "target"] {
            assert_eq!(read[part], exported[part], "{name}");
        }
        for part in ["version", "seed", "data_sha256", "class_counts", "best_epoch"] {
            assert_eq!(read["record"][part], exported["record"][part], "{name}: {part}");
        }
        assert_same_layers(&name, &read["layers"], &exported["layers"]);
    }
}
