//! Rows of typed columns, in memory.

use crate::{Bytes, DataError, DateOrder, Values};
use mlp_tensor::Mapped;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Numbers; NaN is missing.
    Number,
    /// Two words such as yes/no; stored as a category with two levels.
    Boolean,
    /// Words from a list.
    Category,
    /// Pictures of one size.
    Picture(PictureShape),
    /// Dates; stored as numbers, seconds since 1970 in UTC, NaN is missing. How the order of day
    /// and month was settled goes with it, so that further data are read alike.
    Date(DateOrder),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Number => f.write_str("number"),
            Kind::Boolean => f.write_str("boolean"),
            Kind::Category => f.write_str("category"),
            Kind::Picture(shape) => write!(f, "picture {shape}"),
            Kind::Date(_) => f.write_str("date"),
        }
    }
}

/// The size of every picture of a column. Bytes lie row by row, the channels of a pixel together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureShape {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// 1 or 3.
    pub channels: u32,
}

impl PictureShape {
    /// Bytes a picture.
    pub fn len(self) -> usize {
        self.width as usize * self.height as usize * self.channels as usize
    }
    /// Whether there is no pixel.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for PictureShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}×{}", self.width, self.height, self.channels)
    }
}

/// A column's name and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// As in the header, or `column_1` … where there is none; `picture` for pictures.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// The columns of a table, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// One a column.
    pub fields: Vec<Field>,
}

/// The values of a column, one a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// NaN is missing.
    Number(Values<f64>),
    /// `codes` index `levels`, or are `MISSING`. Levels stand in order of first appearance.
    Category {
        /// The words.
        levels: Vec<String>,
        /// One a row.
        codes: Values<u32>,
    },
    /// `rows × shape.len()` bytes.
    Pixels {
        /// Of every picture.
        shape: PictureShape,
        /// Picture after picture.
        bytes: Bytes,
    },
}

/// Columns of equal length; a row is an example.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Names and kinds.
    pub schema: Schema,
    /// One a field.
    pub columns: Vec<Column>,
    /// How many rows.
    pub rows: usize,
}

