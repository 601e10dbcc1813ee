//! What `mlp train` looks at before it trains, and what `mlp data inspect` shows.

use crate::make;
use crate::program::{Place, keys};
use serde_json::json;

/// 300 rows of which every sixth stands twice, with a column that is a copy of the target.
fn table() -> String {
    let mut random = make::randoms(5);
    let mut text = String::from("a,b,alive,survived\n");
    for i in 0..250 {
        let (a, b) = (random() * 10.0, random() * 10.0);
        let survived = u32::from(a + b + 4.0 * random() > 12.0);
        let line = format!("{a:.4},{b:.4},{},{survived}\n", ["no", "yes"][survived as usize]);
        text += &line.repeat(if i % 5 == 0 { 2 } else { 1 });
    }
    text
}

const QUICK: [&str; 4] = ["--epochs", "2", "--hidden", "4"];

fn train(place: &Place, args: &[&str]) -> serde_json::Value {
    place
        .good(&[&["train", "t.csv", "--target", "survived", "--json"], &QUICK[..], args].concat())
        .json()
}

#[test]
fn copies_and_leaks_are_told_listed_and_dropped() {
    let place = Place::new();
    place.write("t.csv", table());
    let args = ["train", "t.csv", "--target", "survived", "--out", "run"];
    let run = place.good(&[&args[..], &QUICK].concat());
    run.said(0, &["checks", "the inputs of a row trained or chosen on (row ", "--drop-duplicates"]);
    run.said(0, &["column `alive` alone tells the target (100.0 % of rows", "--type alive=ignore"]);
    assert_eq!(run.err.matches("trained or chosen on").count(), 1, "one line: {run}");
    let list = place.text("run/duplicates.csv");
    assert!(list.starts_with("cluster,kind,row,part\n1,exact,row "), "{list}");
    assert!(list.contains(",train\n") && list.contains(",test\n"), "{list}");
    run.said(0, &["duplicates.csv"]);

    // Looking changes nothing; dropping does, and says how many.
    let unseen = train(&place, &["--out", "unseen", "--checks", "no"]);
    assert_eq!(unseen["checks"], json!(null));
    assert_eq!(unseen["model_sha256"], place.sha256("run/model.mlp"));
    assert!(!place.path("unseen/duplicates.csv").exists());
    let seen = train(&place, &["--out", "seen"]);
    let [of_test, of_valid] =
        ["test", "validation"].map(|p| seen["checks"]["duplicates"][p].as_u64());
    assert!(of_test > Some(5) && of_valid > Some(0), "{seen}");
    assert_eq!(seen["checks"]["leaks"][0]["column"], "alive");
    let dropped = train(&place, &["--out", "dropped", "--drop-duplicates"]);
    assert_eq!(dropped["checks"]["duplicates"], json!({"validation": 0, "test": 0}));
    let rows = dropped["checks"]["dropped"].as_u64().expect("a count");
    let before = seen["train"]["examples"].as_u64().zip(seen["validation"]["examples"].as_u64());
    let after =
        dropped["train"]["examples"].as_u64().zip(dropped["validation"]["examples"].as_u64());
    let total = |pair: Option<(u64, u64)>| pair.map(|(a, b)| a + b).expect("counts");
    assert_eq!((total(before) - total(after), rows > 5), (rows, true));
    assert_eq!(dropped["test"]["examples"], seen["test"]["examples"], "the test part stays");
    let list = place.text("dropped/duplicates.csv");
    assert_eq!(list.matches(",unused\n").count() as u64, rows, "{list}");
    assert_eq!(place.text("dropped/split.csv").matches(",unused\n").count() as u64, rows);
    // A run without them goes on and is reported on like any other.
    place.good(&["report", "dropped"]);
    place.good(&[
        "train",
        "t.csv",
        "--target",
        "survived",
        "--split",
        "dropped/split.csv",
        "--epochs",
        "1",
        "--out",
        "again",
    ]);
}

#[test]
fn nothing_is_said_where_nothing_is_odd() {
    let place = Place::new();
    place.write("t.csv", make::table(200));
    let run = place.good(&[&["train", "t.csv", "--out", "run"], &QUICK[..]].concat());
    assert!(!run.err.contains("\nchecks ") && !run.err.contains("\nestimate "), "{run}");
    assert!(!place.path("run/duplicates.csv").exists());
    let dry = place.good(&["train", "t.csv", "--dry-run", "--json"]).json();
    assert_eq!(
        keys(&dry["checks"]),
        ["dropped", "duplicates", "lacking", "leaks", "near_duplicates"]
    );
    assert_eq!(dry["checks"]["near_duplicates"], json!({"validation": 0, "test": 0}));
}

/// A smooth picture of its own, 32×32 pixels, brighter by so much.
fn picture(seed: u64, brighter: f64) -> Vec<u8> {
    let mut random = make::randoms(seed);
    let waves: Vec<[f64; 4]> = (0..12).map(|_| [0.0; 4].map(|_| random() * 8.0 - 4.0)).collect();
    let mut bytes = b"P6\n32 32\n255\n".to_vec();
    for at in 0..1024 {
        let (x, y) = (f64::from(at % 32) / 32.0, f64::from(at / 32) / 32.0);
        // Triangle waves: sums of them have slopes everywhere.
        let wave = |w: &[f64; 4]| ((x * w[0] + y * w[1] + w[2]).rem_euclid(2.0) - 1.0).abs() * w[3];
        let value = 110.0 + waves.iter().map(wave).sum::<f64>() * 8.0 + brighter;
        bytes.extend([value as u8; 3]);
    }
    bytes
}

