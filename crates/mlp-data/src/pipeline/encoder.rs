//! One column to numbers.

use super::{Dates, Scaling};
use crate::features::FeatureSet;
use crate::{Column, Field, Kind};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Encoded numbers are kept within this many deviations, so that a wild value stays finite in
/// `f32`.
pub(super) const LIMIT: f64 = 1e9;

/// What a column becomes. `missing` inputs are there only where training rows had missing values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Encoder {
    /// `(value − mean) / deviation`, the median where missing; with `indicator` also 1 where
    /// missing, else 0.
    Number {
        /// Of the training values.
        median: f64,
        /// Of the training values.
        mean: f64,
        /// Population deviation; 0 for a constant, which becomes 0.
        deviation: f64,
        /// Whether training rows had missing values.
        indicator: bool,
    },
    /// 1 for true, yes, t, y; −1 for false, no, f, n; 0 where missing; with `indicator` also 1
    /// where missing.
    Boolean {
        /// Whether training rows had missing values.
        indicator: bool,
    },
    /// One input a level, then one for all rare words (if there were any in training), then one for
    /// missing: 1 where it holds, else 0. Exactly two levels and nothing else are one input: −1 for
    /// the first, 1 for the second, 0 for anything else.
    ///
    /// A word that no training row held sets the input for rare words if there is one; else all
    /// inputs of the column stay 0. Either way it is counted in [`Encoded::unseen`].
    ///
    /// [`Encoded::unseen`]: crate::Encoded::unseen
    Category {
        /// Sorted; an input each.
        levels: Vec<String>,
        /// Sorted; words of training rows without an input of their own.
        rare: Vec<String>,
        /// Whether training rows had missing values.
        missing: bool,
    },
    /// `(byte − mean) / deviation`, 0 where the deviation is 0. One pair for all bytes, one a
    /// channel, or one a byte of a picture.
    Pixels {
        /// Of training pictures.
        mean: Vec<f32>,
        /// Of training pictures.
        deviation: Vec<f32>,
    },
    /// A number scaled in another way, the median where missing; with `indicator` also 1 where
    /// missing, else 0.
    Scaled {
        /// Of the training values.
        median: f64,
        /// How, and by what.
        scaling: Scaling,
        /// Whether training rows had missing values.
        indicator: bool,
    },
    /// `(feature − mean) / deviation` of every feature of a picture, 0 where the deviation is 0.
    Features {
        /// Which.
        set: FeatureSet,
        /// One a feature, of training pictures.
        mean: Vec<f32>,
        /// One a feature, of training pictures.
        deviation: Vec<f32>,
    },
    /// Parts of a date.
    Date(Dates),
}