impl Column {
    /// Number of rows, for a column whose pictures are not empty.
    pub fn len(&self) -> usize {
        match self {
            Column::Number(values) => values.len(),
            Column::Category { codes, .. } => codes.len(),
            Column::Pixels { shape, bytes } => bytes.len() / shape.len().max(1),
        }
    }
    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// See [`Values::forget`].
    pub fn forget(&self) {
        if let Some(file) = self.file() {
            file.forget();
        }
    }
    /// Notes that so many rows were read; see [`Mapped::note_read`].
    pub(crate) fn note_read(&self, rows: usize) {
        match self {
            Column::Number(values) => values.note_read(rows),
            Column::Category { codes, .. } => codes.note_read(rows),
            Column::Pixels { shape, bytes } => bytes.note_read(rows * shape.len()),
        }
    }
    fn file(&self) -> Option<&Mapped> {
        match self {
            Column::Number(values) => values.file(),
            Column::Category { codes, .. } => codes.file(),
            Column::Pixels { bytes, .. } => bytes.file(),
        }
    }
    /// Whether the rows of `other` can follow its own.
    fn fits(&self, other: &Column) -> bool {
        match (self, other) {
            (Column::Pixels { shape: a, .. }, Column::Pixels { shape: b, .. }) => a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
    /// Puts the rows of `other`, which [`Column::fits`], after its own.
    fn append(&mut self, other: Column) {
        match (self, other) {
            (Column::Number(mine), Column::Number(theirs)) => mine.append(theirs),
            (
                Column::Category { levels, codes },
                Column::Category { levels: their_levels, codes: their_codes },
            ) => {
                let mut known = HashMap::new();
                codes.append(renumbered(&mut known, levels, their_levels, &their_codes).into());
            }
            (Column::Pixels { bytes, .. }, Column::Pixels { bytes: theirs, .. }) => {
                bytes.append(theirs);
            }
            _ => {}
        }
    }
    /// The given rows, in the order given.
    pub(crate) fn select(&self, rows: &[usize]) -> Column {
        let selected = match self {
            Column::Number(values) => Column::Number(values.pick(rows)),
            Column::Category { levels, codes } => {
                Column::Category { levels: levels.clone(), codes: codes.pick(rows) }
            }
            Column::Pixels { shape, bytes } => {
                let n = shape.len();
                let mut kept = Vec::with_capacity(rows.len() * n);
                for &r in rows {
                    kept.extend_from_slice(&bytes[r * n..(r + 1) * n]);
                }
                Column::Pixels { shape: *shape, bytes: kept.into() }
            }
        };
        self.forget();
        selected
    }
}

/// Codes of words as they are among `levels`, to which new words are added in the order of
/// `their_levels`. `known` holds the codes of the first of the levels, and then of all: kept from
/// chunk to chunk, it spares going through the levels again.
pub(crate) fn renumbered(
    known: &mut HashMap<String, u32>,
    levels: &mut Vec<String>,
    their_levels: Vec<String>,
    their_codes: &[u32],
) -> Vec<u32> {
    let new = levels.iter().zip(0u32..).skip(known.len());
    known.extend(new.map(|(word, code)| (word.clone(), code)));
    let map: Vec<u32> = their_levels
        .into_iter()
        .map(|word| {
            *known.entry(word).or_insert_with_key(|word| {
                levels.push(word.clone());
                levels.len() as u32 - 1
            })
        })
        .collect();
    their_codes.iter().map(|&c| map.get(c as usize).copied().unwrap_or(MISSING)).collect()
}

impl Table {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        let i = self.schema.fields.iter().position(|f| f.name == name)?;
        self.columns.get(i)
    }
    /// A column without rows.
    pub(crate) fn empty_column(field: &Field) -> Column {
        match field.kind {
            Kind::Number | Kind::Date(_) => Column::Number(Values::default()),
            Kind::Boolean | Kind::Category => {
                Column::Category { levels: Vec::new(), codes: Values::default() }
            }
            Kind::Picture(shape) => Column::Pixels { shape, bytes: Bytes::default() },
        }
    }
    /// No rows of the given columns.
    pub fn empty(schema: &Schema) -> Table {
        Table {
            schema: schema.clone(),
            columns: schema.fields.iter().map(Table::empty_column).collect(),
            rows: 0,
        }
    }
    /// Appends the rows of `other`, whose fields must have the same names and kinds; levels are
    /// merged.
    ///
    /// # Errors
    /// If names, order or kinds differ; nothing is changed then.
    pub fn append(&mut self, other: Table) -> Result<(), DataError> {
        self.check_fits(&other)?;
        for (mine, theirs) in self.columns.iter_mut().zip(other.columns) {
            mine.append(theirs);
        }
        self.rows += other.rows;
        Ok(())
    }
    /// Whether the rows of `other` can follow its own; the error of [`Table::append`].
    pub(crate) fn check_fits(&self, other: &Table) -> Result<(), DataError> {
        if self.schema != other.schema {
            let pairs = self.schema.fields.iter().zip(&other.schema.fields);
            let what = match pairs.into_iter().find(|(a, b)| a != b) {
                Some((a, b)) => format!(
                    "column `{}` ({}) against column `{}` ({})",
                    a.name, a.kind, b.name, b.kind
                ),
                None => format!("{} columns against {}", self.columns.len(), other.columns.len()),
            };
            return Err(DataError::unusable(format!(
                "two tables of different columns cannot be joined: {what}"
            )));
        }
        if self.columns.iter().zip(&other.columns).any(|(mine, theirs)| !mine.fits(theirs)) {
            return Err(DataError::unusable("a column's values do not match its declared kind"));
        }
        Ok(())
    }
    /// Says that the columns are not needed for a while: those in a file stop counting as memory in use.
    pub fn forget(&self) {
        self.columns.iter().for_each(Column::forget);
    }
    /// The folder of the cache in which columns stand, if any of them does.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        let file = self.columns.iter().find_map(Column::file)?;
        Some(file.path().parent()?.parent()?.to_path_buf())
    }
    /// The given rows, in the order given.
    ///
    /// # Panics
    /// If a row is out of range.
    pub fn select(&self, rows: &[usize]) -> Table {
        Table {
            schema: self.schema.clone(),
            columns: self.columns.iter().map(|c| c.select(rows)).collect(),
            rows: rows.len(),
        }
    }
    /// Adds a column at the end.
    pub(crate) fn push(&mut self, name: &str, kind: Kind, column: Column) {
        self.schema.fields.push(Field { name: name.to_string(), kind });
        self.columns.push(column);
    }
    /// Takes the column of that name out.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Column> {
        let i = self.schema.fields.iter().position(|f| f.name == name)?;
        self.schema.fields.remove(i);
        Some(self.columns.remove(i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(levels: &[&str], codes: &[u32]) -> Table {
        let levels = levels.iter().map(|s| s.to_string()).collect();
        Table {
            schema: Schema { fields: vec![Field { name: "c".into(), kind: Kind::Category }] },
            columns: vec![Column::Category { levels, codes: codes.to_vec().into() }],
            rows: codes.len(),
        }
    }

    #[test]
    fn appending_merges_levels_by_word() {
        let mut table = words(&["a", "b"], &[0, 1, MISSING]);
        table.append(words(&["c", "b"], &[1, 0, MISSING])).unwrap();
        assert_eq!(table, words(&["a", "b", "c"], &[0, 1, MISSING, 1, 2, MISSING]));
    }

    #[test]
    fn appending_other_columns_is_refused() {
        let mut table = words(&["a"], &[0]);
        let mut other = words(&["a"], &[0]);
        other.schema.fields[0].name = "d".into();
        let message = table.append(other).unwrap_err().to_string();
        assert!(message.contains("`c` (category) against column `d`"), "{message}");
        assert_eq!(table, words(&["a"], &[0]));
    }

    #[test]
    fn selecting_pictures_copies_whole_ones() {
        let shape = PictureShape { width: 2, height: 1, channels: 1 };
        let column = Column::Pixels { shape, bytes: vec![1, 2, 3, 4, 5, 6].into() };
        let expected = Column::Pixels { shape, bytes: vec![5, 6, 1, 2].into() };
        assert_eq!(column.select(&[2, 0]), expected);
    }
    proptest! {
        #[test]
        fn appending_halves_selected_apart_gives_the_whole(
            cells in prop::collection::vec((any::<f64>(), 0u8..5), 0..40),
            cut in 0usize..40,
        ) {
            let words: Vec<String> = cells.iter().map(|c| format!("w{}", c.1)).collect();
            let mut whole = words_table(&words);
            let values = cells.iter().map(|c| c.0).collect();
            whole.push("n", Kind::Number, Column::Number(values));
            let cut = cut.min(cells.len());
            let rows: Vec<usize> = (0..cells.len()).collect();
            let mut joined = Table::empty(&whole.schema);
            joined.append(whole.select(&rows[..cut])).unwrap();
            joined.append(whole.select(&rows[cut..])).unwrap();
            prop_assert_eq!(format!("{:?}", joined), format!("{whole:?}"));
        }
    }

    /// Levels in order of first appearance.
    fn words_table(cells: &[String]) -> Table {
        let mut levels: Vec<&str> = Vec::new();
        let mut codes = Vec::new();
        for cell in cells {
            let code = levels.iter().position(|l| l == cell);
            codes.push(code.unwrap_or(levels.len()) as u32);
            if code.is_none() {
                levels.push(cell);
            }
        }
        words(&levels, &codes)
    }
}
