//! Fitting the encoder of one column on training rows, or finding why the column is of no use.

use super::picture::{self, Pictures};
use super::{Numbers, Plan, numbers};
use crate::date;
use crate::pipeline::{Dates, Encoder};
use crate::{Column, DataError, Field, Kind, MISSING};

/// Below this many rows a column of all different words, or one that counts the rows, may be
/// chance.
const MIN_ROWS_TO_JUDGE: usize = 20;
/// A category column may have this many different words at most.
const MAX_WORDS: usize = 10_000;

/// What came of a column.
pub(super) enum Fitted {
    Useful(Encoder),
    /// Why not.
    Useless(String),
    /// Its numbers rise by one from row to row, as an identifier's do.
    RowNumber(Encoder),
}

/// Fits one column on its rows `at`, or on all of it; `places` say where each of them stood in the
/// whole data set. Pixels are looked at where they lie: a copy of them may not fit into memory.
pub(super) fn column(
    plan: &Plan,
    field: &Field,
    column: &Column,
    at: Option<&[usize]>,
    places: &[usize],
) -> Result<Fitted, DataError> {
    let column = match (column, at) {
        // Values are shared, so this is no copy of them.
        (Column::Pixels { .. }, _) | (_, None) => column.clone(),
        (_, Some(rows)) => column.select(rows),
    };
    Ok(match (column, field.kind) {
        (Column::Number(values), Kind::Date(_)) => dates(&values, &field.name)?,
        (Column::Number(values), _) => {
            number(plan.numbers_of(&field.name), values.into_vec(), places, &field.name)?
        }
        (Column::Category { levels, codes }, Kind::Boolean) => boolean(&levels, &codes),
        (Column::Category { levels, codes }, _) => category(plan, &levels, &codes),
        (Column::Pixels { shape, bytes }, _) => {
            let pictures = Pictures { shape, bytes: &bytes, at };
            match picture::features(plan.features, shape) {
                None => pictures.pixels(plan.pixels),
                Some(set) => pictures.features(plan, set, &field.name)?,
            }
        }
    })
}

/// Mean and population deviation of finite values, each summed in order.
pub(super) fn moments(values: &[f64], name: &str) -> Result<(f64, f64), DataError> {
    let n = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    if !mean.is_finite() || !variance.is_finite() {
        let what = format!("numbers of column `{name}` are too large to standardise; rescale them");
        return Err(DataError::unusable(what));
    }
    // Equal values differ from their mean by its rounding only.
    let constant = values.iter().all(|v| Some(v) == values.first());
    Ok((mean, if constant { 0.0 } else { variance.sqrt() }))
}

fn number(how: Numbers, values: Vec<f64>, rows: &[usize], name: &str) -> Result<Fitted, DataError> {
    let (all, offset) = (values.len(), values[0] - rows[0] as f64);
    let counts = rows.len() >= MIN_ROWS_TO_JUDGE
        && values.iter().zip(rows).all(|(v, &row)| v - row as f64 == offset && v.fract() == 0.0);
    let mut present = values;
    present.retain(|v| !v.is_nan());
    if present.is_empty() {
        return Ok(Fitted::Useless("every value is missing".into()));
    }
    let missing = present.len() < all;
    let (mean, deviation) = moments(&present, name)?;
    if deviation == 0.0 && !missing {
        return Ok(Fitted::Useless("every value is the same".into()));
    }
    let encoder = numbers::encoder(how, name, present, (mean, deviation), missing)?;
    Ok(if counts { Fitted::RowNumber(encoder) } else { Fitted::Useful(encoder) })
}

fn dates(values: &[f64], name: &str) -> Result<Fitted, DataError> {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let first = present.iter().copied().fold(f64::INFINITY, f64::min);
    if present.is_empty() {
        return Ok(Fitted::Useless("every value is missing".into()));
    }
    let days: Vec<f64> = present.iter().map(|v| (v - first) / date::DAY).collect();
    let years: Vec<f64> = present.iter().map(|v| date::parts(*v).year as f64).collect();
    let parts: Vec<date::Parts> = present.iter().map(|v| date::parts(*v)).collect();
    let differ = |part: fn(&date::Parts) -> f64| parts.iter().any(|p| part(p) != part(&parts[0]));
    let dates = Dates {
        first,
        year: moments(&years, name)?,
        days: moments(&days, name)?,
        month: differ(|p| f64::from(p.month)),
        weekday: differ(|p| f64::from(p.weekday)),
        hour: differ(|p| p.second_of_day),
        indicator: present.len() < values.len(),
    };
    Ok(match dates.width() {
        0 => Fitted::Useless("every value is the same".into()),
        _ => Fitted::Useful(Encoder::Date(dates)),
    })
}

fn boolean(levels: &[String], codes: &[u32]) -> Fitted {
    let counts = counts(levels, codes);
    let missing = codes.contains(&MISSING);
    if counts.iter().filter(|c| **c > 0).count() < 2 && !missing {
        return Fitted::Useless("every value is the same".into());
    }
    if counts.iter().all(|c| *c == 0) {
        return Fitted::Useless("every value is missing".into());
    }
    Fitted::Useful(Encoder::Boolean { indicator: missing })
}

fn counts(levels: &[String], codes: &[u32]) -> Vec<usize> {
    let mut counts = vec![0; levels.len()];
    codes.iter().filter(|c| **c != MISSING).for_each(|&c| counts[c as usize] += 1);
    counts
}

fn category(plan: &Plan, levels: &[String], codes: &[u32]) -> Fitted {
    let counts = counts(levels, codes);
    let mut seen: Vec<(usize, &String)> =
        counts.iter().copied().zip(levels).filter(|(n, _)| *n > 0).collect();
    let missing = codes.contains(&MISSING);
    let (rows, words) = (codes.len(), seen.len());
    if words == 0 {
        return Fitted::Useless("every value is missing".into());
    }
    if words == 1 && !missing {
        return Fitted::Useless("every value is the same".into());
    }
    if rows >= MIN_ROWS_TO_JUDGE && words * 2 > rows || words > MAX_WORDS {
        return Fitted::Useless(format!("{words} different words in {rows} training rows"));
    }
    // Most frequent first, equals by their bytes: independent of the order of the rows.
    seen.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    // In a column of two words even a seldom one is what the column says.
    let least = if words == 2 { 1 } else { plan.min_count };
    let kept = seen.iter().take(plan.max_levels).take_while(|(n, _)| *n >= least).count();
    let sorted = |some: &[(usize, &String)]| {
        let mut words: Vec<String> = some.iter().map(|(_, word)| (*word).clone()).collect();
        words.sort();
        words
    };
    let (levels, rare) = (sorted(&seen[..kept]), sorted(&seen[kept..]));
    if levels.is_empty() && !missing {
        return Fitted::Useless(format!("no word occurs {least} times"));
    }
    Fitted::Useful(Encoder::Category { levels, rare, missing })
}
