//! `--json`: the keys that scripts rely on, all of them and no others, and nothing else on standard output.

use crate::make;
use crate::program::{Place, keys};
use serde_json::{Value, json};

const CLASS_METRICS: [&str; 7] =
    ["accuracy", "balanced_accuracy", "examples", "f1_macro", "interval", "loss", "roc_auc"];
const NUMBER_METRICS: [&str; 6] = ["examples", "interval", "loss", "mae", "r2", "rmse"];
const TRAINED: [&str; 18] = [
    "baseline",
    "best_epoch",
    "checks",
    "epochs",
    "estimate",
    "examples_per_second",
    "linear",
    "model",
    "model_sha256",
    "parameters",
    "run",
    "seconds",
    "skipped",
    "stopped",
    "test",
    "train",
    "validation",
    "exact",
];
const EVALUATED: [&str; 9] = [
    "baseline",
    "confusion",
    "examples",
    "loss",
    "metrics",
    "skipped",
    "task",
    "training_data",
    "unseen",
];

/// Numbers of a document are finite and shares lie in `[0, 1]`.
fn check_metrics(value: &Value, expected: &[&str]) {
    assert_eq!(keys(value), expected, "{value}");
    for name in ["accuracy", "balanced_accuracy", "f1_macro", "roc_auc"] {
        if let Some(share) = value[name].as_f64() {
            assert!((0.0..=1.0).contains(&share), "{name}: {value}");
        }
    }
    let main = value["accuracy"].as_f64().or(value["rmse"].as_f64()).expect("a main metric");
    let end = |i: usize| value["interval"][i].as_f64().expect("an end of the interval");
    assert!(end(0) <= main && main <= end(1), "{value}");
}

#[test]
fn train_of_classes() {
    let place = Place::new();
    place.write("things.csv", make::table(200));
    let args = ["train", "things.csv", "--epochs", "4", "--hidden", "8", "--out", "run", "--json"];
    let run = place.good(&args);
    let document = run.json();
    assert_eq!(keys(&document), TRAINED[..17], "{document}");
    for part in ["train", "validation", "test", "linear"] {
        check_metrics(&document[part], &CLASS_METRICS);
    }
    assert_eq!(document["model"], "run/model.mlp");
    assert_eq!(document["run"], "run");
    assert_eq!(document["epochs"], 4);
    assert!((1..=4).contains(&document["best_epoch"].as_u64().expect("an epoch")));
    assert_eq!(document["model_sha256"], place.sha256("run/model.mlp"));
    let counts = ["train", "validation", "test"].map(|p| document[p]["examples"].as_u64());
    assert_eq!(counts.into_iter().flatten().sum::<u64>(), 200);
    assert_eq!(document["skipped"], json!([]));
    assert!(run.err.contains("\n  4/4  "), "progress goes to standard error: {run}");
}

#[test]
fn train_of_a_number_in_closed_form() {
    let place = Place::new();
    place.write("prices.csv", make::prices(100));
    let exact = ["--hidden", "none", "--optimizer", "exact", "--out", "run", "--json", "--quiet"];
    let run = place.good(&[&["train", "prices.csv"], &exact[..]].concat());
    assert_eq!(run.err, "");
    let document = run.json();
    let mut expected = TRAINED.to_vec();
    expected.sort();
    assert_eq!(keys(&document), expected, "{document}");
    assert_eq!(document["linear"], Value::Null, "it is itself the linear model");
    check_metrics(&document["test"], &NUMBER_METRICS);
    assert_eq!(keys(&document["exact"]), ["coefficients", "r2", "rank", "references"]);
    let coefficients = document["exact"]["coefficients"].as_array().expect("a list");
    assert_eq!(coefficients.len(), 3, "two columns and the constant");
    coefficients.iter().for_each(|c| assert_eq!(keys(c), ["name", "standard_error", "value"]));
}

#[test]
fn training_data_are_recognised_though_columns_were_left_out() {
    let place = Place::new();
    let rows = (1..=60).map(|i| format!("{i},{},{}\n", i * 7 % 13, i % 2));
    place.write("t.csv", format!("id,a,y\n{}", rows.collect::<String>()));
    place.good(&["train", "t.csv", "--epochs", "1", "--out", "run"]);
    let inspected = place.good(&["inspect", "run", "--json"]).json();
    assert_eq!(inspected["columns"].as_array().map(Vec::len), Some(1), "id is left out");
    assert_eq!(place.good(&["evaluate", "run", "t.csv", "--json"]).json()["training_data"], true);
    let other = place.text("t.csv").replace("\n2,", "\n2000,");
    place.write("other.csv", other);
    let document = place.good(&["evaluate", "run", "other.csv", "--json"]).json();
    assert_eq!(document["training_data"], false);
}

