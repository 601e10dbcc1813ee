//! Zip archives: stored or deflated entries.

use super::{Yard, shown};
use crate::hash::BLOCK;
use anyhow::{Context, Result, bail};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::ZipArchive;

/// Bits of a Unix mode that say what an entry is; a regular file; a folder.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
/// What a record of the central directory begins with, and its length without names.
const RECORD: &[u8; 4] = b"PK\x01\x02";
const RECORD_LENGTH: usize = 46;

pub(super) fn unpack(yard: &mut Yard<'_>, from: &Path) -> Result<()> {
    let file = BufReader::with_capacity(BLOCK, File::open(from)?);
    let mut archive = ZipArchive::new(file).context("damaged archive")?;
    let start = archive.central_directory_start();
    refuse_twice(&mut BufReader::new(File::open(from)?), start, archive.len())?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).with_context(|| format!("entry {}", index + 1))?;
        let name = entry.name_raw().to_vec();
        let place = yard.place(&name)?;
        let kind = entry.unix_mode().unwrap_or(0) & KIND;
        if ![0, REGULAR, FOLDER].contains(&kind) {
            bail!("`{}` is a link or a device; refused", shown(&name));
        }
        let Some(place) = place.filter(|_| !entry.is_dir()) else { continue };
        let declared = entry.size();
        // One byte more than declared shows an entry that goes on.
        let held = yard.lay(&place, &mut (&mut entry).take(declared.saturating_add(1)))?;
        if held != declared {
            bail!("`{}` has not the {declared} bytes that it should have", shown(&name));
        }
    }
    Ok(())
}

/// Refuses archives that name a file twice: the reader would silently take the last. Reads the central directory.
fn refuse_twice(file: &mut (impl Read + Seek), start: u64, known: usize) -> Result<()> {
    file.seek(SeekFrom::Start(start))?;
    let mut names = HashSet::new();
    let mut record = [0; RECORD_LENGTH];
    while file.read_exact(&mut record).is_ok() && record.starts_with(RECORD) {
        let length = |at: usize| usize::from(u16::from_le_bytes([record[at], record[at + 1]]));
        let mut name = vec![0; length(28)];
        file.read_exact(&mut name).context("damaged archive")?;
        let further = (length(30) + length(32)) as u64;
        std::io::copy(&mut file.take(further), &mut std::io::sink())?;
        if names.contains(&name) {
            bail!("`{}` is in it twice; refused", shown(&name));
        }
        names.insert(name);
    }
    if names.len() != known {
        bail!("damaged archive: it lists {} entries and holds {known}", names.len());
    }
    Ok(())
}
