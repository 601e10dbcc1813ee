//! CSV and TSV: text to typed columns. Which column is the target is decided in [`crate::dataset`].
//!
//! A text is read in blocks of whole rows (`blocks`), which threads cut into cells (`fields`) and
//! make columns of (`parse`; numbers: `decimal`, words: `intern`, others: `cells`), joined in order
//! (`pass`, `read`). Before that the head gives delimiter and header (`sniff`, `layout`), and a
//! pass over all rows the kinds (`infer`) unless they are given.
//!
//! # Rules
//!
//! * UTF-8, with or without a byte order mark. Quotes as in RFC 4180; white space around a cell and
//!   spaces before its quote are dropped. Empty lines are skipped.
//! * Delimiter and header are found out from the first 1000 rows, or of rows that are very long
//!   those within 8 MiB; kinds from all rows. A row has at most 256 MiB.
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

mod blocks;
pub(crate) mod cells;
mod decimal;
mod fields;
mod infer;
mod intern;
mod layout;
mod parse;
mod pass;
mod read;
mod sniff;

pub use read::CsvSource;

use crate::{DataError, Dataset, OpenOptions, source};
use blocks::Text;
use mlp_tensor::Exec;
use pass::Sizes;
use std::path::Path;

/// Reads a CSV or TSV file, which must be one that can be read twice (no pipe: [`from_bytes`]).
///
/// # Errors
/// [`DataError::Io`]; everything of [`from_bytes`].
pub fn read_file(exec: &Exec, path: &Path, options: &OpenOptions) -> Result<Dataset, DataError> {
    gathered(exec, Text { path: path.to_path_buf(), bytes: None }, options)
}

/// Reads CSV or TSV text; `path` only names it in messages.
///
/// # Errors
/// Text that is not UTF-8, ragged rows, duplicate or lacking columns, no rows, infinities, text
/// where a number must be: with the line and the column. An unusable target:
/// [`Dataset::with_target`].
pub fn from_bytes(
    exec: &Exec,
    path: &Path,
    bytes: &[u8],
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    gathered(exec, Text { path: path.to_path_buf(), bytes: Some(bytes) }, options)
}

fn gathered(exec: &Exec, text: Text, options: &OpenOptions) -> Result<Dataset, DataError> {
    let name = match text.path.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => "table".into(),
    };
    let to_disk = options.cache.as_ref().is_some_and(|cache| cache.filling().is_some());
    let sizes = if to_disk { Sizes::STREAMED } else { Sizes::GATHERED };
    collected(CsvSource::with_sizes(exec, text, options, sizes)?, &name, options)
}

fn collected(
    mut source: CsvSource,
    name: &str,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let (notes, columns) = (source.notes(), source.columns().to_vec());
    let mut data = source::collect(&mut source, name, options)?;
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
    from_bytes(&Exec::serial(), Path::new(name), text.as_bytes(), options)
}

/// The text of a file without its byte order mark.
///
/// # Errors
/// An empty file; what is no UTF-8 text, with its line.
pub(crate) fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, DataError> {
    let all = Text { path: path.to_path_buf(), bytes: Some(bytes) };
    let (start, _) = all.head()?;
    all.check()?;
    std::str::from_utf8(&bytes[start as usize..])
        .map_err(|e| DataError::malformed(path, format!("byte {}", e.valid_up_to()), "not UTF-8"))
}

#[cfg(test)]
mod block_tests;
#[cfg(test)]
mod tests;
