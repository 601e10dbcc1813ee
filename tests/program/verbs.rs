//! Every verb on every kind of data, from a newcomer's side: exit codes, words and files. JSON stands in `json`.

use crate::make;
use crate::program::{Place, RUN_FILES, Run};

/// Trains and checks what every training says and leaves.
#[track_caller]
fn train(place: &Place, args: &[&str]) -> Run {
    let run = place
        .good(&[&["train"], args, &["--hidden", "8", "--valid", "0.1", "--out", "run"]].concat());
    let mut files = place.list("run");
    // Some sets hold a row twice, and where its copies are in two parts they are listed.
    files.retain(|name| name != "duplicates.csv");
    assert_eq!(files, RUN_FILES);
    run.said(
        0,
        &["data  ", "split  ", "layers  ", "parameters", "baseline  ", "epoch  ", "val_loss"],
    );
    run.said(0, &["files  ", "next  ", "mlp predict run/model.mlp", "mlp export run/model.mlp"]);
    for shown in ["this network", "linear model", "95 % interval"] {
        assert!(run.out.contains(shown), "`{shown}` is not shown: {run}");
    }
    run
}

#[test]
fn the_embedded_digits_need_no_data() {
    let place = Place::new();
    let args = ["train", "digits", "--hidden", "64,32", "--epochs", "40"];
    let run = place.good(&args);
    run.said(0, &["digits", "1,797", "runs/digits", "mlp predict"]);
    assert_eq!(place.list("runs/digits"), RUN_FILES);
    assert!(run.out.contains("this network"), "{run}");
    let measured = place.good(&["evaluate", "runs/digits", "digits", "--json"]).json();
    assert!(measured["metrics"]["accuracy"].as_f64() > Some(0.97), "{measured}");
    place.good(&["train", "digits", "--epochs", "1", "--quiet"]);
    assert_eq!(place.list("runs"), ["digits", "digits-2"], "a second run has a name of its own");
}

#[test]
fn pictures_in_class_folders() {
    let place = Place::new();
    make::pictures(&place, "colours", 12);
    let run = train(&place, &["colours", "--epochs", "40"]);
    run.said(0, &["24 pictures of 8×8", "blue 12, red 12", "accuracy"]);
    assert!(run.out.contains("most frequent class"), "{run}");
    place.write("new/a.png", make::png(20, 16, [190, 30, 20], 1));
    place.write("new/b.ppm", make::ppm(9, 9, [20, 30, 190]));
    // A single picture, several, and a folder of them.
    let run = place.good(&["predict", "run", "new/a.png"]);
    assert!(run.out.starts_with("new/a.png\tred\t"), "{run}");
    let run = place.good(&["predict", "run/model.mlp", "new/b.ppm", "new/a.png", "--top", "2"]);
    let words = |line: &str| line.split('\t').map(str::to_string).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = run.out.lines().map(words).collect();
    assert_eq!(lines.iter().map(|l| l.len()).collect::<Vec<_>>(), [5, 5], "{run}");
    assert_eq!([&*lines[0][1], &*lines[0][3], &*lines[1][1]], ["blue", "red", "red"], "{run}");
    let run = place.good(&["predict", "run", "new"]);
    let begins = |start: &str| run.out.lines().any(|l| l.starts_with(start));
    assert!(begins("new/a.png\tred\t") && begins("new/b.ppm\tblue\t"), "{run}");
    let run = place.good(&["evaluate", "run", "colours"]);
    run.said(0, &["this is the data the model was trained on"]);
    assert!(run.out.contains("true \\ predicted") && run.out.contains("accuracy"), "{run}");
}

#[test]
fn a_folder_of_idx_files() {
    let place = Place::new();
    make::idx_folder(&place, "mnist", 90, 30);
    let run = train(&place, &["mnist", "--epochs", "8"]);
    run.said(0, &["30 test"]);
    assert!(run.out.contains("test, 30 examples"), "the t10k files are the test set: {run}");
    let part = place.good(&["evaluate", "run", "mnist", "--part", "test", "--json"]).json();
    assert_eq!(part["examples"], 30);
    let all = place.good(&["evaluate", "run", "mnist", "--json"]).json();
    assert_eq!(all["examples"], 120);
}