impl Encoder {
    /// Number of inputs; none for pixels, which follow after all others.
    pub fn width(&self) -> usize {
        match self {
            Encoder::Number { indicator, .. }
            | Encoder::Boolean { indicator }
            | Encoder::Scaled { indicator, .. } => 1 + usize::from(*indicator),
            Encoder::Category { .. } if self.is_pair() => 1,
            Encoder::Category { levels, rare, missing } => {
                levels.len() + usize::from(!rare.is_empty()) + usize::from(*missing)
            }
            Encoder::Pixels { .. } => 0,
            Encoder::Features { mean, .. } => mean.len(),
            Encoder::Date(dates) => dates.width(),
        }
    }
    /// Whether this is the one input of two levels.
    pub fn is_pair(&self) -> bool {
        matches!(self, Encoder::Category { levels, rare, missing: false }
            if levels.len() == 2 && rare.is_empty())
    }
    /// The names of its inputs.
    pub(super) fn names(&self, field: &Field, names: &mut Vec<String>) {
        let column = &field.name;
        let before = names.len();
        match self {
            Encoder::Number { .. } | Encoder::Boolean { .. } | Encoder::Scaled { .. } => {
                names.push(column.to_string());
            }
            Encoder::Category { levels, .. } if self.is_pair() => {
                names.push(format!("{column}={}", levels[1]));
            }
            Encoder::Category { levels, rare, .. } => {
                names.extend(levels.iter().map(|level| format!("{column}={level}")));
                if !rare.is_empty() {
                    names.push(format!("{column} is rare"));
                }
            }
            Encoder::Features { set, .. } => {
                if let Kind::Picture(shape) = field.kind {
                    set.names(column, shape, names);
                }
            }
            Encoder::Pixels { .. } => {}
            Encoder::Date(dates) => dates.names(column, names),
        }
        if names.len() - before < self.width() {
            names.push(format!("{column} is missing"));
        }
    }
    /// Writes the inputs of a range of a column at `at` into rows of `width`, which are 0. Returns how many rows
    /// held a word that no training row had.
    pub(super) fn encode(
        &self,
        column: &Column,
        range: Range<usize>,
        kind: Kind,
        into: &mut [f32],
        width: usize,
        at: usize,
    ) -> usize {
        let rows = into.chunks_exact_mut(width.max(1)).map(|row| &mut row[at..]);
        match (self, column) {
            (Encoder::Number { median, mean, deviation, indicator }, Column::Number(values)) => {
                let scaled = |v: f64| match *deviation > 0.0 {
                    true => ((v - mean) / deviation).clamp(-LIMIT, LIMIT) as f32,
                    false => 0.0,
                };
                numbers(rows, &values[range], *median, *indicator, scaled)
            }
            (Encoder::Scaled { median, scaling, indicator }, Column::Number(values)) => {
                numbers(rows, &values[range], *median, *indicator, |v| scaling.apply(v))
            }
            (Encoder::Date(dates), Column::Number(values)) => {
                rows.zip(&values[range]).for_each(|(row, &v)| dates.encode(v, row));
                0
            }
            (_, Column::Category { levels, codes }) => {
                let (map, missing): (Vec<Word>, _) = match (self, kind) {
                    (Encoder::Boolean { indicator }, _) => {
                        let missing = if *indicator { Word::One(1) } else { Word::Zero };
                        (levels.iter().map(|l| truth(l)).collect(), missing)
                    }
                    _ => (levels.iter().map(|l| self.word(l)).collect(), self.word_missing()),
                };
                let mut unseen = 0;
                for (row, &code) in rows.zip(&codes[range]) {
                    let word = map.get(code as usize).copied().unwrap_or(missing);
                    match word {
                        Word::One(i) => row[i] = 1.0,
                        Word::MinusOne => row[0] = -1.0,
                        Word::Zero => {}
                        Word::Unseen(i) => {
                            unseen += 1;
                            if let Some(i) = i {
                                row[i] = 1.0;
                            }
                        }
                    }
                }
                unseen
            }
            // `Pipeline::find` and `Pipeline::check` leave no other pair.
            _ => 0,
        }
    }
    fn word(&self, word: &str) -> Word {
        let Encoder::Category { levels, rare, .. } = self else { return Word::Zero };
        let sorted = |words: &[String]| words.binary_search_by(|w| w.as_str().cmp(word)).ok();
        match sorted(levels) {
            Some(0) if self.is_pair() => Word::MinusOne,
            Some(_) if self.is_pair() => Word::One(0),
            Some(i) => Word::One(i),
            None if rare.is_empty() => Word::Unseen(None),
            None if sorted(rare).is_some() => Word::One(levels.len()),
            None => Word::Unseen(Some(levels.len())),
        }
    }
    fn word_missing(&self) -> Word {
        match self {
            Encoder::Category { levels, rare, missing: true } => {
                Word::One(levels.len() + usize::from(!rare.is_empty()))
            }
            _ => Word::Zero,
        }
    }
}

/// Writes numbers; no word of theirs is new.
fn numbers<'a>(
    rows: impl Iterator<Item = &'a mut [f32]>,
    values: &[f64],
    median: f64,
    indicator: bool,
    scaled: impl Fn(f64) -> f32,
) -> usize {
    for (row, &v) in rows.zip(values) {
        row[0] = scaled(if v.is_nan() { median } else { v });
        if indicator && v.is_nan() {
            row[1] = 1.0;
        }
    }
    0
}

/// What a word sets.
#[derive(Clone, Copy)]
enum Word {
    /// The input of that index to 1.
    One(usize),
    /// The first input to −1.
    MinusOne,
    /// Nothing.
    Zero,
    /// Never seen in training: the rare input, if there is one.
    Unseen(Option<usize>),
}

/// Whether a word is true or false.
pub(crate) fn is_truth(word: &str) -> bool {
    !matches!(truth(word), Word::Unseen(_))
}

/// Whether a word means yes or no; `None` for any other.
pub(crate) fn truth_of(word: &str) -> Option<bool> {
    match truth(word) {
        Word::One(_) => Some(true),
        Word::MinusOne => Some(false),
        _ => None,
    }
}

/// A boolean word; `1` and `0` count too, since a file may write them where another has true and
/// false.
fn truth(word: &str) -> Word {
    let is = |words: [&str; 5]| words.iter().any(|w| word.eq_ignore_ascii_case(w));
    match () {
        () if is(["true", "yes", "t", "y", "1"]) => Word::One(0),
        () if is(["false", "no", "f", "n", "0"]) => Word::MinusOne,
        () => Word::Unseen(None),
    }
}
