//! Prepared data kept on disk: typed columns and decoded pictures, so that they are read and checked once, and need not
//! fit into memory. Rows on their way into files: `gather`; an entry of the cache: `entry`; what it is known by: `key`;
//! how much room all entries take: `room`.
//!
//! An entry is a folder named by a SHA-256 of the data's bytes and of how they are read. It is made whole under another
//! name, then renamed; every file of it is checked against its SHA-256 when it is opened, and an entry that is damaged
//! is made anew. The data that come out are those that a reading without a cache gives, bit for bit.

mod entry;
pub(crate) mod gather;
mod key;
mod room;

use crate::{DataError, Dataset, OpenOptions};
use mlp_tensor::Exec;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where prepared data are kept between runs, and how they are held in this one.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The folder; made when it is needed. Nothing else should be in it.
    pub folder: PathBuf,
    /// Bytes that all entries may take. Those used longest ago make room for a new one.
    pub limit: u64,
    /// See [`Held`].
    pub held: Held,
    /// Set while an entry is made.
    filling: Option<Arc<Filling>>,
}

/// Where prepared data are held while they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// In memory: fastest, and they must fit.
    Memory,
    /// In the file, which is mapped: of data larger than memory only what is being used is in it.
    Disk,
}

/// An entry in the making.
#[derive(Debug)]
pub(crate) struct Filling {
    folder: PathBuf,
    limit: u64,
    /// Bytes written so far.
    written: AtomicU64,
    /// Number of the next table that is gathered.
    next: AtomicU64,
}

impl Cache {
    /// In a folder, of at most `limit` bytes.
    pub fn new(folder: PathBuf, limit: u64, held: Held) -> Cache {
        Cache { folder, limit, held, filling: None }
    }
    pub(crate) fn filling(&self) -> Option<&Arc<Filling>> {
        self.filling.as_ref()
    }
}

impl Filling {
    /// Counts bytes about to be written.
    fn reserve(&self, bytes: u64) -> Result<(), DataError> {
        let all = bytes + self.written.fetch_add(bytes, Ordering::Relaxed);
        if all <= self.limit {
            return Ok(());
        }
        Err(DataError::unusable(format!(
            "the prepared data take more than the {} that the cache {} may have; allow it more \
             (--cache-size), or do without it (--cache none)",
            gigabytes(self.limit),
            self.folder.parent().unwrap_or(&self.folder).display()
        )))
    }
}

fn gigabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Opens data through a cache: from their entry, or by `read`, which makes one. Data whose bytes
/// cannot be read twice (a pipe) are read as without a cache.
pub(crate) fn open(
    exec: &Exec,
    path: &Path,
    options: &OpenOptions,
    cache: &Cache,
    read: impl FnOnce(&OpenOptions) -> Result<Dataset, DataError>,
) -> Result<Dataset, DataError> {
    let plain = OpenOptions { cache: None, ..options.clone() };
    let Some(key) = key::of(exec, path, &plain)? else { return read(&plain) };
    std::fs::create_dir_all(&cache.folder).map_err(|e| DataError::io(&cache.folder, e))?;
    let place = cache.folder.join(&key);
    let known = place.exists();
    if let Some(data) = entry::read(exec, &place, cache.held) {
        return Ok(data);
    }
    if known {
        // It is damaged. One that came meanwhile is another program's, and whole.
        room::remove(&place)?;
    }
    let making = room::Making::new(&cache.folder)?;
    let filling = Filling {
        folder: making.folder().to_path_buf(),
        limit: cache.limit,
        written: AtomicU64::new(0),
        next: AtomicU64::new(0),
    };
    let filling = Arc::new(filling);
    let inner = Cache { filling: Some(Arc::clone(&filling)), ..cache.clone() };
    let data = read(&OpenOptions { cache: Some(inner), ..options.clone() })?;
    entry::write(exec, &data, &filling)?;
    drop(data);
    room::make(&cache.folder, filling.written.load(Ordering::Relaxed), cache.limit)?;
    making.keep(&place)?;
    entry::read(exec, &place, cache.held).ok_or_else(|| {
        let what = "the entry just written cannot be read; is the disk at fault? (--cache none does without it)";
        DataError::malformed(&place, "cache", what)
    })
}

#[cfg(test)]
mod tests;
