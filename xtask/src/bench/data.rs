//! Training data as IDX files, which every program reads: MNIST's own, or generated once by a specified generator. What
//! is read by the cases of ingestion: [`super::files`].

use super::cases::{Case, Kind, Source};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A folder of IDX files or of pictures, or a table.
pub struct Data {
    /// Where.
    pub path: PathBuf,
    /// In words, for the tables.
    pub what: &'static str,
}

/// The data of a case; none for a case without. What must be generated or unpacked lies in `scratch` afterwards.
pub fn folder(case: &Case, given: Option<&Path>, scratch: &Path) -> Result<Option<Data>> {
    let Some(source) = case.source else { return Ok(None) };
    if case.kind == Kind::Ingest {
        return super::files::find(source, given, scratch).map(Some);
    }
    if let (Source::Mnist, Some(path)) = (source, given) {
        let named = |name: &str| name.replace('.', "-").starts_with("train-images-idx3");
        let entries =
            std::fs::read_dir(path).with_context(|| format!("--data {}", path.display()))?;
        if !entries.flatten().any(|entry| named(&entry.file_name().to_string_lossy())) {
            bail!(
                "--data {}: there is no train-images-idx3-ubyte, with or without .gz",
                path.display()
            );
        }
        let path = path.canonicalize().with_context(|| path.display().to_string())?;
        return Ok(Some(Data { path, what: "MNIST" }));
    }
    let (name, what) = match source {
        Source::Mnist => ("digits", "generated pictures of MNIST's shape"),
        Source::Pictures => ("pictures", "generated pictures"),
        _ => ("numbers", "generated numbers"),
    };
    let path = scratch.join("data").join(name);
    // The labels are written last: a folder that has them is whole.
    if !path.join("train-labels-idx1-ubyte").is_file() {
        std::fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        match source {
            Source::Mnist => pictures(&path, &[60_000, 28, 28], 10)?,
            Source::Pictures => pictures(&path, &[10_000, 32, 32, 3], 2)?,
            _ => numbers(&path, 100_000, 20)?,
        }
    }
    Ok(Some(Data { path, what }))
}

/// Steele, Lea and Flood's SplitMix64 (2014).
pub(super) struct SplitMix64(pub(super) u64);

impl SplitMix64 {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 56) as u8
    }

    /// In [0, 1), a multiple of 2⁻²⁴.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }
}

/// Noise around a random picture a class: learnable, and dense, so that no product is spared by zeros.
fn pictures(folder: &Path, shape: &[usize], classes: usize) -> Result<()> {
    let (mut random, size) = (SplitMix64(1), shape[1..].iter().product::<usize>());
    let patterns: Vec<u8> = (0..classes * size).map(|_| random.byte() / 8).collect();
    let (mut bytes, mut labels) = (Vec::with_capacity(shape[0] * size), Vec::new());
    for _ in 0..shape[0] {
        let class = (random.next() % classes as u64) as usize;
        let pattern = &patterns[class * size..][..size];
        bytes.extend(pattern.iter().map(|&p| p + random.byte() / 8 * 7));
        labels.push(class as u8);
    }
    idx(folder, "images", shape, 8, &bytes)?;
    idx(folder, "labels", &shape[..1], 8, &labels)
}

/// A smooth function of numbers in [-1, 1).
fn numbers(folder: &Path, rows: usize, width: usize) -> Result<()> {
    let mut random = SplitMix64(2);
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for _ in 0..rows {
        let x: Vec<f32> = (0..width).map(|_| 2.0 * random.unit() - 1.0).collect();
        let y: f32 = x.windows(2).map(|pair| pair[0] * pair[1]).sum::<f32>() + x[0];
        inputs.extend(x.iter().flat_map(|x| x.to_be_bytes()));
        targets.extend(y.to_be_bytes());
    }
    idx(folder, "images", &[rows, width], 13, &inputs)?;
    idx(folder, "labels", &[rows], 13, &targets)
}

fn idx(folder: &Path, role: &str, shape: &[usize], code: u8, values: &[u8]) -> Result<()> {
    // Readers go by the names of MNIST's files, whatever the rank.
    let rank = if role == "images" { 3 } else { 1 };
    let path = folder.join(format!("train-{role}-idx{rank}-ubyte"));
    let write = || {
        let mut file = BufWriter::new(File::create(&path)?);
        file.write_all(&[0, 0, code, shape.len() as u8])?;
        for &size in shape {
            file.write_all(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes())?;
        }
        file.write_all(values)?;
        file.flush()
    };
    write().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = SplitMix64(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(first, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
    }

    #[test]
    fn idx_files_have_headers() {
        let folder = std::env::temp_dir().join(format!("bench-data-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        pictures(&folder, &[3, 2, 2], 2).unwrap();
        let images = std::fs::read(folder.join("train-images-idx3-ubyte")).unwrap();
        let labels = std::fs::read(folder.join("train-labels-idx1-ubyte")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(&images[..16], &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2]);
        assert_eq!((images.len(), labels.len()), (16 + 12, 8 + 3));
        assert!(labels[8..].iter().all(|&label| label < 2));
    }
}
