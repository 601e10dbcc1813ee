//! The kind of a column from its cells.

use super::cells;
use super::layout::Layout;
use crate::words::shown;
use crate::{DataError, Kind};
use std::path::Path;

/// What the cells of a column could still be.
struct Seen {
    number: bool,
    /// `Some(None)`: every cell so far was missing.
    boolean: Option<Option<usize>>,
    /// The first infinite number: its line and text.
    infinite: Option<(u64, String)>,
}

impl Seen {
    fn look(&mut self, cell: &str, line: u64) {
        if !self.number && self.boolean.is_none() || cells::is_missing(cell) {
            return;
        }
        if self.number {
            match cells::number(cell) {
                Some(v) if v.is_infinite() && self.infinite.is_none() => {
                    self.infinite = Some((line, cell.to_string()));
                }
                Some(_) => {}
                None => self.number = false,
            }
        }
        self.boolean = match (self.boolean, cells::boolean_pair(cell)) {
            (Some(None), pair @ Some(_)) => Some(pair),
            (Some(Some(known)), Some(pair)) if pair == known => Some(Some(pair)),
            _ => None,
        };
    }
}

/// Settles the kinds that are not given.
///
/// # Errors
/// A ragged row; an infinite value in a column of numbers.
pub(super) fn kinds(path: &Path, text: &str, layout: &Layout) -> Result<Vec<Kind>, DataError> {
    let mut seen: Vec<Seen> = layout
        .wanted
        .iter()
        .map(|_| Seen { number: true, boolean: Some(None), infinite: None })
        .collect();
    let open: Vec<usize> = (0..seen.len()).filter(|&i| layout.wanted[i].kind.is_none()).collect();
    layout.each(path, text, |record, line| {
        for &i in &open {
            seen[i].look(record[layout.wanted[i].index].trim(), line);
        }
        Ok(())
    })?;
    let kind = |(wanted, seen): (&super::layout::Wanted, &Seen)| match (wanted.kind, seen.number) {
        (Some(kind), _) => Ok(kind),
        (None, true) => match &seen.infinite {
            Some((line, cell)) => Err(infinite(path, *line, &wanted.name, cell)),
            None => Ok(Kind::Number),
        },
        (None, false) if seen.boolean.is_some() => Ok(Kind::Boolean),
        (None, false) => Ok(Kind::Category),
    };
    layout.wanted.iter().zip(&seen).map(kind).collect()
}

/// The error for an infinite number.
pub(super) fn infinite(path: &Path, line: u64, column: &str, cell: &str) -> DataError {
    let what = format!(
        "`{}` is not a finite number; correct it, or leave the cell empty if it is unknown",
        shown(cell)
    );
    DataError::malformed(path, format!("line {line}, column `{column}`"), what)
}
