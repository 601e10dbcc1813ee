//! A text, from a file or from memory, block by block, each of whole rows; and whether it is text
//! at all. Rows and cells:
//! `fields`.

use super::fields::Dialect;
use crate::DataError;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::PathBuf;

/// Unicode's mark at the start of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// A row longer than this is taken for a quote that is not closed.
const LONGEST_ROW: usize = 1 << 28;
/// The head of a text is read until it has so many lines, if they are not longer than this
/// together.
const HEAD_LINES: usize = 2 * super::sniff::LOOK;
const HEAD_BYTES: usize = 1 << 23;
/// First try for the head.
const HEAD_START: usize = 1 << 18;

/// Where a text comes from; it can be read again and again.
#[derive(Clone)]
pub(super) struct Text<'a> {
    /// Names it in messages, and is opened if there are no bytes.
    pub(super) path: PathBuf,
    pub(super) bytes: Option<&'a [u8]>,
}

/// Bytes of a text that begin and end at borders of rows.
#[derive(Default)]
pub(super) struct Block {
    /// Those in use, then room of earlier use.
    bytes: Vec<u8>,
    len: usize,
    /// Where it begins in the text, in bytes.
    pub(super) start: u64,
}

impl Deref for Block {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<'a> Text<'a> {
    /// A reader from a byte on.
    fn from(&self, start: u64) -> Result<Box<dyn Read + Send + 'a>, DataError> {
        match self.bytes {
            Some(bytes) => Ok(Box::new(&bytes[bytes.len().min(start as usize)..])),
            None => {
                let io = |e| DataError::io(&self.path, e);
                let mut file = File::open(&self.path).map_err(io)?;
                file.seek(SeekFrom::Start(start)).map_err(io)?;
                Ok(Box::new(file))
            }
        }
    }

    /// Where the text begins, after a byte order mark, and its first lines (of a short text, all).
    ///
    /// # Errors
    /// An empty file; one that is not UTF-8 text.
    pub(super) fn head(&self) -> Result<(u64, String), DataError> {
        let (mut bytes, mut want) = (Vec::new(), HEAD_START);
        let mut reader = self.from(0)?;
        let all = loop {
            let more = (want - bytes.len()) as u64;
            let read = reader.as_mut().take(more).read_to_end(&mut bytes);
            read.map_err(|e| DataError::io(&self.path, e))?;
            if bytes.len() < want {
                break true;
            }
            let lines = bytes.iter().filter(|b| **b == b'\n').count();
            if lines >= HEAD_LINES || lines > 1 && want >= HEAD_BYTES || want >= LONGEST_ROW {
                break false;
            }
            want *= 2;
        };
        let malformed = |what: &str| Err(DataError::malformed(&self.path, "byte 0", what));
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
        if text.is_empty() {
            return malformed("the file is empty");
        }
        if text.starts_with(&[0xFF, 0xFE]) || text.starts_with(&[0xFE, 0xFF]) {
            return malformed("UTF-16 text; save it as UTF-8");
        }
        let start = (bytes.len() - text.len()) as u64;
        let end = if all { text.len() } else { memchr::memrchr(b'\n', text).map_or(0, |i| i + 1) };
        match std::str::from_utf8(&text[..end]) {
            Ok(head) if !is_no_text(head.as_bytes()) => Ok((start, head.to_string())),
            _ => match self.check() {
                Err(error) => Err(error),
                Ok(()) => malformed("the file changed while it was read; try again"),
            },
        }
    }

