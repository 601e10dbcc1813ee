//! Ctrl-C, and two programs at one run folder.
#![cfg(unix)]

use crate::make;
use crate::program::{Place, RUN_FILES, Run};
use crate::training::{Reference, Training};
use std::process::Command;

fn pipe(place: &Place, name: &str) {
    let made = Command::new("mkfifo").arg(place.path(name)).status();
    assert!(made.expect("mkfifo").success());
}

#[track_caller]
fn interrupted(run: &Run) {
    run.said(130, &[]);
    assert_eq!(run.out, "", "{run}");
}

#[test]
fn ctrl_c_saves_and_the_run_goes_on() {
    let digits =
        ["train", "digits", "--hidden", "24", "--epochs", "150", "--patience", "0", "--quiet"];
    let often = ["--checkpoint-every", "0.01"];
    let reference = Reference::new(&[&digits[..], &often].concat());
    for (i, signal) in ["INT", "TERM", "INT"].into_iter().enumerate() {
        let place = Place::in_memory();
        let mut training = reference.start(&place, &[]);
        training.until("begun", || place.path("run").exists());
        let metrics = || std::fs::read_to_string(place.path("run/metrics.csv"));
        let epochs = || metrics().map_or(0, |text| text.lines().count());
        training.until("in its epochs", || epochs() >= i * 10);
        training.signal(signal);
        interrupted(&training.end());
        assert!(place.list("run").contains(&"last.ckpt".into()));
        reference.settle(&place, &["--threads", "1"], &format!("interrupted {i}"));
    }
}

/// A step of this training takes long, so that the second signal meets the first one's.
#[test]
fn ctrl_c_twice_ends_at_once() {
    let step =
        ["train", "digits", "--hidden", "1500,1500", "--batch-size", "1300", "--epochs", "2"];
    let reference = Reference::new(&step);
    let place = Place::new();
    let mut training = reference.start(&place, &[]);
    training.until("begun", || place.path("run").exists());
    training.signal("INT");
    training.signal("INT");
    let run = training.end();
    // A very quick machine may be done with the step in between.
    assert_eq!(run.code, Some(130), "{run}");
    assert_eq!(run.out, "", "{run}");
    reference.settle(&place, &[], "interrupted twice");
}

#[test]
fn ctrl_c_before_the_training_leaves_nothing() {
    let place = Place::new();
    pipe(&place, "data.csv");
    let mut training = Training::start(&place, &["train", "data.csv", "--out", "run"]);
    training.until("prepared", || place.path(".run.partial/config.toml").exists());
    training.signal("INT");
    let run = training.end();
    run.said(130, &[]);
    assert_eq!(place.list("."), ["data.csv"], "{run}");
}

#[test]
fn a_run_folder_has_one_program_at_a_time() {
    let place = Place::new();
    pipe(&place, "data.csv");
    let mut first = Training::start(&place, &["train", "data.csv", "--out", "run"]);
    first.until("prepared", || place.path(".run.partial/config.toml").exists());
    let second = place.run(&["train", "iris", "--epochs", "1", "--out", "run"]);
    second.said(1, &["run", "another training", "--out"]);
    first.signal("INT");
    first.end();

    let long = [
        "train",
        "iris",
        "--hidden",
        "8",
        "--epochs",
        "1000000",
        "--patience",
        "0",
        "--out",
        "run",
    ];
    let mut first = Training::start(&place, &long);
    first.until("begun", || place.path("run").exists());
    place.run(&["train", "--resume", "run"]).said(1, &["run", "in use"]);
    place
        .run(&["train", "iris", "--out", "run"])
        .said(2, &["run", "already holds a run", "--resume"]);
    first.signal("INT");
    let run = first.end();
    interrupted(&run);
    run.said(130, &["interrupted and saved", "mlp train --resume run"]);
}

#[test]
fn a_run_is_resumed_only_as_it_was_begun() {
    let place = Place::new();
    place.write("t.csv", make::table(100));
    place.good(&["train", "t.csv", "--epochs", "3", "--out", "run"]);
    let resume = ["train", "--resume", "run"];
    for (option, value) in [("--epochs", "5"), ("--hidden", "9"), ("--seed", "4")] {
        let said = ["was started with", option.trim_start_matches('-'), value];
        place.check(&[&resume[..], &[option, value]].concat(), 1, &said);
    }
    place.check(&[&resume[..], &["--valid", "0.3"]].concat(), 1, &["run"]);
    place.good(&[&resume[..], &["--threads", "2", "--quiet"]].concat());
    place.write("t.csv", make::table(100).replace("red", "read"));
    place.check(&resume, 1, &["data", "restore", "--out"]);
    std::fs::remove_file(place.path("t.csv")).expect("removed");
    place.check(&resume, 1, &["t.csv"]);
    assert_eq!(place.list("run"), RUN_FILES);
}

#[test]
fn a_run_is_resumed_from_anywhere() {
    let place = Place::new();
    place.write("in/t.csv", make::table(100));
    place.good(&["train", "in/t.csv", "--epochs", "3", "--out", "run"]);
    let model = place.sha256("run/model.mlp");
    let elsewhere = Place::new();
    let run = place.path("run").display().to_string();
    elsewhere.good(&["train", "--resume", &run]);
    assert_eq!(place.sha256("run/model.mlp"), model);
}
