//! Tar under gzip. Entries are taken raw, so that a long name is read with a limit.

use super::{Yard, allowed};
use crate::hash::BLOCK;
use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use tar::{Archive, Entry, EntryType};

/// Bytes of an entry that only describes the next one, at most.
const MAX_NOTE: u64 = 1 << 16;

pub(super) fn unpack(yard: &mut Yard<'_>, from: &Path) -> Result<()> {
    let file = File::open(from)?;
    let left = allowed(file.metadata()?.len());
    let unzipped = GzDecoder::new(BufReader::with_capacity(BLOCK, file));
    let mut archive = Archive::new(Bounded { inner: unzipped, left });
    // The name that an entry before gave to the next one.
    let mut given: Option<Vec<u8>> = None;
    let mut any = false;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry.context("damaged archive")?;
        any = true;
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut name = note(&mut entry)?;
                while name.last() == Some(&0) {
                    name.pop();
                }
                given = Some(name);
            }
            EntryType::XHeader => given = pax_path(&note(&mut entry)?)?.or(given),
            EntryType::XGlobalHeader => drop(note(&mut entry)?),
            kind => {
                let name = given.take().unwrap_or_else(|| entry.path_bytes().into_owned());
                content(yard, kind, &name, &mut entry)?;
            }
        }
    }
    if !any {
        bail!("no tar archive, or an empty one");
    }
    Ok(())
}

/// Lays down an entry that stands for itself.
fn content(
    yard: &mut Yard<'_>,
    kind: EntryType,
    name: &[u8],
    entry: &mut Entry<'_, impl Read>,
) -> Result<()> {
    let place = yard.place(name)?;
    let what = match kind {
        EntryType::Regular | EntryType::Continuous => None,
        EntryType::Directory => return Ok(()),
        EntryType::Symlink | EntryType::Link | EntryType::GNULongLink => Some("a link"),
        EntryType::Block | EntryType::Char | EntryType::Fifo => Some("a device"),
        _ => Some("neither a file nor a folder"),
    };
    if let Some(what) = what {
        bail!("`{}` is {what}; refused", super::shown(name));
    }
    // An old form of folders.
    let Some(place) = place.filter(|_| !name.ends_with(b"/")) else { return Ok(()) };
    let declared = entry.header().entry_size()?;
    let held = yard.lay(&place, entry)?;
    if held != declared {
        bail!("the archive ends within `{}`", place.display());
    }
    Ok(())
}

/// The text of an entry that describes the next one.
fn note(entry: &mut Entry<'_, impl Read>) -> Result<Vec<u8>> {
    let size = entry.header().entry_size()?;
    if size > MAX_NOTE {
        bail!("a name or header of {size} bytes; refused");
    }
    let mut text = Vec::new();
    entry.read_to_end(&mut text).context("damaged archive")?;
    if text.len() as u64 != size {
        bail!("the archive ends within a header");
    }
    Ok(text)
}

/// The path in a header of POSIX 2001: lines of `LENGTH KEY=VALUE\n`.
fn pax_path(text: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut path = None;
    let mut rest = text;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ');
        let length = space.and_then(|at| std::str::from_utf8(&rest[..at]).ok()?.parse().ok());
        let (Some(space), Some(length)) = (space, length) else { bail!("a damaged header") };
        let Some((line, after)) = rest.split_at_checked(length) else { bail!("a damaged header") };
        let Some(line) = line.get(space + 1..).and_then(|l| l.strip_suffix(b"\n")) else {
            bail!("a damaged header")
        };
        match line.iter().position(|byte| *byte == b'=').map(|at| (&line[..at], &line[at + 1..])) {
            Some((b"path", value)) => path = Some(value.to_vec()),
            // It would override what the entry says of itself.
            Some((b"size" | b"linkpath", _)) => bail!("a header with a second size; refused"),
            Some(_) => {}
            None => bail!("a damaged header"),
        }
        rest = after;
    }
    Ok(path)
}

/// A reader that gives no more than so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("it unpacks to far too many bytes; refused")),
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_pax_headers() {
        assert_eq!(pax_path(b"16 path=a/b.jpg\n11 mtime=1\n").unwrap().unwrap(), b"a/b.jpg");
        assert_eq!(pax_path(b"").unwrap(), None);
        for damaged in
            [&b"9"[..], b"99 path=a\n", b"3 p\n", b"0 path=a\n", b"x path=a\n", b"10 path=a/"]
        {
            assert!(pax_path(damaged).is_err(), "{damaged:?}");
        }
        assert!(pax_path(b"10 size=10\n").is_err());
    }
}
