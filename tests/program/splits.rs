//! `mlp data split`, and `mlp train` with parts from a file, by groups and by time.

use crate::make;
use crate::program::Place;
use std::collections::{BTreeMap, BTreeSet};

/// 120 rows of 30 patients with a day each, in no order, and two classes.
fn visits() -> String {
    let mut random = make::randoms(3);
    let mut text = String::from("patient,day,a,b,ill\n");
    for i in 0..120 {
        let (a, b) = (random() * 10.0, random() * 10.0);
        let day = (i * 37) % 120;
        let ill = if a > b { "yes" } else { "no" };
        text += &format!(
            "p{},2024-{:02}-{:02},{a:.3},{b:.3},{ill}\n",
            i % 30,
            1 + day / 28,
            1 + day % 28
        );
    }
    text
}

/// The lines of a file of parts after its header, as cells.
fn lines(text: &str) -> Vec<Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

/// What stands in a column of the table for every part of `split.csv`.
fn by_part(split: &str, column: usize) -> BTreeMap<String, BTreeSet<String>> {
    let table = visits();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (cells, row) in lines(split).iter().zip(table.lines().skip(1)) {
        let value = row.split(',').nth(column).expect("a cell").to_string();
        found.entry(cells[1].to_string()).or_default().insert(value);
    }
    found
}

fn place() -> Place {
    let place = Place::new();
    place.write("visits.csv", visits());
    place
}

const QUICK: [&str; 6] = ["--epochs", "2", "--hidden", "4", "--out", "run"];

#[test]
fn a_split_is_written_and_used() {
    let place = place();
    let run = place.good(&["data", "split", "visits.csv", "--valid", "0.2"]);
    assert!(run.out.contains("72 train · 24 validation · 24 test (seed 1)"), "{run}");
    run.said(0, &["train visits.csv --split visits.split.csv"]);
    let text = place.text("visits.split.csv");
    assert_eq!(lines(&text).len(), 120);
    // Again: the same file, which is no harm; another seed: another one, which would be.
    place.good(&["data", "split", "visits.csv", "--valid", "0.2"]);
    let other = ["data", "split", "visits.csv", "--valid", "0.2", "--seed", "2"];
    place.check(&other, 1, &["visits.split.csv exists", "--out"]);
    let train = [&["train", "visits.csv", "--split", "visits.split.csv"], &QUICK[..]].concat();
    let run = place.good(&train);
    run.said(0, &["72 train · 24 validation · 24 test (from visits.split.csv, seed 1)"]);
    assert_eq!(place.text("run/split.csv"), text, "the parts are those of the file");
    let page = place.text("run/report.html");
    assert!(!page.contains(&place.root().display().to_string()), "a page names no folder");
    // The run's own options do the same again.
    let again = ["train", "--config", "run/config.toml", "--out", "again"];
    place.good(&again);
    assert_eq!(place.sha256("again/model.mlp"), place.sha256("run/model.mlp"));
    // And a stratified split is the one that train makes itself.
    place.good(&["train", "visits.csv", "--valid", "0.2", "--epochs", "1", "--out", "own"]);
    assert_eq!(place.text("own/split.csv"), text);
}

#[test]
fn groups_stay_together() {
    let place = place();
    let by = ["--split-group", "patient", "--valid", "0.1"];
    let run = place.good(&[&["train", "visits.csv"], &by[..], &QUICK].concat());
    run.said(
        0,
        &["whole groups of `patient`", "column `patient` is left out: the parts are made by it"],
    );
    let split = place.text("run/split.csv");
    let parts = by_part(&split, 0);
    let patients: usize = parts.values().map(BTreeSet::len).sum();
    assert_eq!((parts.len(), patients), (3, 30), "{parts:?}");
    assert_eq!(parts["test"].len(), 6, "{parts:?}");
    // The verb makes the same parts.
    place.good(&[
        "data",
        "split",
        "visits.csv",
        "--group",
        "patient",
        "--valid",
        "0.1",
        "--out",
        "s",
    ]);
    assert_eq!(place.text("s"), split);
    // Asked for, the column is an input.
    let asked = ["--split-group", "patient", "--split-inputs", "--out", "asked", "--epochs", "1"];
    let run = place.good(&[&["train", "visits.csv"], &asked[..]].concat());
    assert!(!run.err.contains("the parts are made by it"), "{run}");
    // A model without the column does not need it.
    let rows = "day,a,b\n2024-01-05,9,1\n2024-01-06,1,9\n";
    place.run_with_input(&["predict", "run", "-"], rows.as_bytes()).said(0, &[]);
}

#[test]
fn time_goes_on_from_part_to_part() {
    let place = place();
    let by = ["--split-time", "day", "--valid", "0.1", "--test", "0.25"];
    let run = place.good(&[&["train", "visits.csv"], &by[..], &QUICK].concat());
    run.said(0, &["78 train · 12 validation · 30 test (by time, `day`, seed 1)"]);
    let days = by_part(&place.text("run/split.csv"), 1);
    assert!(days["train"].last() < days["validation"].first(), "{days:?}");
    assert!(days["validation"].last() < days["test"].first(), "{days:?}");
    let run = place.good(&["data", "split", "visits.csv", "--time", "day", "--json"]).json();
    assert_eq!(run["parts"]["test"], 24, "{run}");
}