#[test]
fn evaluate_of_classes_and_of_a_number() {
    let place = Place::new();
    place.write("things.csv", make::table(120));
    place.write("prices.csv", make::prices(120));
    place.good(&["train", "things.csv", "--epochs", "3", "--out", "classes"]);
    place.good(&["train", "prices.csv", "--epochs", "3", "--out", "number"]);
    let document = place.good(&["evaluate", "classes", "things.csv", "--json"]).json();
    assert_eq!(keys(&document), EVALUATED);
    assert_eq!((&document["task"], &document["examples"]), (&json!("binary"), &json!(120)));
    assert_eq!(keys(&document["confusion"]), ["counts", "labels"]);
    assert_eq!(document["confusion"]["labels"], json!(["big", "small"]));
    let counts = document["confusion"]["counts"].as_array().expect("rows");
    let all = counts.iter().flat_map(|row| row.as_array().expect("a row"));
    assert_eq!(all.filter_map(Value::as_u64).sum::<u64>(), 120);
    check_metrics(&document["metrics"], &CLASS_METRICS);
    assert_eq!(document["training_data"], true);
    let document = place.good(&["evaluate", "number", "prices.csv", "--json"]).json();
    assert_eq!(keys(&document), EVALUATED);
    assert_eq!((&document["task"], &document["confusion"]), (&json!("regression"), &Value::Null));
    check_metrics(&document["metrics"], &NUMBER_METRICS);
}

#[test]
fn predict_gives_a_line_an_input() {
    let place = Place::new();
    place.write("things.csv", make::table(60));
    place.write("prices.csv", make::prices(60));
    make::pictures(&place, "colours", 6);
    for (data, run) in
        [("things.csv", "classes"), ("prices.csv", "number"), ("colours", "pictures")]
    {
        place.good(&["train", data, "--epochs", "3", "--out", run]);
    }
    let lines = place.good(&["predict", "classes", "things.csv", "--json"]).lines();
    assert_eq!(lines.len(), 60);
    for line in &lines {
        assert_eq!(keys(line), ["input", "label", "probabilities", "probability"], "{line}");
        let shares = ["big", "small"].map(|c| line["probabilities"][c].as_f64().expect("a share"));
        assert!((shares[0] + shares[1] - 1.0).abs() < 1e-6, "{line}");
        let largest = shares[0].max(shares[1]);
        assert_eq!(line["probability"].as_f64(), Some(largest), "{line}");
        let label = if shares[0] >= shares[1] { "big" } else { "small" };
        assert_eq!(line["label"], label, "{line}");
    }
    let lines = place.good(&["predict", "number", "prices.csv", "--json"]).lines();
    assert_eq!(lines.len(), 60);
    lines.iter().for_each(|line| assert_eq!(keys(line), ["input", "prediction"], "{line}"));
    place.write("new/broken.png", "not a picture at all");
    place.write("new/red.png", make::png(8, 8, [200, 20, 10], 0));
    let lines = place.good(&["predict", "pictures", "new", "--json"]).lines();
    let inputs: Vec<&Value> = lines.iter().map(|l| &l["input"]).collect();
    assert_eq!(inputs, ["new/red.png", "new/broken.png"]);
    assert_eq!(keys(&lines[1]), ["error", "input"]);
}

#[test]
fn skipped_pictures_are_listed() {
    let place = Place::new();
    make::pictures(&place, "colours", 8);
    place.write("colours/red/broken.jpg", "");
    let args = ["train", "colours", "--epochs", "2", "--out", "run", "--json", "--quiet"];
    let trained = place.good(&args).json();
    let evaluated = place.good(&["evaluate", "run", "colours", "--json"]).json();
    let dry = place.good(&["train", "colours", "--dry-run", "--json"]).json();
    let data = place.good(&["inspect", "colours", "--json"]).json();
    for document in [trained, evaluated, dry, data] {
        assert_eq!(keys(&document["skipped"][0]), ["path", "reason"], "{document}");
        assert_eq!(document["skipped"][0]["path"], "red/broken.jpg");
        assert_eq!(document["skipped"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn inspect_export_and_dry_runs_are_json_too() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "3", "--hidden", "8", "--out", "run"]);
    let model = place.good(&["inspect", "run", "--json"]).json();
    assert_eq!(model["kind"], "model");
    assert_eq!(model["labels"], json!(["setosa", "versicolor", "virginica"]));
    assert_eq!(model["parameters"], (4 + 1) * 8 + (8 + 1) * 3);
    assert_eq!(model["model_sha256"], place.sha256("run/model.mlp"));
    assert_eq!(model["config"]["epochs"], "3");
    let data = place.good(&["inspect", "iris", "--json"]).json();
    assert_eq!((&data["kind"], &data["rows"]), (&json!("data"), &json!(150)));
    assert_eq!(data["target"]["counts"], json!([50, 50, 50]));
    assert_eq!(data["fingerprint"], model["fingerprint"]);
    let export = place.good(&["export", "run", "--to", "onnx", "--json"]).json();
    assert_eq!(keys(&export), ["bytes", "file", "format"]);
    assert_eq!(export["bytes"], place.read("run/model.onnx").len());
    let dry = place.good(&["train", "iris", "--dry-run", "--json"]).json();
    assert_eq!(dry["examples"]["train"], 120);
    assert_eq!(dry["outputs"], 3);
}

#[test]
fn failures_leave_standard_output_empty() {
    let place = Place::new();
    place.check(&["train", "nowhere", "--json"], 1, &["error: ", "nowhere"]);
    place.check(&["predict", "nowhere.mlp", "iris", "--json"], 1, &["error: ", "nowhere.mlp"]);
    place.check(&["inspect", "nowhere", "--json"], 1, &["error: ", "nowhere"]);
}
