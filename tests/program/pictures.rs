//! What bad folders of pictures get: unreadable ones are skipped, counted and listed (`--strict` refuses), the rest is
//! used; folders that cannot be trained on are refused with what to do.

use crate::make;
use crate::program::Place;

#[test]
fn unreadable_pictures_are_skipped_counted_and_listed() {
    let place = Place::new();
    let whole = make::png(8, 8, [200, 30, 10], 1);
    let cases: [(&str, Vec<u8>, &[&str]); 6] = [
        ("nothing.jpg", Vec::new(), &["empty"]),
        ("text.jpg", b"this is no picture, whatever its name".to_vec(), &["not a picture", "text"]),
        ("half.png", whole[..whole.len() / 2].to_vec(), &["PNG", "ends too early"]),
        ("start.png", whole[..9].to_vec(), &["PNG"]),
        ("vast.png", make::png_claiming(60_000, 60_000, &[0; 64]), &["60000×60000", "limit"]),
        ("stub.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), &["JPEG"]),
    ];
    for (name, bytes, why) in &cases {
        let place = Place::new();
        make::pictures(&place, "p", 6);
        place.write(format!("p/red/{name}"), bytes);
        let path = format!("red/{name}: ");
        let skips = [&[&*path, "1 file ", "--strict", "12 pictures"], *why].concat();
        place.check(&["train", "p", "--epochs", "1", "--out", "run"], 0, &skips);
        let name = format!("red/{name}");
        let refuses = [&[&*name, "leave out --strict"], *why].concat();
        place.check(&["train", "p", "--epochs", "1", "--out", "no", "--strict"], 1, &refuses);
        place.check(&["evaluate", "run", "p"], 0, &skips[..3]);
        place.check(&["evaluate", "run", "p", "--strict"], 1, &refuses);
        let file = format!("p/{name}");
        place.check(&["predict", "run", &file], 1, &[&[&*file], *why].concat());
    }
    // All of them together, and nothing else.
    for (name, bytes, _) in &cases {
        place.write(format!("p/red/{name}"), bytes);
        place.write(format!("p/blue/{name}"), bytes);
    }
    place.check(&["train", "p"], 1, &["p", "none of 12 files"]);
}

#[test]
fn folders_without_what_is_needed() {
    let place = Place::new();
    place.write("p/.keep", "");
    std::fs::create_dir(place.path("empty")).expect("a folder");
    place.check(&["train", "empty"], 1, &["empty: ", "the folder is empty"]);
    make::pictures(&place, "one", 4);
    std::fs::remove_dir_all(place.path("one/blue")).expect("removed");
    place.check(&["train", "one"], 1, &["one", "one class", "`red`", "at least two"]);
    place.write("flat/1.png", make::png(4, 4, [1, 2, 3], 0));
    place.write("flat/2.png", make::png(4, 4, [3, 2, 1], 0));
    place.check(&["train", "flat"], 1, &["flat", "--labels", "--label-regex"]);
    place.write("texts/a/1.txt", "text");
    place.write("texts/b/1.txt", "text");
    place.check(&["train", "texts"], 1, &["texts", "none of", "text"]);
    // A class that has no readable picture is left out aloud, if two remain.
    make::pictures(&place, "three", 4);
    place.write("three/green/1.png", "");
    place.check(&["train", "three", "--epochs", "1", "--out", "run"], 0, &["`green`", "left out"]);
}

#[test]
fn a_class_missing_from_validation_is_said() {
    let place = Place::new();
    make::pictures(&place, "p/train", 8);
    make::pictures(&place, "p/val", 3);
    std::fs::remove_dir_all(place.path("p/val/blue")).expect("removed");
    let args = ["train", "p", "--epochs", "2", "--out", "run"];
    place.check(&args, 0, &["16 train", "3 validation", "no validation example of", "blue"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    make::pictures(&place, "p", 6);
    let name = |bytes: &'static [u8]| std::path::Path::new(std::ffi::OsStr::from_bytes(bytes));
    place.write(name(b"p/red/caf\xe9.png"), make::png(8, 8, [200, 30, 10], 1));
    place.write(name(b"p/gr\xfcn/1.png"), make::png(8, 8, [10, 200, 10], 1));
    place.write(name(b"p/gr\xfcn/2.png"), make::png(8, 8, [10, 200, 10], 2));
    place.write(name(b"p/red/\xff.png"), "broken");
    let args = ["train", "p", "--epochs", "2", "--out", "run", "--json"];
    let run = place.check(&args, 0, &["15 pictures", "1 file "]);
    let document = run.json();
    let skipped = document["skipped"][0]["path"].as_str().expect("a path");
    assert!(skipped.starts_with("red/") && skipped.ends_with(".png"), "{skipped}");
    let split = place.text("run/split.csv");
    assert_eq!(split.lines().count(), 16, "{split}");
    let file = name(b"p/red/caf\xe9.png");
    let run = place.run(&[name(b"predict"), name(b"run"), file, name(b"--json")]);
    run.said(0, &[]);
    assert_eq!(run.lines().len(), 1);
    // Training on a folder of such a name, and into one.
    std::fs::rename(place.path("p"), place.path(name(b"\xfe"))).expect("renamed");
    let args = [&b"train"[..], b"\xfe", b"--epochs", b"1", b"--out", b"o\xfe"].map(name);
    let run = place.run(&args);
    assert!(matches!(run.code, Some(0..=2)), "{run}");
    run.said(run.code.unwrap_or(0), &[]);
    let left = std::fs::read_dir(place.root()).expect("a folder").count();
    assert_eq!(left, if run.code == Some(0) { 3 } else { 2 }, "{run}");
}

#[test]
fn labels_from_a_file_or_from_names() {
    let place = Place::new();
    let mut list = String::from("file,label\n");
    for i in 0..8 {
        let (kind, colour) = [("cat", [200, 20, 10]), ("dog", [10, 20, 200])][i % 2];
        place.write(format!("flat/{kind}.{i}.png"), make::png(8, 8, colour, 1));
        list += &format!("{kind}.{i}.png,{kind}\n");
    }
    place.write("labels.csv", &list);
    let train = |out: &str, how: &[&str]| {
        place.good(&[&["train", "flat", "--epochs", "2", "--out", out], how].concat());
        place.sha256(format!("{out}/model.mlp"))
    };
    let listed = train("listed", &["--labels", "labels.csv"]);
    assert_eq!(train("matched", &["--label-regex", r"^(cat|dog)\."]), listed);
    place.good(&["evaluate", "listed", "flat", "--label-regex", r"^(cat|dog)\."]);
    let wrong = ["train", "flat", "--label-regex", "^(cow)"];
    place.check(&wrong, 1, &["^(cow)", "none of 8", "cat.0.png"]);
    place.check(&["train", "flat", "--label-regex", "("], 1, &["regular expression", "`(`"]);
    place.write("labels.csv", "file,label\nnowhere.png,cat\n");
    let wrong = ["train", "flat", "--labels", "labels.csv"];
    place.check(&wrong, 1, &["labels.csv", "nowhere.png"]);
    place.write("labels.csv", "file,label\ncat.0.png\n");
    place.check(&wrong, 1, &["labels.csv", "line 2"]);
    place.check(&["train", "flat", "--labels", "none.csv"], 1, &["none.csv", "No such file"]);
}
