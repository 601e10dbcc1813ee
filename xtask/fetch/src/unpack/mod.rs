//! Unpacking into a folder that is thrown away if anything is wrong: gzip here, archives in `tar` and `zip`.
//! What may come out is bounded by [`Yard`]: bytes, files, and the ratio to what went in; names that leave the
//! folder, links, devices and names that occur twice are refused. Which bytes are unpacked at all is decided
//! before, by their SHA-256.

mod names;
mod tar;
mod zip;

pub use names::{Place, place};

use crate::hash::{BLOCK, Sum};
use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Deflate can pack 1032 to 1; real data sets stay far below this.
const MAX_RATIO: u64 = 200;
/// So much may come out whatever the ratio.
const ALWAYS: u64 = 1 << 20;
/// Most files of an archive.
const MAX_FILES: usize = 500_000;
/// Most bytes of an archive of which the catalogue says nothing.
const MAX_BYTES: u64 = 8 << 30;

/// A file that was laid down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// Relative to the folder, with `/`.
    pub name: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

/// The folder that is unpacked into, and what may still come.
pub struct Yard<'a> {
    folder: &'a Path,
    /// Only what lies below this folder of an archive is kept.
    below: Option<&'a str>,
    most: u64,
    bytes: u64,
    files: usize,
    laid: Vec<Laid>,
    /// Told of every block that was written.
    seen: &'a mut dyn FnMut(u64),
}

impl<'a> Yard<'a> {
    /// For what comes out of `packed` bytes, at most `most` bytes.
    pub fn new(
        folder: &'a Path,
        below: Option<&'a str>,
        packed: u64,
        most: Option<u64>,
        seen: &'a mut dyn FnMut(u64),
    ) -> Yard<'a> {
        let most = most.unwrap_or(MAX_BYTES).min(allowed(packed));
        Yard { folder, below, most, bytes: 0, files: 0, laid: Vec::new(), seen }
    }

    /// What was laid down.
    pub fn laid(self) -> Vec<Laid> {
        self.laid
    }

    /// Lays down one file; its name is one inside of an archive.
    ///
    /// # Errors
    /// More bytes or files than allowed; a name that is there already; a disk that is full.
    pub fn lay(&mut self, name: &Path, reader: &mut dyn Read) -> Result<u64> {
        self.files += 1;
        if self.files > MAX_FILES {
            bail!("more than {MAX_FILES} files; refused");
        }
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        let file = match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("`{}` is in it twice; refused", name.display())
            }
            file => file.with_context(|| path.display().to_string())?,
        };
        let mut sum = Sum::new(BufWriter::with_capacity(BLOCK, file));
        let mut block = vec![0; BLOCK];
        loop {
            let count = match reader.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let at = name.display();
                    return Err(error).with_context(|| format!("`{at}` cannot be unpacked"));
                }
            };
            self.bytes += count as u64;
            if self.bytes > self.most {
                bail!("more than {} bytes come out of it; refused", self.most);
            }
            sum.write_all(&block[..count]).with_context(|| path.display().to_string())?;
            (self.seen)(count as u64);
        }
        let bytes = sum.bytes();
        let (mut file, sha256) = sum.finish();
        file.flush().with_context(|| path.display().to_string())?;
        let name = name.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        self.laid.push(Laid { name, sha256 });
        Ok(bytes)
    }

    /// Where the file of an archive goes; `None` for what is not wanted.
    fn place(&self, name: &[u8]) -> Result<Option<PathBuf>> {
        match place(name, self.below) {
            Ok(Place::Here(path)) => Ok(Some(path)),
            Ok(Place::Nowhere) => Ok(None),
            Err(why) => bail!("`{}` {why}; refused", shown(name)),
        }
    }
}

/// What may come out of so many bytes.
pub fn allowed(packed: u64) -> u64 {
    packed.saturating_mul(MAX_RATIO).saturating_add(ALWAYS)
}

/// A name from inside of an archive, for messages.
fn shown(name: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(&name[..name.len().min(80)]).into_owned();
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// A reader of a file, or of what is in it if it is gzip.
///
/// # Errors
/// It cannot be read.
pub fn open_content(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    (&mut file).take(2).read_to_end(&mut start)?;
    let packed = start == [0x1F, 0x8B];
    let reader = BufReader::with_capacity(BLOCK, io::Cursor::new(start).chain(file));
    Ok(if packed { Box::new(GzDecoder::new(reader)) } else { Box::new(reader) })
}

/// Unpacks a tar archive under gzip.
///
/// # Errors
/// Anything of the list at the head of this module, and damage; the archive is named.
pub fn tar_gz(yard: &mut Yard<'_>, from: &Path) -> Result<()> {
    tar::unpack(yard, from).with_context(|| from.display().to_string())
}

/// Unpacks a zip archive; likewise.
///
/// # Errors
/// As [`tar_gz`].
pub fn zip(yard: &mut Yard<'_>, from: &Path) -> Result<()> {
    zip::unpack(yard, from).with_context(|| from.display().to_string())
}
