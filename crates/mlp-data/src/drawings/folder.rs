//! The set as PNG files in class folders.

use super::{Class, SEED, draw};
use crate::{DataError, Progress};
use mlp_tensor::Exec;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Drawings made before they are written.
const AT_ONCE: u64 = 256;

/// The path of drawing number `index` in the folder of a set of `count`: `cat/0001.png`. The order of such paths is
/// that of the numbers within each class.
pub fn file_name(index: u64, count: u64) -> String {
    let digits = count.div_ceil(2).to_string().len().max(4);
    format!("{}/{:0digits$}.png", Class::of(index).label(), index / 2 + 1)
}

/// The bytes of a file of the embedded set, by the path that [`file_name`] gives it.
///
/// # Errors
/// That the set has no such file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let index = path.to_str().and_then(index_of);
    index.map(|index| draw(SEED, index).png()).ok_or_else(|| "no such drawing".to_string())
}

/// The number of a drawing, from its path.
fn index_of(path: &str) -> Option<u64> {
    let (label, file) = path.split_once('/')?;
    let class = Class::ALL.iter().position(|class| class.label() == label)?;
    let number: u64 = file.strip_suffix(".png")?.parse().ok()?;
    Some(2 * number.checked_sub(1)? + class as u64)
}

/// Writes drawings `0..count` of a seed into a folder that is new or empty, and returns the bytes written. Nothing is
/// left of a folder that was made here and could not be filled.
///
/// # Errors
/// A folder that holds something or cannot be written to; a count of zero.
pub fn write_folder(
    exec: &Exec,
    dir: &Path,
    seed: u64,
    count: u64,
    progress: &dyn Progress,
) -> Result<u64, DataError> {
    if count == 0 {
        return Err(DataError::unusable("no drawing was asked for; --count must be at least 1"));
    }
    let made = prepare(dir)?;
    let written = fill(exec, dir, seed, count, progress);
    if written.is_err() {
        // The first error is the one to tell.
        for class in Class::ALL {
            let _ = fs::remove_dir_all(dir.join(class.label()));
        }
        if made {
            let _ = fs::remove_dir(dir);
        }
    }
    written
}

/// Makes the folder, or sees that it is empty; whether it was made.
fn prepare(dir: &Path) -> Result<bool, DataError> {
    let io = |e| DataError::io(dir, e);
    if !dir.exists() {
        fs::create_dir_all(dir).map_err(io)?;
        return Ok(true);
    }
    match fs::read_dir(dir).map_err(io)?.next() {
        None => Ok(false),
        Some(_) => {
            let what = "it is not empty, and nothing in it is overwritten; name a new folder";
            Err(DataError::malformed(dir, "folder", what))
        }
    }
}

fn fill(
    exec: &Exec,
    dir: &Path,
    seed: u64,
    count: u64,
    progress: &dyn Progress,
) -> Result<u64, DataError> {
    for class in Class::ALL.iter().take(count.min(2) as usize) {
        let folder = dir.join(class.label());
        fs::create_dir(&folder).map_err(|e| DataError::io(&folder, e))?;
    }
    let done = AtomicUsize::new(0);
    let mut bytes = 0;
    for first in (0..count).step_by(AT_ONCE as usize) {
        let some = AT_ONCE.min(count - first) as usize;
        let written = exec.map(some, |i| {
            let index = first + i as u64;
            let path = dir.join(file_name(index, count));
            let png = draw(seed, index).png();
            let result = fs::write(&path, &png).map_err(|e| DataError::io(&path, e));
            progress.at(1 + done.fetch_add(1, Ordering::Relaxed), count as usize);
            result.map(|()| png.len() as u64)
        });
        for length in written {
            bytes += length?;
        }
    }
    Ok(bytes)
}
