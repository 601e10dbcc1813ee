//! Decimal numbers of a fixed number of decimals, for sums that come out to the digit on paper.

use std::fmt;

/// Most decimals of a factor; a product has twice as many.
const MOST: u32 = 12;

/// A decimal number, exact. It is written with a true minus sign.
///
/// ```
/// use mlp_model::explain::Decimal;
///
/// let (w, x) = (Decimal::round(-0.31, 2), Decimal::round(1.5, 2));
/// assert_eq!(w.times(x).to_string(), "−0.4650");
/// assert_eq!(w.times(x).to(2).to_string(), "−0.47");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The number times ten to the power of `decimals`.
    units: i128,
    decimals: u32,
}

impl Decimal {
    /// The nearest decimal, halves away from zero; at most 12 decimals. Values too large become the
    /// largest that there is, and what is no number becomes 0.
    pub fn round(value: f64, decimals: u32) -> Decimal {
        let decimals = decimals.min(MOST);
        // The cast saturates.
        Decimal { units: (value * power(decimals) as f64).round() as i128, decimals }
    }

    /// One unit of the last of so many decimals.
    pub fn unit(decimals: u32) -> Decimal {
        Decimal { units: 1, decimals: decimals.min(MOST) }
    }

    /// Its value.
    pub fn value(self) -> f64 {
        self.units as f64 / power(self.decimals) as f64
    }

    /// Number of decimals.
    pub fn decimals(self) -> u32 {
        self.decimals
    }

    /// The exact product, with the decimals of both.
    pub fn times(self, other: Decimal) -> Decimal {
        let decimals = self.decimals + other.decimals;
        Decimal { units: self.units.saturating_mul(other.units), decimals }
    }

    /// The exact sum, with the decimals of the one that has more.
    pub fn plus(self, other: Decimal) -> Decimal {
        let decimals = self.decimals.max(other.decimals);
        let (a, b) = (self.to(decimals).units, other.to(decimals).units);
        Decimal { units: a.saturating_add(b), decimals }
    }

    /// With so many decimals, halves away from zero.
    pub fn to(self, decimals: u32) -> Decimal {
        if decimals >= self.decimals {
            let factor = power(decimals - self.decimals);
            return Decimal { units: self.units.saturating_mul(factor), decimals };
        }
        let factor = power(self.decimals - decimals);
        let half = self.units.signum() * (factor / 2);
        Decimal { units: self.units.saturating_add(half) / factor, decimals }
    }

    /// Whether it is less than zero.
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Without its sign.
    pub fn abs(self) -> Decimal {
        Decimal { units: self.units.saturating_abs(), ..self }
    }
}

fn power(decimals: u32) -> i128 {
    10i128.saturating_pow(decimals)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, one) = (self.units.unsigned_abs(), power(self.decimals).unsigned_abs());
        let sign = if self.units < 0 { "−" } else { "" };
        let text = match self.decimals {
            0 => format!("{sign}{size}"),
            n => format!("{sign}{}.{:0width$}", size / one, size % one, width = n as usize),
        };
        f.pad(&text)
    }
}
