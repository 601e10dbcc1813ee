//! One column: what it holds, and why it has its kind.

use crate::words::shown;
use crate::{Column, Field, Kind, MISSING};

/// Words that are counted one by one.
const TOP: usize = 10;
/// Below this many rows a column of all different values may be chance.
const LEAST_ROWS: usize = 20;

/// What a column holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Why it has that kind, in words.
    pub why: String,
    /// Cells that hold nothing.
    pub missing: usize,
    /// Different values, a missing one not among them; 0 for pictures.
    pub distinct: usize,
    /// What is odd about it.
    pub remark: Option<Remark>,
    /// Its values.
    pub values: Values,
}

/// What makes a column of little use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Every cell is missing.
    Empty,
    /// Every cell is the same.
    Constant,
    /// Its numbers rise by one from row to row.
    RowNumber,
    /// More than half of its words, or all of its whole numbers, are different.
    AllDifferent,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers.
    Numbers(Numbers),
    /// The most frequent words with their counts, at most ten.
    Words(Vec<(String, usize)>),
    /// Pictures: mean and deviation of each channel's bytes.
    Pixels(Vec<(f64, f64)>),
}

/// Of those cells that are not missing; all NaN where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// The least.
    pub minimum: f64,
    /// What a quarter, a half and three quarters of the values do not exceed; between two values
    /// in proportion, as NumPy has it.
    pub quartiles: [f64; 3],
    /// The greatest.
    pub maximum: f64,
    /// The mean.
    pub mean: f64,
    /// The population deviation.
    pub deviation: f64,
    /// Whether all are whole.
    pub whole: bool,
}

impl Remark {
    /// Whether the column only names rows.
    pub fn names_rows(self) -> bool {
        matches!(self, Remark::RowNumber | Remark::AllDifferent)
    }
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Remark::Empty => "every cell is missing",
            Remark::Constant => "every cell is the same",
            Remark::RowNumber => "it only numbers the rows",
            Remark::AllDifferent => "most values are different, as names and numbers of rows are",
        }
    }
    /// As one word.
    pub fn word(self) -> &'static str {
        match self {
            Remark::Empty => "empty",
            Remark::Constant => "constant",
            Remark::RowNumber => "row-number",
            Remark::AllDifferent => "all-different",
        }
    }
}

pub(super) fn profile(field: &Field, column: &Column) -> ColumnProfile {
    let (name, kind) = (field.name.clone(), field.kind);
    let profile = match column {
        Column::Number(values) => number(name, kind, values),
        Column::Category { levels, codes } => words(name, kind, levels, codes),
        Column::Pixels { shape, bytes } => {
            let values = Values::Pixels(channels(shape.channels as usize, bytes));
            let why = "files of pictures".into();
            ColumnProfile { name, kind, why, missing: 0, distinct: 0, remark: None, values }
        }
    };
    column.forget();
    profile
}

fn number(name: String, kind: Kind, values: &[f64]) -> ColumnProfile {
    let mut present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let missing = values.len() - present.len();
    let n = present.len() as f64;
    let mean = present.iter().sum::<f64>() / n;
    let variance = present.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    let whole = present.iter().all(|v| v.fract() == 0.0);
    let counts = |pair: &[f64]| pair[1] - pair[0] == 1.0;
    let rising = whole && missing == 0 && values.windows(2).all(counts);
    present.sort_unstable_by(f64::total_cmp);
    let distinct = present.chunk_by(|a, b| a == b).count();
    let quantile = |share: f64| {
        let at = share * (n - 1.0);
        let (low, part) = (at.floor().max(0.0) as usize, at.fract());
        let low_value = present.get(low).copied().unwrap_or(f64::NAN);
        let next = present.get(low + 1).copied().unwrap_or(low_value);
        low_value + (next - low_value) * part
    };
    let many = values.len() >= LEAST_ROWS;
    let remark = match () {
        () if present.is_empty() => Some(Remark::Empty),
        () if distinct == 1 && missing == 0 => Some(Remark::Constant),
        // Of dates that is what they are for.
        () if matches!(kind, Kind::Date(_)) => None,
        () if many && rising => Some(Remark::RowNumber),
        () if many && whole && distinct == values.len() => Some(Remark::AllDifferent),
        () => None,
    };
    let numbers = Numbers {
        minimum: quantile(0.0),
        quartiles: [quantile(0.25), quantile(0.5), quantile(0.75)],
        maximum: present.last().copied().unwrap_or(f64::NAN),
        mean,
        deviation: variance.sqrt(),
        whole,
    };
    let what = match kind {
        Kind::Date(_) => "a date",
        _ if whole => "a whole number",
        _ => "a number",
    };
    let why = match missing {
        _ if present.is_empty() => "no cell says anything else".to_string(),
        0 => format!("every cell is {what}"),
        _ => format!("every cell that is not missing is {what}"),
    };
    let values = Values::Numbers(numbers);
    ColumnProfile { name, kind, why, missing, distinct, remark, values }
}

fn words(name: String, kind: Kind, levels: &[String], codes: &[u32]) -> ColumnProfile {
    let mut counts = vec![0usize; levels.len()];
    codes.iter().filter(|c| **c != MISSING).for_each(|&c| counts[c as usize] += 1);
    let present: usize = counts.iter().sum();
    let missing = codes.len() - present;
    let mut used: Vec<usize> = (0..levels.len()).filter(|&l| counts[l] > 0).collect();
    let distinct = used.len();
    let why = why(kind, levels, &used);
    used.sort_by(|&a, &b| counts[b].cmp(&counts[a]).then(levels[a].cmp(&levels[b])));
    let top = used.iter().take(TOP).map(|&l| (levels[l].clone(), counts[l])).collect();
    let remark = match distinct {
        0 => Some(Remark::Empty),
        1 if missing == 0 => Some(Remark::Constant),
        n if codes.len() >= LEAST_ROWS && n * 2 > codes.len() => Some(Remark::AllDifferent),
        _ => None,
    };
    ColumnProfile { name, kind, why, missing, distinct, remark, values: Values::Words(top) }
}

fn why(kind: Kind, levels: &[String], used: &[usize]) -> String {
    let word = |i: usize| used.get(i).map_or("", |&l| levels[l].as_str());
    match (kind, used.len()) {
        (_, 0) => "no cell says anything else".to_string(),
        (Kind::Boolean, 1) => format!("the only word is `{}`", shown(word(0))),
        (Kind::Boolean, _) => {
            format!("the only words are `{}` and `{}`", shown(word(0)), shown(word(1)))
        }
        _ => {
            let first = used.iter().find(|&&l| levels[l].parse::<f64>().is_err());
            match first {
                Some(&l) => format!("`{}` is no number", shown(&levels[l])),
                None => "its numbers are to be read as words".to_string(),
            }
        }
    }
}

/// Mean and deviation of each channel.
fn channels(channels: usize, bytes: &[u8]) -> Vec<(f64, f64)> {
    let mut sums = vec![(0u64, 0u64); channels];
    for pixel in bytes.chunks_exact(channels.max(1)) {
        for ((sum, squares), byte) in sums.iter_mut().zip(pixel) {
            let v = u64::from(*byte);
            *sum += v;
            *squares += v * v;
        }
    }
    let n = (bytes.len() / channels.max(1)).max(1) as f64;
    let moments = |(sum, squares): (u64, u64)| {
        let mean = sum as f64 / n;
        (mean, (squares as f64 / n - mean * mean).max(0.0).sqrt())
    };
    sums.into_iter().map(moments).collect()
}
