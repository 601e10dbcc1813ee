//! Which files are rows, of which class, of which part, in which order.

use crate::help::{Folder, classes, even, names, pixels};
use mlp_data::source::Source;
use mlp_data::{Column, DataError, OpenOptions, Part, Quiet, picture};
use mlp_tensor::Exec;
use std::path::PathBuf;

fn folder(files: &[&str]) -> Folder {
    let folder = Folder::new();
    for (i, file) in files.iter().enumerate() {
        folder.put(file, &even(4, 4, [i as u8; 3]));
    }
    folder
}

fn default() -> OpenOptions {
    OpenOptions::default()
}

#[test]
fn class_folders_in_the_order_of_path_bytes() {
    let folder = folder(&["dog/b.png", "cat/z.png", "dog/old/a.png", "cat-2/a.png", "cat/A.png"]);
    let data = folder.read(&default()).unwrap();
    let expected = ["cat-2/a.png", "cat/A.png", "cat/z.png", "dog/b.png", "dog/old/a.png"];
    assert_eq!(names(&data), expected);
    let (labels, codes) = classes(&data);
    assert_eq!(labels, ["cat", "cat-2", "dog"]);
    assert_eq!(codes, [1, 0, 0, 2, 2]);
    assert_eq!(data.parts, [None; 5]);
    let first: Vec<u8> = pixels(&data).chunks(48).map(|p| p[0]).collect();
    assert_eq!(first, [3, 4, 1, 0, 2]);
}

#[test]
fn what_systems_leave_behind_is_ignored() {
    let folder = folder(&["a/1.png", "b/1.png"]);
    for junk in ["a/Thumbs.db", "a/.DS_Store", "__MACOSX/a/1.png", ".cache/1.png", "b/.x/2.png"] {
        folder.put(junk, &even(4, 4, [0; 3]));
    }
    let data = folder.read(&default()).unwrap();
    assert_eq!(names(&data), ["a/1.png", "b/1.png"]);
    assert!(data.skipped.is_empty());
}

#[test]
fn parts_however_they_are_spelled() {
    let files = ["Train/a/1.png", "Train/b/1.png", "valid/a/2.png", "TESTING/b/3.png"];
    let data = folder(&files).read(&default()).unwrap();
    assert_eq!(
        names(&data),
        ["TESTING/b/3.png", "Train/a/1.png", "Train/b/1.png", "valid/a/2.png"]
    );
    let (train, valid) = (Some(Part::Train), Some(Part::Validation));
    assert_eq!(data.parts, [Some(Part::Test), train, train, valid]);
    assert_eq!(classes(&data).0, ["a", "b"]);
    for name in ["val", "validation", "VALID"] {
        let files = ["training/a/1.png", "training/b/1.png", &format!("{name}/a/2.png")];
        let data = folder(&files).read(&default()).unwrap();
        assert_eq!(data.parts.iter().filter(|p| **p == valid).count(), 1, "{name}");
    }
}

#[test]
fn without_a_validation_folder_training_rows_are_free() {
    let data =
        folder(&["train/a/1.png", "train/b/1.png", "test/a/2.png"]).read(&default()).unwrap();
    assert_eq!(data.parts, [Some(Part::Test), None, None]);
}

#[test]
fn a_train_among_vehicles_is_a_class() {
    let data = folder(&["car/1.png", "train/1.png", "plane/2.png"]).read(&default()).unwrap();
    assert_eq!(classes(&data).0, ["car", "plane", "train"]);
    assert_eq!(data.parts, [None; 3]);
    let data =
        folder(&["train/a/1.png", "test/b/1.png", "extra/c/2.png"]).read(&default()).unwrap();
    assert_eq!(names(&data), ["test/b/1.png", "train/a/1.png"]);
    assert!(data.notes.iter().any(|n| n.contains("extra")), "{:?}", data.notes);
}

#[test]
fn labels_from_a_list() {
    let folder = folder(&["x/1.png", "2.png", "3.png", "4.png"]);
    for list in
        ["file,label\n2.png,b\nx/1.png,a\n3.png,b\n", "2.png,b\n./x/1.png, a \n\n3.png,b\n3.png,b"]
    {
        let labels = Some(folder.put("labels.csv", list.as_bytes()));
        let data = folder.read(&OpenOptions { labels, ..default() }).unwrap();
        assert_eq!(names(&data), ["2.png", "3.png", "x/1.png"]);
        assert_eq!(classes(&data), (&["a".to_string(), "b".to_string()][..], &[1, 1, 0][..]));
        assert!(
            data.notes.iter().any(|n| n.contains("1 files are not in the list")),
            "{:?}",
            data.notes
        );
    }
}

