//! Ways to scale a column of numbers other than by mean and deviation. How they are fitted:
//! [`crate::plan`].

use super::encoder::LIMIT;
use mlp_tensor::math;
use serde::{Deserialize, Serialize};

/// Numbers that are not scaled are kept within this, so that they stay finite in `f32`.
const RAW_LIMIT: f64 = 1e30;
/// Quantiles closer to an end than this share count as being so close to it, as in scikit-learn:
/// the normal distribution has no end.
const TAIL: f64 = 1e-7;

/// What becomes of a number of a column; all values are of the training rows. Results are kept
/// within ±10⁹, unscaled numbers within ±10³⁰.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Scaling {
    /// The number itself.
    Raw,
    /// `(value − least) / range`, 0 where the range is 0: the training values from 0 to 1.
    MinMax {
        /// The least value.
        least: f64,
        /// The largest less the least.
        range: f64,
    },
    /// `u / √(1 + (u/3)²)` of `u = (value − centre) · factor`: between −3 and 3, and nearly `u` in
    /// the middle. RealMLP's robust scale and smooth clip (Holzmüller, Grinsztajn, Steinwart, "Better
    /// by Default", 2024, arXiv 2407.04491).
    Robust {
        /// The median.
        centre: f64,
        /// One over the distance of the quartiles; where that is 0, two over the range; where that
        /// is 0 too, 0.
        factor: f64,
    },
    /// The normal deviate of the value's place among the training values, as scikit-learn's
    /// `QuantileTransformer(output_distribution="normal")`: the place is interpolated between
    /// quantiles, the middle of its places where a value is several quantiles; 0 and 1 at and beyond
    /// the ends, which become ±5.199, the deviates of 10⁻⁷ and 1 − 10⁻⁷. 0 where all are equal.
    Quantile {
        /// Values at equally spaced places from 0 to 1, the least and the largest among them.
        quantiles: Vec<f64>,
    },
    /// `(sign(value) · ln(1 + |value|) − mean) / deviation`, 0 where the deviation is 0.
    Log {
        /// Of the logarithms.
        mean: f64,
        /// Of the logarithms; of the population.
        deviation: f64,
    },
}

/// `sign(v) · ln(1 + |v|)`
pub(crate) fn log1p(v: f64) -> f64 {
    math::ln_1p(v.abs()).copysign(v)
}

impl Scaling {
    /// The scaled value of a number that is not missing.
    pub fn apply(&self, v: f64) -> f32 {
        let ratio = |above: f64, below: f64| if below > 0.0 { above / below } else { 0.0 };
        let scaled = match self {
            Scaling::Raw => return v.clamp(-RAW_LIMIT, RAW_LIMIT) as f32,
            Scaling::MinMax { least, range } => ratio(v - least, *range),
            Scaling::Robust { centre, factor } => clipped((v - centre) * factor),
            Scaling::Quantile { quantiles } => deviate(quantiles, v),
            Scaling::Log { mean, deviation } => ratio(log1p(v) - mean, *deviation),
        };
        scaled.clamp(-LIMIT, LIMIT) as f32
    }

    /// What is wrong with values read from a file.
    pub(crate) fn check(&self) -> Result<(), String> {
        let fits = match self {
            Scaling::Raw => true,
            Scaling::MinMax { least, range: size }
            | Scaling::Robust { centre: least, factor: size }
            | Scaling::Log { mean: least, deviation: size } => {
                least.is_finite() && size.is_finite() && *size >= 0.0
            }
            Scaling::Quantile { quantiles } => {
                let finite = quantiles.iter().all(|q| q.is_finite());
                !quantiles.is_empty() && finite && quantiles.is_sorted()
            }
        };
        if fits { Ok(()) } else { Err("numbers of its scaling that are none".into()) }
    }
}

/// The smooth clip. Far out the square would overflow where its limit, ±3, is near.
fn clipped(u: f64) -> f64 {
    let third = u / 3.0;
    if third.abs() > 1e9 { 3.0f64.copysign(u) } else { u / (1.0 + third * third).sqrt() }
}

/// The normal deviate of a value's place among quantiles, of which there is at least one.
fn deviate(quantiles: &[f64], v: f64) -> f64 {
    let last = quantiles.len() - 1;
    if quantiles[0] == quantiles[last] {
        return 0.0;
    }
    let place = if v <= quantiles[0] {
        0.0
    } else if v >= quantiles[last] {
        1.0
    } else {
        // `below` of them are less than the value, `up_to` at most as large.
        let below = quantiles.partition_point(|q| *q < v);
        let up_to = quantiles.partition_point(|q| *q <= v);
        let index = if below < up_to {
            0.5 * (below + up_to - 1) as f64
        } else {
            let (low, high) = (quantiles[below - 1], quantiles[below]);
            (below - 1) as f64 + (v - low) / (high - low)
        };
        index / last as f64
    };
    // Not the deviate of 1 − TAIL, so that the scale is odd.
    let end = -math::normal_quantile(TAIL);
    math::normal_quantile(place).clamp(-end, end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        assert_eq!(Scaling::Raw.apply(-7.25), -7.25);
        assert!(Scaling::Raw.apply(f64::MAX).is_finite());
        assert_eq!(Scaling::MinMax { least: 2.0, range: 4.0 }.apply(3.0), 0.25);
        assert_eq!(Scaling::MinMax { least: 2.0, range: 0.0 }.apply(3.0), 0.0);
        let robust = Scaling::Robust { centre: 1.0, factor: 3.0 };
        assert_eq!(robust.apply(2.0), (3.0f64 / 2.0f64.sqrt()) as f32);
        assert_eq!((robust.apply(1e300), robust.apply(-1e300)), (3.0, -3.0));
        assert_eq!(Scaling::Log { mean: 0.0, deviation: 1.0 }.apply(-0.0), 0.0);
        let deviates = Scaling::Quantile { quantiles: vec![0.0, 1.0, 1.0, 1.0, 9.0] };
        // The middle of the places 1/4, 2/4 and 3/4.
        assert_eq!(deviates.apply(1.0), 0.0);
        assert_eq!(deviates.apply(0.5), math::normal_quantile(0.125) as f32);
        assert_eq!(deviates.apply(9.0), 5.199_337_6);
        assert_eq!(deviates.apply(-3.0), -5.199_337_6);
        assert_eq!(Scaling::Quantile { quantiles: vec![4.0] }.apply(4.0), 0.0);
    }

    proptest! {
        #[test]
        fn every_scaling_rises_and_is_finite(
            mut quantiles in prop::collection::vec(-1e6f64..1e6, 1..20),
            a in any::<f64>(), b in any::<f64>(),
            (middle, size) in (-1e9f64..1e9, 0.0f64..1e9),
        ) {
            prop_assume!(!a.is_nan() && !b.is_nan());
            quantiles.sort_by(f64::total_cmp);
            for scaling in [
                Scaling::Raw,
                Scaling::MinMax { least: middle, range: size },
                Scaling::Robust { centre: middle, factor: size },
                Scaling::Quantile { quantiles },
                Scaling::Log { mean: middle, deviation: size },
            ] {
                prop_assert!(scaling.check().is_ok());
                let (low, high) = (scaling.apply(a.min(b)), scaling.apply(a.max(b)));
                prop_assert!(low.is_finite() && high.is_finite() && low <= high, "{scaling:?}");
            }
        }
    }
}
