//! The kind of a column from its cells.

use super::cells;
use super::layout::Layout;
use crate::columns::Wanted;
use crate::date::{self, Spotter, Verdict};
use crate::words::shown;
use crate::{DataError, DateOrder, Kind};
use csv::StringRecord;
use std::path::Path;

/// What the cells of a column could still be.
#[derive(Default)]
pub(super) struct Seen {
    /// Cells that are not missing.
    present: u64,
    /// Of them, those that are no numbers; the first of these: its line and text.
    words: u64,
    first_word: Option<(u64, String)>,
    boolean: Boolean,
    dates: Spotter,
    /// The first cell that is no date: its line and text.
    no_date: Option<(u64, String)>,
    /// The first infinite number: its line and text.
    infinite: Option<(u64, String)>,
}

/// Whether all cells so far are of one pair of truth words.
#[derive(Clone, Copy, Default)]
enum Boolean {
    #[default]
    NoneSeen,
    Pair(usize),
    No,
}

impl Boolean {
    fn join(&mut self, later: Boolean) {
        *self = match (*self, later) {
            (Boolean::NoneSeen, other) | (other, Boolean::NoneSeen) => other,
            (Boolean::Pair(a), Boolean::Pair(b)) if a == b => Boolean::Pair(a),
            _ => Boolean::No,
        };
    }
}

impl Seen {
    /// `count` equal cells, the first of them on `line`.
    pub(super) fn look(&mut self, cell: &str, line: u64, count: u64) {
        if cells::is_missing(cell) {
            return;
        }
        self.present += count;
        let keep = |first: &mut Option<(u64, String)>| {
            first.get_or_insert_with(|| (line, cell.to_string()));
        };
        match cells::number(cell) {
            Some(v) if v.is_infinite() => {
                keep(&mut self.infinite);
                keep(&mut self.no_date);
            }
            Some(_) => keep(&mut self.no_date),
            None => {
                self.words += count;
                keep(&mut self.first_word);
                if !self.dates.look(cell, count) {
                    keep(&mut self.no_date);
                }
            }
        }
        self.boolean.join(cells::boolean_pair(cell).map_or(Boolean::No, Boolean::Pair));
    }
    /// So many finite numbers.
    pub(super) fn numbers(&mut self, count: u64) {
        self.present += count;
        if count > 0 {
            self.boolean = Boolean::No;
        }
    }
    /// What a later block saw, which begins after so many lines.
    pub(super) fn merge(&mut self, later: Seen, lines: u64) {
        let moved = |first: Option<(u64, String)>| first.map(|(line, cell)| (line + lines, cell));
        self.present += later.present;
        self.words += later.words;
        self.first_word = self.first_word.take().or(moved(later.first_word));
        self.infinite = self.infinite.take().or(moved(later.infinite));
        self.no_date = self.no_date.take().or(moved(later.no_date));
        self.dates.merge(&later.dates);
        self.boolean.join(later.boolean);
    }
    /// Whether it is a column of numbers so far.
    pub(super) fn is_numeric(&self) -> bool {
        self.words == 0
    }
    /// The first word, if words are so few that they are slips.
    fn slip(&self) -> Option<&(u64, String)> {
        self.first_word.as_ref().filter(|_| cells::are_slips(self.words, self.present))
    }
    /// The order of the column's dates, if it is of dates.
    fn dates(
        &self,
        path: &Path,
        wanted: &Wanted,
        target: bool,
    ) -> Result<Option<DateOrder>, DataError> {
        if target {
            return Ok(None);
        }
        match (self.dates.verdict(self.present, wanted.date), &self.no_date) {
            (Verdict::Dates(order), _) => Ok(Some(order)),
            (Verdict::Slip, Some((line, cell))) => {
                let place = format!("line {line}, column `{}`", wanted.name);
                Err(DataError::malformed(path, place, date::misfit(cell, &wanted.name)))
            }
            (Verdict::Contradiction, _) => {
                Err(DataError::malformed(path, "dates", date::contradiction(&wanted.name)))
            }
            _ => Ok(None),
        }
    }
}

/// A guess at the kinds that are not given, from the first rows.
pub(super) fn guess(layout: &Layout, head: &[StringRecord]) -> Vec<Kind> {
    let rows = &head[usize::from(layout.header).min(head.len())..];
    let numeric = |index: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(index));
        cells.all(|cell| cells::is_missing(cell) || cells::number(cell).is_some())
    };
    // Of what must be dates every cell is looked at.
    let guessed = |w: &Wanted| match numeric(w.index) && !w.date {
        true => Kind::Number,
        false => Kind::Category,
    };
    layout.wanted.iter().map(|w| w.kind.unwrap_or_else(|| guessed(w))).collect()
}

/// Settles the kinds that are not given from all cells, and what a user should know of them. Where
/// `classes`, the target is of words whatever it holds.
///
/// # Errors
/// An infinite value or a seldom word in a column of numbers or dates.
pub(super) fn kinds(
    path: &Path,
    layout: &Layout,
    seen: &[Seen],
    classes: bool,
) -> Result<(Vec<Kind>, Vec<String>), DataError> {
    let mut notes = Vec::new();
    let mut kind = |(i, seen): (usize, &Seen)| {
        let wanted = &layout.wanted[i];
        let target = layout.target == Some(i);
        if let (None, Some(order)) = (wanted.kind, seen.dates(path, wanted, target)?) {
            notes.extend(seen.dates.note(&wanted.name));
            return Ok(Kind::Date(order));
        }
        match (wanted.kind, &seen.first_word) {
            (Some(kind), _) => Ok(kind),
            (None, None) => match &seen.infinite {
                Some((line, cell)) => Err(infinite(path, *line, &wanted.name, cell)),
                None => Ok(Kind::Number),
            },
            (None, Some(_)) => match seen.slip().filter(|_| !(target && classes)) {
                Some((line, cell)) => {
                    let hint = match (target, *line == 1 && !layout.header) {
                        (_, true) => "; if line 1 names the columns, say --header yes",
                        (true, _) => {
                            "; if the target's values are classes, say --task classification"
                        }
                        (false, _) => "",
                    };
                    Err(slip(path, *line, &wanted.name, cell, seen, hint))
                }
                None if matches!(seen.boolean, Boolean::Pair(_)) => Ok(Kind::Boolean),
                None => Ok(Kind::Category),
            },
        }
    };
    let kinds = seen.iter().enumerate().map(&mut kind).collect::<Result<_, _>>()?;
    Ok((kinds, notes))
}

/// The error for a word in a column that is otherwise of numbers.
fn slip(path: &Path, line: u64, column: &str, cell: &str, seen: &Seen, hint: &str) -> DataError {
    let more = match seen.words - 1 {
        0 => String::new(),
        1 => " (nor is one more cell)".into(),
        n => format!(" (nor are {n} more cells)"),
    };
    let what = format!(
        "`{}` is not a number{more}, but the other {} cells of this column are; correct it, or \
         leave the cell empty if it is unknown{hint}",
        shown(cell),
        seen.present - seen.words,
    );
    DataError::malformed(path, format!("line {line}, column `{column}`"), what)
}

/// The error for an infinite number.
pub(super) fn infinite(path: &Path, line: u64, column: &str, cell: &str) -> DataError {
    let what = format!(
        "`{}` is not a finite number; correct it, or leave the cell empty if it is unknown",
        shown(cell)
    );
    DataError::malformed(path, format!("line {line}, column `{column}`"), what)
}
