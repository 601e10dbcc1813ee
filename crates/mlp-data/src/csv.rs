//! CSV and TSV: text to typed columns. Sniffing: `sniff`; what a cell may hold: `cells`; kinds:
//! `infer`; values: `read`. Which column is the target is decided in [`crate::dataset`].
//!
//! # Rules
//!
//! * UTF-8, with or without a byte order mark. Quotes as in RFC 4180; white space around a cell and
//!   before its quote is dropped.
//! * The delimiter is the one of `,` `;` tab `|` that gives the first lines an equal number of
//!   fields.
//! * The first line names the columns if its cells are all different, none is a number, and either
//!   some column holds numbers below it or no cell of it occurs again in its column
//!   ([`OpenOptions::header`] overrides). Without a header the columns are `column_1`, `column_2`,
//!   …; so is one whose name is empty.
//! * Missing, whatever the case: an empty cell, `?`, `NA`, `N/A`, `NaN`, `null`, `none`, `-`. In a
//!   target of words `none` and `-` are words.
//! * A column is of numbers if every cell that is not missing is a finite number; boolean if every
//!   one is of one pair among true/false, yes/no, t/f, y/n; else of words. But of 20 cells or more
//!   a word in every twentieth at most is a slip among numbers, and an error; not so in a target
//!   that is known to be of classes.
//! * With [`OpenOptions::schema`] columns are found by name in any order and further ones ignored.
//!   Without a header they are found by place: the file must have all columns of the training data
//!   ([`OpenOptions::columns`]), or all but the target.

pub(crate) mod cells;
mod infer;
mod layout;
mod read;
mod sniff;

pub use read::CsvSource;

use crate::{DataError, Dataset, OpenOptions, source};
use std::path::Path;

/// Reads a CSV or TSV file.
///
/// # Errors
/// [`DataError::Io`]; everything of [`from_bytes`].
pub fn read_file(path: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    let bytes = std::fs::read(path).map_err(|e| DataError::io(path, e))?;
    from_bytes(path, &bytes, options)
}

/// Reads CSV or TSV text; `path` only names it in messages.
///
/// # Errors
/// Text that is not UTF-8, ragged rows, duplicate or lacking columns, no rows, infinities, text
/// where a number must be: with the line and the column. An unusable target:
/// [`Dataset::with_target`].
pub fn from_bytes(path: &Path, bytes: &[u8], options: &OpenOptions) -> Result<Dataset, DataError> {
    let text = sniff::without_spaces_before_quotes(text(path, bytes)?);
    let mut source = CsvSource::new(path, &text, options)?;
    let name = path.file_name().map_or_else(|| "table".into(), |n| n.to_string_lossy());
    let (notes, columns) = (source.notes(), source.columns().to_vec());
    let mut data = source::collect(&mut source, &name, options)?;
    data.columns = columns;
    data.notes.splice(0..0, notes);
    Ok(data)
}

/// [`from_bytes`] for text at hand.
#[cfg(test)]
pub(crate) fn from_text(
    name: &str,
    text: &str,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    from_bytes(Path::new(name), text.as_bytes(), options)
}

/// The text without its byte order mark.
pub(crate) fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.is_empty() {
        return Err(DataError::malformed(path, "byte 0", "the file is empty"));
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(DataError::malformed(path, "byte 0", "UTF-16 text; save it as UTF-8"));
    }
    let place = |at: usize| {
        let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
        format!("line {line} (byte {at})")
    };
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let what =
            "a zero byte: not a text file, nor a picture, IDX file or folder that can be read";
        return Err(DataError::malformed(path, place(at), what));
    }
    std::str::from_utf8(bytes).map_err(|e| {
        let what = "not UTF-8; if it is Latin-1, convert it: iconv -f LATIN1 -t UTF-8 OLD > NEW";
        DataError::malformed(path, place(e.valid_up_to()), what)
    })
}

#[cfg(test)]
mod tests;