#[test]
fn a_list_with_other_columns_and_bad_lines() {
    let folder = folder(&["1.png", "2.png"]);
    let read = |list: &str, strict| {
        let labels = Some(folder.put("labels.csv", list.as_bytes()));
        folder.read(&OpenOptions { labels, strict, ..default() })
    };
    let data = read("\u{feff}class;id;path\nx;7;2.png\ny;8;1.png\n", false).unwrap();
    assert_eq!(classes(&data).1, [1, 0]);
    let data = read("1.png,a\n2.png,b\n9.png,b\n", false).unwrap();
    assert_eq!(data.skipped.len(), 1);
    assert_eq!(data.skipped[0].path, "9.png");
    assert!(data.skipped[0].reason.contains("line 3"), "{}", data.skipped[0].reason);
    let message = |list: &str, strict| read(list, strict).unwrap_err().to_string();
    assert!(message("1.png,a\n2.png,b\n9.png,b\n", true).contains("9.png"));
    assert!(message("1.png,a\n1.png,b\n", false).contains("line 2"));
    assert!(message("1.png,a\n2.png\n", false).contains("line 2: there is no label"));
    assert!(message("8.png,a\n9.png,b\n", false).contains("no file that it lists exists"));
    assert!(message("", false).contains("empty"));
    assert!(message("1.png\n2.png\n", false).contains("one column"));
}

#[test]
fn labels_from_names() {
    let folder = folder(&["cat.0.jpg", "dog.1.jpg", "dog.2.jpg", "README.png"]);
    let regex = |regex: &str| OpenOptions { label_regex: Some(regex.into()), ..default() };
    let data = folder.read(&regex(r"^([a-z]+)\.\d")).unwrap();
    assert_eq!(classes(&data), (&["cat".to_string(), "dog".to_string()][..], &[0, 1, 1][..]));
    assert!(data.notes.iter().any(|n| n.contains("1 files do not match")), "{:?}", data.notes);
    assert_eq!(classes(&folder.read(&regex("cat|dog")).unwrap()).0, ["cat", "dog"]);
    assert!(folder.error(&regex("(")).contains("not valid"));
    assert!(folder.error(&regex("zebra")).contains("matches none of 4"));
    let both = OpenOptions { labels: Some("x.csv".into()), ..regex("a") };
    assert!(folder.error(&both).contains("only one of the two"));
}

#[test]
fn folders_that_cannot_be_classes() {
    assert!(folder(&[]).error(&default()).contains("empty"));
    assert!(folder(&["1.png", "2.png"]).error(&default()).contains("--label-regex"));
    assert!(folder(&["train/1.png", "test/2.png"]).error(&default()).contains("no class folders"));
    let one = folder(&["cat/1.png", "cat/2.png"]).error(&default());
    assert!(one.contains("all 2 pictures are of one class, `cat`"), "{one}");
    let wrapped = folder(&["all/cat/1.png", "all/dog/2.png"]).error(&default());
    assert!(wrapped.contains("name ") && wrapped.contains("all"), "{wrapped}");
    let text = Folder::new();
    text.put("a/x.txt", b"words");
    assert!(text.error(&default()).contains("looks like text"));
    text.put("b/x.jpg", b"");
    assert!(text.error(&default()).contains("none of 2 files"));
    let nowhere = picture::read_folder(&Exec::serial(), "nowhere".as_ref(), &default(), &Quiet);
    assert!(matches!(nowhere, Err(DataError::Io { .. })));
}

#[test]
fn empty_and_unreadable_classes_are_left_out() {
    let folder = folder(&["a/1.png", "b/1.png", "loose.png"]);
    std::fs::create_dir(folder.path().join("none")).unwrap();
    folder.put("aa/1.jpg", b"no picture");
    let data = folder.read(&default()).unwrap();
    assert_eq!(classes(&data), (&["a".to_string(), "b".to_string()][..], &[0, 1][..]));
    for note in ["folder none is empty", "class `aa` has no readable", "1 pictures lie outside"] {
        assert!(data.notes.iter().any(|n| n.contains(note)), "{note}: {:?}", data.notes);
    }
    assert_eq!(data.skipped.len(), 1);
}

#[test]
fn classes_of_a_model() {
    let folder = folder(&["cat/1.png", "cat/2.png"]);
    let model = |labels: &[&str], target_optional| OpenOptions {
        class_labels: Some(labels.iter().map(|l| l.to_string()).collect()),
        target_optional,
        ..default()
    };
    let data = folder.read(&model(&["ant", "cat"], false)).unwrap();
    assert_eq!(classes(&data).1, [1, 1]);
    assert!(folder.error(&model(&["ant", "bee"], false)).contains("labelled `cat`"));
    let data = folder.read(&model(&["ant", "bee"], true)).unwrap();
    assert_eq!(data.target, mlp_data::Target::None);
    assert_eq!(data.len(), 2);
}