#[test]
fn pictures_that_are_nearly_the_same_are_found() {
    let place = Place::new();
    for i in 0..40u64 {
        let class = ["a", "b"][i as usize % 2];
        place.write(format!("photos/train/{class}/{i}.ppm"), picture(i, 0.0));
        if i < 20 {
            place.write(format!("photos/test/{class}/x{i}.ppm"), picture(i + 100, 0.0));
        }
    }
    // One saved brighter, and one copied as it is.
    place.write("photos/test/a/brighter.ppm", picture(4, 9.0));
    place.write("photos/test/b/same.ppm", picture(7, 0.0));
    let args =
        ["train", "photos", "--valid", "0", "--epochs", "1", "--hidden", "4", "--out", "run"];
    let run = place.good(&args);
    run.said(0, &["1 of 22 test rows have the pixels of", "test/b/same.ppm = train/b/7.ppm"]);
    run.said(
        0,
        &["1 of 22 test rows have nearly the pixels of", "test/a/brighter.ppm = train/a/4.ppm"],
    );
    assert_eq!(place.text("run/duplicates.csv").lines().count(), 5);
    let found = place.good(&["data", "inspect", "photos", "--json"]).json();
    assert_eq!(found["duplicates"]["rows"], 1, "{found}");
    assert_eq!(found["duplicates"]["near"].as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!(found["pictures"]["formats"], json!([{"format": "PNM", "files": 62}]));
    assert_eq!(found["parts"], json!({"train": 40, "validation": 0, "test": 22}), "{found}");
}

#[test]
fn a_table_is_inspected() {
    let place = Place::new();
    let rows = |i: usize, line: &str| match i {
        0 => format!("id,same,note,{line}\n"),
        _ => format!("{i},x,{},{line}\n", if i.is_multiple_of(3) { "" } else { "seen" }),
    };
    let text: String = table().lines().enumerate().map(|(i, line)| rows(i, line)).collect();
    place.write("t.csv", &text);
    let both = place.good(&["data", "inspect", "t.csv"]);
    assert_eq!(place.good(&["inspect", "t.csv"]).out, both.out, "one implementation");
    for said in [
        "300 rows",
        "train · ",
        "as mlp train would make them",
        "number, since every cell is a number",
        "boolean, since the only words are `yes` and `no`",
        "category, since `x` is no number",
        "it only numbers the rows: id",
        "every cell is the same: same",
        "50 rows repeat the inputs of an earlier one",
        "column `alive` alone tells the target",
        "33.3 %",
    ] {
        let flat = both.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains(&said.split_whitespace().collect::<Vec<_>>().join(" ")),
            "`{said}`: {both}"
        );
    }
    let long = both.out.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None, "{both}");
    let found = place.good(&["data", "inspect", "t.csv", "--json"]).json();
    assert_eq!(found["duplicates"]["rows"], 50);
    assert_eq!(found["leaks"][0]["column"], "alive");
    let parts = &found["target"]["parts"];
    let sum = |class: usize| {
        ["train", "validation", "test"]
            .map(|p| parts[class][p].as_u64())
            .into_iter()
            .flatten()
            .sum::<u64>()
    };
    assert_eq!(sum(0) + sum(1), 300, "{parts}");
    let remark = |i: usize| &found["columns"][i]["remark"];
    assert_eq!(
        (remark(0), remark(1), remark(2)),
        (&json!("row-number"), &json!("constant"), &json!(null))
    );
}

#[test]
fn wide_and_hostile_tables_stay_readable() {
    let place = Place::new();
    let names: Vec<String> =
        (0..60).map(|i| format!("a very long name of a column, number {i}")).collect();
    let mut text = names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(",") + ",y\n";
    let mut random = make::randoms(1);
    for i in 0..30 {
        let cells: Vec<String> = (0..60).map(|_| format!("{:.6}", random() * 1e9)).collect();
        text += &format!("{},{}\n", cells.join(","), ["one", "an\u{7} odd word"][i % 2]);
    }
    place.write("wide.csv", text);
    let run = place.good(&["data", "inspect", "wide.csv"]);
    assert!(run.out.contains("and 20 more columns"), "{run}");
    assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{run}");
    assert!(!run.out.contains('\u{7}'), "{run}");
    place.check(&["data", "inspect", "lacking.csv"], 1, &["no file or folder `lacking.csv`"]);
    place.check(&["data", "inspect", "wide.csv", "--target", "z"], 1, &["no column `z`"]);
}

#[test]
fn what_does_not_fit_into_memory_is_refused() {
    // 58 GB; a machine that has as much would train.
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = memory.lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    if total.is_none_or(|kilobytes: u64| kilobytes > 40_000_000) {
        return;
    }
    let place = Place::new();
    place.write("t.csv", make::table(60));
    let vast = ["train", "t.csv", "--hidden", "40000,40000"];
    place.check(&vast, 1, &["of memory to train", "--hidden"]);
}

#[test]
fn few_copies_are_all_named() {
    let place = Place::new();
    let mut text = String::from("a,y\n");
    (0..60).for_each(|i| text += &format!("{}.5,{}\n", i, ["p", "q"][i % 2]));
    place.write("t.csv", &text);
    place.write("test.csv", "a,y\n3.5,q\n100.5,p\n");
    let run = place.run(&["train", "t.csv", "--test-data", "test.csv", "--dry-run"]);
    run.said(0, &["1 of 2 test rows", "(row 4 = test.csv row 1); --drop-duplicates"]);
}
