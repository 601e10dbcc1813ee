//! Files on disk: read whole, written so that a crash leaves the old or the new contents, never a
//! part.

use crate::{ModelError, container};
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Ending of files that are being written.
pub const TEMPORARY: &str = "tmp";

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> ModelError + '_ {
    move |source| ModelError::Io { path: path.to_owned(), source }
}

/// All bytes of a model file or checkpoint. The header is looked at first, so that a large file of
/// another kind, a device or a pipe without end is refused at once.
///
/// # Errors
/// [`ModelError::Io`] with the path, or what [`container::declared_length`] finds.
pub fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    let mut file = File::open(path).map_err(io(path))?;
    let mut bytes = Vec::new();
    (&mut file).take(container::HEADER as u64).read_to_end(&mut bytes).map_err(io(path))?;
    let length = container::declared_length(&bytes)?;
    // One byte more than declared is enough to see that there are too many.
    let rest = length.saturating_sub(container::HEADER as u64).saturating_add(1);
    file.take(rest).read_to_end(&mut bytes).map_err(io(path))?;
    Ok(bytes)
}

/// The sibling that [`write_atomic`] writes first. One name a target: what a killed writer left is
/// overwritten by the next. Two writers of one target at a time are for the caller to exclude.
pub fn temporary(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(TEMPORARY);
    path.with_file_name(name)
}

/// Writes a sibling, flushes it to the disk and renames it over `path`.
///
/// # Errors
/// [`ModelError::Io`] with `path`; the sibling is removed and what was at `path` is untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    write_atomic_with(path, |file| file.write_all(bytes))
}

/// [`write_atomic`] for what is written piece by piece.
///
/// # Errors
/// As [`write_atomic`]; what `write` returns.
pub fn write_atomic_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), ModelError> {
    let sibling = temporary(path);
    let buffered = |file: File| {
        let mut file = BufWriter::with_capacity(1 << 16, file);
        write(&mut file)?;
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
    };
    let written =
        File::create(&sibling).and_then(buffered).and_then(|()| fs::rename(&sibling, path));
    if let Err(source) = written {
        // Removing can only fail where nothing was created; the first error is the one to tell.
        let _ = fs::remove_file(&sibling);
        return Err(io(path)(source));
    }
    sync_folder(path.parent());
    Ok(())
}

/// Makes a rename durable. Not every file system lets a folder be flushed; the contents are safe
/// without it.
fn sync_folder(folder: Option<&Path>) {
    let folder = folder.filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
