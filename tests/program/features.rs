//! `--features`, `--augment` and `--preview`: from training over resuming and predicting to exports.

use crate::make;
use crate::program::{Place, keys};

const TRAIN: [&str; 8] =
    ["train", "p", "--epochs", "3", "--features", "hog+color", "--augment", "flip,rotate=5"];

/// Two classes of pictures that differ in the direction of their edges and in colour.
fn stripes(place: &Place) {
    for i in 0..12u8 {
        let shade = |on: bool| if on { 200 + i } else { 30 + i };
        let picture = |upright: bool, tint: usize| {
            let mut rows = Vec::new();
            for y in 0..24 {
                rows.push(0);
                for x in 0..24 {
                    let on = if upright { x } else { y } / 3 % 2 == 0;
                    rows.extend([0, 1, 2].map(|c| if c == tint { shade(on) } else { 9 }));
                }
            }
            make::png_claiming(24, 24, &rows)
        };
        place.write(format!("p/upright/{i}.png"), picture(true, 0));
        place.write(format!("p/level/{i}.png"), picture(false, 2));
    }
}

#[test]
fn a_model_of_features_goes_all_the_way() {
    let place = Place::new();
    stripes(&place);
    let args = [&TRAIN[..], &["--out", "run", "--json", "--test", "0.25"]].concat();
    let trained = place.check(&args, 0, &["pictures of 24×24", "features"]).json();
    assert_eq!(trained["test"]["accuracy"], 1.0, "{trained}");
    let config = place.text("run/config.toml");
    assert!(config.contains("features = \"hog+color\""), "{config}");
    assert!(config.contains("augment = \"flip=0.5,rotate=5\""), "{config}");

    let predicted = place.good(&["predict", "run", "p/level/0.png", "p/upright/3.png", "--json"]);
    let labels: Vec<_> = predicted.lines().iter().map(|line| line["label"].clone()).collect();
    assert_eq!(labels, ["level", "upright"]);
    assert_eq!(place.good(&["evaluate", "run", "p", "--json"]).json()["metrics"]["accuracy"], 1.0);

    let explained = place.good(&["explain", "run", "p/level/0.png", "--json"]).json();
    let answer = &explained["answers"][0]["explanation"];
    // Contributions of features are spread over the pixels they tell of.
    assert_eq!(keys(&answer["pixels"]), ["contributions", "height", "width"]);
    let pixels = answer["pixels"]["contributions"].as_array().expect("a list");
    let sum: f64 = pixels.iter().filter_map(serde_json::Value::as_f64).sum();
    assert_eq!(pixels.len(), 24 * 24);
    assert!((sum - answer["sum"].as_f64().expect("a number")).abs() < 1e-9);
    assert!(answer["residual"].as_f64().expect("a number").abs() < 0.1, "{}", answer["residual"]);
    let screen = place.good(&["explain", "run", "p/level/0.png"]).out;
    assert!(screen.contains("the mean of each kind of feature"), "{screen}");
    let screen = place.good(&["inspect", "run"]).out;
    assert!(screen.contains("8 × 8 cells of 3 × 3 pixels"), "{screen}");
    for format in ["onnx", "json", "safetensors"] {
        place.good(&["export", "run", "--to", format]);
    }
    let onnx = String::from_utf8_lossy(&place.read("run/model.onnx")).into_owned();
    assert!(onnx.contains("block[0,0] cell[0,0] 0–20°"), "the inputs are named");
    assert!(place.text("run/report.html").contains("</html>"));
}

#[test]
fn changed_pictures_give_the_same_model_for_any_threads_and_after_a_resume() {
    let place = Place::new();
    stripes(&place);
    let hash = |out: &str, threads: &str| {
        place.good(&[&TRAIN[..], &["--out", out, "--threads", threads]].concat());
        place.sha256(format!("{out}/model.mlp"))
    };
    let one = hash("one", "1");
    assert_eq!(hash("three", "3"), one);
    // Its own config file does the same again.
    place.good(&["train", "--config", "one/config.toml", "--out", "again"]);
    assert_eq!(place.sha256("again/model.mlp"), one);
    let other = ["train", "--resume", "one", "--augment", "photo"];
    place.check(&other, 1, &["augment = flip=0.5,rotate=5", "leave the option as it was"]);
    let other = ["train", "--resume", "one", "--features", "hog"];
    place.check(&other, 1, &["one/last.ckpt"]);
}

#[test]
fn a_preview_shows_what_the_network_sees() {
    let place = Place::new();
    stripes(&place);
    let size = |name: &str| {
        let png = place.read(name);
        let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("4 bytes"));
        (side(16), side(20))
    };
    let (tile, gap) = (24 * 4, 4);
    let sheet = |columns: u32| (columns * (tile + gap) - gap, 8 * (tile + gap) - gap);
    let dry = ["--dry-run", "--preview", "sheet.png"];
    place.check(&[&["train", "p"][..], &dry].concat(), 0, &["8 training pictures", "sheet.png"]);
    assert_eq!(size("sheet.png"), sheet(1));
    assert!(!place.path("runs").exists(), "a dry run writes the sheet alone");
    let changed = [&["train", "p", "--augment", "photo"][..], &dry].concat();
    place.check(&changed, 0, &["nothing was trained or written but the preview"]);
    assert_eq!(size("sheet.png"), sheet(7));
    place.good(&[&TRAIN[..], &["--out", "run", "--preview", "edges.png"]].concat());
    assert_eq!(size("edges.png"), sheet(8));
    assert!(place.path("run/model.mlp").exists(), "without --dry-run training goes on");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let place = Place::new();
    stripes(&place);
    place.write("t.csv", "a,b,y\n1,2,u\n2,1,v\n3,5,u\n4,4,v\n");
    let cases: [(&[&str], &[&str]); 9] = [
        (&["p", "--augment", "flop"], &["flop", "did you mean `flip`?"]),
        (&["p", "--augment", "rotate=999"], &["between 0 and 180"]),
        (&["p", "--features", "sift"], &["hog+color"]),
        (&["t.csv", "--augment", "flip"], &["only pictures"]),
        (&["p", "--pca", "4", "--augment", "flip"], &["augment", "leave it or --pca out"]),
        (&["p", "--pca", "4", "--preview", "x.png"], &["after --pca"]),
        (&["t.csv", "--features", "hog"], &["--features", "pictures"]),
        (&["t.csv", "--preview", "x.png", "--dry-run"], &["--preview", "pictures"]),
        (&["p", "--augment", "flip", "--hidden", "none", "--optimizer", "exact"], &["closed-form"]),
    ];
    for (args, says) in cases {
        place.check(&[&["train"][..], args].concat(), 2, says);
    }
    place.write("wrong.toml", "data = \"p\"\naugment = \"flop\"\n");
    place.check(&["train", "--config", "wrong.toml"], 2, &["wrong.toml", "flop"]);
    let grey = ["train", "p", "--features", "hog+color", "--channels", "grey"];
    place.check(&grey, 1, &["no colours", "--features hog"]);
    let tiny = ["train", "p", "--features", "hog", "--size", "3x3"];
    place.check(&tiny, 1, &["too small", "--size"]);
}
