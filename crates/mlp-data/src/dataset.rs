//! All rows of a data set in memory, their target apart. What a target is: `target`; several labels a
//! row: `sets`; what rows count: `weights`; where rows came from: `names`; equal contents:
//! `fingerprint`.

pub(crate) mod fingerprint;
mod names;
pub(crate) mod sets;
mod target;
mod weights;

pub use names::Names;
pub(crate) use target::choose as choose_target;
pub use weights::Weights;

use crate::cache::gather::Gather;
use crate::{DataError, OpenOptions, Part, Schema, Table};
use serde::{Deserialize, Serialize};

/// Something that could not be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The file.
    pub path: String,
    /// In words.
    pub reason: String,
}

/// What is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One of `labels`; for pictures the folder names sorted, for tables sorted (numerically if all
    /// are numbers).
    Classes {
        /// The column's name.
        name: String,
        /// The classes.
        labels: Vec<String>,
        /// One a row, index into `labels`.
        codes: Vec<u32>,
    },
    /// A number.
    Numbers {
        /// The column's name.
        name: String,
        /// One a row, finite.
        values: Vec<f64>,
    },
    /// Nothing: rows to predict.
    None,
    /// None, one or several of `labels`.
    Labels {
        /// The column's name, or those of the columns, `,` between them.
        name: String,
        /// The labels: sorted, or the columns in the order given.
        labels: Vec<String>,
        /// What stands between them in a cell; `None` where each is a column of yes and no.
        separator: Option<String>,
        /// `rows × labels`, a row after another: 1 where the row has the label, else 0.
        hits: Vec<u8>,
    },
}

/// Whether a target is to be read as numbers or classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskHint {
    /// From the values: words and few whole numbers (at most 20 different, none a fraction) are
    /// classes.
    #[default]
    Auto,
    /// Classes, whatever the values.
    Classes,
    /// Numbers; anything else is an error that names the row.
    Numbers,
}

/// Rows with their target.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// What the user called it: the file's or folder's own name, without its path.
    pub name: String,
    /// The inputs.
    pub table: Table,
    /// What is to be predicted.
    pub target: Target,
    /// How much each row counts, where a column says so.
    pub weights: Option<Weights>,
    /// All columns of a table file in their order, the target among them; empty for pictures.
    pub columns: Vec<String>,
    /// Where each row came from.
    pub names: Names,
    /// The part of a row where the source fixes it.
    pub parts: Vec<Option<Part>>,
    /// How pictures were brought to one shape; `None` for tables.
    pub picture: Option<crate::open::PictureOptions>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// What the reader decided and a user should know, one sentence each.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Rows without a target, numbered, of no part.
    pub(crate) fn of(name: &str, table: Table) -> Dataset {
        let rows = table.rows;
        Dataset {
            name: name.to_string(),
            table,
            target: Target::None,
            weights: None,
            columns: Vec::new(),
            names: Names::Numbered { first: 1, count: rows },
            parts: vec![None; rows],
            picture: None,
            skipped: Vec::new(),
            notes: Vec::new(),
        }
    }
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.table.rows
    }
    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.table.rows == 0
    }
    /// A row's origin in words: a path, or `row 17`.
    pub fn row_name(&self, row: usize) -> String {
        self.names.get(row)
    }
    /// How to open further data as this was: same columns and kinds, same target, same pictures.
    pub fn same_options(&self) -> OpenOptions {
        let options = OpenOptions {
            schema: Some(self.table.schema.clone()),
            columns: self.columns.clone(),
            weight: self.weights.as_ref().map(|w| w.name.clone()),
            ..self.target.same_options()
        };
        match self.picture {
            Some(picture) => options.with_picture(picture),
            None => options,
        }
    }
    /// Appends rows that belong to a fixed part, as `--test-data` does. Their names get the other
    /// set's name. Of `options` only the cache counts: where the rows go.
    ///
    /// # Errors
    /// If columns or classes differ; see [`Table::append`].
    pub fn append(
        &mut self,
        mut other: Dataset,
        part: Part,
        options: &OpenOptions,
    ) -> Result<(), DataError> {
        let rows = other.len();
        self.target.append(other.target)?;
        self.append_weights(other.weights)?;
        self.table.check_fits(&other.table)?;
        let mut joined = Gather::new(&self.table.schema, options)?;
        joined.push(std::mem::replace(&mut self.table, Table::empty(&Schema::default())))?;
        joined.push(other.table)?;
        self.table = joined.finish()?;
        other.names.prefix(&other.name);
        self.names.append(other.names);
        self.parts.resize(self.parts.len() + rows, Some(part));
        self.skipped.append(&mut other.skipped);
        self.notes.extend(other.notes.iter().map(|note| format!("{}: {note}", other.name)));
        Ok(())
    }
    /// Keeps the given rows only, but of the target, which is not known yet. Of `options` only the cache
    /// counts: where the rows go.
    ///
    /// # Errors
    /// Those of the cache.
    fn keep(&mut self, rows: &[usize], options: &OpenOptions) -> Result<(), DataError> {
        /// Rows on their way at a time.
        const ROWS: usize = 1 << 16;
        let mut kept = Gather::new(&self.table.schema, options)?;
        if kept.is_in_memory() {
            self.table = self.table.select(rows);
        } else {
            for some in rows.chunks(ROWS) {
                kept.push(self.table.select(some))?;
            }
            self.table = kept.finish()?;
        }
        self.names = self.names.select(rows);
        self.parts = rows.iter().map(|&r| self.parts[r]).collect();
        if let Some(weights) = &mut self.weights {
            weights.values = rows.iter().map(|&r| weights.values[r]).collect();
        }
        Ok(())
    }
}