    /// Whether all of it is UTF-8 text without zero bytes.
    ///
    /// # Errors
    /// The first zero byte, or if there is none the first other byte that is not text: its line.
    pub(super) fn check(&self) -> Result<(), DataError> {
        let mut reader = self.from(0)?;
        // What is left of the last piece: the beginning of a character.
        let (mut piece, mut done, mut lines) = (Vec::new(), 0, 1);
        let mut not_utf8 = None;
        let mut mark = true;
        loop {
            let kept = piece.len();
            let read = reader.as_mut().take(HEAD_START as u64).read_to_end(&mut piece);
            read.map_err(|e| DataError::io(&self.path, e))?;
            let last = piece.len() == kept;
            if std::mem::take(&mut mark) && piece.starts_with(BYTE_ORDER_MARK) {
                piece.drain(..BYTE_ORDER_MARK.len());
            }
            let place = |at: usize| {
                let line = lines + count_lines(&piece[..at]);
                format!("line {line} (byte {})", done + at)
            };
            if let Some(at) = memchr::memchr(0, &piece) {
                let what = "a zero byte: not a text file, nor a picture, IDX file or folder that \
                            can be read";
                return Err(DataError::malformed(&self.path, place(at), what));
            }
            let good = match std::str::from_utf8(&piece) {
                Ok(_) => piece.len(),
                Err(e) if e.error_len().is_none() && !last => e.valid_up_to(),
                Err(e) => {
                    not_utf8.get_or_insert_with(|| place(e.valid_up_to()));
                    piece.len()
                }
            };
            if last {
                break;
            }
            lines += count_lines(&piece[..good]);
            done += good;
            piece.drain(..good);
        }
        let Some(place) = not_utf8 else { return Ok(()) };
        let what = "not UTF-8; if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8 OLD > NEW";
        Err(DataError::malformed(&self.path, place, what))
    }
}

/// Whether the bytes of whole rows are something else than text.
pub(super) fn is_no_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_some() || std::str::from_utf8(bytes).is_err()
}

fn count_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}

/// Blocks one after another.
pub(super) struct Blocks<'a> {
    text: Text<'a>,
    dialect: Dialect,
    /// Bytes a block, or as many as one row needs.
    size: usize,
    reader: Box<dyn Read + Send + 'a>,
    /// Where the next block begins.
    start: u64,
    /// What was read of the next block: the beginning of its first row.
    begun: Vec<u8>,
    ended: bool,
}

impl<'a> Blocks<'a> {
    /// From the row that begins at byte `start` on.
    pub(super) fn new(
        text: Text<'a>,
        dialect: Dialect,
        start: u64,
        size: usize,
    ) -> Result<Blocks<'a>, DataError> {
        let (reader, size) = (text.from(start)?, size.max(1));
        Ok(Blocks { text, dialect, size, reader, start, begun: Vec::new(), ended: false })
    }

    /// Fills a block with the next rows; `false` at the end.
    ///
    /// # Errors
    /// Of the disk; a row that is too long to be one.
    pub(super) fn next(&mut self, block: &mut Block) -> Result<bool, DataError> {
        let mut want = self.size;
        block.start = self.start;
        block.len = 0;
        block.put(&self.begun);
        self.begun.clear();
        let whole = loop {
            if !self.ended {
                self.read_up_to(block, want)?;
            }
            if self.ended {
                break block.len;
            }
            match self.dialect.whole_rows(block) {
                0 if block.len >= LONGEST_ROW => return Err(self.too_long()),
                0 => want = block.len.max(want) * 2,
                whole => break whole,
            }
        };
        self.begun.extend_from_slice(&block[whole..]);
        block.len = whole;
        self.start += whole as u64;
        Ok(whole > 0)
    }

    fn read_up_to(&mut self, block: &mut Block, want: usize) -> Result<(), DataError> {
        if block.bytes.len() < want {
            block.bytes.resize(want, 0);
        }
        while block.len < want {
            match self.reader.read(&mut block.bytes[block.len..want]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(n) => block.len += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(DataError::io(&self.text.path, e)),
            }
        }
        Ok(())
    }

    fn too_long(&self) -> DataError {
        let place = format!("the row that begins at byte {}", self.start);
        let what =
            format!("longer than {} MiB; look for a quote that is not closed", LONGEST_ROW >> 20);
        DataError::malformed(&self.text.path, place, what)
    }
}

impl Block {
    fn put(&mut self, bytes: &[u8]) {
        if self.bytes.len() < self.len + bytes.len() {
            self.bytes.resize(self.len + bytes.len(), 0);
        }
        self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}
