//! Rows of chunks, put one after another: in memory, or in the files of a cache's entry.

use super::Filling;
use crate::table::renumbered;
use crate::{Column, DataError, OpenOptions, Schema, Table, Values};
use mlp_tensor::{Mapped, Plain, bytes_of};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bytes written to a file at once.
const BUFFER: usize = 1 << 18;

/// A table in the making.
pub(crate) struct Gather {
    /// All rows, or none of them where they go to files.
    table: Table,
    files: Option<Files>,
}

struct Files {
    filling: Arc<Filling>,
    /// One a column.
    open: Vec<(PathBuf, BufWriter<File>)>,
    /// The codes of its words, one a column.
    known: Vec<HashMap<String, u32>>,
}

impl Gather {
    /// For rows of these columns; to files if `options` say that an entry of a cache is being made.
    pub fn new(schema: &Schema, options: &OpenOptions) -> Result<Gather, DataError> {
        let filling = options.cache.as_ref().and_then(|cache| cache.filling());
        let files =
            filling.map(|filling| Files::create(filling, schema.fields.len())).transpose()?;
        Ok(Gather { table: Table::empty(schema), files })
    }
    /// Whether its rows stay in memory.
    pub fn is_in_memory(&self) -> bool {
        self.files.is_none()
    }
    /// Appends rows; see [`Table::append`].
    pub fn push(&mut self, chunk: Table) -> Result<(), DataError> {
        let Some(files) = &mut self.files else {
            return self.table.append(chunk);
        };
        self.table.check_fits(&chunk)?;
        for (i, column) in chunk.columns.into_iter().enumerate() {
            match (column, &mut self.table.columns[i]) {
                (Column::Number(values), _) => files.write(i, &values)?,
                (Column::Pixels { bytes, .. }, _) => files.write(i, &bytes)?,
                (Column::Category { levels, codes }, Column::Category { levels: mine, .. }) => {
                    let codes = renumbered(&mut files.known[i], mine, levels, &codes);
                    files.write(i, &codes)?;
                }
                // `check_fits` leaves no other pair.
                _ => {}
            }
        }
        self.table.rows += chunk.rows;
        Ok(())
    }
    /// All rows.
    pub fn finish(mut self) -> Result<Table, DataError> {
        let Some(files) = self.files else { return Ok(self.table) };
        for (column, (path, mut writer)) in self.table.columns.iter_mut().zip(files.open) {
            writer.flush().map_err(|e| DataError::io(&path, e))?;
            drop(writer);
            let mapped = Mapped::open(&path).map_err(|e| DataError::io(&path, e))?;
            match column {
                Column::Number(values) => *values = Values::mapped(mapped),
                Column::Category { codes, .. } => *codes = Values::mapped(mapped),
                Column::Pixels { bytes, .. } => *bytes = Values::mapped(mapped),
            }
        }
        Ok(self.table)
    }
}

impl Files {
    fn create(filling: &Arc<Filling>, columns: usize) -> Result<Files, DataError> {
        let number = filling.next.fetch_add(1, Ordering::Relaxed);
        let create = |i: usize| {
            let path = filling.folder.join(format!("table-{number}-{i}"));
            let file = File::create_new(&path).map_err(|e| DataError::io(&path, e))?;
            Ok((path, BufWriter::with_capacity(BUFFER, file)))
        };
        let open = (0..columns).map(create).collect::<Result<_, DataError>>()?;
        let known = vec![HashMap::new(); columns];
        Ok(Files { filling: Arc::clone(filling), open, known })
    }
    fn write<T: Plain>(&mut self, column: usize, values: &[T]) -> Result<(), DataError> {
        let bytes = bytes_of(values);
        self.filling.reserve(bytes.len() as u64)?;
        let (path, writer) = &mut self.open[column];
        writer.write_all(bytes).map_err(|e| DataError::io(path, e))
    }
}
