//! Parquet files: flat columns to typed ones, without Arrow. Sizes of pages before they are
//! unpacked: `pages`; values of a column: `values`.
//!
//! # Rules
//!
//! * Numbers (decimals among them) are numbers, booleans the words true and false, dates and
//!   timestamps dates; text is read by the rules of [`crate::csv`], as if it stood in a cell.
//! * A field of a struct is the column `struct.field`; lists and maps are refused by name, unless
//!   they are ignored.
//! * Pages may be plain or packed by Snappy, gzip or zstd.

mod pages;
mod values;

use crate::columns;
use crate::quiet::Quiet;
use crate::typing::{Place, Raw};
use crate::words::shown;
use crate::{DataError, Dataset, OpenOptions, Schema, Table};
use bytes::Bytes;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Bytes of values that any file may hold.
const FREE: u64 = 256 << 20;
/// Beyond that, so many bytes of values for one of the file.
const RATIO: u64 = 200;

/// Reads a Parquet file; `path` only names it in messages.
///
/// # Errors
/// Damage, with the column and the group of rows; columns of lists, maps or bytes; more values than
/// a file of its size plausibly holds; slips and infinities as in CSV; an unusable target.
pub fn from_bytes(
    path: &Path,
    bytes: Vec<u8>,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let quiet = Quiet::begin();
    // A reader that panics has refused its file.
    let read = catch_unwind(AssertUnwindSafe(|| read(path, bytes, options)));
    drop(quiet);
    read.unwrap_or_else(|_| {
        let what = "the reader gave up on it: the file is damaged; fetch it again";
        Err(DataError::malformed(path, "contents", what))
    })
}

fn read(path: &Path, bytes: Vec<u8>, options: &OpenOptions) -> Result<Dataset, DataError> {
    let bytes = Bytes::from(bytes);
    let damaged = |e: parquet::errors::ParquetError| {
        DataError::malformed(
            path,
            "footer",
            format!("{}; fetch the file again", shown(&e.to_string())),
        )
    };
    let reader = SerializedFileReader::new(bytes.clone()).map_err(damaged)?;
    let metadata = reader.metadata();
    let names: Vec<String> = (metadata.file_metadata().schema_descr().columns().iter())
        .map(|column| column.path().parts().join("."))
        .collect();
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort();
    if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        let what = format!("two columns are named `{}`; rename one", shown(twice[0]));
        return Err(DataError::malformed(path, "schema", what));
    }
    let rows = rows(path, metadata, bytes.len())?;
    pages::check(path, metadata, &bytes)?;
    let choice = columns::choose(path, "schema", &names, options)?;
    let classes = options.of_words();
    let place = Place { path, unit: "row" };
    let mut table = Table { schema: Schema::default(), columns: Vec::new(), rows };
    let mut notes = Vec::new();
    for (i, wanted) in choice.wanted.iter().enumerate() {
        let raw: Raw = values::column(path, &reader, wanted.index, &wanted.name, rows)?;
        let target = choice.target == Some(i);
        let (kind, column) = raw.typed(place, wanted, target, classes, &mut notes)?;
        table.push(&wanted.name, kind, column);
    }
    columns::check_booleans(&table, options)?;
    let name = path.file_name().map_or_else(|| "table".into(), |n| n.to_string_lossy());
    let data = Dataset { columns: names, notes, ..Dataset::of(&name, table) };
    data.with_weights(options)?.with_target(None, options)
}

/// The rows of all groups, if a file of such a length plausibly holds them.
fn rows(path: &Path, metadata: &ParquetMetaData, length: usize) -> Result<usize, DataError> {
    let bad = |what: String| Err(DataError::malformed(path, "footer", what));
    let groups = metadata.row_groups();
    let counts = groups.iter().map(|g| u64::try_from(g.num_rows()).ok());
    let Some(rows) = counts.sum::<Option<u64>>() else {
        return bad("a group of less than no rows; fetch the file again".into());
    };
    let columns = metadata.file_metadata().schema_descr().num_columns() as u64;
    let most = FREE.max((length as u64).saturating_mul(RATIO));
    if rows.saturating_mul(columns).saturating_mul(8) > most {
        return bad(format!(
            "{rows} rows of {columns} columns in {length} bytes, more than any table; if they are there, \
             export the file as CSV"
        ));
    }
    if rows == 0 || columns == 0 {
        return bad(format!("{rows} rows of {columns} columns: there is nothing to read"));
    }
    let sound = groups.iter().all(|g| g.columns().len() as u64 == columns);
    match usize::try_from(rows) {
        Ok(rows) if sound => Ok(rows),
        _ => bad(format!("a group of rows has not the {columns} columns; fetch the file again")),
    }
}
