//! The formats of tables: one table gives one model whatever its format; dates, types that are given, and test
//! tables in another format, order and width. The files are those of tests/golden/tables.py.

use crate::make;
use crate::program::Place;
use serde_json::json;

const CSV: &[u8] = include_bytes!("../golden/table.csv");
const JSONL: &[u8] = include_bytes!("../golden/table.jsonl");
const ZSTD: &[u8] = include_bytes!("../golden/table.csv.zst");

/// Trains on these bytes, and gives the checksum of the model.
#[track_caller]
fn trained(place: &Place, name: &str, bytes: &[u8], more: &[&str]) -> String {
    place.write(name, bytes);
    let out = format!("run-{name}");
    let args = ["train", name, "--epochs", "3", "--hidden", "8", "--quiet", "--out", &out];
    place.good(&[&args, more].concat());
    place.sha256(format!("{out}/model.mlp"))
}

#[test]
fn one_table_is_one_model_in_every_format() {
    let place = Place::new();
    let model = trained(&place, "a.csv", CSV, &[]);
    // No name says what a file is.
    assert_eq!(trained(&place, "b.txt", JSONL, &[]), model);
    assert_eq!(trained(&place, "c.csv", ZSTD, &[]), model);
    let typed = ["--type", "count=category", "--type", "sold=ignore"];
    let other = trained(&place, "d.csv", CSV, &typed);
    assert_ne!(other, model);
    assert_eq!(trained(&place, "e.csv", JSONL, &typed), other);
    parquet(&place, &model, &typed, &other);
}

#[cfg(feature = "parquet")]
fn parquet(place: &Place, model: &str, typed: &[&str], other: &str) {
    let plain = include_bytes!("../golden/table-none.parquet");
    for (name, bytes) in [
        ("none", plain.as_slice()),
        ("snappy", include_bytes!("../golden/table-snappy.parquet")),
        ("gzip", include_bytes!("../golden/table-gzip.parquet")),
        ("zstd", include_bytes!("../golden/table-zstd.parquet")),
    ] {
        assert_eq!(trained(place, name, bytes, &[]), model, "{name}");
    }
    assert_eq!(trained(place, "f", plain, typed), other);
}

#[cfg(not(feature = "parquet"))]
fn parquet(place: &Place, _model: &str, _typed: &[&str], _other: &str) {
    place.write("t.parquet", include_bytes!("../golden/table-none.parquet"));
    let build = "cargo build --release -p mlp-cli --features parquet";
    place.check(&["train", "t.parquet"], 1, &["t.parquet", "the feature `parquet`", build]);
}

#[test]
fn dates_are_seen_and_named() {
    let place = Place::new();
    trained(&place, "t.csv", CSV, &[]);
    let shown = place.good(&["inspect", "t.csv"]).out;
    let line = shown.lines().find(|line| line.starts_with("sold")).expect("the column");
    assert!(line.contains("date") && line.contains("2023-11-07 · "), "{shown}");
    assert!(
        shown.contains("date, since every cell that is not missing is a date: sold"),
        "{shown}"
    );
    let data = place.good(&["inspect", "t.csv", "--json"]).json();
    assert_eq!(data["columns"][4]["kind"], "date");
    let model = place.good(&["inspect", "run-t.csv", "--json"]).json();
    assert_eq!(model["columns"][4], json!({"name": "sold", "kind": "date"}));
    let explained = place.good(&["explain", "run-t.csv", "--full"]).out;
    for part in ["sold month sine", "days since 2023-11-", "seen hour cosine"] {
        assert!(explained.contains(part), "{part}: {explained}");
    }
    let answer = place.good(&["explain", "run-t.csv", "t.csv", "--json"]).json();
    let first = &answer["answers"][0]["explanation"]["columns"][4];
    assert_eq!((&first["column"], &first["value"]), (&json!("sold"), &json!("2024-06-09")));
    let exported = place.good(&["export", "run-t.csv", "--to", "json", "--out", "m.json"]);
    assert!(place.text("m.json").contains("sold weekday cosine"), "{exported}");
    // Which of day and month comes first is what fits every cell, or is said.
    for (last, kind, note) in [("25/01/2024", "date", false), ("01/02/2024", "date", true)] {
        let rows: String = (1..30)
            .map(|i| format!("{i},{:02}/{:02}/2024,{}\n", 1 + i % 9, 1 + i % 5, i % 2))
            .collect();
        place.write("d.csv", format!("a,day,y\n{rows}99,{last},1\n"));
        let data = place.good(&["inspect", "d.csv", "--json"]).json();
        assert_eq!(data["columns"][1]["kind"], kind);
        assert_eq!(data["notes"].to_string().contains("month/day"), note, "{data}");
    }
    place.write(
        "d.csv",
        "a,day,y\n1,2024-01-05,0\n".to_string() + &"1,2024-01-06,1\n".repeat(30) + "2,soon,0\n",
    );
    place.check(
        &["inspect", "d.csv"],
        1,
        &["d.csv: line 33, column `day`: `soon` is not a date", "--type day=category"],
    );
}

