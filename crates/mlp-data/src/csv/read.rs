//! Cells to columns, chunk by chunk.

use super::layout::{Layout, line_of};
use super::{cells, infer, sniff};
use crate::source::{Chunk, Source};
use crate::words::shown;
use crate::{Column, DataError, Field, Kind, MISSING, Names, OpenOptions, Schema, Table, TaskHint};
use csv::{Reader, StringRecord};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Rows a chunk.
const CHUNK: usize = 1 << 16;

/// CSV text as a [`Source`]; columns are typed when it is made.
pub struct CsvSource<'a> {
    path: PathBuf,
    layout: Layout,
    schema: Schema,
    reader: Reader<&'a [u8]>,
    /// Rows read so far.
    rows: u64,
}

impl<'a> CsvSource<'a> {
    /// Looks through the text and settles delimiter, header, names and kinds; `path` only names it
    /// in messages.
    ///
    /// # Errors
    /// See [`super::from_bytes`].
    pub fn new(
        path: &Path,
        text: &'a str,
        options: &OpenOptions,
    ) -> Result<CsvSource<'a>, DataError> {
        let layout = Layout::new(path, text, options)?;
        let classes = options.task == TaskHint::Classes || options.class_labels.is_some();
        let kinds = infer::kinds(path, text, &layout, classes)?;
        let field =
            |(w, kind): (&super::layout::Wanted, Kind)| Field { name: w.name.clone(), kind };
        let schema = Schema { fields: layout.wanted.iter().zip(kinds).map(field).collect() };
        let mut reader = sniff::records(text, layout.delimiter);
        if layout.header {
            layout.next(path, &mut reader, &mut StringRecord::new())?;
        }
        Ok(CsvSource { path: path.to_path_buf(), layout, schema, reader, rows: 0 })
    }
    /// What was decided and a user should know.
    pub fn notes(&self) -> Vec<String> {
        self.layout.notes.clone()
    }
    /// The names of all columns of the text in their order, those not read among them.
    pub fn columns(&self) -> &[String] {
        &self.layout.columns
    }
    /// The error for a cell that does not fit its column.
    fn misfit(&self, record: &StringRecord, column: usize, cell: &str) -> DataError {
        let (line, name) = (line_of(record), &self.schema.fields[column].name);
        if cells::number(cell).is_some() {
            return infer::infinite(&self.path, line, name, cell);
        }
        let what = format!(
            "`{}` is not a number, which this column must hold; correct it, or leave the \
             cell empty if it is unknown",
            shown(cell)
        );
        let row = self.rows + 1;
        let place = format!("line {line} (row {row}), column `{name}`");
        DataError::malformed(&self.path, place, what)
    }
}

/// A column in the making.
enum Builder {
    Number(Vec<f64>),
    Words { known: HashMap<String, u32>, levels: Vec<String>, codes: Vec<u32>, rule: Rule },
}

/// How words are told apart and what is missing.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Word,
    Label,
    /// `Yes` and `yes` are one level.
    Boolean,
}

impl Builder {
    fn new(kind: Kind, label: bool) -> Builder {
        let rule = match (kind, label) {
            (Kind::Boolean, _) => Rule::Boolean,
            (_, true) => Rule::Label,
            _ => Rule::Word,
        };
        match kind {
            Kind::Number => Builder::Number(Vec::new()),
            _ => {
                let (known, levels, codes) = (HashMap::new(), Vec::new(), Vec::new());
                Builder::Words { known, levels, codes, rule }
            }
        }
    }
    /// `false` if the cell does not fit.
    fn push(&mut self, cell: &str) -> bool {
        match self {
            Builder::Number(values) => match cells::number(cell) {
                Some(v) if v.is_finite() => values.push(v),
                None if cells::is_missing(cell) => values.push(f64::NAN),
                _ => return false,
            },
            Builder::Words { known, levels, codes, rule } => {
                let missing = match rule {
                    Rule::Label => cells::is_missing_label(cell),
                    _ => cells::is_missing(cell),
                };
                codes.push(if missing { MISSING } else { code(known, levels, cell, *rule) });
            }
        }
        true
    }
    fn finish(self) -> Column {
        match self {
            Builder::Number(values) => Column::Number(values.into()),
            Builder::Words { levels, codes, .. } => {
                Column::Category { levels, codes: codes.into() }
            }
        }
    }
}

fn code(known: &mut HashMap<String, u32>, levels: &mut Vec<String>, cell: &str, rule: Rule) -> u32 {
    if let Some(&code) = known.get(cell) {
        return code;
    }
    let same = levels.iter().take_while(|_| rule == Rule::Boolean);
    let code = match same.zip(0u32..).find(|(level, _)| level.eq_ignore_ascii_case(cell)) {
        Some((_, code)) => code,
        None => {
            levels.push(cell.to_string());
            levels.len() as u32 - 1
        }
    };
    known.insert(cell.to_string(), code);
    code
}

impl Source for CsvSource<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn target(&self) -> Option<&str> {
        None
    }
    fn next_chunk(&mut self) -> Result<Option<Chunk>, DataError> {
        let label = self.layout.target;
        let mut builders: Vec<Builder> = (self.schema.fields.iter().enumerate())
            .map(|(i, field)| Builder::new(field.kind, label == Some(i)))
            .collect();
        let mut record = StringRecord::new();
        let first = self.rows + 1;
        let mut count = 0;
        while count < CHUNK && self.layout.next(&self.path, &mut self.reader, &mut record)? {
            for (i, (builder, wanted)) in builders.iter_mut().zip(&self.layout.wanted).enumerate() {
                let cell = record[wanted.index].trim();
                if !builder.push(cell) {
                    return Err(self.misfit(&record, i, cell));
                }
            }
            self.rows += 1;
            count += 1;
        }
        if count == 0 {
            return Ok(None);
        }
        let columns = builders.into_iter().map(Builder::finish).collect();
        let table = Table { schema: self.schema.clone(), columns, rows: count };
        let names = Names::Numbered { first, count };
        Ok(Some(Chunk { table, names, part: None, skipped: Vec::new() }))
    }
}
