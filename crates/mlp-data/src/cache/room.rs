//! The folder of a cache: entries in the making, and making room for them.

use crate::DataError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// How the name of an entry in the making begins.
const MAKING: &str = "making-";
/// Held by whoever makes an entry.
const LOCK: &str = "lock";
/// Names to try, at most.
const TRIES: u32 = 10_000;

/// An entry in the making. Dropped, it is removed.
pub(super) struct Making {
    folder: PathBuf,
    _lock: File,
}

impl Making {
    /// A new folder in the cache's, after those of programs that were killed are removed.
    pub fn new(cache: &Path) -> Result<Making, DataError> {
        remove_abandoned(cache);
        for n in 0..TRIES {
            let folder = cache.join(format!("{MAKING}{n}"));
            match fs::create_dir(&folder) {
                Ok(()) => {
                    let path = folder.join(LOCK);
                    let lock = File::create(&path).and_then(|file| file.lock().map(|()| file));
                    let lock = lock.map_err(|e| DataError::io(&path, e))?;
                    return Ok(Making { folder, _lock: lock });
                }
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(DataError::io(&folder, e)),
            }
        }
        Err(DataError::unusable(format!(
            "{}: {TRIES} unfinished entries; remove the folders {MAKING}…",
            cache.display()
        )))
    }
    pub fn folder(&self) -> &Path {
        &self.folder
    }
    /// Gives the entry its name. Whoever made the same one meanwhile is left in place.
    pub fn keep(self, place: &Path) -> Result<(), DataError> {
        let _ = fs::remove_file(self.folder.join(LOCK));
        match fs::rename(&self.folder, place) {
            Err(_) if place.exists() => Ok(()),
            other => other.map_err(|e| DataError::io(place, e)),
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes an entry that is damaged, if there is one.
pub(super) fn remove(place: &Path) -> Result<(), DataError> {
    match fs::remove_dir_all(place) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(DataError::io(place, e)),
        _ => Ok(()),
    }
}

/// Removes entries in the making that nobody makes any more.
fn remove_abandoned(cache: &Path) {
    let Ok(entries) = fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(MAKING) {
            continue;
        }
        let free = File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if free {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Removes the entries used longest ago until `needed` more bytes fit into `limit`. A file that is mapped lives on
/// until it is let go.
pub(super) fn make(cache: &Path, needed: u64, limit: u64) -> Result<(), DataError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(cache).map_err(|e| DataError::io(cache, e))?.flatten() {
        let path = entry.path();
        // An entry has the name of a hash; what else is here is not the cache's.
        let name = entry.file_name();
        let is_entry =
            name.len() == 64 && name.to_string_lossy().bytes().all(|b| b.is_ascii_hexdigit());
        if is_entry
            && let Ok(used) = fs::metadata(path.join(super::entry::USED)).and_then(|m| m.modified())
        {
            entries.push((used, size(&path), path));
        }
    }
    entries.sort();
    let mut taken: u64 = entries.iter().map(|(_, size, _)| size).sum();
    for (_, size, path) in entries {
        if taken + needed <= limit {
            break;
        }
        remove(&path)?;
        taken -= size;
    }
    Ok(())
}

fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
}
