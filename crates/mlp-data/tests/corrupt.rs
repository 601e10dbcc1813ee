//! Files that were damaged or lie, 500 of each format: a value or an error that names the place; no
//! panic, no hang, no memory taken for what a header claims.

use flate2::{Compression, write::GzEncoder};
use mlp_data::{DataError, OpenOptions, Quiet, open};
use mlp_tensor::Exec;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Allocations are counted for all threads, so one test runs at a time.
static ALONE: Mutex<()> = Mutex::new(());

const FILES: usize = 500;
/// All memory that reading a file of some kilobytes may ask for, added up.
const MOST_BYTES: usize = 48 << 20;
const MOST_TIME: Duration = Duration::from_secs(5);

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.roll() % n.max(1) as u64) as usize
    }
}

/// Cut, with flipped bits, or with numbers at its ends, where headers and directories stand, that
/// claim a lot.
fn damaged(sound: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    match dice.below(4) {
        0 => bytes.truncate(dice.below(sound.len())),
        1 => {
            for _ in 0..=dice.below(8) {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
            }
        }
        2 => {
            let at = dice.below(bytes.len());
            let end = (at + 1 + dice.below(40)).min(bytes.len());
            bytes[at..end].iter_mut().for_each(|b| *b = dice.roll() as u8);
        }
        _ => {
            let near = dice.below(bytes.len().min(160));
            let at = if dice.below(2) == 0 { near } else { bytes.len() - 1 - near };
            let claim: &[u8] = match dice.below(6) {
                0 => &[0xFF; 4],
                1 => &[0xFF; 8],
                2 => &[0xFF, 0xFF, 0xFF, 0x7F],
                3 => &[0x7F, 0xFF, 0xFF, 0xFF],
                4 => &[0; 4],
                _ => b"99999999",
            };
            let end = (at + claim.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&claim[..end - at]);
        }
    }
    bytes
}

/// Reads a sound file as `name` in a folder of `others`, then 500 damaged ones.
#[track_caller]
fn check(name: &str, sound: &[u8], others: &[(&str, &[u8])], whole_folder: bool) {
    check_some(name, sound, others, whole_folder, FILES);
}

#[track_caller]
fn check_some(
    name: &str,
    sound: &[u8],
    others: &[(&str, &[u8])],
    whole_folder: bool,
    files: usize,
) {
    let alone = ALONE.lock().unwrap_or_else(|e| e.into_inner());
    mlp_data::picture::quiet_panics();
    let folder = tempfile::tempdir().unwrap();
    others
        .iter()
        .for_each(|(name, bytes)| std::fs::write(folder.path().join(name), bytes).unwrap());
    let file = folder.path().join(name);
    let path = if whole_folder { folder.path() } else { &file };
    std::fs::write(&file, sound).unwrap();
    read(path, &OpenOptions::default()).unwrap();
    let known = read(path, &OpenOptions::default()).unwrap().same_options();
    let known = OpenOptions { target_optional: true, ..known };
    let mut dice = Dice(name.bytes().map(u64::from).sum());
    let mut refused = 0;
    for i in 0..files {
        let bytes = damaged(sound, &mut dice);
        std::fs::write(&file, &bytes).unwrap();
        for options in [&OpenOptions::default(), &known] {
            let (region, start) = (Region::new(ALLOCATOR), Instant::now());
            let result = read(path, options);
            let (taken, time) = (region.change().bytes_allocated, start.elapsed());
            assert!(time < MOST_TIME, "{name} {i}: {time:?}");
            assert!(taken < MOST_BYTES, "{name} {i}: {taken} bytes for {}", bytes.len());
            let Err(error) = result else { continue };
            refused += 1;
            let message = error.to_string();
            let named = match &error {
                DataError::Malformed { place, .. } => !place.is_empty(),
                // Of the data as a whole: a column, a row or a count is named.
                DataError::Unusable { .. } => message.contains('`') || message.contains("row"),
                DataError::Io { .. } => false,
            };
            assert!(named && message.len() < 2000, "{name} {i}: {message}");
        }
    }
    assert!(refused > files / 10, "{name}: only {refused} were refused");
    drop(alone);
}

fn read(path: &Path, options: &OpenOptions) -> Result<mlp_data::Dataset, DataError> {
    open(&Exec::serial(), path.to_str().unwrap(), options, &Quiet)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/golden/", $name)).as_slice()
    };
}

/// An NPY file of version 1.
fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while !(header.len() + 11).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}

fn table_npy() -> Vec<u8> {
    let values = (0..120).flat_map(|i| f64::from(i * 7 % 31).to_le_bytes());
    npy("<f8", "(40, 3)", &values.collect::<Vec<u8>>())
}

#[test]
fn csv() {
    check("t.csv", golden!("table.csv"), &[], false);
}

#[test]
fn csv_gzip() {
    check("t.csv.gz", &gzip(golden!("table.csv")), &[], false);
}

#[test]
fn csv_zstd() {
    check("t.csv.zst", golden!("table.csv.zst"), &[], false);
}

#[test]
fn jsonl() {
    check("t.jsonl", golden!("table.jsonl"), &[], false);
}

#[test]
fn npy_table() {
    check("t.npy", &table_npy(), &[], false);
}

#[test]
fn npy_classes() {
    let cat = npy("|u1", "(30, 16)", &(0..480).map(|i| i as u8).collect::<Vec<u8>>());
    let dog = npy("|u1", "(20, 16)", &[9; 320]);
    check("dog.npy", &dog, &[("cat.npy", &cat)], true);
}

#[test]
fn npz() {
    check("t.npz", golden!("arrays.npz"), &[], false);
}

#[test]
fn cifar() {
    let record =
        |i: usize| std::iter::once((i % 10) as u8).chain((0..3072).map(move |j| (i * j) as u8));
    let bytes: Vec<u8> = (0..4).flat_map(record).collect();
    check("data_batch_2.bin", &bytes, &[("test_batch.bin", &bytes[..2 * 3073])], true);
    check("some.bin", &bytes, &[], false);
}

#[test]
fn libsvm() {
    let line = |i: u32| format!("{} 1:{} 3:{}.5 # {i}\n", i % 2, i % 7, i % 5);
    let text: String = (0..200).map(line).collect();
    check("t.svm", text.as_bytes(), &[], false);
}

#[test]
fn idx() {
    let head = |dims: &[u32]| {
        let mut bytes = vec![0, 0, 8, dims.len() as u8];
        dims.iter().for_each(|d| bytes.extend(d.to_be_bytes()));
        bytes
    };
    let pixels: Vec<u8> = (0..640).map(|i| (i * 5) as u8).collect();
    let images = [head(&[40, 4, 4]), pixels].concat();
    let labels = [head(&[40]), (0..40).map(|i| i % 3).collect()].concat();
    let others = [("train-labels-idx1-ubyte", labels.as_slice())];
    check("train-images-idx3-ubyte", &images, &others, true);
    check("train-images-idx3-ubyte.gz", &gzip(&images), &others, true);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet() {
    // A codec each quarter.
    check_some("t.parquet", golden!("table-none.parquet"), &[], false, FILES / 4);
    check_some("gzip.parquet", golden!("table-gzip.parquet"), &[], false, FILES / 4);
    check_some("snappy.parquet", golden!("table-snappy.parquet"), &[], false, FILES / 4);
    check_some("zstd.parquet", golden!("table-zstd.parquet"), &[], false, FILES / 4);
}
