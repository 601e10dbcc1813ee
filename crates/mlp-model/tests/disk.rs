//! Models on disk: writing leaves the old file or the new one and nothing else; reading stops at
//! the first byte that is wrong.

use crate::common;

use common::models::golden;
use mlp_model::{Model, container, file};
use std::fs;
use std::path::Path;

#[test]
fn a_model_that_could_not_be_read_is_not_written() {
    let mut model = golden();
    model.params.values[3] = f32::NAN;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.mlp");
    let error = model.save(&path).unwrap_err().to_string();
    assert!(error.contains("parameter 3"), "{error}");
    assert!(!path.exists());
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = (fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn saving_replaces_the_file_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.mlp");
    fs::write(&path, "an old file, longer than the new one".repeat(1000)).unwrap();
    fs::write(file::temporary(&path), "what a killed writer left").unwrap();
    let sum = golden().save(&path).unwrap();
    assert_eq!(names(folder.path()), ["model.mlp"]);
    assert_eq!(sum, container::sha256_hex(&fs::read(&path).unwrap()));
    assert!(Model::load(&path).unwrap().to_bytes().unwrap() == golden().to_bytes().unwrap());
}

#[test]
fn a_failed_write_leaves_the_old_file_and_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    // The rename fails: a folder stands there.
    let taken = folder.path().join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("inside"), "kept").unwrap();
    let error = file::write_atomic(&taken, b"new").unwrap_err().to_string();
    assert!(error.contains("taken"), "{error}");
    assert_eq!(names(folder.path()), ["taken"]);
    assert_eq!(fs::read(taken.join("inside")).unwrap(), b"kept");
    // The sibling cannot be made: the old file stays.
    let path = folder.path().join("model.mlp");
    fs::write(&path, "old").unwrap();
    fs::create_dir(file::temporary(&path)).unwrap();
    let error = file::write_atomic(&path, b"new").unwrap_err().to_string();
    assert!(error.contains("model.mlp"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    // No folder, or a file where a folder should be.
    for path in [folder.path().join("none/model.mlp"), path.join("model.mlp")] {
        let error = file::write_atomic(&path, b"new").unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
    }
    assert_eq!(names(folder.path()), ["model.mlp", "model.mlp.tmp", "taken"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_that_names_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.mlp");
    fs::write(&path, "old").unwrap();
    std::os::unix::fs::symlink("/dev/full", file::temporary(&path)).unwrap();
    let error = file::write_atomic(&path, b"new").unwrap_err();
    assert!(error.to_string().contains("model.mlp"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["model.mlp"]);
}

#[test]
fn reading_names_the_path_and_stops_early() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.mlp");
    assert!(Model::load(&absent).unwrap_err().to_string().contains("absent.mlp"));
    assert!(Model::load(folder.path()).is_err(), "a folder");
    let other = folder.path().join("other");
    fs::write(&other, "PNG").unwrap();
    assert!(Model::load(&other).unwrap_err().to_string().contains("byte 0"));
    #[cfg(target_os = "linux")]
    assert!(Model::load(Path::new("/dev/zero")).unwrap_err().to_string().contains("byte 0"));
    for length in [0u64, 63, 64, 1 << 40, u64::MAX] {
        let mut bytes = golden().to_bytes().unwrap();
        bytes[16..24].copy_from_slice(&length.to_le_bytes());
        fs::write(&other, &bytes).unwrap();
        let error = Model::load(&other).unwrap_err().to_string();
        assert!(error.contains("byte 16: the file should have"), "{error}");
    }
}
