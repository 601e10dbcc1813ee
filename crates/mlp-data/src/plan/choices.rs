//! The choices of a [`Plan`](super::Plan): how numbers and pixels are scaled, what is projected.

use serde::{Deserialize, Serialize};

/// How pixels become numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PixelScaling {
    /// `v / 255`.
    Unit,
    /// Zero mean and unit variance over all pixels of all training pictures, a channel at a time.
    #[default]
    Standard,
    /// Zero mean and unit variance, a pixel position at a time; constant pixels become 0.
    PerPixel,
}

/// How a column of numbers is scaled: the formulas are at [`Scaling`](crate::pipeline::Scaling).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Zero mean and unit variance.
    #[default]
    Standard,
    /// From 0 to 1.
    MinMax,
    /// By median and quartiles, clipped smoothly at ±3.
    Robust,
    /// By rank, to a normal distribution.
    QuantileNormal,
    /// The logarithm of one more, standardised.
    Log1p,
    /// Not at all.
    None,
}

impl Numbers {
    /// `standard`, `min-max`, `robust`, `quantile-normal`, `log1p`, `none`.
    pub fn name(self) -> &'static str {
        match self {
            Numbers::Standard => "standard",
            Numbers::MinMax => "min-max",
            Numbers::Robust => "robust",
            Numbers::QuantileNormal => "quantile-normal",
            Numbers::Log1p => "log1p",
            Numbers::None => "none",
        }
    }
}

/// How many principal components stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keep {
    /// So many, or as many as there are.
    Count(usize),
    /// The fewest whose share of the variance is greater than this, above 0 and below 1.
    Share(f64),
}

/// Principal components in place of the encoded inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pca {
    /// How many.
    pub keep: Keep,
    /// Whether each is divided by its deviation.
    pub whiten: bool,
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Keep::Count(count) => write!(f, "{count}"),
            Keep::Share(share) => write!(f, "{share}"),
        }
    }
}
