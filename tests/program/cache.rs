//! `--cache`: the same model with and without prepared data on disk, and what its options refuse.

use crate::make;
use crate::program::Place;

/// The model's SHA-256 of a training with these arguments.
fn hash(place: &Place, data: &str, more: &[&str]) -> String {
    let base = ["train", data, "--epochs", "2", "--hidden", "8", "--json", "--quiet"];
    let args = [&base[..], more].concat();
    let document = place.good(&args).json();
    document["model_sha256"].as_str().expect("a hash").to_string()
}

/// Without a cache, and with each kind of it twice: when the entry is made and when it is there.
fn same_model(place: &Place, data: &str) {
    let plain = hash(place, data, &["--cache", "none"]);
    for word in ["disk", "ram", "disk", "ram"] {
        let cached = hash(place, data, &["--cache", word, "--cache-dir", "prepared"]);
        assert_eq!(cached, plain, "{word}");
    }
    let entries = std::fs::read_dir(place.path("prepared")).expect("the cache").count();
    assert_eq!(entries, 1);
}

#[test]
fn a_table_gives_the_same_model_with_any_cache() {
    let place = Place::new();
    place.write("t.csv", make::table(400));
    same_model(&place, "t.csv");
}

#[test]
fn pictures_give_the_same_model_with_any_cache() {
    let place = Place::new();
    make::pictures(&place, "photos", 24);
    same_model(&place, "photos");
}

#[test]
fn a_run_from_a_cache_is_resumed_and_reported_from_it() {
    let place = Place::new();
    place.write("t.csv", make::table(300));
    let args = ["train", "t.csv", "--epochs", "2", "--hidden", "8", "--out", "run"];
    let cached = [&args[..], &["--cache", "disk", "--cache-dir", "prepared"]].concat();
    place.check(&cached, 0, &["trained"]);
    // From any folder the run finds what is prepared.
    let folder = place.path("prepared").canonicalize().expect("the cache");
    assert!(place.text("run/config.toml").contains(folder.to_str().expect("UTF-8")));
    assert!(!place.text("run/report.html").contains("prepared"), "a page names no folder");
    place.check(&["train", "--resume", "run"], 0, &[]);
    place.check(&["report", "run"], 0, &[]);
}

#[test]
fn what_its_options_refuse() {
    let place = Place::new();
    place.write("t.csv", make::table(300));
    place.check(&["train", "t.csv", "--cache", "tape"], 2, &["none", "ram", "disk"]);
    place.check(&["train", "t.csv", "--cache-size", "lots"], 2, &["500MB"]);
    let small = ["train", "t.csv", "--cache", "disk", "--cache-dir", "c", "--cache-size", "1kB"];
    // Of a cache only its folder is left, without anything in it.
    place.run(&small).said(1, &["1 kB", "--cache-size", "--cache none"]);
    assert_eq!(std::fs::read_dir(place.path("c")).expect("the cache").count(), 0);
    place.write("file", "no folder");
    let file = ["train", "t.csv", "--cache", "disk", "--cache-dir", "file"];
    place.check(&file, 1, &["file"]);
}
