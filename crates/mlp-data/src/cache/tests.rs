//! Laws of the cache: what comes out of it is what a reading gives; a damaged entry is made anew; room is bounded.

use super::{Cache, Held};
use crate::{
    Batch, Dataset, Encoded, Examples, OpenOptions, Part, Plan, Quiet, Split, Values, open,
};
use mlp_tensor::Exec;
use std::fs;
use std::path::Path;

const LIMIT: u64 = 50_000_000;

/// More rows than are encoded at once or read at once, so that blocks and chunks have seams.
fn table(rows: usize) -> String {
    let mut text = String::from("x,word,flag,target\n");
    for i in 0..rows {
        let word = ["red", "green", "", "blue"][i * 7 % 4];
        let x = if i % 11 == 0 { String::new() } else { format!("{}.25", i * 31 % 1009) };
        text += &format!("{x},{word},{},{}\n", i % 3 == 0, ["a", "b", "c"][i * i % 3]);
    }
    text
}

fn opened(path: &Path, cache: Option<(&Path, u64, Held)>) -> Result<Dataset, crate::DataError> {
    let cache = cache.map(|(folder, limit, held)| Cache::new(folder.into(), limit, held));
    let options = OpenOptions { cache, ..OpenOptions::default() };
    open(&Exec::new(None, Some(2)).unwrap(), path.to_str().unwrap(), &options, &Quiet)
}

fn encoded(data: &Dataset) -> Encoded {
    let split = Split::new(data, 0.1, 0.2, 7).unwrap();
    let pipeline = Plan::default().fit_dataset(data, &split).unwrap();
    pipeline.encode(&data.table, &data.target).unwrap()
}

fn inputs(encoded: &Encoded) -> Vec<u32> {
    // In an order that jumps about.
    let rows: Vec<usize> = (0..encoded.len()).map(|i| i * 7919 % encoded.len()).collect();
    let mut batch = Batch::new();
    encoded.fill(&Exec::serial(), &rows, &mut batch).unwrap();
    batch.x.iter().map(|x| x.to_bits()).collect()
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn a_table_through_the_cache_is_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, cache) = (folder.path().join("t.csv"), folder.path().join("cache"));
    fs::write(&csv, table(70_000)).unwrap();
    let plain = opened(&csv, None).unwrap();
    let print = plain.fingerprint();
    let expected = inputs(&encoded(&plain));
    // Each twice: when the entry is made, and when it is found.
    for held in [Held::Disk, Held::Memory, Held::Disk, Held::Memory] {
        let data = opened(&csv, Some((&cache, LIMIT, held))).unwrap();
        assert!(data.target == plain.target);
        assert_eq!((&data.table.schema, &data.names), (&plain.table.schema, &plain.names));
        assert_eq!((&data.name, &data.notes), (&plain.name, &plain.notes));
        assert!((&data.columns, &data.parts) == (&plain.columns, &plain.parts));
        assert_eq!(data.fingerprint(), print);
        assert_eq!(data.table.folder().is_some(), held == Held::Disk);
        assert!(inputs(&encoded(&data)) == expected);
    }
    assert_eq!(entries(&cache).len(), 1);
}

#[test]
fn test_data_go_through_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let (train, test) = (folder.path().join("train.csv"), folder.path().join("test.csv"));
    fs::write(&train, table(500)).unwrap();
    fs::write(&test, table(40)).unwrap();
    let read = |held: Option<Held>| {
        let cache = held.map(|held| Cache::new(cache.clone(), LIMIT, held));
        let test_data = Some(test.clone());
        let options = OpenOptions { cache, test_data, ..OpenOptions::default() };
        open(&Exec::serial(), train.to_str().unwrap(), &options, &Quiet).unwrap()
    };
    let plain = read(None);
    for held in [Held::Disk, Held::Memory] {
        let data = read(Some(held));
        assert_eq!(data.fingerprint(), plain.fingerprint());
        assert_eq!(data.names, plain.names);
        assert_eq!(data.parts[500], Some(Part::Test));
    }
    // Other test data are another entry, though their path is the same.
    fs::write(&test, table(41)).unwrap();
    assert_eq!(read(Some(Held::Disk)).len(), 541);
    assert_eq!(entries(&cache).len(), 2);
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, cache) = (folder.path().join("t.csv"), folder.path().join("cache"));
    fs::write(&csv, table(300)).unwrap();
    let plain = opened(&csv, None).unwrap();
    let read = || opened(&csv, Some((&cache, LIMIT, Held::Disk)));
    read().unwrap();
    let entry = entries(&cache).remove(0);
    let files: Vec<_> = entries(&entry).into_iter().filter(|f| !f.ends_with("used")).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        let at = flipped.len() / 2;
        flipped[at] ^= 4;
        for bad in [flipped, whole[..whole.len() - 1].to_vec(), Vec::new()] {
            fs::write(&file, bad).unwrap();
            assert_eq!(read().unwrap().fingerprint(), plain.fingerprint(), "{}", file.display());
            assert_eq!(fs::read(&file).unwrap(), whole, "{}", file.display());
        }
    }
}

