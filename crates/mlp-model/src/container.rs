//! The envelope of model files and checkpoints: magic, version, checksum, section table, sections.
//!
//! | byte | size | what |
//! |---|---|---|
//! | 0 | 8 | [`MAGIC`] |
//! | 8 | 4 | [`VERSION`] |
//! | 12 | 4 | number of sections |
//! | 16 | 8 | length of the file |
//! | 24 | 8 | zeros |
//! | 32 | 32 | SHA-256 of everything else |
//! | 64 | 32 a section | tag (8 bytes, zeros at its end), start, length, 8 zeros |
//! | … | | sections, each at the next multiple of [`ALIGN`], zeros between and after |
//!
//! All integers are little-endian. Any bytes give sections or an error, in memory bounded by the
//! input. There is one way to write given sections, and only that is read.

use crate::ModelError;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// First bytes of every file: not text, and broken by transfers that touch line ends.
pub const MAGIC: [u8; 8] = *b"\x89MLP\r\n\x1a\n";
/// Version of the envelope and of the metadata in it.
pub const VERSION: u32 = 1;
/// Sections start at multiples of this, so that weights can be used in place.
pub const ALIGN: usize = 64;

/// Bytes before the section table.
pub const HEADER: usize = 64;
/// Where the checksum stands, to the end of the header.
const CHECKSUM: usize = 32;
const ENTRY: usize = 32;
const MAX_SECTIONS: usize = 64;

/// A named run of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Section<'a> {
    /// At most 8 bytes of ASCII.
    pub tag: &'static str,
    /// Its contents.
    pub bytes: &'a [u8],
}

/// The file of some sections.
///
/// # Panics
/// If a tag is longer than 8 bytes.
pub fn write(sections: &[Section<'_>]) -> Vec<u8> {
    let mut table = Vec::new();
    let mut at = (HEADER + ENTRY * sections.len()).next_multiple_of(ALIGN);
    for section in sections {
        let mut tag = [0u8; 8];
        tag[..section.tag.len()].copy_from_slice(section.tag.as_bytes());
        table.extend_from_slice(&tag);
        for number in [at as u64, section.bytes.len() as u64, 0] {
            table.extend_from_slice(&number.to_le_bytes());
        }
        at = (at + section.bytes.len()).next_multiple_of(ALIGN);
    }
    let mut out = Vec::with_capacity(at);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    out.extend_from_slice(&(at as u64).to_le_bytes());
    out.resize(HEADER, 0);
    out.extend_from_slice(&table);
    for section in sections {
        out.resize(out.len().next_multiple_of(ALIGN), 0);
        out.extend_from_slice(section.bytes);
    }
    out.resize(at, 0);
    let sum = checksum(&out);
    out[CHECKSUM..HEADER].copy_from_slice(&sum);
    out
}

/// SHA-256 of everything but the checksum itself.
fn checksum(file: &[u8]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update(&file[..CHECKSUM]);
    sha.update(&file[HEADER..]);
    sha.finalize().into()
}

fn u32_at(file: &[u8], at: usize) -> u32 {
    file.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

fn u64_at(file: &[u8], at: usize) -> u64 {
    u64::from(u32_at(file, at)) | u64::from(u32_at(file, at + 4)) << 32
}

/// The sections of a file, after its checksum was found right.
#[derive(Debug)]
pub struct Sections<'a> {
    file: &'a [u8],
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    tag: [u8; 8],
    start: usize,
    len: usize,
}

/// The length a file should have, from its first [`HEADER`] bytes.
///
/// # Errors
/// [`ModelError::Malformed`] if these are not the beginning of a file of this program and version.
pub fn declared_length(file: &[u8]) -> Result<u64, ModelError> {
    if !file.starts_with(&MAGIC) {
        let what = "this is not a model file of this program (its first 8 bytes differ)";
        return Err(ModelError::malformed(0, what));
    }
    if file.len() < HEADER {
        let what = format!("the file ends inside its header ({} bytes of {HEADER})", file.len());
        return Err(ModelError::malformed(file.len(), what));
    }
    let version = u32_at(file, 8);
    if version != VERSION {
        let what = format!(
            "format version {version}; this program reads version {VERSION}: use the program that \
             wrote it, or a newer one"
        );
        return Err(ModelError::malformed(8, what));
    }
    Ok(u64_at(file, 16))
}

/// Reads the envelope.
///
/// # Errors
/// [`ModelError::Malformed`] for anything that [`write()`] does not write.
pub fn read(file: &[u8]) -> Result<Sections<'_>, ModelError> {
    let length = declared_length(file)?;
    if length != file.len() as u64 {
        let what = format!(
            "the file should have {length} bytes and has {}: it was cut off or appended to; \
             copy it again",
            file.len()
        );
        return Err(ModelError::malformed(16, what));
    }
    if checksum(file) != file[CHECKSUM..HEADER] {
        let what = "the checksum does not match: the file was damaged after it was written; \
                    copy it again";
        return Err(ModelError::malformed(CHECKSUM, what));
    }
    let entries = entries(file)?;
    Ok(Sections { file, entries })
}

