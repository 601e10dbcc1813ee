//! Fitting the encoder of one column on training rows, or finding why the column is of no use.

use super::{Numbers, PixelScaling, Plan, numbers};
use crate::pipeline::Encoder;
use crate::{Column, DataError, Field, Kind, MISSING, PictureShape};

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
    let selected;
    let column = match (column, at) {
        (Column::Pixels { .. }, _) | (_, None) => column,
        (_, Some(rows)) => {
            selected = column.select(rows);
            &selected
        }
    };
    Ok(match (column, field.kind) {
        (Column::Number(values), _) => {
            number(plan.numbers_of(&field.name), values, places, &field.name)?
        }
        (Column::Category { levels, codes }, Kind::Boolean) => boolean(levels, codes),
        (Column::Category { levels, codes }, _) => category(plan, levels, codes),
        (Column::Pixels { shape, bytes }, _) => pixels(plan.pixels, *shape, bytes, at),
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

fn number(how: Numbers, values: &[f64], rows: &[usize], name: &str) -> Result<Fitted, DataError> {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    if present.is_empty() {
        return Ok(Fitted::Useless("every value is missing".into()));
    }
    let missing = present.len() < values.len();
    let (mean, deviation) = moments(&present, name)?;
    if deviation == 0.0 && !missing {
        return Ok(Fitted::Useless("every value is the same".into()));
    }
    let encoder = numbers::encoder(how, name, present, (mean, deviation), missing)?;
    let offset = values[0] - rows[0] as f64;
    let counts = rows.len() >= MIN_ROWS_TO_JUDGE
        && values.iter().zip(rows).all(|(v, &row)| v - row as f64 == offset && v.fract() == 0.0);
    Ok(if counts { Fitted::RowNumber(encoder) } else { Fitted::Useful(encoder) })
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

fn pixels(
    scaling: PixelScaling,
    shape: PictureShape,
    bytes: &[u8],
    at: Option<&[usize]>,
) -> Fitted {
    let period = match scaling {
        PixelScaling::Unit => {
            return Fitted::Useful(Encoder::Pixels { mean: vec![0.0], deviation: vec![255.0] });
        }
        PixelScaling::Standard => shape.channels as usize,
        PixelScaling::PerPixel => shape.len(),
    };
    // Sums of bytes and of their squares are exact in u64 up to 2.8e14 pixels.
    let mut sums = vec![(0u64, 0u64); period];
    let mut add = |pictures: &[u8]| {
        for group in pictures.chunks_exact(period) {
            for ((sum, squares), byte) in sums.iter_mut().zip(group) {
                let v = u64::from(*byte);
                *sum += v;
                *squares += v * v;
            }
        }
        (pictures.len() / period) as u64
    };
    let size = shape.len();
    let n: u64 = match at {
        None => add(bytes),
        Some(rows) => rows.iter().map(|&r| add(&bytes[r * size..(r + 1) * size])).sum(),
    };
    let moments = |(sum, squares): &(u64, u64)| {
        // n²·variance as an exact integer.
        let scaled = u128::from(n) * u128::from(*squares) - u128::from(*sum) * u128::from(*sum);
        ((*sum as f64 / n as f64) as f32, ((scaled as f64).sqrt() / n as f64) as f32)
    };
    let (mean, deviation): (Vec<f32>, Vec<f32>) = sums.iter().map(moments).unzip();
    if deviation.iter().all(|d| *d == 0.0) {
        return Fitted::Useless("all training pictures are alike".into());
    }
    Fitted::Useful(Encoder::Pixels { mean, deviation })
}
