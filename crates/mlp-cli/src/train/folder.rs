//! The run folder: reserved before anything costs time, complete from the moment it has its name, locked while in use.

use crate::failure::usage;
use crate::interrupt;
use crate::output::{program, quoted};
use anyhow::{Context, bail};
use mlp_model::file;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The options, resolved.
pub const CONFIG: &str = "config.toml";
/// Everything needed to go on.
pub const CHECKPOINT: &str = "last.ckpt";
/// The best model.
pub const MODEL: &str = "model.mlp";
/// A line an epoch.
pub const METRICS: &str = "metrics.csv";
/// The part of every example.
pub const SPLIT: &str = "split.csv";
/// Rows that stand in more than one part, where there are any.
pub const DUPLICATES: &str = "duplicates.csv";
/// What is to be seen of the run.
pub const REPORT: &str = "report.html";
/// The name under which a run is prepared inside its folder.
const INSIDE: &str = ".partial";

/// A folder that is being prepared beside its final name; removed again unless it is finished.
pub struct Reserved {
    partial: PathBuf,
    /// Folders above it that were made for it, the innermost first.
    above: Vec<PathBuf>,
    path: PathBuf,
    config: Option<File>,
    /// Files written to it so far.
    written: Vec<String>,
}

/// A run folder in use.
pub struct RunFolder {
    /// Where.
    pub path: PathBuf,
    /// Holds the lock until it is dropped.
    _config: File,
}

impl Reserved {
    /// Reserves `out`, or the first free `runs/NAME`, `runs/NAME-2`, … Fails now if it cannot be written later.
    pub fn new(out: Option<&Path>, name: &str) -> anyhow::Result<Reserved> {
        if let Some(out) = out {
            return Reserved::at(out);
        }
        let numbered = |i: usize| match i {
            1 => Path::new("runs").join(name),
            _ => Path::new("runs").join(format!("{name}-{i}")),
        };
        let free = (1..).map(numbered).find(|path| Reserved::free(path));
        Reserved::at(&free.unwrap_or_default())
    }

    fn at(path: &Path) -> anyhow::Result<Reserved> {
        let show = path.display();
        if path.join(CONFIG).exists() {
            return Err(usage(format!(
                "{show} already holds a run; go on with it ({} train --resume {}), remove it, or choose \
                 another --out",
                program(),
                quoted(path)
            )));
        }
        if taken(path) {
            return Err(usage(format!(
                "{show} exists and is not an empty folder; choose another --out"
            )));
        }
        let partial = preparing(path);
        if in_use(&partial) {
            bail!("another training is preparing {show}; choose another --out");
        }
        let cannot = || format!("{show}: the run folder cannot be written; choose another --out");
        let above = path.ancestors().skip(1).take_while(|p| !p.as_os_str().is_empty());
        let above: Vec<PathBuf> = above.take_while(|p| !p.exists()).map(Path::to_owned).collect();
        let mut reserved =
            Reserved { partial, above, path: path.to_owned(), config: None, written: Vec::new() };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(cannot)?;
        }
        // What a killed training left before its folder had a name.
        if reserved.partial.exists() {
            fs::remove_dir_all(&reserved.partial).with_context(cannot)?;
        }
        fs::create_dir(&reserved.partial).with_context(cannot)?;
        interrupt::unfinished(reserved.folders());
        let config = File::create(reserved.partial.join(CONFIG)).with_context(cannot)?;
        if locked(&config) {
            bail!("another training is preparing {show}; choose another --out");
        }
        reserved.config = Some(config);
        Ok(reserved)
    }

    /// Whether a run could be made at a path.
    pub fn free(path: &Path) -> bool {
        !taken(path) && !in_use(&preparing(path))
    }

    /// The folder as long as it has not its name.
    pub fn preparing(&self) -> &Path {
        &self.partial
    }

    /// What to remove if nothing comes of it.
    fn folders(&self) -> Vec<PathBuf> {
        [std::slice::from_ref(&self.partial), &self.above].concat()
    }

    /// Writes a file, piece by piece.
    pub fn write(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let cannot = || format!("{}: the run folder cannot be written", self.path.display());
        file::write_atomic_with(&self.partial.join(name), write).with_context(cannot)?;
        self.written.push(name.to_string());
        Ok(())
    }

    /// Writes the options and further files, and gives the folder its name.
    pub fn finish(mut self, config: &str, files: &[(&str, &[u8])]) -> anyhow::Result<RunFolder> {
        let path = self.path.clone();
        let cannot = || format!("{}: the run folder cannot be written", path.display());
        for (name, bytes) in files {
            self.write(name, |file| file.write_all(bytes))?;
        }
        let Some(mut handle) = self.config.take() else { bail!("the run folder has no options") };
        handle.write_all(config.as_bytes()).with_context(cannot)?;
        handle.sync_all().with_context(cannot)?;
        if self.partial.parent() == Some(&path) {
            // The options come last: a folder with options is a run.
            for name in self.written.iter().map(String::as_str).chain([CONFIG]) {
                fs::rename(self.partial.join(name), path.join(name)).with_context(cannot)?;
            }
        } else {
            fs::rename(&self.partial, &path).with_context(cannot)?;
        }
        interrupt::unfinished(Vec::new());
        Ok(RunFolder { path, _config: handle })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // After `finish` there is nothing under the first name any more, and the others are not empty.
        interrupt::remove(&self.folders());
    }
}

impl RunFolder {
    /// Opens a run to go on with it.
    pub fn open(path: &Path) -> anyhow::Result<RunFolder> {
        let show = path.display();
        let config = OpenOptions::new().read(true).write(true).open(path.join(CONFIG));
        let config = config.with_context(|| {
            format!("{show} is no run folder: it has no usable {CONFIG}; give the folder that `mlp train` named")
        })?;
        if locked(&config) {
            bail!("{show} is in use by another training; wait for it, or end it");
        }
        // Left empty by a training that was killed as its run became complete; mostly there is none.
        let _ = fs::remove_dir(path.join(INSIDE));
        // The same for what it was writing, which a run with nothing left to train would not write again.
        for name in [CHECKPOINT, METRICS, MODEL, REPORT] {
            let _ = fs::remove_file(file::temporary(&path.join(name)));
        }
        Ok(RunFolder { path: path.to_owned(), _config: config })
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file of it, whole or not at all.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(file::write_atomic(&self.file(name), bytes)?)
    }
}

/// Where a folder is prepared: inside of an empty one that is already there (it may be a mount, or the folder the
/// program runs in), else beside it, to be renamed when it is complete.
fn preparing(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.join(INSIDE);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.partial"))
}

/// Whether something other than an empty folder stands at a path.
fn taken(path: &Path) -> bool {
    match fs::read_dir(path) {
        // What a training left that was killed while it prepared a run inside does not count: its own folder, and
        // what it had already moved out of there.
        Ok(mut entries) => {
            let killed = path.join(INSIDE).is_dir();
            let left = |name: &OsStr| {
                killed && [INSIDE, SPLIT, DUPLICATES, CHECKPOINT].iter().any(|n| *n == name)
            };
            entries.any(|entry| entry.is_ok_and(|entry| !left(&entry.file_name())))
        }
        Err(_) => path.symlink_metadata().is_ok(),
    }
}

/// Whether another process has a run in this folder, prepared or begun.
pub fn in_use(partial: &Path) -> bool {
    File::open(partial.join(CONFIG)).is_ok_and(|config| locked(&config))
}

/// Takes the lock; whether another process has it. A file system without locks has none.
fn locked(config: &File) -> bool {
    matches!(config.try_lock(), Err(TryLockError::WouldBlock))
}
