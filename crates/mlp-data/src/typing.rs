//! Typed columns from the cells of files that are not CSV: what a column holds, by the rules of
//! [`crate::csv`], and how its cells are stored. A value of JSON, NumPy or Parquet that is text
//! counts as the CSV cell of that text, so that one table gives one model whatever its format.

use crate::columns::Wanted;
use crate::csv::cells;
use crate::date::{self, Spotter, Verdict};
use crate::words::shown;
use crate::{Column, DataError, DateOrder, Kind, MISSING};
use std::collections::HashMap;
use std::path::Path;

/// Where cells stand: names a place by what the reader counts, lines or rows.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) path: &'a Path,
    /// `line` or `row`.
    pub(crate) unit: &'static str,
}

impl Place<'_> {
    fn bad(&self, at: u64, column: &str, what: String) -> DataError {
        let place = format!("{} {at}, column `{column}`", self.unit);
        DataError::malformed(self.path, place, what)
    }
}

/// What the cells of a column could still be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Cells that are not missing.
    present: u64,
    /// Of them, those that are no numbers.
    words: u64,
    first_word: Option<(u64, String)>,
    /// Whether all cells so far are of one pair of truth words; which.
    pair: Option<usize>,
    no_pair: bool,
    dates: Spotter,
    no_date: Option<(u64, String)>,
    infinite: Option<(u64, String)>,
}

impl Seen {
    /// Looks at a cell that stands `times` in the column, first `at`.
    pub(crate) fn look(&mut self, cell: &str, at: u64, times: u64) {
        if cells::is_missing(cell) {
            return;
        }
        self.present += times;
        let keep = |first: &mut Option<(u64, String)>| {
            if first.as_ref().is_none_or(|(before, _)| *before > at) {
                *first = Some((at, cell.to_string()));
            }
        };
        let number = cells::number(cell);
        if number.is_none() {
            self.words += times;
            keep(&mut self.first_word);
        } else if number.is_some_and(f64::is_infinite) {
            keep(&mut self.infinite);
        }
        if number.is_some() || !self.dates.look(cell, times) {
            keep(&mut self.no_date);
        }
        if !self.no_pair {
            let pair = cells::boolean_pair(cell);
            self.no_pair = pair.is_none() || self.pair.is_some_and(|known| Some(known) != pair);
            self.pair = pair;
        }
    }

    /// Looks at coded texts; rows are counted from 1.
    fn look_all(&mut self, levels: &[String], codes: &[u32]) {
        let mut first = vec![(0u64, 0u64); levels.len()];
        for (row, &code) in codes.iter().enumerate().filter(|(_, c)| **c != MISSING) {
            let (at, times) = &mut first[code as usize];
            *at = if *times == 0 { row as u64 + 1 } else { *at };
            *times += 1;
        }
        let all = levels.iter().zip(&first).filter(|(_, (_, times))| *times > 0);
        all.for_each(|(level, (at, times))| self.look(level.trim(), *at, *times));
    }

    /// The kind of a column that is not given. Where `classes`, a target is of words whatever it
    /// holds. What a user should know goes to the notes.
    ///
    /// # Errors
    /// An infinite value or a seldom word in a column of numbers or dates.
    pub(crate) fn kind(
        &self,
        place: Place<'_>,
        wanted: &Wanted,
        target: bool,
        classes: bool,
        notes: &mut Vec<String>,
    ) -> Result<Kind, DataError> {
        let name = wanted.name.as_str();
        if let Some(kind) = wanted.kind {
            return Ok(kind);
        }
        match (self.dates.verdict(self.present, wanted.date), &self.no_date) {
            _ if target => {}
            (Verdict::Dates(order), _) => {
                notes.extend(self.dates.note(name));
                return Ok(Kind::Date(order));
            }
            (Verdict::Slip, Some((at, cell))) => {
                return Err(place.bad(*at, name, date::misfit(cell, name)));
            }
            (Verdict::Contradiction, _) => {
                return Err(DataError::malformed(place.path, "dates", date::contradiction(name)));
            }
            _ => {}
        }
        match (&self.first_word, &self.infinite) {
            (None, Some((at, cell))) => Err(place.bad(*at, name, infinite(cell))),
            (None, None) => Ok(Kind::Number),
            (Some((at, cell)), _) if self.slips() && !(target && classes) => {
                Err(place.bad(*at, name, self.slip(cell, target)))
            }
            (Some(_), _) if !self.no_pair && self.pair.is_some() => Ok(Kind::Boolean),
            (Some(_), _) => Ok(Kind::Category),
        }
    }

    /// Whether words are so few that they are slips.
    fn slips(&self) -> bool {
        cells::are_slips(self.words, self.present)
    }

