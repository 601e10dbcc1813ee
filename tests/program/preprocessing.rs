//! Preprocessing and weights by flags: stored in the model, applied at prediction, carried by every verb.

use crate::make;
use crate::program::Place;
use serde_json::Value;

/// Trains `t.csv` to `run` and returns the document.
fn train(place: &Place, more: &[&str]) -> Value {
    let args = ["train", "t.csv", "--epochs", "3", "--hidden", "6", "--out", "run", "--json"];
    place.good(&[&args[..], more].concat()).json()
}

const ALL: [&str; 13] = [
    "--numbers",
    "robust",
    "--numbers-of",
    "length=log1p",
    "--numbers-of",
    "width=quantile-normal",
    "--rare-below",
    "3",
    "--max-levels",
    "2",
    "--pca",
    "4",
    "--whiten",
];

#[test]
fn every_verb_knows_scalings_and_components() {
    let place = Place::new();
    place.write("t.csv", make::table(150));
    let document = train(&place, &ALL);
    let pca = &document["pca"];
    assert_eq!((&pca["components"], &pca["whitened"]), (&4.into(), &true.into()), "{pca}");
    assert_eq!(pca["explained"].as_array().unwrap().len(), 4);

    let config = place.text("run/config.toml");
    for line in [
        "numbers = \"robust\"",
        "numbers-of = [\"length=log1p\", \"width=quantile-normal\"]",
        "rare-below = 3",
        "max-levels = 2",
        "pca = 4",
        "whiten = true",
    ] {
        assert!(config.contains(line), "{line}: {config}");
    }
    // The same again from the file, on another number of threads.
    let again =
        ["train", "--config", "run/config.toml", "--out", "again", "--threads", "3", "--json"];
    assert_eq!(place.good(&again).json()["model_sha256"], document["model_sha256"]);

    let inspected = place.good(&["inspect", "run", "--json"]).json();
    assert_eq!(&inspected["pca"], pca);
    assert_eq!(inspected["config"]["numbers"], "robust");
    let each = "length=log1p, width=quantile-normal";
    assert_eq!(inspected["config"]["numbers-of"], each);
    assert!(place.good(&["inspect", "run"]).out.contains("4 principal components"));
    place.good(&["evaluate", "run", "t.csv"]);
    for (format, file) in [("onnx", "m.onnx"), ("safetensors", "m.safetensors"), ("json", "m.json")]
    {
        place.good(&["export", "run", "--to", format, "--out", file]);
    }
    let exported: Value = serde_json::from_slice(&place.read("m.json")).unwrap();
    assert_eq!(exported["layers"][0]["activation"], "identity");
    assert_eq!(exported["layers"][0]["inputs"], exported["inputs"].as_array().unwrap().len());
    let html = place.text("run/report.html");
    place.good(&["report", "run"]);
    assert!(place.text("run/report.html") == html, "the report made anew differs");
}

#[test]
fn contributions_are_those_of_columns() {
    let place = Place::new();
    place.write("t.csv", make::table(150));
    train(&place, &ALL);
    let document = place.good(&["explain", "run", "t.csv", "--rows", "3", "--json"]).json();
    let predicted = place.good(&["predict", "run", "t.csv", "--json"]).lines();
    let answer = &document["answers"][0];
    assert_eq!(answer["probability"], predicted[2]["probability"]);
    let explained = &answer["explanation"];
    let columns = explained["columns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|c| c["column"].as_str().unwrap()).collect();
    assert_eq!(names, ["length", "width", "colour", "wild"]);
    let number = |value: &Value| value.as_f64().unwrap();
    let sum: f64 = columns.iter().map(|c| number(&c["contribution"])).sum();
    let way = number(&explained["output"]) - number(&explained["base"]);
    assert!((way - sum - number(&explained["residual"])).abs() < 1e-9, "{explained}");
    assert!(document["symbols"].to_string().contains("ln(1 + |length|)"), "{document}");
}

#[test]
fn columns_in_another_order_are_answered_alike() {
    let place = Place::new();
    let table = make::table(150);
    place.write("t.csv", &table);
    train(&place, &ALL);
    let shuffled: String = table
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{},x,{},{},{}\n", cells[3], cells[2], cells[0], cells[1])
        })
        .collect();
    place.write("other.csv", shuffled);
    let answers = |file: &str| place.good(&["predict", "run", file, "--json"]).out;
    assert_eq!(answers("t.csv"), answers("other.csv"));
    place.write("unseen.csv", "length,width,colour,wild\n1,2,mauve,true\n3,4,red,false\n");
    let run = place.good(&["predict", "run", "unseen.csv", "--json"]);
    run.said(0, &["column `colour`: 1 row hold a word that training never saw"]);
    assert_eq!(run.lines().len(), 2);
}