#[test]
fn a_table_with_classes() {
    let place = Place::new();
    place.write("things.csv", make::table(200));
    let run = train(&place, &["things.csv", "--epochs", "60", "--lr", "0.01"]);
    run.said(0, &["200 rows of 4 columns", "target `kind`"]);
    let run = place.good(&["predict", "run", "things.csv"]);
    assert_eq!(run.out.lines().count(), 200, "{run}");
    // Standard input, and without the column that is predicted.
    let rows = "length,width,colour,wild\n9.5,3.5,red,true\n0.5,0.5,blue,false\n";
    let run = place.run_with_input(&["predict", "run", "-"], rows.as_bytes());
    run.said(0, &[]);
    let label = |line: usize| run.out.lines().nth(line).and_then(|l| l.split('\t').nth(1));
    assert_eq!((label(0), label(1)), (Some("big"), Some("small")), "{run}");
    // A word that training never saw is counted and said.
    let rows = "length,width,colour,wild\n9.5,3.5,violet,true\n";
    let run = place.run_with_input(&["predict", "run", "-"], rows.as_bytes());
    run.said(0, &["`colour`", "1 row", "never saw"]);
}

#[test]
fn a_table_with_a_number_to_predict() {
    let place = Place::new();
    place.write("prices.csv", make::prices(200));
    let run = train(&place, &["prices.csv", "--epochs", "60", "--lr", "0.01"]);
    run.said(0, &["rmse", "always the mean"]);
    assert!(run.out.contains("mean"), "{run}");
    let one = place.run_with_input(&["predict", "run", "-"], b"a,b\n10,0\n");
    one.said(0, &[]);
    let answer: f64 =
        one.out.trim().rsplit('\t').next().expect("a cell").parse().expect("a number");
    assert!((20.0..50.0).contains(&answer), "in the target's own units: {one}");
}

