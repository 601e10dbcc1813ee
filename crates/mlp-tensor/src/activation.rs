//! The activation functions, by name, and their `f64` reference. Their vectorised forms live in
//! `kernel`.

use crate::math;
use serde::{Deserialize, Serialize};

/// SELU's scale and alpha (Klambauer et al. 2017, "Self-Normalizing Neural Networks").
const SELU: (f64, f64) = (1.0507009873554805, 1.6732632423543772);
/// The slope of leaky ReLU for negative values.
const LEAK: f64 = 0.01;
/// `1 / √(2π)`
const DENSITY: f64 = 0.398_942_280_401_432_7;

/// An elementwise function between layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `z`
    Identity,
    /// `1 / (1 + exp(-z))`
    Logistic,
    /// `tanh(z)`
    Tanh,
    /// `max(z, 0)`, NaN stays NaN
    Relu,
    /// `z` if positive, else `0.01 z`
    LeakyRelu,
    /// `z` if positive, else `exp(z) - 1`
    Elu,
    /// Self-normalising ELU (Klambauer 2017)
    Selu,
    /// `z Φ(z)` with the normal distribution function, exact form (Hendrycks 2016)
    Gelu,
    /// `z · logistic(z)`
    Silu,
    /// `z · tanh(softplus(z))` (Misra 2019)
    Mish,
    /// `ln(1 + exp(z))`
    Softplus,
}

impl Activation {
    /// Every activation, in the order of the documentation.
    pub const ALL: [Activation; 11] = [
        Activation::Identity,
        Activation::Logistic,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Elu,
        Activation::Selu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Mish,
        Activation::Softplus,
    ];
    /// The word used in flags, files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Identity => "identity",
            Activation::Logistic => "logistic",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::LeakyRelu => "leaky_relu",
            Activation::Elu => "elu",
            Activation::Selu => "selu",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
        }
    }
    /// The activation of that name (also scikit-learn's and Keras' spellings: `sigmoid`, `linear`,
    /// `swish`), in any case, with `-` for `_` or without either.
    pub fn from_name(name: &str) -> Option<Activation> {
        let plain = |s: &str| s.replace(['-', '_'], "").to_ascii_lowercase();
        let name = plain(name);
        match name.as_str() {
            "linear" | "none" => Some(Activation::Identity),
            "sigmoid" => Some(Activation::Logistic),
            "swish" => Some(Activation::Silu),
            _ => Activation::ALL.into_iter().find(|f| plain(f.name()) == name),
        }
    }
    /// Whether the derivative is computed from the pre-activation `z` (otherwise from the output
    /// `y`).
    pub fn needs_z(self) -> bool {
        matches!(self, Activation::Gelu | Activation::Silu | Activation::Mish)
    }
    /// `f(z)` for one value in f64: the reference.
    pub fn value_f64(self, z: f64) -> f64 {
        match self {
            Activation::Identity => z,
            Activation::Logistic => math::logistic(z),
            Activation::Tanh => math::tanh(z),
            Activation::Relu => {
                if z < 0.0 {
                    0.0
                } else {
                    z
                }
            }
            Activation::LeakyRelu => {
                if z < 0.0 {
                    LEAK * z
                } else {
                    z
                }
            }
            Activation::Elu => {
                if z < 0.0 {
                    math::exp_m1(z)
                } else {
                    z
                }
            }
            Activation::Selu => SELU.0 * if z < 0.0 { SELU.1 * math::exp_m1(z) } else { z },
            Activation::Gelu => at_limit(z, z * math::normal_cdf(z)),
            Activation::Silu => at_limit(z, z * math::logistic(z)),
            Activation::Mish => at_limit(z, z * math::tanh(math::softplus(z))),
            Activation::Softplus => math::softplus(z),
        }
    }
    /// `f'(z)` for one value in f64: the reference. At a kink, the derivative from the left.
    pub fn slope_f64(self, z: f64) -> f64 {
        // Past these the slope is 0 or 1 to the last bit; infinity times zero must not come up.
        let near = z.clamp(-1e4, 1e4);
        match self {
            Activation::Identity => 1.0,
            Activation::Logistic => math::logistic(z) * math::logistic(-z),
            Activation::Tanh => {
                let t = math::tanh(z);
                (1.0 - t) * (1.0 + t)
            }
            Activation::Relu => step(z, 0.0, 1.0),
            Activation::LeakyRelu => step(z, LEAK, 1.0),
            Activation::Elu => step(z, math::exp(near.min(0.0)), 1.0),
            Activation::Selu => SELU.0 * step(z, SELU.1 * math::exp(near.min(0.0)), 1.0),
            Activation::Gelu => {
                math::normal_cdf(z) + near * DENSITY * math::exp(-0.5 * near * near)
            }
            Activation::Silu => {
                math::logistic(z) + near * math::logistic(near) * math::logistic(-near)
            }
            Activation::Mish => {
                let t = math::tanh(math::softplus(near));
                t + near * (1.0 - t) * (1.0 + t) * math::logistic(near)
            }
            Activation::Softplus => math::logistic(z),
        }
    }
}

/// `low` up to the kink at zero, `high` beyond, NaN for NaN.
fn step(z: f64, low: f64, high: f64) -> f64 {
    if z > 0.0 {
        high
    } else if z <= 0.0 {
        low
    } else {
        z
    }
}

/// `value`, but the limit 0 for `z` of minus infinity.
fn at_limit(z: f64, value: f64) -> f64 {
    if z == f64::NEG_INFINITY { -0.0 } else { value }
}