#[test]
fn every_fold_tests_once() {
    let place = place();
    let run = place.good(&["data", "split", "visits.csv", "--folds", "5", "--group", "patient"]);
    assert!(run.out.contains("5 of 24, 24, 24, 24, 24 rows (30 groups, seed 1)"), "{run}");
    let mut tested = vec![0; 120];
    for fold in ["1", "3", "5"] {
        let from = ["--split", "visits.folds.csv", "--fold", fold, "--valid", "0.1"];
        let out = ["--out", fold, "--epochs", "1", "--hidden", "4"];
        place.good(&[&["train", "visits.csv"], &from[..], &out].concat());
        let split = place.text(format!("{fold}/split.csv"));
        let parts = by_part(&split, 0);
        let patients: usize = parts.values().map(BTreeSet::len).sum();
        assert_eq!((parts.len(), patients), (3, 30), "{parts:?}");
        for (count, cells) in tested.iter_mut().zip(lines(&split)) {
            *count += usize::from(cells[1] == "test");
        }
    }
    assert_eq!(tested.iter().filter(|n| **n == 1).count(), 72, "{tested:?}");
    let json = place
        .good(&["data", "split", "visits.csv", "--folds", "4", "--out", "4.csv", "--json"])
        .json();
    assert_eq!(json["folds"], serde_json::json!([30, 30, 30, 30]), "{json}");
    let from = ["train", "visits.csv", "--split", "visits.folds.csv"];
    place.check(&from, 2, &["5 folds", "--fold 1"]);
    place.check(&[&from[..], &["--fold", "6"]].concat(), 2, &["--fold 6", "1 to 5"]);
}

#[test]
fn pictures_are_grouped_by_their_paths() {
    let place = Place::new();
    for i in 0..24u8 {
        let (class, colour) = if i % 2 == 0 { ("red", [200, i, 9]) } else { ("blue", [9, i, 200]) };
        place.write(format!("photos/{class}/film{}_{i}.png", i / 4), make::png(8, 8, colour, 1));
    }
    let by = ["data", "split", "photos", "--group-regex", "film([0-9]+)_", "--out", "s.csv"];
    let run = place.good(&[&by[..], &["--json"]].concat()).json();
    assert_eq!((&run["groups"], &run["rows"]), (&6.into(), &24.into()), "{run}");
    let text = place.text("s.csv");
    let mut parts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for cells in lines(&text) {
        let film = cells[0].split(['/', '_']).nth(1).expect("a film").to_string();
        parts.entry(film).or_default().insert(cells[1].to_string());
    }
    assert!(parts.len() == 6 && parts.values().all(|p| p.len() == 1), "{parts:?}");
    let train = [&["train", "photos", "--split", "s.csv"], &QUICK[..]].concat();
    place.good(&train);
    let wrong = ["data", "split", "photos", "--group-regex", "reel([0-9])"];
    place.check(&wrong, 1, &["does not match `reel([0-9])`"]);
}

#[test]
fn what_cannot_be_split_so_is_refused() {
    let place = place();
    let split = |args: &[&str], code, said: &[&str]| {
        place.check(&[&["data", "split", "visits.csv"], args].concat(), code, said);
    };
    split(&["--group", "patiet"], 1, &["`patiet`", "nearest: `patient`"]);
    split(&["--group", "ill"], 1, &["`ill`", "it is the target"]);
    split(&["--time", "patient"], 1, &["row 1: `p0`", "2024-03-05"]);
    split(&["--group-regex", "("], 1, &["not valid"]);
    split(&["--group-regex", "x"], 1, &["these rows have none"]);
    split(&["--folds", "1"], 1, &["1 folds of 120 rows"]);
    split(&["--folds", "500"], 1, &["500 folds of 120 rows"]);
    split(&["--folds", "31", "--group", "patient"], 1, &["31 folds of 30 groups"]);
    split(&["--folds", "3", "--time", "day"], 2, &["--time"]);
    split(&["--valid", "0.6", "--test", "0.5"], 1, &["leave no rows to train on"]);
    split(&["--valid", "1"], 2, &["--valid 1"]);
    place.write("one.csv", "g,x,y\n1,1,a\n1,2,b\n1,3,a\n1,4,b\n");
    place.check(&["data", "split", "one.csv", "--group", "g"], 1, &["makes 1 group"]);
    place.check(&["train", "one.csv", "--split-group", "g"], 1, &["makes 1 group"]);

    let train = |args: &[&str], code, said: &[&str]| {
        place.check(&[&["train", "visits.csv"], args].concat(), code, said);
    };
    train(&["--split", "lacking.csv"], 1, &["lacking.csv"]);
    train(&["--fold", "1"], 2, &["--fold", "--split FILE"]);
    train(&["--split-group", "patient", "--split-time", "day"], 2, &["only one of them"]);
    train(&["--split", "s.csv", "--test", "0.1"], 2, &["--split with --test"]);
    train(&["--split", "s.csv", "--valid", "0.1"], 2, &["--split with --valid"]);
    place.write("s.csv", "row,part\nrow 1,train\n");
    train(&["--split", "s.csv"], 1, &["s.csv: end: 1 rows where the data have 120"]);
    train(&["--split", "s.csv", "--fold", "1"], 1, &["s.csv"]);
    place.write("other.csv", "row,part\ncat/1.png,train\n");
    train(&["--split", "other.csv"], 1, &["line 2", "`cat/1.png`", "a split of other data"]);
    place.write("table.csv", "a,b\n1,2\n");
    train(&["--split", "table.csv"], 1, &["line 1", "`a,b`", "mlp data split"]);
    let none = (1..=120).map(|i| format!("row {i},test\n")).collect::<String>();
    place.write("none.csv", format!("row,part\n{none}"));
    train(&["--split", "none.csv"], 1, &["none.csv", "leave none to train on"]);
}
