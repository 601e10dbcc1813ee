//! Which rows train, which choose the model, which test it. How rows are drawn: `draw`.

mod draw;

use crate::words::{listed, shown};
use crate::{DataError, Dataset, Table, Target};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Weights and preprocessing are fitted on it.
    Train,
    /// The best epoch is chosen on it.
    Validation,
    /// Only reported on.
    Test,
}

impl Part {
    /// `train`, `validation`, `test`.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
        }
    }
}

/// Marks rows as training rows; only [`Split`] makes one, so nothing is fitted on anything else.
#[derive(Debug)]
pub struct Train<T> {
    value: T,
    rows: Vec<usize>,
}

impl<T> Train<T> {
    /// The rows.
    pub fn get(&self) -> &T {
        &self.value
    }
    /// Where each stood in the whole data set, rising.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }
}

/// The part of every row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// One a row.
    pub parts: Vec<Part>,
}

impl Split {
    /// Stratified by class (by ten quantile bins for numbers), seeded. Rows whose part the source
    /// fixes keep it; a fraction applies to the rest, and is not taken where the source already
    /// provides that part. Every class keeps at least one training row.
    ///
    /// # Errors
    /// A fraction outside `[0, 1)` or both together 1 or more; a single class; no training row
    /// left.
    pub fn new(data: &Dataset, validation: f64, test: f64, seed: u64) -> Result<Split, DataError> {
        for (name, fraction) in [("validation", validation), ("test", test)] {
            if !(0.0..1.0).contains(&fraction) {
                let what =
                    format!("the {name} fraction is {fraction}; it must be at least 0 and below 1");
                return Err(DataError::unusable(what));
            }
        }
        if validation + test >= 1.0 {
            return Err(DataError::unusable(format!(
                "validation {validation} and test {test} leave no rows to train on; lower one"
            )));
        }
        check_classes(data)?;
        let split = Split { parts: draw::parts(data, validation, test, seed) };
        if !split.parts.contains(&Part::Train) {
            return Err(DataError::unusable(format!(
                "{} rows of `{}` leave none to train on; add rows",
                data.len(),
                data.name
            )));
        }
        Ok(split)
    }
    /// Row indices of a part, rising.
    pub fn rows(&self, part: Part) -> Vec<usize> {
        (0..self.parts.len()).filter(|&r| self.parts[r] == part).collect()
    }
    /// The training rows of a table.
    ///
    /// # Panics
    /// If the table is not of as many rows as the split.
    pub fn train_table(&self, table: &Table) -> Train<Table> {
        let rows = self.rows(Part::Train);
        Train { value: table.select(&rows), rows }
    }
    /// The training rows' target.
    ///
    /// # Panics
    /// If the target is not of as many rows as the split.
    pub fn train_target(&self, target: &Target) -> Train<Target> {
        let rows = self.rows(Part::Train);
        Train { value: target.select(&rows), rows }
    }
    /// What a user should know of the parts: classes that one of them lacks. Of a part without rows
    /// nothing is said, since only the caller knows whether it was asked for.
    pub fn warnings(&self, data: &Dataset) -> Vec<String> {
        let Target::Classes { labels, codes, .. } = &data.target else { return Vec::new() };
        let mut warnings = Vec::new();
        for part in [Part::Train, Part::Validation, Part::Test] {
            let rows = self.rows(part);
            if rows.is_empty() {
                continue;
            }
            let mut seen = vec![false; labels.len()];
            rows.iter().for_each(|&r| seen[codes[r] as usize] = true);
            let lacking: Vec<&String> =
                labels.iter().zip(&seen).filter(|(_, seen)| !**seen).map(|(l, _)| l).collect();
            if !lacking.is_empty() {
                let (part, list) = (part.name(), listed(&lacking, 5));
                warnings.push(format!("no {part} example of {list}: too few rows of it"));
            }
        }
        warnings
    }
    /// `row,part` lines with a header; the row is its name (path or number).
    pub fn to_csv(&self, data: &Dataset) -> String {
        let mut text = String::from("row,part\n");
        for (row, part) in self.parts.iter().enumerate() {
            let name = data.row_name(row);
            if name.contains(['"', ',', '\n', '\r']) || name.trim() != name {
                text.push('"');
                text.push_str(&name.replace('"', "\"\""));
                text.push('"');
            } else {
                text.push_str(&name);
            }
            text.push(',');
            text.push_str(part.name());
            text.push('\n');
        }
        text
    }
    /// Reads what [`Split::to_csv`] wrote for the same data; `path` only names it in messages.
    ///
    /// # Errors
    /// Lines that are not such a split, or rows that are not those of `data` in their order.
    pub fn from_csv(path: &Path, text: &str, data: &Dataset) -> Result<Split, DataError> {
        let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let mut parts = Vec::with_capacity(data.len());
        for (row, record) in reader.records().enumerate() {
            let record = record.map_err(|e| {
                let line = e.position().map_or(0, ::csv::Position::line);
                DataError::malformed(path, format!("line {line}"), e.to_string())
            })?;
            let place = format!("line {}", record.position().map_or(0, ::csv::Position::line));
            let (name, part) = (record.get(0).unwrap_or(""), record.get(1).unwrap_or(""));
            if row >= data.len() || name != data.row_name(row) {
                let what = format!(
                    "`{}` is not the row of the data at this place: a split of other data",
                    shown(name)
                );
                return Err(DataError::malformed(path, place, what));
            }
            let known = [Part::Train, Part::Validation, Part::Test];
            let Some(part) = known.into_iter().find(|p| p.name() == part) else {
                let what = format!("part `{}`; it must be train, validation or test", shown(part));
                return Err(DataError::malformed(path, place, what));
            };
            parts.push(part);
        }
        if parts.len() != data.len() {
            let what = format!("{} rows where the data have {}", parts.len(), data.len());
            return Err(DataError::malformed(path, "end", what));
        }
        Ok(Split { parts })
    }
}

fn check_classes(data: &Dataset) -> Result<(), DataError> {
    if data.is_empty() {
        return Err(DataError::unusable(format!("`{}` holds no rows", data.name)));
    }
    if let Target::Classes { name, codes, labels } = &data.target {
        let first = codes.first().copied();
        if codes.iter().all(|c| Some(*c) == first) {
            let only = first.and_then(|c| labels.get(c as usize)).map_or("", String::as_str);
            return Err(DataError::unusable(format!(
                "every row of `{}` is of one class, `{}` (target `{name}`): there is nothing \
                 to tell apart; add examples of another class",
                data.name,
                shown(only)
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