    fn slip(&self, cell: &str, target: bool) -> String {
        let more = match self.words - 1 {
            0 => String::new(),
            1 => " (nor is one more value)".into(),
            n => format!(" (nor are {n} more values)"),
        };
        let hint = if target {
            "; if the target's values are classes, say --task classification"
        } else {
            ""
        };
        format!(
            "`{}` is not a number{more}, but the other {} values of this column are; correct it, or \
             leave it empty if it is unknown{hint}",
            shown(cell),
            self.present - self.words,
        )
    }
}

fn infinite(cell: &str) -> String {
    format!(
        "`{}` is not a finite number; correct it, or leave it empty if it is unknown",
        shown(cell)
    )
}

/// A column in the making.
pub(crate) enum Builder {
    Number(Vec<f64>),
    Date(DateOrder, Vec<f64>),
    Words(Words),
}

/// Words by the order of their first appearance.
pub(crate) struct Words {
    known: HashMap<String, u32>,
    levels: Vec<String>,
    codes: Vec<u32>,
    /// `Yes` and `yes` are one level.
    boolean: bool,
    missing: fn(&str) -> bool,
}

impl Builder {
    /// Of a kind; a label has fewer words for missing.
    pub(crate) fn new(kind: Kind, label: bool) -> Builder {
        match kind {
            Kind::Number => Builder::Number(Vec::new()),
            Kind::Date(order) => Builder::Date(order, Vec::new()),
            Kind::Boolean | Kind::Category | Kind::Picture(_) => {
                let boolean = kind == Kind::Boolean;
                let label = label && !boolean;
                Builder::Words(Words {
                    known: HashMap::new(),
                    levels: Vec::new(),
                    codes: Vec::new(),
                    boolean,
                    missing: if label { cells::is_missing_label } else { cells::is_missing },
                })
            }
        }
    }
    /// Takes the next cell; else says what is wrong with it.
    pub(crate) fn push(&mut self, cell: &str, column: &str) -> Result<(), String> {
        match self {
            Builder::Words(words) => words.push(cell),
            Builder::Number(values) => match cells::number(cell) {
                Some(v) if v.is_finite() => values.push(v),
                None if cells::is_missing(cell) => values.push(f64::NAN),
                Some(_) => return Err(infinite(cell)),
                None => {
                    return Err(format!(
                        "`{}` is not a number, which this column must hold; correct it, or leave it \
                         empty if it is unknown",
                        shown(cell)
                    ));
                }
            },
            Builder::Date(order, values) => match date::parse(cell, *order) {
                Some(seconds) => values.push(seconds),
                None if cells::is_missing(cell) => values.push(f64::NAN),
                None => return Err(date::misfit(cell, column)),
            },
        }
        Ok(())
    }
    /// Takes coded texts; else says in which row, from 0, what is wrong.
    fn push_all(
        &mut self,
        levels: &[String],
        codes: &[u32],
        column: &str,
    ) -> Result<(), (usize, String)> {
        // Each text is read once.
        let mut known = vec![None; levels.len()];
        for (row, &code) in codes.iter().enumerate() {
            let value = known.get(code as usize).copied().flatten();
            if let (Builder::Number(all) | Builder::Date(_, all), Some(value)) = (&mut *self, value)
            {
                all.push(value);
                continue;
            }
            let cell = levels.get(code as usize).map_or("", |l| l.trim());
            self.push(cell, column).map_err(|what| (row, what))?;
            if let (Builder::Number(all) | Builder::Date(_, all), Some(slot)) =
                (&*self, known.get_mut(code as usize))
            {
                *slot = all.last().copied();
            }
        }
        Ok(())
    }
    /// How many cells were taken.
    pub(crate) fn len(&self) -> usize {
        match self {
            Builder::Number(values) | Builder::Date(_, values) => values.len(),
            Builder::Words(words) => words.codes.len(),
        }
    }
    /// The column.
    pub(crate) fn finish(self) -> Column {
        match self {
            Builder::Number(values) | Builder::Date(_, values) => Column::Number(values.into()),
            Builder::Words(words) => {
                Column::Category { levels: words.levels, codes: words.codes.into() }
            }
        }
    }
}

impl Words {
    fn push(&mut self, cell: &str) {
        if (self.missing)(cell) {
            self.codes.push(MISSING);
            return;
        }
        if let Some(&code) = self.known.get(cell) {
            self.codes.push(code);
            return;
        }
        let mut same = self.levels.iter().take_while(|_| self.boolean);
        let code = match same.position(|level| level.eq_ignore_ascii_case(cell)) {
            Some(code) => code,
            None => {
                self.levels.push(cell.to_string());
                self.levels.len() - 1
            }
        } as u32;
        self.known.insert(cell.to_string(), code);
        self.codes.push(code);
    }
}