#[test]
fn entries_take_no_more_room_than_they_may() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let size = |path: &Path| -> u64 {
        entries(path).iter().flat_map(|e| entries(e)).map(|f| f.metadata().unwrap().len()).sum()
    };
    let limit = 60_000;
    for i in 0..6 {
        let csv = folder.path().join(format!("{i}.csv"));
        fs::write(&csv, table(1_000 + i)).unwrap();
        opened(&csv, Some((&cache, limit, Held::Disk))).unwrap();
        // What says which files there are and when they were used is not counted.
        assert!(size(&cache) <= limit + 10_000, "{}", size(&cache));
    }
    assert!(entries(&cache).len() >= 2);
    let csv = folder.path().join("large.csv");
    fs::write(&csv, table(10_000)).unwrap();
    let error = opened(&csv, Some((&cache, limit, Held::Disk))).unwrap_err().to_string();
    assert!(error.contains("60 kB") && error.contains("--cache-size"), "{error}");
    assert!(entries(&cache).iter().all(|e| !e.to_string_lossy().contains("making")));
}

#[test]
fn what_a_killed_program_left_is_removed_and_what_another_makes_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, cache) = (folder.path().join("t.csv"), folder.path().join("cache"));
    fs::write(&csv, table(50)).unwrap();
    let (dead, alive) = (cache.join("making-0"), cache.join("making-1"));
    for making in [&dead, &alive] {
        fs::create_dir_all(making).unwrap();
        fs::write(making.join("lock"), "").unwrap();
    }
    let lock = fs::File::open(alive.join("lock")).unwrap();
    lock.lock().unwrap();
    let other = cache.join("notes.txt");
    fs::write(&other, "not the cache's").unwrap();
    opened(&csv, Some((&cache, 1_000_000, Held::Disk))).unwrap();
    assert!(!dead.exists() && alive.exists() && other.exists());
}

#[test]
fn values_in_a_file_are_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    fs::write(&path, mlp_tensor::bytes_of(&[1.5f64, f64::MIN, 0.0])).unwrap();
    let mapped: Values<f64> = Values::mapped(mlp_tensor::Mapped::open(&path).unwrap());
    let memory: Values<f64> = vec![1.5, f64::MIN, 0.0].into();
    assert_eq!(mapped, memory);
    for rows in [&[2, 0, 2][..], &[1]] {
        assert_eq!(mapped.pick(rows), memory.pick(rows));
    }
    let mut more = mapped.clone();
    more.append(vec![7.0].into());
    assert_eq!((more.len(), more[3], mapped.len()), (4, 7.0, 3));
    assert_eq!(mapped.into_vec(), memory.into_vec());
}

#[test]
fn rows_without_a_target_are_left_out_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, cache) = (folder.path().join("t.csv"), folder.path().join("cache"));
    let text: String = table(70_000).lines().enumerate().fold(String::new(), |text, (i, line)| {
        let line = if i % 1000 == 7 { &line[..line.len() - 1] } else { line };
        text + line + "\n"
    });
    fs::write(&csv, text).unwrap();
    let plain = opened(&csv, None).unwrap();
    assert_eq!((plain.len(), plain.row_name(6)), (69_930, "row 8".into()));
    let making = Cache::new(cache.clone(), LIMIT, Held::Disk);
    let key = super::key::of(&Exec::serial(), &csv, &OpenOptions::default()).unwrap().unwrap();
    let entry = folder.path().join("entry");
    fs::create_dir(&entry).unwrap();
    let filling = super::Filling {
        folder: entry,
        limit: LIMIT,
        written: Default::default(),
        next: Default::default(),
    };
    let inner = Cache { filling: Some(filling.into()), ..making };
    let options = OpenOptions { cache: Some(inner), ..OpenOptions::default() };
    let data = crate::csv::read_file(&Exec::serial(), &csv, &options).unwrap();
    assert_eq!(data.table.folder().as_deref(), Some(folder.path()), "no column is in memory");
    let data = opened(&csv, Some((&cache, LIMIT, Held::Disk))).unwrap();
    assert!(entries(&cache)[0].ends_with(key));
    assert_eq!((data.fingerprint(), data.names), (plain.fingerprint(), plain.names));
}

#[test]
fn labels_beside_a_file_are_part_of_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let idx = |dims: &[u32], values: &[u8]| {
        let mut bytes = vec![0, 0, 8, dims.len() as u8];
        dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
        [bytes, values.to_vec()].concat()
    };
    fs::write(at("train-images-idx3-ubyte"), idx(&[2, 1, 2], &[1, 2, 3, 4])).unwrap();
    let read = |labels: [u8; 2]| {
        fs::write(at("train-labels-idx1-ubyte"), idx(&[2], &labels)).unwrap();
        let cache = folder.path().join("cache");
        let data =
            opened(&at("train-images-idx3-ubyte"), Some((&cache, LIMIT, Held::Memory))).unwrap();
        data.target
    };
    let crate::Target::Classes { codes, .. } = read([0, 1]) else { panic!() };
    assert_eq!(codes, [0, 1]);
    let crate::Target::Classes { codes, .. } = read([1, 0]) else { panic!() };
    assert_eq!(codes, [1, 0]);
}
