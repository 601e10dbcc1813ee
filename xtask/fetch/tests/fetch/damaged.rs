//! Five hundred damaged archives: cut, with flipped bits, with numbers that lie. Each gives files or an error
//! that names it, soon, within the limits of bytes.

use crate::make::{Random, gzip, tar, zip};
use std::path::Path;
use std::time::{Duration, Instant};
use xtask_fetch::unpack::{self, Yard};

/// Archives of each kind.
const COUNT: usize = 250;
/// Most bytes that may come out.
const MOST: u64 = 1 << 20;

/// Damages bytes in one of three ways.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    match random.below(3) {
        0 => bytes.truncate(random.below(bytes.len())),
        1 => {
            for _ in 0..1 + random.below(8) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
        }
        _ => {
            // A number of two, four or eight bytes that lies.
            let width = [2, 4, 8][random.below(3)];
            let at = random.below(bytes.len() - width);
            let lie = [0u64, u64::MAX, 1 << 31, 1 << 16][random.below(4)].to_le_bytes();
            bytes[at..at + width].copy_from_slice(&lie[..width]);
        }
    }
}

/// Puts right the sum of a tar header, so that its other numbers are believed.
fn sign(bytes: &mut [u8]) {
    if let Some(first) = bytes.get_mut(..512) {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes().copy_from_slice(first);
        header.set_cksum();
        first.copy_from_slice(header.as_bytes());
    }
}

fn check(archive: &Path, kind: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut written = 0;
    let mut seen = |count: u64| written += count;
    let packed = std::fs::metadata(archive).unwrap().len();
    let mut yard = Yard::new(folder.path(), None, packed, Some(MOST), &mut seen);
    let result = match kind {
        "zip" => unpack::zip(&mut yard, archive),
        _ => unpack::tar_gz(&mut yard, archive),
    };
    drop(yard);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert!(written <= MOST, "{written} bytes were written");
    match result {
        Ok(()) => true,
        Err(error) => {
            let text = format!("{error:#}");
            assert!(text.contains("damaged-"), "not named: {text}");
            false
        }
    }
}

#[test]
fn any_damaged_archive_gives_files_or_an_error() {
    let mut random = Random(5);
    let long = "long".repeat(40);
    let text = "some text that can be packed ".repeat(50);
    let files: &[(&str, &[u8])] = &[("a/1.txt", text.as_bytes()), (&long, b"x"), ("b", &[9; 700])];
    let place = tempfile::tempdir().unwrap();
    let mut refused = [0, 0];
    for i in 0..COUNT {
        for (which, kind) in ["tar.gz", "zip"].into_iter().enumerate() {
            let mut bytes = if kind == "zip" { zip(files) } else { tar(files) };
            if kind == "zip" || i % 2 == 0 {
                if kind != "zip" {
                    bytes = gzip(&bytes, 6);
                }
                damage(&mut random, &mut bytes);
            } else {
                // Below gzip, whose sum would find it.
                damage(&mut random, &mut bytes);
                sign(&mut bytes);
                bytes = gzip(&bytes, 1);
            }
            let path = place.path().join(format!("damaged-{i}.{kind}"));
            std::fs::write(&path, bytes).unwrap();
            refused[which] += usize::from(!check(&path, kind));
            std::fs::remove_file(path).unwrap();
        }
    }
    // Most of them are noticed: damage to times or unused bytes cannot be.
    assert!(refused.iter().all(|count| *count > COUNT / 3), "{refused:?} of {COUNT}");
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kib < 512 << 10, "{kib} KiB at the peak");
    }
}
