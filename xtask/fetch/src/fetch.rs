//! A set from the catalogue to its folder: locked, so that processes do not clash; prepared below `.fetch` of
//! the data folder; complete from the moment it has its name. And whether what is there is still what was laid
//! down.

use crate::catalogue::Set;
use crate::lay::{self, OPTIONS, SUMS};
use crate::obtain::Origin;
use crate::screen::{Bar, say};
use crate::{hash, trouble};
use anyhow::{Context, Result, bail};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Where downloads, locks and folders in the making are, in the data folder.
const WORK: &str = ".fetch";
/// The folder in the making.
const UNPACKING: &str = "unpacking";

/// What became of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was there.
    Already,
    /// It is there now.
    Fetched,
}

/// The data folder.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where.
    pub dir: PathBuf,
    /// Whether nothing is said.
    pub quiet: bool,
}

impl Store {
    /// The folder of a set.
    pub fn folder(&self, set: &Set) -> PathBuf {
        self.dir.join(&set.name)
    }

    /// Whether a set is there, by the files that are written last.
    pub fn has(&self, set: &Set) -> bool {
        let folder = self.folder(set);
        folder.join(OPTIONS).is_file() && folder.join(SUMS).is_file()
    }

    /// Fetches a set, unless it is there.
    ///
    /// # Errors
    /// A file that is not to be had or is not what it must be; an archive that is refused; a disk that does not
    /// take it; something else of the set's name.
    pub fn fetch(&self, set: &Set, origin: &Origin) -> Result<Outcome> {
        if self.has(set) {
            return Ok(Outcome::Already);
        }
        let needed = set.bytes();
        self.prepare(set, origin).map_err(|error| trouble::explained(error, needed))
    }

    fn prepare(&self, set: &Set, origin: &Origin) -> Result<Outcome> {
        let work = self.dir.join(WORK).join(&set.name);
        let at = || work.display().to_string();
        fs::create_dir_all(&work).with_context(at)?;
        let _lock = self.lock(set)?;
        // Another process may have fetched it meanwhile, and removed its folder.
        if self.has(set) {
            let _ = fs::remove_dir(&work);
            return Ok(Outcome::Already);
        }
        fs::create_dir_all(&work).with_context(at)?;
        let folder = self.folder(set);
        if is_taken(&folder) {
            bail!(
                "{} is there, but was not made by fetch-data; move it away, or choose another folder with --dir",
                folder.display()
            );
        }
        // What a process that was killed left.
        let unpacking = work.join(UNPACKING);
        remove(&unpacking)?;
        let files = origin.all(set, &work, self.quiet)?;
        fs::create_dir(&unpacking).with_context(|| unpacking.display().to_string())?;
        if let Err(error) = lay::lay(set, &files, &unpacking, self.quiet) {
            let _ = fs::remove_dir_all(&unpacking);
            return Err(error);
        }
        // An empty folder is no obstacle.
        let _ = fs::remove_dir(&folder);
        fs::rename(&unpacking, &folder).with_context(|| folder.display().to_string())?;
        // The set is there; what is left here only takes room.
        let _ = fs::remove_dir_all(&work);
        Ok(Outcome::Fetched)
    }

    /// Waits until no other process prepares this set.
    fn lock(&self, set: &Set) -> Result<File> {
        let path = self.dir.join(WORK).join(format!("{}.lock", set.name));
        let at = || path.display().to_string();
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(at)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if !self.quiet {
                    say(&format!("{}: another process is fetching it; waiting", set.name));
                }
                file.lock().with_context(at)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(at),
        }
        Ok(file)
    }

    /// What is not as it was laid down: a line each.
    ///
    /// # Errors
    /// The set is not there.
    pub fn verify(&self, set: &Set) -> Result<Vec<String>> {
        let folder = self.folder(set);
        if !self.has(set) {
            bail!("{} is not there: cargo xtask fetch-data {}", folder.display(), set.name);
        }
        let sums = folder.join(SUMS);
        let text = fs::read_to_string(&sums).with_context(|| sums.display().to_string())?;
        let bar = Bar::new(&format!("{} comparing", set.name), 0, self.quiet);
        let (mut wrong, mut read) = (Vec::new(), 0);
        for line in text.lines() {
            let Some((sum, name)) = line.split_once("  ") else {
                wrong.push(format!("{}: damaged line `{line}`", sums.display()));
                continue;
            };
            let path = folder.join(name);
            match hash::of_file(&path) {
                Ok(found) if found == sum => {}
                Ok(found) => wrong.push(format!("{}: the SHA-256 is {found}", path.display())),
                Err(error) => wrong.push(format!("{error:#}")),
            }
            read += fs::metadata(&path).map_or(0, |known| known.len());
            bar.unpacked(read);
        }
        wrong.extend(unpublished(set, &text));
        Ok(wrong)
    }
}

/// Files whose sum the catalogue knows, and the list says otherwise.
fn unpublished(set: &Set, sums: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in &set.files {
        let Some(known) = source.laid_sha256() else { continue };
        let name = source.target();
        if !sums.lines().any(|line| line.split_once("  ") == Some((known, name))) {
            wrong.push(format!("{SUMS} does not say of {name} what the catalogue says"));
        }
    }
    wrong
}

/// Whether there is anything but an empty folder.
fn is_taken(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| folder.display().to_string())
        }
        _ => Ok(()),
    }
}