/// The section table: sections in order, each at the next multiple of [`ALIGN`], zeros between,
/// nothing after the last.
fn entries(file: &[u8]) -> Result<Vec<Entry>, ModelError> {
    let count = u32_at(file, 12) as usize;
    if count > MAX_SECTIONS || HEADER + count * ENTRY > file.len() {
        return Err(ModelError::malformed(12, format!("{count} sections do not fit the file")));
    }
    zeros(file, 24..CHECKSUM)?;
    let mut entries: Vec<Entry> = Vec::with_capacity(count);
    let mut end = HEADER + count * ENTRY;
    for i in 0..count {
        let at = HEADER + i * ENTRY;
        let mut tag = [0; 8];
        tag.copy_from_slice(&file[at..at + 8]);
        if entries.iter().any(|e| e.tag == tag) {
            return Err(ModelError::malformed(at, format!("section {i} is there twice")));
        }
        let start = end.next_multiple_of(ALIGN);
        let room = file.len().saturating_sub(start) as u64;
        let len = u64_at(file, at + 16);
        if u64_at(file, at + 8) != start as u64 || len > room {
            let what = format!("section {i} does not lie where it should, at {start} in the file");
            return Err(ModelError::malformed(at + 8, what));
        }
        zeros(file, at + 24..at + ENTRY)?;
        zeros(file, end..start)?;
        end = start + len as usize;
        entries.push(Entry { tag, start, len: len as usize });
    }
    if end.next_multiple_of(ALIGN) != file.len() {
        return Err(ModelError::malformed(end, "the file goes on after its last section"));
    }
    zeros(file, end..file.len())?;
    Ok(entries)
}

/// Refuses anything but zeros in room that is kept free.
fn zeros(file: &[u8], range: Range<usize>) -> Result<(), ModelError> {
    match range.clone().find(|&at| file[at] != 0) {
        None => Ok(()),
        Some(at) => Err(ModelError::malformed(at, "a byte that must be zero is not")),
    }
}

impl<'a> Sections<'a> {
    /// A section's bytes and where they stand.
    pub fn get(&self, tag: &str) -> Result<(&'a [u8], usize), ModelError> {
        let missing = || ModelError::malformed(HEADER, format!("the section `{tag}` is missing"));
        self.find(tag).ok_or_else(missing)
    }

    /// [`Sections::get`] of a section that need not be there.
    pub fn find(&self, tag: &str) -> Option<(&'a [u8], usize)> {
        let padded = |e: &&Entry| {
            let (name, rest) = e.tag.split_at(tag.len().min(8));
            name == tag.as_bytes() && rest.iter().all(|&b| b == 0)
        };
        let entry = self.entries.iter().find(padded)?;
        Some((&self.file[entry.start..entry.start + entry.len], entry.start))
    }

    /// A section of `f32`.
    pub fn floats(&self, tag: &str) -> Result<Vec<f32>, ModelError> {
        let (bytes, at) = self.get(tag)?;
        if bytes.len() % 4 != 0 {
            let what = format!("the section `{tag}` is no whole number of f32 values");
            return Err(ModelError::malformed(at, what));
        }
        Ok(bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }
}

/// `f32` values as they stand in a section.
pub fn float_bytes(values: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len() * 4);
    for value in values {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
