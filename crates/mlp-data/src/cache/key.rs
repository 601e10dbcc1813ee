//! What an entry is known by: the bytes of the data and how they are read.

use crate::{DataError, OpenOptions, cifar, idx};
use mlp_tensor::Exec;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Changes whenever the same bytes and options would be read or written differently.
const EDITION: &str = concat!("mlp cache 1, ", env!("CARGO_PKG_VERSION"));
/// Folders in folders, at most; deeper ones no reader visits.
const MAX_DEPTH: usize = 32;
/// Bytes read at once.
const BLOCK: usize = 1 << 20;

/// The key of a file or folder; `None` for what is neither, such as a pipe.
pub(super) fn of(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
) -> Result<Option<String>, DataError> {
    let mut hash = Sha256::new();
    hash.update(EDITION);
    hash.update(if cfg!(target_endian = "big") { "big" } else { "little" });
    // Its `Debug` names every field, so a new option cannot be forgotten here. Paths in it only make more keys.
    hash.update(format!("{options:?}"));
    let own = path.file_name().map(|n| n.as_encoded_bytes().to_vec());
    hash.update(own.unwrap_or_default());
    for path in [Some(path), options.test_data.as_deref(), options.labels.as_deref()] {
        let Some(path) = path else { continue };
        match contents(exec, path)? {
            Some(print) => hash.update(print),
            None => return Ok(None),
        }
        // Labels, and the names of classes, may lie beside a file.
        for beside in idx::labels_of(path).into_iter().chain(cifar::names_beside(path)) {
            hash.update(beside.file_name().unwrap_or_default().as_encoded_bytes());
            hash.update(contents(exec, &beside)?.unwrap_or_default());
        }
    }
    Ok(Some(hex(&hash.finalize())))
}

/// A print of a file, or of the names and prints of the files below a folder.
fn contents(exec: &Exec, path: &Path) -> Result<Option<[u8; 32]>, DataError> {
    let kind = fs::metadata(path).map_err(|e| DataError::io(path, e))?;
    if kind.is_file() {
        return file(path).map(Some).map_err(|e| DataError::io(path, e));
    }
    if !kind.is_dir() {
        return Ok(None);
    }
    let mut files = Vec::new();
    below(path, 0, &mut files).map_err(|e| DataError::io(path, e))?;
    files.sort();
    let prints = exec.map(files.len(), |i| file(&files[i]));
    let mut hash = Sha256::new();
    for (file, print) in files.iter().zip(prints) {
        let name = file.strip_prefix(path).unwrap_or(file).as_os_str().as_encoded_bytes();
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        // A file that cannot be read is one that the reader will name.
        hash.update(print.unwrap_or_default());
    }
    Ok(Some(hash.finalize().into()))
}

fn below(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match fs::metadata(&path) {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                // What the reader cannot open it names itself.
                let _ = below(&path, depth + 1, files);
            }
            Ok(kind) if kind.is_dir() => {}
            _ => files.push(path),
        }
    }
    Ok(())
}

/// SHA-256 of a file.
pub(super) fn file(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let length = usize::try_from(file.metadata()?.len()).unwrap_or(BLOCK);
    let mut block = vec![0; length.clamp(1, BLOCK)];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hash.finalize().into()),
            n => hash.update(&block[..n]),
        }
    }
}

/// In hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