#[test]
fn closed_form_least_squares_finds_the_line() {
    let place = Place::new();
    place.write("prices.csv", make::prices(200));
    let args = ["train", "prices.csv", "--hidden", "none", "--optimizer", "exact", "--out", "run"];
    let run = place.good(&args);
    let row = |name: &str| {
        let line = run.out.lines().find(|l| l.split_whitespace().next() == Some(name));
        let cells = line.unwrap_or_else(|| panic!("no `{name}`: {run}")).split_whitespace();
        cells.skip(1).map(|c| c.parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>()
    };
    let (a, b) = (row("a"), row("b"));
    assert!(a[0] > 0.0 && b[0] < 0.0 && (a[0] / b[0] + 1.5).abs() < 0.2, "{run}");
    for found in [a, b] {
        assert!(found[1] > 0.0 && found[1] < 0.01, "standard error {}: {run}", found[1]);
    }
    assert!(run.out.contains("standard error") && run.out.contains("R²"), "{run}");
    assert_eq!(place.list("run"), RUN_FILES);
}

#[test]
fn embedded_sets() {
    let place = Place::new();
    train(&place, &["iris", "--epochs", "20"]).said(0, &["150 rows", "setosa"]);
    let run = place.good(&["evaluate", "run", "iris"]);
    assert!(run.out.contains("150 examples"), "{run}");
    assert_eq!(place.good(&["predict", "run", "iris"]).out.lines().count(), 150);
    let run = place.good(&["inspect", "digits"]);
    assert!(run.out.contains("1,797") && run.out.contains("8×8"), "{run}");
}

#[test]
fn inspect_shows_models_and_data() {
    let place = Place::new();
    place.write("things.csv", make::table(60));
    train(&place, &["things.csv", "--epochs", "2"]);
    let text = place.good(&["inspect", "run"]).out;
    let sha = place.sha256("run/model.mlp");
    for fact in ["binary", "big, small", "colour (category)", "dense", "fingerprint", &*sha] {
        assert!(text.contains(fact), "`{fact}` is not in\n{text}");
    }
    assert!(!text.contains(&place.root().display().to_string()), "a path of this machine:\n{text}");
    let text = place.good(&["inspect", "things.csv"]).out;
    for fact in ["60 rows", "length", "category", "boolean", "missing", "big", "small"] {
        assert!(text.contains(fact), "`{fact}` is not in\n{text}");
    }
    assert_eq!(place.list("."), ["run", "things.csv"], "inspecting leaves nothing");
}

#[test]
fn a_dry_run_says_what_would_be_and_leaves_nothing() {
    let place = Place::new();
    let run = place.good(&["train", "iris", "--dry-run", "--out", "run"]);
    run.said(0, &["layers", "parameters", "nothing was trained or written"]);
    assert!(place.tree().is_empty(), "{:?}", place.tree());
}

#[test]
fn exports_of_every_format() {
    let place = Place::new();
    train(&place, &["iris", "--epochs", "2"]);
    for (format, start) in [("onnx", &b"\x08"[..]), ("safetensors", b""), ("json", b"{")] {
        let run = place.good(&["export", "run", "--to", format]);
        let file = format!("run/model.{format}");
        run.said(0, &[&file]);
        let bytes = place.read(&file);
        assert!(bytes.len() > 200 && bytes.starts_with(start), "{file} begins otherwise");
        let out = format!("other.{format}");
        place.good(&["export", "run/model.mlp", "--to", format, "--out", &out]);
        assert_eq!(place.read(out), bytes, "the same bytes wherever they go");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&place.read("run/model.json")).expect("JSON");
    assert!(json.is_object());
    let bytes = place.read("run/model.safetensors");
    let header = u64::from_le_bytes(bytes[..8].try_into().expect("eight bytes")) as usize;
    serde_json::from_slice::<serde_json::Value>(&bytes[8..8 + header]).expect("a JSON header");
}

#[test]
fn quiet_says_nothing_but_results() {
    let place = Place::new();
    place.write("things.csv", make::table(60));
    let quiet = |args: &[&str]| {
        let run = place.good(&[args, &["--quiet"]].concat());
        assert_eq!(run.err, "", "{run}");
        run.out
    };
    assert!(quiet(&["train", "things.csv", "--epochs", "2", "--out", "run"]).contains("accuracy"));
    assert!(quiet(&["evaluate", "run", "things.csv"]).contains("accuracy"));
    assert_eq!(quiet(&["predict", "run", "things.csv"]).lines().count(), 60);
    assert!(quiet(&["inspect", "run"]).contains("dense"));
    assert_eq!(quiet(&["export", "run", "--to", "json"]), "");
}

#[test]
fn aliases_do_the_same() {
    let place = Place::new();
    place.good(&[
        "fit",
        "iris",
        "--epochs",
        "2",
        "--out",
        "run",
        "--lr",
        "0.01",
        "--validation",
        "0.2",
    ]);
    let evaluated = place.good(&["eval", "run", "iris"]).out;
    assert_eq!(evaluated, place.good(&["evaluate", "run", "iris"]).out);
    assert_eq!(place.good(&["info", "run"]).out, place.good(&["inspect", "run"]).out);
}

#[test]
fn a_time_limit_keeps_the_best() {
    let place = Place::new();
    let args = ["train", "digits", "--epochs", "100000", "--patience", "0", "--max-time", "0.3s"];
    let run = place.good(&[&args[..], &["--out", "run"]].concat());
    run.said(0, &["time limit"]);
    assert_eq!(place.list("run"), RUN_FILES);
    place.good(&["evaluate", "run", "digits"]);
}

#[test]
fn a_training_that_diverges_names_the_place_and_saves_nothing_broken() {
    let place = Place::new();
    let wild = "train digits --optimizer sgd --learning-rate 1000 --schedule constant --epochs 30 \
                --hidden 64 --out run";
    let run = place.run(&wild.split_whitespace().collect::<Vec<_>>());
    run.said(1, &["diverged in epoch ", "batch ", "layer ", "--learning-rate", "--clip"]);
    assert_eq!(run.out, "", "{run}");
    if place.path("run/model.mlp").exists() {
        place.good(&["evaluate", "run", "digits"]);
    }
    // Whatever was saved is a whole state, from which the same happens again.
    let again = place.run(&["train", "--resume", "run"]);
    again.said(1, &["diverged in epoch "]);
    assert_eq!(again.err.lines().last(), run.err.lines().last());
}

#[test]
fn networks_that_are_too_large_are_refused() {
    let place = Place::new();
    let vast = ["train", "iris", "--hidden", "1000000,1000000"];
    place.check(&vast, 1, &["layer 2", "at most"]);
    place.check(
        &["train", "iris", "--hidden", "99999999999999999999"],
        2,
        &["99999999999999999999"],
    );
}
