//! Splits and folds as CSV: a line a row, which begins with the row's name. `row,part` for a split;
//! `row,fold` for folds, with a third column `group` where groups of rows stay together.

use super::{Folds, Part, Split};
use crate::words::shown;
use crate::{DataError, Dataset};
use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

/// What a file of parts holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// The part of every row.
    Split(Split),
    /// The fold of every row.
    Folds(Folds),
}

impl Split {
    /// `row,part` lines with a header; the row is its name (path or number).
    pub fn to_csv(&self, data: &Dataset) -> String {
        let mut bytes = Vec::new();
        // Memory takes everything.
        let _ = self.write_csv(data, &mut bytes);
        String::from_utf8(bytes).unwrap_or_default()
    }
    /// Writes what [`Split::to_csv`] gives, a line at a time.
    ///
    /// # Errors
    /// Those of `into`.
    pub fn write_csv(&self, data: &Dataset, into: &mut dyn Write) -> std::io::Result<()> {
        into.write_all(b"row,part\n")?;
        for (row, part) in self.parts.iter().enumerate() {
            writeln!(into, "{},{}", cell(&data.row_name(row)), part.name())?;
        }
        Ok(())
    }
    /// Reads what [`Split::to_csv`] wrote for the same data; `path` only names it in messages.
    ///
    /// # Errors
    /// Lines that are not such a split, or rows that are not those of `data` in their order.
    pub fn from_csv(path: &Path, text: &str, data: &Dataset) -> Result<Split, DataError> {
        let mut parts = Vec::with_capacity(data.len());
        lines(path, text, data, |place, record| {
            let word = record.get(1).unwrap_or("");
            let Some(part) = Part::ALL.into_iter().find(|p| p.name() == word) else {
                let what =
                    format!("part `{}`; it must be train, validation, test or unused", shown(word));
                return Err(DataError::malformed(path, place, what));
            };
            parts.push(part);
            Ok(())
        })?;
        Ok(Split { parts })
    }
}

impl Folds {
    /// `row,fold` lines with a header, folds counted from 1; or `row,fold,group`.
    pub fn to_csv(&self, data: &Dataset) -> String {
        let grouped = self.groups.is_some();
        let mut text = String::from(if grouped { "row,fold,group\n" } else { "row,fold\n" });
        for (row, fold) in self.folds.iter().enumerate() {
            text.push_str(&cell(&data.row_name(row)));
            text.push_str(&format!(",{}", fold + 1));
            if let Some(groups) = &self.groups {
                text.push_str(&format!(",{}", groups[row] + 1));
            }
            text.push('\n');
        }
        text
    }
}

impl Saved {
    /// Reads what [`Split::to_csv`] or [`Folds::to_csv`] wrote for the same data; `path` only names
    /// it in messages.
    ///
    /// # Errors
    /// Lines that are neither, or rows that are not those of `data` in their order.
    pub fn from_csv(path: &Path, text: &str, data: &Dataset) -> Result<Saved, DataError> {
        let header = text.lines().next().unwrap_or("").trim_start_matches('\u{feff}').trim();
        match header {
            "row,part" => Split::from_csv(path, text, data).map(Saved::Split),
            "row,fold" => folds(path, text, data, false).map(Saved::Folds),
            "row,fold,group" => folds(path, text, data, true).map(Saved::Folds),
            other => Err(DataError::malformed(
                path,
                "line 1",
                format!(
                    "`{}`, where a split begins with `row,part` or `row,fold`; make one with \
                     `mlp data split`",
                    shown(other)
                ),
            )),
        }
    }
}

fn folds(path: &Path, text: &str, data: &Dataset, grouped: bool) -> Result<Folds, DataError> {
    let (mut folds, mut groups) = (Vec::with_capacity(data.len()), Vec::new());
    let mut count = 0;
    // A number beyond the rows would make tables of its size.
    let most = u32::try_from(data.len()).unwrap_or(u32::MAX);
    lines(path, text, data, |place, record| {
        let number = |i: usize, what: &str| {
            let word = record.get(i).unwrap_or("");
            let number = word.parse().ok().filter(|n: &u32| (1..=most).contains(n));
            number.ok_or_else(|| {
                let what = format!("{what} `{}`; it must be a number from 1", shown(word));
                DataError::malformed(path, &*place, what)
            })
        };
        let fold = number(1, "fold")?;
        count = count.max(fold);
        folds.push(fold - 1);
        if grouped {
            groups.push(number(2, "group")? - 1);
        }
        Ok(())
    })?;
    Ok(Folds { folds, count, groups: grouped.then_some(groups) })
}

/// Calls `see` with the place and the fields of every line but the header.
fn lines(
    path: &Path,
    text: &str,
    data: &Dataset,
    mut see: impl FnMut(String, &::csv::StringRecord) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let mut record = ::csv::StringRecord::new();
    let mut row = 0;
    loop {
        let more = reader.read_record(&mut record).map_err(|e| {
            let line = e.position().map_or(0, ::csv::Position::line);
            DataError::malformed(path, format!("line {line}"), e.to_string())
        })?;
        if !more {
            break;
        }
        let place = format!("line {}", record.position().map_or(0, ::csv::Position::line));
        let name = record.get(0).unwrap_or("");
        if row >= data.len() || name != data.row_name(row) {
            let what = format!(
                "`{}` is not the row of the data at this place: a split of other data",
                shown(name)
            );
            return Err(DataError::malformed(path, place, what));
        }
        see(place, &record)?;
        row += 1;
    }
    if row != data.len() {
        let what = format!("{row} rows where the data have {}: a split of other data", data.len());
        return Err(DataError::malformed(path, "end", what));
    }
    Ok(())
}

/// A name as a cell, quoted where it must be.
pub(crate) fn cell(name: &str) -> Cow<'_, str> {
    match name.contains(['"', ',', '\n', '\r']) || name.trim() != name {
        true => Cow::Owned(format!("\"{}\"", name.replace('"', "\"\""))),
        false => Cow::Borrowed(name),
    }
}