#[test]
fn components_of_pictures() {
    let place = Place::new();
    make::pictures(&place, "photos", 20);
    let args =
        ["train", "photos", "--epochs", "3", "--hidden", "6", "--pca", "0.9", "--out", "run"];
    place.good(&[&args[..], &["--json"]].concat());
    let inspected = place.good(&["inspect", "run", "--json"]).json();
    let components = inspected["pca"]["components"].as_u64().unwrap();
    assert_eq!((inspected["inputs"].as_u64().unwrap(), components < 192), (components, true));
    let explained = place.good(&["explain", "run", "photos/red/1.png", "--json"]).json();
    let pixels = &explained["answers"][0]["explanation"]["pixels"]["contributions"];
    assert_eq!(pixels.as_array().unwrap().len(), 64);
    place.good(&["evaluate", "run", "photos"]);
    place.good(&["report", "run"]);
    place.good(&["export", "run", "--to", "onnx", "--out", "m.onnx"]);
}

#[test]
fn weights_reach_every_figure() {
    let place = Place::new();
    let weighted = |weight: &dyn Fn(usize) -> String| -> String {
        let head = |row: usize| if row == 0 { "heft".into() } else { weight(row) };
        make::table(150)
            .lines()
            .enumerate()
            .map(|(r, line)| format!("{line},{}\n", head(r)))
            .collect()
    };
    place.write("t.csv", weighted(&|row| (row % 4).to_string()));
    let document = train(&place, &["--weight", "heft", "--target", "kind"]);
    for who in ["test", "baseline", "linear"] {
        assert_eq!(document[who]["weighted"], true, "{document}");
    }
    assert_eq!(place.good(&["inspect", "run", "--json"]).json()["config"]["weight"], "heft");
    let of = |file: &str| place.good(&["evaluate", "run", file, "--json"]).json();
    assert_eq!(of("t.csv")["metrics"]["weighted"], true);
    assert_eq!(of("t.csv")["training_data"], true);
    // Without the column rows count alike, and prediction needs none.
    place.write("bare.csv", make::table(150));
    assert_eq!(of("bare.csv")["metrics"]["weighted"], Value::Null);
    let answers = |file: &str| place.good(&["predict", "run", file]).out;
    assert_eq!(answers("bare.csv"), answers("t.csv"));
    let run = place.good(&["evaluate", "run", "t.csv"]);
    assert!(run.out.contains("150 examples, weighted"), "{run}");
    place.good(&["report", "run"]);

    place.write("t.csv", weighted(&|row| if row == 7 { String::new() } else { "1".into() }));
    let args = ["train", "t.csv", "--weight", "heft", "--target", "kind"];
    place.check(&args, 1, &["t.csv", "row 7", "the weight `heft` is missing"]);
    let args = ["train", "t.csv", "--weight", "hefty", "--target", "kind"];
    place.check(&args, 1, &["no column `hefty`", "nearest: `heft`"]);
    place.check(&["train", "iris", "--weight", "w"], 1, &["no column `w` of weights"]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = Place::new();
    place.write("t.csv", make::table(60));
    for (args, code, says) in [
        (&["--whiten"][..], 2, "add --pca"),
        (&["--rare-below", "0"], 2, "--rare-below 0"),
        (&["--pca", "1.5"], 2, "0.95"),
        (&["--target", "kind", "--weight", "kind"], 2, "the column is the target"),
        (&["--pca", "99"], 1, "give at most that"),
        (&["--numbers-of", "colour=log1p"], 1, "holds no numbers"),
        (&["--numbers-of", "lenth=log1p"], 1, "nearest: `length`"),
        (&["--numbers-of", "length=square"], 2, "quantile-normal"),
    ] {
        place.check(&[&["train", "t.csv"], args].concat(), code, &[says]);
    }
}
