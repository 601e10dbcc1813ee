//! Medians, spreads and ratios. Rounds are few and the machine is shared, so nothing here is a mean or assumes a
//! distribution.

use super::worker::Report;

/// What a round's value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Examples a second.
    Rate,
    /// 10⁹ floating-point operations a second, of products of so many operations.
    Gflops(f64),
    /// Microseconds of the median call: less is better.
    Micros,
}

impl Measure {
    /// The value of a round.
    pub fn value(self, report: &Report) -> f64 {
        match self {
            Measure::Rate => report.examples / report.seconds,
            Measure::Gflops(operations) => operations * report.examples / report.seconds / 1e9,
            Measure::Micros => report.p50.unwrap_or(f64::NAN),
        }
    }

    /// How many times as good the first is as the second.
    pub fn ratio(self, ours: f64, theirs: f64) -> f64 {
        match self {
            Measure::Rate | Measure::Gflops(_) => ours / theirs,
            Measure::Micros => theirs / ours,
        }
    }

    /// Of the value.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Rate => "examples/s",
            Measure::Gflops(_) => "GFLOP/s",
            Measure::Micros => "µs",
        }
    }
}

/// The middle value, or the mean of the two in the middle; NaN of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]),
    }
}

/// Least and largest.
pub fn spread(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// Ratios of pairs: value `i` of a peer ran between rounds `before[i]` and `before[i] + 1` of ours, and is held
/// against their mean, so that a drift of the machine between hours, or within minutes, cancels.
pub fn ratios(measure: Measure, ours: &[f64], theirs: &[(usize, f64)]) -> Vec<f64> {
    let near = |before: usize| match (ours.get(before), ours.get(before + 1)) {
        (Some(a), Some(b)) => 0.5 * (a + b),
        (Some(a), None) | (None, Some(a)) => *a,
        (None, None) => f64::NAN,
    };
    theirs.iter().map(|&(before, value)| measure.ratio(near(before), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
        assert_eq!(spread(&[2.0, 1.0, 3.0]), (1.0, 3.0));
    }

    #[test]
    fn values_by_measure() {
        let report =
            Report { seconds: 2.0, examples: 100.0, loss: None, p50: Some(7.0), p99: None };
        assert_eq!(Measure::Rate.value(&report), 50.0);
        assert_eq!(Measure::Gflops(4e9).value(&report), 200.0);
        assert_eq!(Measure::Micros.value(&report), 7.0);
    }

    #[test]
    fn ratios_are_of_neighbours() {
        // The machine halves its speed after the first pair: the ratio does not move.
        let ours = [100.0, 100.0, 50.0, 50.0];
        assert_eq!(ratios(Measure::Rate, &ours, &[(0, 50.0), (2, 25.0)]), [2.0, 2.0]);
        assert_eq!(ratios(Measure::Rate, &ours, &[(1, 75.0), (3, 50.0)]), [1.0, 1.0]);
        assert_eq!(ratios(Measure::Micros, &[10.0, 10.0], &[(0, 30.0)]), [3.0]);
        assert!(ratios(Measure::Rate, &[], &[(0, 1.0)])[0].is_nan());
    }
}