#[test]
fn inputs_to_predict() {
    let folder = folder(&["b/2.png", "b/1.png", "a.png"]);
    let paths: Vec<PathBuf> = ["b", "a.png"].map(|p| folder.path().join(p)).to_vec();
    let exec = Exec::serial();
    let data = picture::read_files(&exec, &paths, &default(), &Quiet).unwrap();
    let root = folder.path().to_str().unwrap();
    assert_eq!(names(&data), ["b/1.png", "b/2.png", "a.png"].map(|n| format!("{root}/{n}")));
    let missing = [folder.path().join("none.png")];
    let error = picture::read_files(&exec, &missing, &default(), &Quiet).unwrap_err();
    assert!(error.to_string().contains("none.png"));
}

#[test]
fn what_looks_like_pictures() {
    let pictures = folder(&["a/b/1.png"]);
    assert!(picture::looks_like_pictures(pictures.path()));
    assert!(picture::looks_like_pictures(&pictures.path().join("a/b/1.png")));
    let others = Folder::new();
    let text = others.put("a/x.csv", b"1,2");
    assert!(!picture::looks_like_pictures(others.path()));
    assert!(!picture::looks_like_pictures(&text));
    assert!(!picture::looks_like_pictures("nowhere".as_ref()));
}

#[test]
fn chunks_are_of_one_part_and_add_up() {
    let files: Vec<String> = (0..300).map(|i| format!("train/{}/{i:03}.png", i % 2)).collect();
    let mut files: Vec<&str> = files.iter().map(String::as_str).collect();
    files.push("test/0/1.png");
    let folder = folder(&files);
    let (exec, options) = (Exec::serial(), default());
    let mut source = picture::FolderSource::open(&exec, folder.path(), &options, &Quiet).unwrap();
    assert_eq!(source.target(), Some("label"));
    assert_eq!(source.chosen().size, (4, 4));
    let mut sizes = Vec::new();
    while let Some(chunk) = source.next_chunk().unwrap() {
        assert!(matches!(chunk.table.columns[1], Column::Category { .. }));
        assert_eq!(chunk.table.schema, *source.schema());
        sizes.push((chunk.table.rows, chunk.part));
    }
    assert_eq!(sizes, [(1, Some(Part::Test)), (256, None), (44, None)]);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    #[test]
    fn names_that_are_not_utf8() {
        let folder = folder(&["a/1.png", "b/1.png"]);
        let name = |bytes| folder.path().join("a").join(OsStr::from_bytes(bytes));
        std::fs::write(name(b"\xff.png"), even(4, 4, [7; 3])).unwrap();
        std::fs::write(name(b"\\xff.png"), even(4, 4, [8; 3])).unwrap();
        let data = folder.read(&default()).unwrap();
        assert_eq!(names(&data), ["a/1.png", "a/\\\\xff.png", "a/\\xff.png", "b/1.png"]);
        let mut list = b"a/1.png,x\na/".to_vec();
        list.extend(b"\xff.png,y\n");
        let labels = Some(folder.put("labels.csv", &list));
        let data = folder.read(&OpenOptions { labels, ..default() }).unwrap();
        assert_eq!(names(&data), ["a/1.png", "a/\\xff.png"]);
    }

    #[test]
    fn links_are_followed_but_not_in_circles() {
        let folder = folder(&["a/1.png", "b/1.png"]);
        let at = |rel: &str| folder.path().join(rel);
        symlink(at("a"), at("c")).unwrap();
        symlink(at("b/1.png"), at("a/2.png")).unwrap();
        symlink(at("b"), at("a/to-b")).unwrap();
        symlink(at("a"), at("b/to-a")).unwrap();
        symlink("..", at("b/up")).unwrap();
        symlink("nowhere", at("b/gone.png")).unwrap();
        let data = folder.read(&default()).unwrap();
        let found = names(&data);
        for name in ["a/1.png", "a/2.png", "a/to-b/1.png", "b/to-a/1.png", "c/1.png"] {
            assert!(found.iter().any(|f| f == name), "{name}: {found:?}");
        }
        assert!(found.len() < 20, "{found:?}");
        assert!(data.skipped.iter().any(|s| s.path == "b/gone.png"), "{:?}", data.skipped);
        assert!(data.skipped.iter().any(|s| s.path == "b/up"), "{:?}", data.skipped);
    }

    #[test]
    fn pipes_are_not_waited_for() {
        let folder = folder(&["a/1.png", "b/1.png"]);
        let socket = std::os::unix::net::UnixListener::bind(folder.path().join("a/s")).unwrap();
        let data = folder.read(&default()).unwrap();
        drop(socket);
        assert_eq!(data.skipped[0].reason, "neither a file nor a folder");
    }
}
