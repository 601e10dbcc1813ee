//! Same bits: the model file is a function of data, configuration and seed, not of threads, instruction set or build.

use crate::make;
use crate::program::{Place, Run};

/// A training that is quick and yet goes through every kind of kernel: odd sizes, dropout, a last batch that is not full.
const DIGITS: [&str; 9] =
    ["train", "digits", "--hidden", "37,16", "--epochs", "3", "--batch-size", "50", "--json"];

/// SHA-256 of the model of [`DIGITS`] as the first version of the format writes it. It must hold in every build, on
/// every processor. It changes with the program's version, the file's format, the defaults and the arithmetic: when
/// one of these changes on purpose, take the value that the failing test prints.
const DIGITS_SHA256: &str = "";

/// As [`DIGITS_SHA256`], for a table with missing cells, words and a number to predict.
const TABLE_SHA256: &str = "";

/// A table whose bits come from this file alone.
fn table(place: &Place) -> [&'static str; 9] {
    place.write("t.csv", make::table(130));
    let args = ["train", "t.csv", "--target", "length", "--epochs", "5", "--activation", "gelu", "--json"];
    args
}

#[track_caller]
fn sha(place: &Place, args: &[&str], more: &[&str], out: &str) -> String {
    let document = place.good(&[args, more, &["--quiet", "--out", out]].concat()).json();
    let said = document["model_sha256"].as_str().expect("a checksum").to_string();
    assert_eq!(said, place.sha256(format!("{out}/model.mlp")), "the checksum is the file's");
    said
}

#[test]
fn golden_models() {
    let place = Place::new();
    let digits = sha(&place, &DIGITS, &[], "digits");
    let table = sha(&place, &table(&place), &[], "table");
    let inspected = place.good(&["inspect", "digits"]).out;
    assert_eq!((&*digits, &*table), (DIGITS_SHA256, TABLE_SHA256), "\n{inspected}");
}

#[test]
fn any_number_of_threads() {
    let place = Place::new();
    for args in [DIGITS, table(&place)] {
        let model = |n: &str| sha(&place, &args, &["--threads", n], &format!("{}-{n}", args[1]));
        let models = ["1", "2", "5"].map(model);
        assert!(models.iter().all(|m| *m == models[0]), "{args:?}: {models:?}");
    }
}

/// Runs with an instruction set; `None` where the processor lacks it.
fn with_isa(place: &Place, args: &[&str], isa: &str, out: &str) -> Option<Run> {
    let run = place.run(&[args, &["--isa", isa, "--quiet", "--out", out]].concat());
    if run.code != Some(0) {
        run.said(1, &[isa]);
        eprintln!("SKIPPED --isa {isa}: {}", run.err.trim());
        return None;
    }
    Some(run)
}

#[test]
fn any_instruction_set() {
    let place = Place::new();
    for args in [DIGITS, table(&place)] {
        let mut models = Vec::new();
        for isa in ["portable", "avx2", "avx512", "neon"] {
            let out = format!("{}-{isa}", args[1]);
            if with_isa(&place, &args, isa, &out).is_some() {
                models.push((isa, place.sha256(format!("{out}/model.mlp"))));
            }
        }
        assert!(models.iter().any(|(isa, _)| *isa == "portable"), "portable runs everywhere");
        assert!(models.iter().all(|(_, m)| *m == models[0].1), "{args:?}: {models:?}");
    }
}

#[test]
fn predictions_of_a_row_alone_or_among_others() {
    let place = Place::new();
    let rows = make::table(60);
    place.write("t.csv", &rows);
    place.good(&["train", "t.csv", "--epochs", "3", "--out", "run"]);
    let together = place.good(&["predict", "run", "t.csv", "--json", "--threads", "2"]).lines();
    let header = rows.lines().next().unwrap_or_default();
    for (i, row) in rows.lines().skip(1).enumerate().step_by(13) {
        let one = format!("{header}\n{row}\n");
        let alone = place.run_with_input(&["predict", "run", "-", "--json"], one.as_bytes());
        assert_eq!(alone.lines()[0]["probabilities"], together[i]["probabilities"], "row {i}");
    }
}

#[test]
fn seeds_and_options_do_change_the_model() {
    let place = Place::new();
    let model = |more: &[&str], out: &str| sha(&place, &DIGITS, more, out);
    let first = model(&[], "first");
    for (i, more) in [["--seed", "2"], ["--learning-rate", "0.002"], ["--dropout", "0"]].iter().enumerate() {
        assert_ne!(model(more, &format!("other-{i}")), first, "{more:?}");
    }
}

#[test]
fn the_folder_of_a_training_does_not_matter() {
    let (one, other) = (Place::new(), Place::new());
    make::pictures(&one, "p", 6);
    make::pictures(&other, "deep/er/p", 6);
    let args = ["train", "p", "--epochs", "2", "--json"];
    let first = sha(&one, &args, &[], "run");
    let path = other.path("deep/er/p").display().to_string();
    let args = ["train", &path, "--epochs", "2", "--json"];
    assert_eq!(sha(&other, &args, &[], "another/name"), first);
    let model = one.read("run/model.mlp");
    let root = one.root().display().to_string();
    assert!(!model.windows(root.len()).any(|w| w == root.as_bytes()), "a path in the model");
}
