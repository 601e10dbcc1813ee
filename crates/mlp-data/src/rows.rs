//! Encoded numbers, row after row: in memory, or in a scratch file where they may not fit into it.

use mlp_tensor::{bytes_of, bytes_of_mut};
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// `width` numbers a row.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    width: usize,
    store: Store,
}

#[derive(Clone, Debug)]
enum Store {
    Memory(Vec<f32>),
    /// Without a name, so it is gone with the last who reads it, also after a crash. Rows of a shuffled epoch lie far
    /// apart: read one by one they cost less than the page faults of a mapped file, and leave no page in memory.
    Scratch(Arc<File>),
}

impl Rows {
    /// Numbers a row.
    pub fn width(&self) -> usize {
        self.width
    }
    /// Reads a row.
    pub fn read(&self, row: usize, into: &mut [f32]) -> io::Result<()> {
        if self.width == 0 {
            return Ok(());
        }
        match &self.store {
            Store::Memory(values) => into.copy_from_slice(&values[self.range(row)]),
            Store::Scratch(file) => {
                let at = self.range(row).start * size_of::<f32>();
                read_at(file, bytes_of_mut(into), at as u64)?;
            }
        }
        Ok(())
    }
    /// A row that is in memory.
    pub fn in_memory(&self, row: usize) -> Option<&[f32]> {
        match &self.store {
            Store::Memory(values) => Some(&values[self.range(row)]),
            Store::Scratch(_) => None,
        }
    }
    fn range(&self, row: usize) -> Range<usize> {
        row * self.width..(row + 1) * self.width
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<()> {
    while !into.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[n..];
        at += n as u64;
    }
    Ok(())
}

/// Rows in the making, block after block.
pub(crate) struct RowsWriter {
    width: usize,
    values: Vec<f32>,
    scratch: Option<File>,
}

impl RowsWriter {
    /// In memory, with room for so many rows, or in a scratch file in a folder.
    pub fn new(width: usize, rows: usize, scratch: Option<&Path>) -> io::Result<RowsWriter> {
        let scratch = scratch.map(tempfile::tempfile_in).transpose()?;
        let room = if scratch.is_some() { 0 } else { rows * width };
        Ok(RowsWriter { width, values: Vec::with_capacity(room), scratch })
    }
    /// Appends a block of rows that `fill` writes over zeros.
    pub fn block<T>(&mut self, rows: usize, fill: impl FnOnce(&mut [f32]) -> T) -> io::Result<T> {
        let start = self.values.len();
        self.values.resize(start + rows * self.width, 0.0);
        let filled = fill(&mut self.values[start..]);
        if let Some(file) = &mut self.scratch {
            file.write_all(bytes_of(&self.values))?;
            self.values.clear();
        }
        Ok(filled)
    }
    /// All rows.
    pub fn finish(self) -> Rows {
        let store = match self.scratch {
            None => Store::Memory(self.values),
            Some(file) => Store::Scratch(Arc::new(file)),
        };
        Rows { width: self.width, store }
    }
}
