//! Targets of several labels a row: in a cell or in columns of yes and no, of tables and of pictures; every verb on
//! them, and what cannot be labels.

use crate::make;
use crate::program::Place;
use serde_json::json;
use std::fmt::Write;

/// 300 rows of two numbers and three labels, which each are a half-plane; as cells and as columns.
fn tables() -> (String, String) {
    let (mut cells, mut columns) =
        (String::from("a,b,tags\n"), String::from("a,b,left,low,near\n"));
    for i in 0..300u32 {
        let x = i.wrapping_mul(2_654_435_761);
        let (a, b) = (f64::from(x >> 8 & 255) / 64.0 - 2.0, f64::from(x >> 16 & 255) / 64.0 - 2.0);
        let has = [a < 0.0, b < -0.5, a + b > 1.0];
        let names = ["left", "low", "near"].iter().zip(has).filter(|(_, has)| *has);
        let cell: Vec<&str> = names.map(|(name, _)| *name).collect();
        writeln!(cells, "{a},{b},{}", cell.join("; ")).unwrap();
        let yes = has.map(|has| if has { "yes" } else { "no" });
        writeln!(columns, "{a},{b},{},{},{}", yes[0], yes[1], yes[2]).unwrap();
    }
    (cells, columns)
}

const SMALL: [&str; 8] =
    ["--hidden", "16", "--epochs", "60", "--learning-rate", "0.02", "--dropout", "0"];

#[track_caller]
fn train(place: &Place, data: &str, out: &str, more: &[&str]) -> serde_json::Value {
    let args = ["train", data, "--out", out, "--json", "--quiet"];
    place.good(&[&args[..], &SMALL, more].concat()).json()
}

#[test]
fn cells_and_columns_train_the_same_weights_and_every_verb_knows_them() {
    let place = Place::new();
    let (cells, columns) = tables();
    place.write("cells.csv", cells);
    place.write("columns.csv", columns);
    let one = train(&place, "cells.csv", "one", &["--target", "tags", "--multi-label", ";"]);
    let two = train(&place, "columns.csv", "two", &["--target", "left,low,near"]);
    assert_eq!(one["test"], two["test"]);
    let test = &one["test"];
    let of = |key: &str| test[key].as_f64().unwrap();
    assert!(of("subset_accuracy") > 0.8 && of("f1_micro") > 0.9 && of("roc_auc") > 0.97, "{test}");
    assert!(of("hamming_loss") < 0.1 && test.get("accuracy").is_none(), "{test}");
    assert!(of("subset_accuracy") > one["baseline"]["subset_accuracy"].as_f64().unwrap() + 0.3);
    assert!(one["linear"]["f1_macro"].as_f64().unwrap() > 0.8, "{one}");
    assert!(place.text("one/metrics.csv").contains(",val_subset_accuracy,"));
    // The same again from the written options.
    let again = place.good(&["train", "--config", "one/config.toml", "--out", "three", "--quiet"]);
    assert_eq!(place.sha256("three/model.mlp"), place.sha256("one/model.mlp"), "{again}");
    let again = place.good(&["train", "--config", "two/config.toml", "--out", "four", "--quiet"]);
    assert_eq!(place.sha256("four/model.mlp"), place.sha256("two/model.mlp"), "{again}");

    for (run, data) in [("one", "cells.csv"), ("two", "columns.csv")] {
        let found = place.good(&["evaluate", run, data, "--json"]).json();
        assert_eq!((&found["task"], &found["confusion"]), (&json!("multilabel"), &json!(null)));
        assert_eq!(found["labels"][1]["label"], "low");
        assert_eq!(found["training_data"], true);
        let told = place.good(&["evaluate", run, data]).out;
        assert!(told.contains("majority of each label") && told.contains("near "), "{told}");
        let model = place.good(&["inspect", run, "--json"]).json();
        assert_eq!(model["labels"], json!(["left", "low", "near"]));
        assert!(place.good(&["inspect", run]).out.contains("any of 3 (left, low, near)"));
    }
    place.write("new.csv", "b,a\n-1.5,-1.5\n-0.2,0.4\n1.5,1.5\n");
    let lines = place.good(&["predict", "one", "new.csv", "--json"]).out;
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["labels"], json!(["left", "low"]));
    assert_eq!((&lines[1]["labels"], &lines[2]["labels"]), (&json!([]), &json!(["near"])));
    assert!(lines[2]["probabilities"]["left"].as_f64().unwrap() < 0.5);
    let text = place.good(&["predict", "two", "new.csv", "--quiet"]).out;
    assert!(text.contains("row 2\tno label") && text.contains("row 3\tnear\t"), "{text}");
}

