//! `mlp data draw`, and the embedded drawings: the same through a folder and by name.

use crate::program::{Place, RUN_FILES};

#[test]
fn drawings_are_written_and_trained_on() {
    let place = Place::new();
    let run = place.good(&["data", "draw", "animals", "--count", "30"]);
    run.said(0, &["animals", "30 drawings", "train animals"]);
    assert_eq!(place.list("animals"), ["cat", "dog"]);
    assert_eq!(place.list("animals/cat").len(), 15);
    assert_eq!(place.list("animals/dog")[..2], ["0001.png", "0002.png"]);
    let facts = place.good(&["data", "draw", "again", "--count", "30", "--threads", "1", "--json"]);
    let facts = facts.json();
    assert_eq!((&facts["drawings"], &facts["seed"]), (&30.into(), &1.into()));
    assert_eq!(place.read("again/dog/0009.png"), place.read("animals/dog/0009.png"));
    place.good(&["data", "draw", "other", "--count", "2", "--seed", "2"]);
    assert_ne!(place.read("other/cat/0001.png"), place.read("animals/cat/0001.png"));
    let text = place.good(&["inspect", "animals"]).out;
    assert!(
        text.contains("cat 15, dog 15") || text.contains("cat") && text.contains("30"),
        "{text}"
    );
    let run = place.good(&["train", "animals", "--hidden", "4", "--epochs", "1", "--out", "run"]);
    run.said(0, &["30 pictures of 64×64", "cat 15, dog 15"]);
    assert_eq!(place.list("run"), RUN_FILES);
    let answer = place.good(&["predict", "run", "other/cat/0001.png"]).out;
    assert!(answer.starts_with("other/cat/0001.png\t"), "{answer}");
}

#[test]
fn drawings_overwrite_nothing() {
    let place = Place::new();
    place.write("full/mine.txt", "mine");
    place.check(&["data", "draw", "full", "--count", "2"], 1, &["full", "not empty", "new folder"]);
    place.check(&["data", "draw", "new", "--count", "0"], 2, &["--count", "0"]);
    place.check(&["data", "draw"], 2, &["DIR"]);
    place.check(&["data"], 2, &["draw"]);
    assert_eq!(place.list("."), ["full"]);
    assert_eq!(place.list("full"), ["mine.txt"]);
}

#[test]
fn the_embedded_drawings_are_trained_on_by_name() {
    let place = Place::new();
    let args = ["train", "drawings", "--size", "12x12", "--hidden", "none", "--epochs", "1"];
    let run = place.good(&args);
    run.said(0, &["drawings: 7,000 pictures of 12×12", "cat 3,500, dog 3,500", "runs/drawings"]);
    assert_eq!(place.list("runs/drawings"), RUN_FILES);
}