impl Target {
    /// Whether it was read from a column of that name.
    pub(crate) fn is_column(&self, column: &str) -> bool {
        match self {
            Target::Labels { labels, separator: None, .. } => labels.iter().any(|l| l == column),
            Target::Classes { name, .. }
            | Target::Numbers { name, .. }
            | Target::Labels { name, .. } => name == column,
            Target::None => false,
        }
    }
    /// Which of these rows, by index, in the order given.
    pub fn select(&self, rows: &[usize]) -> Target {
        match self {
            Target::Classes { name, labels, codes } => Target::Classes {
                name: name.clone(),
                labels: labels.clone(),
                codes: rows.iter().map(|&r| codes[r]).collect(),
            },
            Target::Numbers { name, values } => Target::Numbers {
                name: name.clone(),
                values: rows.iter().map(|&r| values[r]).collect(),
            },
            Target::None => Target::None,
            Target::Labels { name, labels, separator, hits } => {
                let width = labels.len();
                let of = |&r: &usize| &hits[r * width..(r + 1) * width];
                Target::Labels {
                    name: name.clone(),
                    labels: labels.clone(),
                    separator: separator.clone(),
                    hits: rows.iter().flat_map(of).copied().collect(),
                }
            }
        }
    }
    /// Whether two rows have the same.
    pub fn equal(&self, a: usize, b: usize) -> bool {
        match self {
            Target::Classes { codes, .. } => codes[a] == codes[b],
            Target::Numbers { values, .. } => values[a] == values[b],
            Target::None => true,
            Target::Labels { labels, hits, .. } => {
                let of = |r: usize| &hits[r * labels.len()..(r + 1) * labels.len()];
                of(a) == of(b)
            }
        }
    }
    /// How many of some rows have each label; of classes and labels only.
    pub fn counts(&self, rows: impl Iterator<Item = usize>) -> Vec<u64> {
        match self {
            Target::Classes { labels, codes, .. } => {
                let mut counts = vec![0; labels.len()];
                rows.for_each(|row| counts[codes[row] as usize] += 1);
                counts
            }
            Target::Labels { labels, hits, .. } => {
                let mut counts = vec![0; labels.len()];
                for row in rows {
                    let row = &hits[row * labels.len()..(row + 1) * labels.len()];
                    counts.iter_mut().zip(row).for_each(|(n, hit)| *n += u64::from(*hit));
                }
                counts
            }
            Target::Numbers { .. } | Target::None => Vec::new(),
        }
    }
    /// How to read the same target elsewhere.
    fn same_options(&self) -> OpenOptions {
        match self {
            Target::Classes { name, labels, .. } => OpenOptions {
                target: Some(name.clone()),
                class_labels: Some(labels.clone()),
                ..OpenOptions::default()
            },
            Target::Numbers { name, .. } => OpenOptions {
                target: Some(name.clone()),
                task: TaskHint::Numbers,
                ..OpenOptions::default()
            },
            Target::None => OpenOptions { target_optional: true, ..OpenOptions::default() },
            Target::Labels { name, labels, separator, .. } => {
                OpenOptions::default().with_labels(name, labels, separator.as_deref())
            }
        }
    }
    /// The rows of `other` after its own.
    fn append(&mut self, other: Target) -> Result<(), DataError> {
        match (self, other) {
            (
                Target::Classes { labels, codes, .. },
                Target::Classes { labels: theirs, codes: mut more, .. },
            ) if *labels == theirs => codes.append(&mut more),
            (Target::Numbers { values, .. }, Target::Numbers { values: mut more, .. }) => {
                values.append(&mut more);
            }
            (Target::None, Target::None) => {}
            (
                Target::Labels { labels, separator, hits, .. },
                Target::Labels { labels: theirs, separator: other, hits: mut more, .. },
            ) if *labels == theirs && *separator == other => hits.append(&mut more),
            _ => {
                return Err(DataError::unusable(
                    "two data sets can only be joined if their targets are of one kind",
                ));
            }
        }
        Ok(())
    }
}
