//! The files below a folder, in a defined order, with names that can be printed. What they mean:
//! [`super::layout`].

use super::decode;
use crate::{DataError, Skipped};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Folders in folders, at most.
const MAX_DEPTH: usize = 32;
/// Folders visited, at most: links can make few folders look like endlessly many.
const MAX_FOLDERS: usize = 1_000_000;
/// Bytes read to tell a picture from something else.
const SNIFFED: usize = 64;
/// Bytes of a picture file, at most.
const MAX_FILE: u64 = 1 << 30;
/// Files of up to so many bytes are read in one go.
const SMALL: u64 = 1 << 16;

/// A file below a folder.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Path from the folder, `/`-separated, in the system's bytes.
    pub rel: Vec<u8>,
    /// Where it is.
    pub path: PathBuf,
}

/// What is below a folder.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// By the bytes of `rel`.
    pub files: Vec<File>,
    /// Folders as `rel` has them, sorted.
    pub folders: Vec<Vec<u8>>,
    /// What could not be looked at.
    pub skipped: Vec<Skipped>,
}

/// A folder to visit.
struct Visit {
    path: PathBuf,
    rel: Vec<u8>,
    depth: usize,
    /// The real folders in which links were followed on the way here.
    jumps: Rc<Vec<PathBuf>>,
}

/// All files below `root` but hidden ones and what systems leave behind (`Thumbs.db`,
/// `desktop.ini`, `__MACOSX`). Links are followed, except to a folder above themselves.
///
/// # Errors
/// If `root` cannot be read, or there are more than a million folders.
pub(super) fn walk(root: &Path) -> Result<Walk, DataError> {
    let mut found = Walk::default();
    let start = Visit { path: root.into(), rel: Vec::new(), depth: 0, jumps: Rc::default() };
    let mut todo = vec![start];
    let mut visited = 0;
    while let Some(visit) = todo.pop() {
        visited += 1;
        if visited > MAX_FOLDERS {
            return Err(DataError::unusable(format!(
                "{}: more than {MAX_FOLDERS} folders (links that multiply?); name a smaller folder",
                root.display()
            )));
        }
        match fs::read_dir(&visit.path) {
            Ok(entries) => entries.for_each(|e| look(e, &visit, &mut found, &mut todo)),
            Err(e) if visit.depth == 0 => return Err(DataError::io(root, e)),
            Err(e) => found.skip(&visit.rel, format!("the folder cannot be read: {e}")),
        }
        if visit.depth > 0 {
            found.folders.push(visit.rel);
        }
    }
    found.files.sort_by(|a, b| a.rel.cmp(&b.rel));
    found.folders.sort();
    found.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// One entry of a folder.
fn look(
    entry: std::io::Result<fs::DirEntry>,
    visit: &Visit,
    found: &mut Walk,
    todo: &mut Vec<Visit>,
) {
    let entry = match entry {
        Ok(entry) => entry,
        Err(e) => return found.skip(&visit.rel, format!("the folder cannot be read: {e}")),
    };
    let name = entry.file_name();
    if ignored(&name) {
        return;
    }
    let rel = joined(&visit.rel, &name);
    let path = entry.path();
    let own = match entry.file_type() {
        Ok(own) => own,
        Err(e) => return found.skip(&rel, format!("cannot be looked at: {e}")),
    };
    let kind = match own.is_symlink() {
        false => own,
        true => match fs::metadata(&path) {
            Ok(target) => target.file_type(),
            Err(e) => return found.skip(&rel, format!("the link leads nowhere: {e}")),
        },
    };
    if kind.is_file() {
        return found.files.push(File { rel, path });
    }
    if !kind.is_dir() {
        return found.skip(&rel, "neither a file nor a folder".to_string());
    }
    if visit.depth == MAX_DEPTH {
        return found.skip(&rel, format!("more than {MAX_DEPTH} folders deep"));
    }
    let mut jumps = visit.jumps.clone();
    if own.is_symlink() {
        match jump(&visit.path, &path, &jumps) {
            Ok(Some(more)) => jumps = Rc::new(more),
            Ok(None) => return found.skip(&rel, "a link to a folder above it".to_string()),
            Err(e) => return found.skip(&rel, format!("the link cannot be followed: {e}")),
        }
    }
    todo.push(Visit { path, rel, depth: visit.depth + 1, jumps });
}

/// The jumps after following a link in `folder`; `None` if it leads to where we came from.
fn jump(folder: &Path, link: &Path, jumps: &[PathBuf]) -> std::io::Result<Option<Vec<PathBuf>>> {
    let target = fs::canonicalize(link)?;
    let mut all = jumps.to_vec();
    all.push(fs::canonicalize(folder)?);
    Ok(all.iter().all(|place| !place.starts_with(&target)).then_some(all))
}

impl Walk {
    fn skip(&mut self, rel: &[u8], reason: String) {
        self.skipped.push(Skipped { path: printable(rel), reason });
    }
}

/// Whether a name is hidden or something that systems leave behind.
fn ignored(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let left_behind = [&b"Thumbs.db"[..], b"ehthumbs.db", b"desktop.ini", b"__MACOSX"];
    name.starts_with(b".") || left_behind.iter().any(|n| name.eq_ignore_ascii_case(n))
}

/// A folder's relative path and a name in it.
pub(super) fn joined(rel: &[u8], name: &OsStr) -> Vec<u8> {
    let slash: &[u8] = if rel.is_empty() { b"" } else { b"/" };
    [rel, slash, name.as_encoded_bytes()].concat()
}

/// A path as text, different paths as different texts: bytes that are not UTF-8, and ASCII control
/// characters, as `\x` and two hexadecimal digits, a backslash doubled.
pub(super) fn printable(rel: &[u8]) -> String {
    let mut text = String::with_capacity(rel.len());
    for piece in rel.utf8_chunks() {
        for c in piece.valid().chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                c if c.is_ascii_control() => text.push_str(&format!("\\x{:02x}", c as u32)),
                c => text.push(c),
            }
        }
        for byte in piece.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// A path of the system as text, likewise.
pub(super) fn printable_path(path: &Path) -> String {
    printable(path.as_os_str().as_encoded_bytes())
}

/// Whether a file is a picture, by its first bytes.
pub(super) fn is_picture(path: &Path) -> bool {
    first_bytes(path).is_ok_and(|bytes| decode::format(&bytes).is_some())
}

/// The first bytes of a file.
fn first_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(SNIFFED);
    fs::File::open(path)?.take(SNIFFED as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a picture file; of a file that is none, only the first are read.
///
/// # Errors
/// The reason in words.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |e: std::io::Error| format!("cannot be read: {e}");
    let mut file = fs::File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::with_capacity(SNIFFED.max(length.min(MAX_FILE) as usize + 1));
    let first = if length <= SMALL { MAX_FILE } else { SNIFFED as u64 };
    file.by_ref().take(first).read_to_end(&mut bytes).map_err(failed)?;
    if decode::format(&bytes).is_none() {
        return Err(decode::no_picture(&bytes));
    }
    if length > MAX_FILE {
        return Err(format!("the file has {} MB; the limit is 1 GiB", length / 1_000_000));
    }
    if length > SMALL {
        file.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_paths_have_different_names() {
        assert_eq!(printable("ä/b.png".as_bytes()), "ä/b.png");
        assert_eq!(printable(b"a\xff.png"), "a\\xff.png");
        assert_eq!(printable(b"a\\xff.png"), "a\\\\xff.png");
        assert_eq!(printable(b"a\nb"), "a\\x0ab");
    }
}
