//! The seam for new file formats: rows, chunk by chunk, and what gathers them into a [`Dataset`].

use crate::cache::gather::Gather;
use crate::{DataError, Dataset, Names, OpenOptions, Part, Schema, Skipped, Table, columns};

/// Rows from somewhere, chunk by chunk.
pub trait Source {
    /// Names and kinds of the columns, the target's among them (its name: [`Source::target`]).
    fn schema(&self) -> &Schema;
    /// The next rows with what is known of each; `None` at the end.
    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError>;
    /// The column to predict, where the source knows it (`label` for pictures).
    fn target(&self) -> Option<&str> {
        None
    }
}

/// Rows and where they came from.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// The rows; all columns, the target's included.
    pub table: Table,
    /// Where each row came from.
    pub names: Names,
    /// The part that the source itself assigns to every row of the chunk (a `test/` folder,
    /// `t10k-*` files).
    pub part: Option<Part>,
    /// What could not be read since the last chunk.
    pub skipped: Vec<Skipped>,
}

/// Reads a source to its end and takes its columns of weights and target out. The target is the one
/// named in `options`, else the source's own, else one named `target`, `label`, `class` or `y`, else
/// the last. `name` is what the user calls the data.
///
/// # Errors
/// The source's; chunks of unequal columns; a target that is lacking or cannot be used as
/// `options.task` says.
pub fn collect(
    source: &mut dyn Source,
    name: &str,
    options: &OpenOptions,
) -> Result<Dataset, DataError> {
    let mut rows = Gather::new(source.schema(), options)?;
    let mut names = Names::Numbered { first: 1, count: 0 };
    let mut parts = Vec::new();
    let mut skipped = Vec::new();
    while let Some(mut chunk) = source.next_chunk()? {
        parts.resize(parts.len() + chunk.table.rows, chunk.part);
        names.append(chunk.names);
        skipped.append(&mut chunk.skipped);
        rows.push(chunk.table)?;
    }
    let target = source.target().map(str::to_string);
    let table = rows.finish()?;
    columns::check_booleans(&table, options)?;
    let rows = Dataset { names, parts, skipped, ..Dataset::of(name, table) };
    rows.with_weights(options)?.with_target(target.as_deref(), options)
}
