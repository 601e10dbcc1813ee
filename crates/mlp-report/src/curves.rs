//! Curves and bins computed from answers and truth: ROC, precision and recall, calibration, histograms. Drawing them is
//! `plot`'s.

use crate::Point;

/// Bins of a reliability diagram.
pub const BINS: usize = 10;

/// Scores of one class against the rest, sorted from the highest: the positives and negatives at each different score.
fn steps(scores: &[f64], positive: &[bool]) -> Vec<(f64, f64)> {
    let mut pairs: Vec<(f64, bool)> =
        scores.iter().copied().zip(positive.iter().copied()).collect();
    pairs.retain(|(score, _)| score.is_finite());
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let count = |run: &[(f64, bool)]| {
        let hits = run.iter().filter(|pair| pair.1).count() as f64;
        (hits, run.len() as f64 - hits)
    };
    pairs.chunk_by(|a, b| a.0 == b.0).map(count).collect()
}

/// The ROC curve: false positive rate and true positive rate for every threshold, from (0, 0) to (1, 1). Empty where
/// only one class occurs.
pub fn roc(scores: &[f64], positive: &[bool]) -> Vec<Point> {
    let steps = steps(scores, positive);
    let total = steps.iter().fold((0.0, 0.0), |sum, step| (sum.0 + step.0, sum.1 + step.1));
    if total.0 == 0.0 || total.1 == 0.0 {
        return Vec::new();
    }
    let (mut hits, mut false_alarms) = (0.0, 0.0);
    let mut curve = vec![(0.0, 0.0)];
    for (positives, negatives) in steps {
        (hits, false_alarms) = (hits + positives, false_alarms + negatives);
        curve.push((false_alarms / total.1, hits / total.0));
    }
    curve
}

/// Precision over recall for every threshold, recall rising; and the average precision, the sum of precisions weighted
/// with the steps of recall (as scikit-learn's `average_precision_score`). `None` where no positive occurs.
pub fn precision_recall(scores: &[f64], positive: &[bool]) -> Option<(Vec<Point>, f64)> {
    let steps = steps(scores, positive);
    let total: f64 = steps.iter().map(|step| step.0).sum();
    if total == 0.0 {
        return None;
    }
    let (mut hits, mut shown, mut average) = (0.0, 0.0, 0.0);
    let mut curve: Vec<Point> = Vec::with_capacity(steps.len() + 1);
    for (positives, negatives) in steps {
        (hits, shown) = (hits + positives, shown + positives + negatives);
        let precision = hits / shown;
        average += precision * positives / total;
        if curve.is_empty() {
            curve.push((0.0, precision));
        }
        curve.push((hits / total, precision));
    }
    Some((curve, average))
}

/// Answers of like confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CalibrationBin {
    /// Mean confidence.
    pub confidence: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// How many answers.
    pub count: usize,
}

/// Confidences against how often they are right, in ten bins of equal width (empty ones left out), and the expected
/// calibration error: the mean distance of the two, weighted with the number of answers (Guo et al., "On calibration of
/// modern neural networks", 2017).
pub fn calibration(confidence: &[f64], right: &[bool]) -> (Vec<CalibrationBin>, f64) {
    let mut sums = [(0.0, 0usize, 0usize); BINS];
    for (&confidence, &right) in confidence.iter().zip(right) {
        if confidence.is_finite() {
            let bin = ((confidence * BINS as f64) as usize).min(BINS - 1);
            let sum = &mut sums[bin];
            *sum = (sum.0 + confidence, sum.1 + usize::from(right), sum.2 + 1);
        }
    }
    let all: usize = sums.iter().map(|sum| sum.2).sum();
    let bin = |&(confidence, right, count): &(f64, usize, usize)| CalibrationBin {
        confidence: confidence / count as f64,
        accuracy: right as f64 / count as f64,
        count,
    };
    let bins: Vec<CalibrationBin> = sums.iter().filter(|sum| sum.2 > 0).map(bin).collect();
    let weighted = |bin: &CalibrationBin| {
        (bin.confidence - bin.accuracy).abs() * bin.count as f64 / all as f64
    };
    let error = bins.iter().map(weighted).sum();
    (bins, error)
}

