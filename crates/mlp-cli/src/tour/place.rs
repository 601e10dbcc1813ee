//! Where a tour is written: a folder that is new, or that an earlier tour wrote and nothing else.

use crate::train::{CHECKPOINT, CONFIG, METRICS, MODEL, REPORT, Reserved, SPLIT, in_use};
use anyhow::Context;
use mlp_model::file;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The drawing of steps 5, 6 and 8.
pub const DOG: &str = "dog.png";
/// Every number of every step; it marks a folder as a tour's.
pub const NUMBERS: &str = "tour.json";
/// The ordinary page of the training.
pub const TRAINING: &str = "training.html";
/// What a tour writes.
const FILES: [&str; 9] =
    [CHECKPOINT, CONFIG, METRICS, MODEL, REPORT, SPLIT, DOG, NUMBERS, TRAINING];

/// Reserves `out`, or the first of `runs/tour`, `runs/tour-2`, … that is free or an earlier tour's, which is removed.
pub fn reserve(out: Option<&Path>) -> anyhow::Result<Reserved> {
    let numbered = |i: usize| match i {
        1 => PathBuf::from("runs/tour"),
        _ => PathBuf::from(format!("runs/tour-{i}")),
    };
    let free = |path: &PathBuf| Reserved::free(path) || ours(path);
    let path = match out {
        Some(path) => path.to_owned(),
        None => (1..).map(numbered).find(free).unwrap_or_default(),
    };
    if ours(&path) {
        clear(&path).with_context(|| {
            format!("{}: the last tour cannot be removed; choose another --out", path.display())
        })?;
    }
    Reserved::new(Some(&path), "tour")
}

/// Whether a folder is a tour.
pub fn is_tour(path: &Path) -> bool {
    let numbers = fs::read(path.join(NUMBERS)).ok();
    let numbers = numbers.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    numbers.is_some_and(|numbers| numbers.get("tour").is_some())
}

/// Whether a folder holds a tour and nothing besides, and nobody writes it now.
fn ours(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else { return false };
    let mut entries = entries.map(|entry| entry.is_ok_and(|entry| known(&entry.path())));
    is_tour(path) && entries.all(|known| known) && !in_use(path)
}

fn known(path: &Path) -> bool {
    let is =
        |name: &str| path.ends_with(name) || path == file::temporary(&path.with_file_name(name));
    path.is_file() && FILES.iter().any(|name| is(name))
}

fn clear(path: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        fs::remove_file(entry?.path())?;
    }
    fs::remove_dir(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_folders_of_a_tour_are_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tour");
        assert!(!ours(&path), "there is none");
        fs::create_dir(&path).unwrap();
        assert!(!ours(&path), "an empty folder");
        let write = |name: &str, text: &str| fs::write(path.join(name), text).unwrap();
        write(NUMBERS, "{}");
        assert!(!ours(&path), "other numbers");
        write(NUMBERS, "{\"tour\": \"0.1.0\"}");
        write(CONFIG, "");
        write("model.mlp.partial", "");
        assert_eq!(ours(&path), known(&path.join("model.mlp.partial")));
        fs::remove_file(path.join("model.mlp.partial")).unwrap();
        assert!(ours(&path));
        let lock = fs::File::open(path.join(CONFIG)).unwrap();
        lock.try_lock().unwrap();
        assert!(!ours(&path), "somebody writes it");
        drop(lock);
        write("notes.txt", "mine");
        assert!(!ours(&path), "somebody's file is in it");
        fs::remove_file(path.join("notes.txt")).unwrap();
        clear(&path).unwrap();
        assert!(!path.exists());
    }
}
