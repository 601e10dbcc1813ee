//! Which rows train, which choose the model, which test it. How single rows are drawn: `draw`;
//! whole groups of rows: `groups`; by time: `time`; folds of a cross-validation: `folds`; as a
//! file: `file`.

mod draw;
mod file;
mod folds;
mod groups;
mod time;

pub use file::Saved;
pub(crate) use file::cell;
pub use folds::Folds;
pub use groups::Groups;

use crate::words::{listed, shown};
use crate::{DataError, Dataset, Table, Target};
use serde::{Deserialize, Serialize};

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
    /// In no part: left out, as copies of other rows are if they are to be dropped.
    Unused,
}

impl Part {
    /// Every part, that of the rows left out too.
    pub const ALL: [Part; 4] = [Part::Train, Part::Validation, Part::Test, Part::Unused];

    /// `train`, `validation`, `test`, `unused`.
    pub fn name(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Validation => "validation",
            Part::Test => "test",
            Part::Unused => "unused",
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
        check_shares(validation, test)?;
        check_classes(data)?;
        let split = Split { parts: draw::parts(&data.target, &data.parts, validation, test, seed) };
        split.can_train(data)?;
        Ok(split)
    }
    /// The same, but all rows of a group are in one part: groups are given out one by one, the
    /// largest first, to the part that lacks most of what the group holds. Parts are as near to
    /// their shares as the sizes of groups allow: none is larger by more than a group. A group with
    /// rows whose part the source fixes follows them.
    ///
    /// # Errors
    /// Those of [`Split::new`]; fewer groups than parts; a group of which the source fixes rows to
    /// two parts.
    pub fn grouped(
        data: &Dataset,
        groups: &Groups,
        validation: f64,
        test: f64,
        seed: u64,
    ) -> Result<Split, DataError> {
        check_shares(validation, test)?;
        check_classes(data)?;
        let parts = groups.parts(data, &data.parts, validation, test, seed)?;
        let split = Split { parts };
        split.can_train(data)?;
        Ok(split)
    }
    /// The oldest rows train, later ones validate, the newest test. `column` holds numbers, or dates
    /// (words among them where none leaves day and month open). Rows of one time stay in one part, so
    /// shares are met as nearly as that allows. Rows whose part the source fixes keep it, whatever
    /// their time.
    ///
    /// # Errors
    /// Those of [`Split::new`]; no such column, times that are missing or cannot be put in order,
    /// fewer different times than parts.
    pub fn by_time(
        data: &Dataset,
        column: &str,
        validation: f64,
        test: f64,
    ) -> Result<Split, DataError> {
        check_shares(validation, test)?;
        check_classes(data)?;
        let split = Split { parts: time::parts(data, column, validation, test)? };
        split.can_train(data)?;
        Ok(split)
    }
    /// Whether there is a row to train on.
    ///
    /// # Errors
    /// If there is none.
    pub fn can_train(&self, data: &Dataset) -> Result<(), DataError> {
        if self.parts.contains(&Part::Train) {
            return Ok(());
        }
        Err(DataError::unusable(format!(
            "{} rows of `{}` leave none to train on; add rows",
            data.len(),
            data.name
        )))
    }
    /// Row indices of a part, rising.
    pub fn rows(&self, part: Part) -> Vec<usize> {
        // Counted first: a growing vector takes up to three times the memory of its end.
        let mut rows = Vec::with_capacity(self.parts.iter().filter(|p| **p == part).count());
        rows.extend((0..self.parts.len()).filter(|&r| self.parts[r] == part));
        rows
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
        let (Target::Classes { labels, .. } | Target::Labels { labels, .. }) = &data.target else {
            return Vec::new();
        };
        let mut warnings = Vec::new();
        for part in [Part::Train, Part::Validation, Part::Test] {
            let rows = self.rows(part);
            if rows.is_empty() {
                continue;
            }
            let seen = data.target.counts(rows.into_iter());
            let lacking: Vec<&String> =
                labels.iter().zip(&seen).filter(|(_, seen)| **seen == 0).map(|(l, _)| l).collect();
            if !lacking.is_empty() {
                let (part, list) = (part.name(), listed(&lacking, 5));
                warnings.push(format!("no {part} example of {list}: too few rows of it"));
            }
        }
        warnings
    }
}

fn check_shares(validation: f64, test: f64) -> Result<(), DataError> {
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
    Ok(())
}

fn check_classes(data: &Dataset) -> Result<(), DataError> {
    if data.is_empty() {
        return Err(DataError::unusable(format!("`{}` holds no rows", data.name)));
    }
    if let Target::Labels { name, .. } = &data.target
        && (1..data.len()).all(|row| data.target.equal(row, 0))
    {
        return Err(DataError::unusable(format!(
            "every row of `{}` has the same labels (target `{name}`): there is nothing to tell apart",
            data.name
        )));
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
mod laws;
#[cfg(test)]
mod tests;