#[test]
fn types_that_are_given() {
    let place = Place::new();
    place.write("t.csv", CSV);
    let kinds = |args: &[&str]| {
        let data = place.good(&[&["inspect", "t.csv", "--json"], args].concat()).json();
        let columns = data["columns"].as_array().cloned().unwrap_or_default();
        let kind = |c: &serde_json::Value| format!("{}={}", c["name"], c["kind"]).replace('"', "");
        columns.iter().map(kind).collect::<Vec<_>>().join(" ")
    };
    let found = "size=number count=number colour=category member=boolean sold=date seen=date";
    assert_eq!(kinds(&[]), found);
    let typed = ["--type", "count=category", "--type=sold=ignore", "--type", "seen=category"];
    assert_eq!(
        kinds(&typed),
        "size=number count=category colour=category member=boolean seen=category"
    );
    for (given, code, parts) in [
        ("colur=category", 1, &["there is no column `colur`; nearest: `colour`"][..]),
        ("colour=number", 1, &["line 2 (row 1), column `colour`: `red` is not a number"]),
        ("colour=boolean", 1, &["row 1, column `colour`: `red` is not a boolean"]),
        ("size=date", 1, &["line 2, column `size`: `22.074` is not a date"]),
        ("class=ignore", 1, &["--target"]),
        ("size=nmber", 2, &["`nmber` is no type of a column", "did you mean `number`?"]),
        ("size", 2, &["give COLUMN=TYPE"]),
    ] {
        let args = ["inspect", "t.csv", "--target", "class", "--type", given];
        let parts = if given == "class=ignore" { &["both target and ignored"] } else { parts };
        place.check(&args, code, parts);
    }
    place.check(
        &["train", "digits", "--type", "a=number"],
        1,
        &["there is no column `a`", "no columns"],
    );
    for form in [
        "type = [\"count=category\", \"sold=ignore\"]\n",
        "[type]\ncount = \"category\"\nsold = \"ignore\"\n",
    ] {
        place.write("c.toml", format!("data = \"t.csv\"\nepochs = 2\nhidden = \"4\"\n{form}"));
        place.good(&["train", "--config", "c.toml", "--out", "run"]);
        let model = place.good(&["inspect", "run", "--json"]).json();
        assert_eq!(model["columns"][1], json!({"name": "count", "kind": "category"}));
        assert_eq!(model["columns"].as_array().map(Vec::len), Some(5));
        let resolved = place.text("run/config.toml");
        assert!(resolved.contains("type = [\"count=category\", \"sold=ignore\"]"), "{resolved}");
        std::fs::remove_dir_all(place.path("run")).expect("the run");
    }
    place.write("c.toml", "data = \"t.csv\"\n[type]\ncount = \"word\"\n");
    place.check(&["train", "--config", "c.toml"], 2, &["c.toml", "`word` is no type of a column"]);
}

