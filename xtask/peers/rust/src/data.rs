//! What a training is given: IDX files in memory, and the order of examples. Knows no peer.

use crate::protocol::{Case, Report, Result};
use crate::rounds::Round;
use flate2::read::GzDecoder;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::Instant;

/// Examples in rows.
pub struct Data {
    /// Rows × inputs; pixels divided by 255.
    pub x: Vec<f32>,
    /// Classes, or the number to predict, one a row.
    pub y: Vec<f32>,
    pub rows: usize,
    pub inputs: usize,
}

/// The case's first rows.
pub fn load(case: &Case) -> Result<Data> {
    let folder = Path::new(case.word("data")?);
    let (rows, inputs): (usize, usize) = (case.number("rows")?, case.number("inputs")?);
    let (shape, mut x) = idx(folder, "images", 1.0 / 255.0)?;
    let (_, mut y) = idx(folder, "labels", 1.0)?;
    let has: usize = shape[1..].iter().product();
    if has != inputs || shape[0] < rows || y.len() < rows {
        return Err(format!("the data have {} rows of {has} inputs", shape[0]).into());
    }
    x.truncate(rows * inputs);
    y.truncate(rows);
    Ok(Data { x, y, rows, inputs })
}

/// Shape and values of the IDX file `train-ROLE…`, gzip or not; bytes are multiplied by `scale`.
fn idx(folder: &Path, role: &str, scale: f32) -> Result<(Vec<usize>, Vec<f32>)> {
    let start = format!("train-{role}-idx");
    let mut paths: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.retain(|path| name(path).replace('.', "-").starts_with(&start));
    paths.sort();
    let path = paths.first().ok_or_else(|| format!("no {start}… in {}", folder.display()))?;
    let mut bytes = Vec::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?,
        false => File::open(path)?.read_to_end(&mut bytes)?,
    };
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    let rank = usize::from(*bytes.get(3).ok_or("an IDX file without a header")?);
    let sizes = (0..rank).map(|i| word(4 + 4 * i).map(|size| u32::from_be_bytes(size) as usize));
    let shape: Vec<usize> = sizes.collect::<Option<_>>().ok_or("an IDX file without its shape")?;
    let body = &bytes[4 + 4 * rank..];
    let values = match bytes[2] {
        8 => body.iter().map(|&byte| f32::from(byte) * scale).collect(),
        13 => body.as_chunks().0.iter().map(|&word| f32::from_be_bytes(word)).collect(),
        code => return Err(format!("IDX files of type {code} are not read here").into()),
    };
    if shape.is_empty() {
        return Err("an IDX file of rank 0".into());
    }
    Ok((shape, values))
}

/// Rounds of epochs: each shuffles the rows, and takes a `step` a batch of them, which gives the batch's mean loss.
pub fn epochs(
    rows: usize,
    batch: usize,
    mut step: impl FnMut(&[u32]) -> Result<f32> + 'static,
) -> Result<Round> {
    let mut order: Vec<u32> = (0..u32::try_from(rows)?).collect();
    let mut random = SmallRng::seed_from_u64(1);
    Ok(Box::new(move |units| {
        let (started, mut loss) = (Instant::now(), 0.0);
        for _ in 0..units {
            order.shuffle(&mut random);
            loss = 0.0;
            for batch in order.chunks_exact(batch) {
                loss += f64::from(step(batch)?);
            }
            loss /= (rows / batch) as f64;
        }
        let (seconds, examples) = (started.elapsed().as_secs_f64(), units * rows as u64);
        Ok(Report { seconds, examples, loss: Some(loss), latency: None })
    }))
}
