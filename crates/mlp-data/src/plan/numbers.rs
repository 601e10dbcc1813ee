//! Fitting the scaling of a column of numbers on its training values.

use super::Numbers;
use super::fit::moments;
use crate::DataError;
use crate::pipeline::{Encoder, Scaling, log1p};

/// Most quantiles of a column: those of scikit-learn's `QuantileTransformer`.
const QUANTILES: usize = 1000;

/// The encoder of a column, of which `values` are those that are there, in the order of the rows, at
/// least one; with the column's mean and deviation.
pub(super) fn encoder(
    how: Numbers,
    name: &str,
    values: Vec<f64>,
    (mean, deviation): (f64, f64),
    indicator: bool,
) -> Result<Encoder, DataError> {
    // Summed in the order of the rows, before they are sorted.
    let logs = match how {
        Numbers::Log1p => moments(&values.iter().map(|v| log1p(*v)).collect::<Vec<_>>(), name)?,
        _ => (0.0, 0.0),
    };
    let mut sorted = values;
    // Equal values have equal bits, so their order among themselves is none.
    sorted.sort_unstable_by(f64::total_cmp);
    let sorted = &sorted[..];
    let middle = sorted.len() / 2;
    let median = match sorted.len() % 2 {
        1 => sorted[middle],
        _ => sorted[middle - 1] / 2.0 + sorted[middle] / 2.0,
    };
    let (least, largest) = (sorted[0], sorted[sorted.len() - 1]);
    let scaling = match how {
        Numbers::Standard => return Ok(Encoder::Number { median, mean, deviation, indicator }),
        Numbers::None => Scaling::Raw,
        Numbers::MinMax => Scaling::MinMax { least, range: largest - least },
        Numbers::Robust => {
            let between = at(sorted, 0.75) - at(sorted, 0.25);
            let spread = if between > 0.0 { between } else { 0.5 * (largest - least) };
            let factor = 1.0 / spread;
            Scaling::Robust { centre: median, factor: if spread > 0.0 { factor } else { 0.0 } }
        }
        Numbers::QuantileNormal => {
            let count = sorted.len().min(QUANTILES);
            let place = |i: usize| i as f64 / (count - 1).max(1) as f64;
            let mut quantiles: Vec<f64> = (0..count).map(|i| at(sorted, place(i))).collect();
            // Interpolation may fall back by a rounding where values are equal.
            (1..count).for_each(|i| quantiles[i] = quantiles[i].max(quantiles[i - 1]));
            Scaling::Quantile { quantiles }
        }
        Numbers::Log1p => Scaling::Log { mean: logs.0, deviation: logs.1 },
    };
    scaling.check().map_err(|_| {
        let what = format!("numbers of column `{name}` are too near or too far apart to scale");
        DataError::unusable(format!("{what}; rescale them, or choose --numbers standard"))
    })?;
    Ok(Encoder::Scaled { median, scaling, indicator })
}

/// The quantile of sorted values at a place from 0 to 1, interpolated as NumPy's `percentile` does.
fn at(sorted: &[f64], place: f64) -> f64 {
    let last = sorted.len() - 1;
    let index = place * last as f64;
    let low = (index.floor() as usize).min(last);
    let (a, b, t) = (sorted[low], sorted[(low + 1).min(last)], index - low as f64);
    if t < 0.5 { a + (b - a) * t } else { b - (b - a) * (1.0 - t) }
}