#[test]
fn a_test_table_in_another_order_width_and_format_is_answered_alike() {
    let place = Place::new();
    trained(&place, "t.csv", CSV, &[]);
    let clean = place.good(&["predict", "run-t.csv", "t.csv", "--json"]).lines();
    let jumbled = |object: &str, row: usize| {
        let mut fields: Vec<(String, serde_json::Value)> =
            serde_json::from_str::<serde_json::Map<_, _>>(object)
                .expect("an object")
                .into_iter()
                .collect();
        fields.rotate_left(3);
        let more = [json!(null), json!("x"), json!(7)];
        fields.insert(2, ("more".into(), more[row % 3].clone()));
        fields
    };
    let text = String::from_utf8_lossy(JSONL);
    let rows: Vec<_> = text.lines().enumerate().map(|(i, line)| jumbled(line, i)).collect();
    let lines = |rows: &[Vec<(String, serde_json::Value)>]| {
        let line = |row: &Vec<(String, serde_json::Value)>| {
            let fields: Vec<String> =
                row.iter().map(|(k, v)| format!("{}: {v}", json!(k))).collect();
            format!("{{{}}}\n", fields.join(", "))
        };
        rows.iter().map(line).collect::<String>()
    };
    place.write("test.jsonl", lines(&rows));
    assert_eq!(place.good(&["predict", "run-t.csv", "test.jsonl", "--json"]).lines(), clean);
    let piped =
        place.run_with_input(&["predict", "run-t.csv", "-", "--json"], lines(&rows).as_bytes());
    assert_eq!(piped.lines(), clean);
    let [scores, same] = ["t.csv", "test.jsonl"].map(|data| {
        place.good(&["evaluate", "run-t.csv", data, "--json"]).json()["metrics"].clone()
    });
    assert_eq!(scores, same);

    let mut unseen = rows.clone();
    for row in unseen.iter_mut().take(3) {
        row.iter_mut().filter(|(k, _)| k == "colour").for_each(|(_, v)| *v = json!("puce"));
    }
    place.write("unseen.jsonl", lines(&unseen));
    let counted = place.good(&["evaluate", "run-t.csv", "unseen.jsonl", "--json"]).json();
    assert_eq!(counted["unseen"], json!([{"column": "colour", "rows": 3}]));
    let without: Vec<_> =
        rows.iter().map(|row| row.iter().filter(|(k, _)| k != "size").cloned().collect()).collect();
    place.write("without.jsonl", lines(&without));
    place.check(
        &["predict", "run-t.csv", "without.jsonl"],
        1,
        &["without.jsonl", "lacks 1 of the 6 columns", "`size`"],
    );
    place.write("t.svm", "1 1:2\n");
    place.check(&["predict", "run-t.csv", "t.svm"], 1, &["t.svm", "no column `size`"]);
}

#[test]
fn arrays_of_pictures_train_and_are_answered() {
    let place = Place::new();
    place.write("a.npz", include_bytes!("../golden/arrays.npz"));
    place.good(&["train", "a.npz", "--epochs", "2", "--hidden", "4", "--quiet", "--out", "run"]);
    let answers = place.good(&["predict", "run", "a.npz", "--json"]).lines();
    assert_eq!(answers.len(), 60);
    let part = place.good(&["evaluate", "run", "a.npz", "--part", "test", "--json"]).json();
    assert_eq!(part["examples"], 10);
    // Of another shape they are refused.
    let (train, test) = (make::idx(&[2, 1], &[0, 1]), make::idx(&[2], &[0, 1]));
    place.write("other/train-images-idx2-ubyte", train);
    place.write("other/train-labels-idx1-ubyte", test);
    place.check(&["predict", "run", "other"], 1, &["`picture` must be a picture 4×5×1"]);
}