/// Wilson's 95 % interval of a share of so many.
pub fn wilson(share: f64, count: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if count == 0 {
        return (0.0, 1.0);
    }
    let n = count as f64;
    let centre = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
}

/// How many of the values lie in each of `bins` intervals of equal width between two ends, `(left, right, count)`. The
/// last includes its right end; values outside are not counted.
pub fn bins(values: &[f64], (low, high): (f64, f64), bins: usize) -> Vec<(f64, f64, f64)> {
    let bins = bins.max(1);
    let wide = (high - low) / bins as f64;
    let mut counts = vec![0u64; bins];
    for &value in values {
        if value >= low && value <= high && wide > 0.0 {
            counts[(((value - low) / wide) as usize).min(bins - 1)] += 1;
        }
    }
    let edge = |i: usize| if i == bins { high } else { low + i as f64 * wide };
    counts.iter().enumerate().map(|(i, &n)| (edge(i), edge(i + 1), n as f64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The area below a curve of points by trapezoids.
    fn area(curve: &[Point]) -> f64 {
        curve.windows(2).map(|p| (p[1].0 - p[0].0) * (p[1].1 + p[0].1) / 2.0).sum()
    }

    #[test]
    fn roc_of_a_known_case() {
        // scikit-learn's documentation of `roc_curve`: the area is 0.75.
        let curve = roc(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]);
        assert_eq!(curve, [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
        assert_eq!(area(&curve), 0.75);
        assert!(roc(&[0.5, 0.6], &[true, true]).is_empty());
    }

    #[test]
    fn average_precision_of_a_known_case() {
        // scikit-learn's documentation of `average_precision_score`: 0.8333….
        let (curve, average) =
            precision_recall(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true]).unwrap();
        assert!((average - 0.833_333_333).abs() < 1e-8, "{average}");
        assert_eq!(curve[0], (0.0, 1.0));
        assert!(precision_recall(&[0.5], &[false]).is_none());
    }

    #[test]
    fn calibration_of_sure_answers() {
        let (bins, error) = calibration(&[1.0, 1.0, 1.0, 1.0], &[true, true, true, false]);
        assert_eq!(bins, [CalibrationBin { confidence: 1.0, accuracy: 0.75, count: 4 }]);
        assert_eq!(error, 0.25);
        assert_eq!(calibration(&[], &[]), (Vec::new(), 0.0));
    }

    #[test]
    fn intervals_hold_their_share() {
        // Its ends are the shares from which the found one is just 1.96 standard errors away.
        let (low, high) = wilson(0.9, 10);
        for end in [low, high] {
            let error = (end * (1.0 - end) / 10.0).sqrt();
            assert!(((0.9 - end).abs() / error - 1.959_963_985).abs() < 1e-8, "{low} {high}");
        }
        assert_eq!(wilson(0.0, 0), (0.0, 1.0));
        assert_eq!(wilson(1.0, 5).1, 1.0);
    }

    #[test]
    fn bins_hold_every_value_inside() {
        let bins = bins(&[0.0, 0.5, 1.0, 2.0, f64::NAN], (0.0, 1.0), 2);
        assert_eq!(bins, [(0.0, 0.5, 1.0), (0.5, 1.0, 2.0)]);
    }

    proptest! {
        #[test]
        fn roc_rises_from_corner_to_corner(cells in prop::collection::vec((0u8..20, any::<bool>()), 2..200)) {
            let scores: Vec<f64> = cells.iter().map(|c| f64::from(c.0)).collect();
            let truth: Vec<bool> = cells.iter().map(|c| c.1).collect();
            let curve = roc(&scores, &truth);
            prop_assert_eq!(curve.is_empty(), truth.iter().all(|t| *t) || !truth.contains(&true));
            if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
                prop_assert_eq!((*first, *last), ((0.0, 0.0), (1.0, 1.0)));
                prop_assert!(curve.windows(2).all(|p| p[0].0 <= p[1].0 && p[0].1 <= p[1].1));
            }
        }
    }
}
