//! Help, version, completions, wrong usage, and pipes that close: the edges of a command line.

use crate::program::Place;
use std::io::Read;
use std::process::{Command, Stdio};

const VERBS: [&str; 10] = [
    "tour",
    "train",
    "evaluate",
    "predict",
    "explain",
    "inspect",
    "export",
    "learn",
    "data",
    "completions",
];

#[test]
fn help_of_every_verb() {
    let place = Place::new();
    let all = place.good(&["--help"]).out;
    for verb in VERBS {
        assert!(all.contains(verb), "{verb} is not in\n{all}");
        let long = place.good(&[verb, "--help"]).out;
        let short = place.good(&[verb, "-h"]).out;
        assert!(long.contains(&format!("Usage: mlp {verb}")), "{long}");
        assert!(short.contains("--threads") && short.contains("--json"), "{short}");
        assert_eq!(place.good(&["help", verb]).out, long);
        let widest = [&long, &short].into_iter().flat_map(|t| t.lines()).map(|l| l.chars().count());
        assert!(widest.max() <= Some(100), "a line of the help of {verb} is over 100 wide");
    }
    for said in ["Exit codes", "mlp train", "130"] {
        assert!(all.contains(said), "{said} is not in\n{all}");
    }
}

#[test]
fn version() {
    let place = Place::new();
    let said = format!("mlp {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(place.good(&["--version"]).out, said);
    assert_eq!(place.good(&["-V"]).out, said);
}

#[test]
fn completions_for_five_shells() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = place.good(&["completions", shell]);
        assert_eq!(run.err, "");
        for word in VERBS.iter().chain(&["learning-rate"]) {
            assert!(run.out.contains(word), "{word} is not completed in {shell}");
        }
    }
    let bash = place.good(&["completions", "bash"]).out;
    place.write("mlp.bash", bash);
    let checked = Command::new("bash").arg("-n").arg(place.path("mlp.bash")).output();
    match checked {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(e) => eprintln!("SKIPPED bash's own check of its completions: {e}"),
    }
}

#[test]
fn wrong_usage_is_exit_2_and_says_how_it_is_right() {
    let place = Place::new();
    let cases: [(&[&str], &[&str]); 24] = [
        (&["trian"], &["trian", "train"]),
        (&["train"], &["DATA"]),
        (&["train", "iris", "--epoch", "3"], &["--epoch", "--epochs"]),
        (&["train", "iris", "--epochs", "many"], &["--epochs", "many"]),
        (&["train", "iris", "--epochs", "0"], &["epochs", "at least 1"]),
        (&["train", "iris", "--batch-size", "0"], &["batch-size", "at least 1"]),
        (&["train", "iris", "--hidden", "8,zero"], &["zero", "none"]),
        (&["train", "iris", "--activation", "rleu"], &["rleu", "relu", "gelu"]),
        (&["train", "iris", "--optimizer", "lbfgs"], &["lbfgs", "adamw", "sgd"]),
        (&["train", "iris", "--learning-rate", "nan"], &["learning-rate"]),
        (&["train", "iris", "--learning-rate=-1"], &["learning-rate", "above 0"]),
        (&["train", "iris", "--dropout", "1"], &["dropout", "[0, 1)"]),
        (&["train", "iris", "--valid", "0.7", "--test", "0.5"], &["0.7", "0.5", "lower"]),
        (&["train", "iris", "--size", "0x4"], &["0x4", "64x64"]),
        (&["train", "iris", "--max-time", "soon"], &["--max-time", "90s"]),
        (&["train", "iris", "--threads", "0"], &["--threads", "at least 1"]),
        (&["train", "iris", "--threads", "100000"], &["--threads", "at most"]),
        (&["train", "iris", "--checkpoint-every", "nan"], &["--checkpoint-every", "seconds"]),
        (&["train", "iris", "--learning-rate", "1e20"], &["learning-rate", "at most"]),
        (&["train", "iris", "--isa", "mmx"], &["mmx", "portable"]),
        (&["train", "iris", "--resume", "run"], &["--resume", "cannot be used with"]),
        (&["predict", "model.mlp"], &["INPUT"]),
        (&["export", "model.mlp", "--to", "pickle"], &["pickle", "onnx", "safetensors", "json"]),
        (&["completions", "csh"], &["csh", "bash"]),
    ];
    for (args, fragments) in cases {
        place.check(args, 2, fragments);
    }
    assert!(place.tree().is_empty(), "{:?}", place.tree());
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "2", "--out", "run"]);
    let cases: [&[&str]; 4] = [
        &["predict", "run", "iris"],
        &["inspect", "run"],
        &["completions", "zsh"],
        &["train", "--help"],
    ];
    for args in cases {
        let mut child = place.command(args).spawn().expect("the binary starts");
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut err).expect("text");
        let code = child.wait().expect("an end").code();
        assert_eq!((code, err.contains("panicked")), (Some(0), false), "{args:?}: {err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_a_failure() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "2", "--out", "run"]);
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    for args in [&["predict", "run", "iris"][..], &["inspect", "run", "--json"]] {
        let mut command = place.command(args);
        let output = command.stdout(Stdio::from(full())).output().expect("output");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains("standard output") && err.contains("No space left"), "{err}");
    }
}

#[test]
fn words_for_wrong_paths() {
    let place = Place::new();
    place.good(&["train", "iris", "--epochs", "2", "--out", "run"]);
    place.write("photos/readme.txt", "nothing here");
    place.check(&["train", "iriss"], 1, &["iriss", "iris"]);
    place.check(&["train", "phots"], 1, &["phots", "photos"]);
    place.check(&["evaluate", "nowhere.mlp", "iris"], 1, &["nowhere.mlp", "No such file"]);
    place.check(&["evaluate", "photos", "iris"], 1, &["photos/model.mlp", "No such file"]);
    place.check(&["predict", "run", "nowhere.csv"], 1, &["nowhere.csv"]);
    place.check(&["train", "--resume", "photos"], 1, &["photos", "config.toml"]);
    place.check(&["train", "--resume", "nowhere"], 1, &["nowhere", "config.toml"]);
    place.check(&["inspect", "nowhere"], 1, &["nowhere"]);
}