/// A column whose values are known as numbers, dates or texts, brought to the kind that is wanted
/// or found by its texts.
pub(crate) enum Raw {
    /// NaN is missing.
    Numbers(Vec<f64>),
    /// Seconds since 1970, NaN is missing.
    #[cfg_attr(not(any(test, feature = "parquet")), expect(dead_code))]
    Dates(Vec<f64>),
    /// Texts by first appearance, and one code a row; [`MISSING`] is missing.
    Texts(Vec<String>, Vec<u32>),
}

impl Raw {
    /// The column and its kind. Rows are counted from 1 in errors.
    ///
    /// # Errors
    /// A value that is not of the kind, with its row; what [`Seen::kind`] finds.
    pub(crate) fn typed(
        self,
        place: Place<'_>,
        wanted: &Wanted,
        target: bool,
        classes: bool,
        notes: &mut Vec<String>,
    ) -> Result<(Kind, Column), DataError> {
        let name = wanted.name.as_str();
        if let Raw::Numbers(values) | Raw::Dates(values) = &self
            && let Some(row) = values.iter().position(|v| v.is_infinite())
        {
            return Err(place.bad(row as u64 + 1, name, infinite(&values[row].to_string())));
        }
        let (levels, codes) = match (self, wanted.kind) {
            (Raw::Texts(levels, codes), _) => (levels, codes),
            (Raw::Numbers(values), None) if !wanted.date => {
                return Ok((Kind::Number, Column::Number(values.into())));
            }
            (Raw::Dates(values), None) if !target => {
                return Ok((Kind::Date(DateOrder::YearFirst), Column::Number(values.into())));
            }
            (Raw::Numbers(values), Some(kind @ Kind::Number))
            | (Raw::Dates(values), Some(kind @ Kind::Date(_))) => {
                return Ok((kind, Column::Number(values.into())));
            }
            // As in a cell: a number is no date, nor a date a number.
            (Raw::Numbers(values), _) => texts(&values, |v| (v + 0.0).to_string()),
            (Raw::Dates(values), _) => texts(&values, date::format),
        };
        let mut seen = Seen::default();
        if wanted.kind.is_none() {
            seen.look_all(&levels, &codes);
        }
        let kind = seen.kind(place, wanted, target, classes, notes)?;
        let mut builder = Builder::new(kind, target);
        builder
            .push_all(&levels, &codes, name)
            .map_err(|(row, what)| place.bad(row as u64 + 1, name, what))?;
        Ok((kind, builder.finish()))
    }
}

/// Numbers as texts by first appearance.
fn texts(values: &[f64], word: impl Fn(f64) -> String) -> (Vec<String>, Vec<u32>) {
    let mut levels = Vec::new();
    let mut known: HashMap<u64, u32> = HashMap::new();
    let code = |v: &f64| {
        if v.is_nan() {
            return MISSING;
        }
        *known.entry((v + 0.0).to_bits()).or_insert_with(|| {
            levels.push(word(*v));
            levels.len() as u32 - 1
        })
    };
    let codes = values.iter().map(code).collect();
    (levels, codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_no_date_and_a_date_no_number() {
        let date = Kind::Date(DateOrder::YearFirst);
        let place = Place { path: Path::new("f"), unit: "row" };
        let typed = |raw: Raw, kind: Option<Kind>, date: bool| {
            let wanted = Wanted { index: 0, name: "c".into(), kind, date };
            raw.typed(place, &wanted, false, false, &mut Vec::new()).map_err(|e| e.to_string())
        };
        let (numbers, dates) =
            (|| Raw::Numbers(vec![f64::NAN, 5.0]), || Raw::Dates(vec![f64::NAN, 86_400.0]));
        let same = Column::Number(vec![f64::NAN, 86_400.0].into());
        for (kind, must) in [(None, false), (None, true), (Some(date), false)] {
            let (kind, column) = typed(dates(), kind, must).unwrap();
            assert_eq!((kind, format!("{column:?}")), (date, format!("{same:?}")));
        }
        assert_eq!(typed(numbers(), Some(Kind::Number), false).unwrap().0, Kind::Number);
        for (result, says) in [
            (typed(numbers(), None, true), "row 2, column `c`: `5` is not a date"),
            (typed(numbers(), Some(date), false), "row 2, column `c`: `5` is not a date"),
            (typed(dates(), Some(Kind::Number), false), "`1970-01-02` is not a number"),
        ] {
            let error = result.unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