#[test]
fn explanations_exports_reports_and_checks_know_labels() {
    let place = Place::new();
    place.write("t.csv", tables().0);
    let more = ["--target", "tags", "--multi-label", ";", "--class-weights", "balanced"];
    train(&place, "t.csv", "run", &more);
    let all = ["explain", "run", "t.csv", "--rows", "1", "--data", "t.csv", "--json"];
    let told = place.good(&[&all[..], &["--class", "near"]].concat()).json();
    let answer = &told["answers"][0];
    assert_eq!(answer["explanation"]["class"], "near");
    let [sum, base, output, residual] = ["sum", "base", "output", "residual"]
        .map(|key| answer["explanation"][key].as_f64().unwrap());
    assert!((base + sum + residual - output).abs() < 1e-9);
    let text = place.good(&["explain", "run", "t.csv", "--rows", "1", "--html", "why.html"]).out;
    assert!(text.contains("logistic("), "{text}");
    place.check(&["explain", "run", "t.csv", "--class", "far"], 2, &["left, low, near"]);
    for format in ["onnx", "safetensors", "json"] {
        place.good(&["export", "run", "--to", format]);
    }
    let page = place.text("run/report.html");
    for part in ["Labels", "precision", "ROC", "majority of each label", "Subset accuracy by epoch"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("Confusion"));
    place.good(&["report", "run"]);
    place.good(&["learn", "gradcheck", "run"]);
    place.good(&["learn", "gradcheck", "run", "--data", "t.csv"]);
    let data = ["inspect", "t.csv", "--target", "tags", "--multi-label", ";"];
    let shown = place.good(&[&data[..], &["--json"]].concat()).json();
    let target = &shown["target"];
    assert_eq!((&target["kind"], &target["labels"][0]), (&json!("labels"), &json!("left")));
    let parts = &target["parts"][0];
    let sum: u64 = ["train", "validation", "test"].map(|p| parts[p].as_u64().unwrap()).iter().sum();
    assert_eq!(Some(sum), target["counts"][0].as_u64());
    assert!(place.good(&data).out.contains("label "));
}

#[test]
fn what_cannot_be_labels_is_named() {
    let place = Place::new();
    let (cells, columns) = tables();
    place.write("cells.csv", &cells);
    place.write("columns.csv", columns.replacen(",no\n", ",maybe\n", 1));
    place.write("one.csv", "a,tags\n1,x\n2,\n3,x\n");
    let fails = |args: &[&str], says: &[&str]| {
        place.check(&[&["train"], args].concat(), 1, says);
    };
    fails(&["columns.csv", "--target", "left,low,near"], &["column `near`", "`maybe`", "yes"]);
    fails(&["columns.csv", "--target", "left,lwo"], &["no column `lwo`", "low"]);
    fails(&["columns.csv", "--target", "left,low", "--multi-label", ";"], &["--multi-label"]);
    fails(&["one.csv", "--multi-label", ";"], &["one label only, `x`"]);
    fails(&["cells.csv", "--multi-label", ";", "--task", "regression"], &["labels are no numbers"]);
    let dry = ["train", "cells.csv", "--multi-label", "|", "--dry-run"];
    place.check(&dry, 0, &["`|` occurs nowhere", "--multi-label ';'"]);
    train(&place, "cells.csv", "run", &["--multi-label", ";"]);
    place.write("other.csv", "a,b,tags\n1,1,left\n1,0,left; far\n");
    place.check(&["evaluate", "run", "other.csv"], 1, &["row 2", "`far`", "`left`, `low`, `near`"]);
    // Of no interest where nothing is compared with it.
    place.good(&["predict", "run", "other.csv"]);
}

#[test]
fn pictures_have_labels_by_a_list() {
    let place = Place::new();
    let (mut cells, mut columns) = (String::from("file,label\n"), String::from("file,dark,red\n"));
    for i in 0..40u8 {
        let (dark, red) = (i % 2 == 0, i % 3 == 0);
        let light = if dark { 40 } else { 200 };
        let colour = if red { [light, 10, 10] } else { [10, light, light] };
        place.write(format!("p/{i:02}.png"), make::png(8, 8, colour, i % 5));
        let labels = [("dark", dark), ("red", red)];
        let own: Vec<&str> = labels.iter().filter(|l| l.1).map(|l| l.0).collect();
        writeln!(cells, "{i:02}.png,{}", own.join("|")).unwrap();
        writeln!(columns, "{i:02}.png,{},{}", u8::from(dark), u8::from(red)).unwrap();
    }
    place.write("cells.csv", cells);
    place.write("columns.csv", columns);
    let one = train(&place, "p", "one", &["--labels", "cells.csv", "--multi-label", "|"]);
    let two = train(&place, "p", "two", &["--labels", "columns.csv", "--target", "dark,red"]);
    assert_eq!(one["test"], two["test"]);
    assert!(one["test"]["f1_micro"].as_f64().unwrap() > 0.8, "{one}");
    for (run, labels) in [("one", "cells.csv"), ("two", "columns.csv")] {
        let found = place.good(&["evaluate", run, "p", "--labels", labels, "--json"]).json();
        assert_eq!(found["training_data"], true);
        let answer = place.good(&["predict", run, "p/00.png", "--json"]).json();
        assert_eq!(answer["labels"], json!(["dark", "red"]));
    }
}
