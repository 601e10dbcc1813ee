//! Axes: the range that data need, ticks at round numbers, and where on the picture a value lies.

use crate::number::{grouped, magnitude, power_of_ten, sign};
use mlp_model::tensor::math;

/// Most ticks of any axis.
const MAX_TICKS: usize = 24;
/// Values beyond are drawn at it, so that spans stay finite.
const FAR: f64 = 1e300;

/// How an axis is to be.
#[derive(Clone, Debug, Default)]
pub struct Axis {
    pub(crate) label: String,
    pub(crate) range: Option<(f64, f64)>,
    pub(crate) log: bool,
    pub(crate) whole: bool,
    pub(crate) percent: bool,
    pub(crate) zero: bool,
    /// Whether the range ends exactly where the data do.
    pub(crate) tight: bool,
}

impl Axis {
    /// A linear axis over the range of the data.
    pub fn new(label: impl Into<String>) -> Axis {
        Axis { label: label.into(), ..Axis::default() }
    }

    /// Over this range, whatever the data.
    pub fn range(mut self, low: f64, high: f64) -> Axis {
        self.range = Some((low, high));
        self
    }

    /// Logarithmic; values that are not positive are left out.
    pub fn log(mut self) -> Axis {
        self.log = true;
        self
    }

    /// Ticks at whole numbers only, as for epochs.
    pub fn whole(mut self) -> Axis {
        self.whole = true;
        self
    }

    /// Shares, written as per cent.
    pub fn percent(mut self) -> Axis {
        self.percent = true;
        self
    }

    /// The range begins (or ends) at zero, as bars need it.
    pub fn zero(mut self) -> Axis {
        self.zero = true;
        self
    }

    /// No margin between the data and the ends of the axis.
    pub fn tight(mut self) -> Axis {
        self.tight = true;
        self
    }

    /// The value that stands for a value on the axis: itself, or its logarithm; `None` where it has no place.
    fn position(&self, value: f64) -> Option<f64> {
        match self.log {
            _ if !value.is_finite() => None,
            true if value > 0.0 => Some(math::ln(value) / std::f64::consts::LN_10),
            true => None,
            false => Some(value.clamp(-FAR, FAR)),
        }
    }

    /// The scale for these values, drawn from `from` to `to`.
    pub(crate) fn scale(&self, values: impl Iterator<Item = f64>, from: f64, to: f64) -> Scale {
        let mut range: Option<(f64, f64)> = None;
        for position in values.filter_map(|value| self.position(value)) {
            let (low, high) = range.unwrap_or((position, position));
            range = Some((low.min(position), high.max(position)));
        }
        let fixed =
            self.range.and_then(|(low, high)| Some((self.position(low)?, self.position(high)?)));
        let (low, high) = match fixed.filter(|(low, high)| low < high) {
            Some(fixed) => fixed,
            None => self.around(range.unwrap_or((0.0, 1.0))),
        };
        Scale { axis: self.clone(), low, high, from, to }
    }

    /// A range that can be drawn, with a margin.
    fn around(&self, (mut low, mut high): (f64, f64)) -> (f64, f64) {
        let zero = self.zero && !self.log;
        if zero {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        let largest = low.abs().max(high.abs());
        if high - low <= largest * 1e-12 {
            // A single value stands in the middle.
            let half = if largest > 0.0 { (largest * 0.1).max(largest * 1e-6) } else { 0.5 };
            (low, high) = (low - half, high + half);
        }
        let margin = if self.tight { 0.0 } else { 0.05 * (high - low) };
        let keep_low = zero && low == 0.0;
        let keep_high = zero && high == 0.0;
        (if keep_low { low } else { low - margin }, if keep_high { high } else { high + margin })
    }
}

/// An axis with its range and its place on the picture.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    axis: Axis,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

/// A tick: where, and what is written there (nothing between the decades of a logarithmic axis).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub label: String,
}

impl Scale {
    /// The same axis elsewhere on the picture.
    pub fn moved(&self, from: f64, to: f64) -> Scale {
        Scale { from, to, ..self.clone() }
    }

    /// Where a value is drawn; `None` where it has no place on the axis. It may lie outside of the plot.
    pub fn at(&self, value: f64) -> Option<f64> {
        let share = (self.axis.position(value)? - self.low) / (self.high - self.low);
        // Lines far outside are cut by the picture; their numbers must stay small.
        Some(self.from + share.clamp(-20.0, 21.0) * (self.to - self.from))
    }

    /// The same, kept inside of the plot.
    pub fn inside(&self, value: f64) -> Option<f64> {
        let (low, high) = (self.from.min(self.to), self.from.max(self.to));
        self.at(value).map(|at| at.clamp(low, high))
    }

    /// About `wanted` ticks at round values.
    pub fn ticks(&self, wanted: usize) -> Vec<Tick> {
        if self.axis.log {
            return self.decades(wanted);
        }
        // A single tick says little: rather more than wanted.
        let tries = (wanted..wanted.saturating_add(4)).map(|wanted| self.round(wanted));
        tries
            .max_by_key(|ticks| (ticks.len().min(2), std::cmp::Reverse(ticks.len())))
            .unwrap_or_default()
    }

    fn round(&self, wanted: usize) -> Vec<Tick> {
        let step = step((self.high - self.low) / wanted.max(1) as f64, self.axis.whole);
        let (first, last) = ((self.low / step - 1e-6).ceil(), (self.high / step + 1e-6).floor());
        if !(last - first).is_finite() || last - first >= MAX_TICKS as f64 {
            return Vec::new();
        }
        let count = (last - first + 1.0).max(0.0) as usize;
        let values = (0..count).map(|i| (first + i as f64) * step);
        values.filter_map(|v| Some(Tick { at: self.at(v)?, label: self.label(v, step) })).collect()
    }

    fn label(&self, value: f64, step: f64) -> String {
        let (value, step, unit) = match self.axis.percent {
            true => (value * 100.0, step * 100.0, " %"),
            false => (value, step, ""),
        };
        let largest = self.low.abs().max(self.high.abs()).max(step);
        // A step of 2.5 or 25 has one decimal more than its magnitude says.
        let fine = step / power_of_ten(magnitude(step));
        let extra = i32::from((fine - fine.round()).abs() > 1e-6);
        let decimals = (extra - magnitude(step)).max(0) as usize;
        let text = if value.abs() < step * 1e-6 {
            "0".to_string()
        } else if magnitude(largest) >= 7 || magnitude(largest) < -4 {
            exponential(value, (magnitude(value) - magnitude(step) + extra).max(0) as usize)
        } else if decimals == 0 && value.abs() >= 10_000.0 {
            format!("{}{}", if value < 0.0 { "-" } else { "" }, grouped(value.abs().round() as u64))
        } else {
            format!("{value:.decimals$}")
        };
        sign(&text) + unit
    }

    /// Powers of ten with 2 and 5 between them where there is room; the range's own ends if no power lies inside.
    fn decades(&self, wanted: usize) -> Vec<Tick> {
        let span = self.high - self.low;
        let every = (span / wanted.max(1) as f64).ceil().max(1.0) as i32;
        let between: &[f64] = if span <= 1.2 {
            &[1.0, 2.0, 3.0, 5.0, 7.0]
        } else if span <= 2.5 {
            &[1.0, 2.0, 5.0]
        } else {
            &[1.0]
        };
        let mut ticks = Vec::new();
        for decade in self.low.floor().max(-320.0) as i32..=self.high.ceil().min(308.0) as i32 {
            if decade.rem_euclid(every) != 0 {
                continue;
            }
            for factor in between {
                let value = factor * power_of_ten(decade);
                let inside =
                    self.axis.position(value).is_some_and(|p| p >= self.low && p <= self.high);
                if let (true, Some(at)) = (inside, self.at(value)) {
                    ticks.push(Tick { at, label: decimal(value, decade) });
                }
            }
        }
        if ticks.len() < 2 { self.linear_inside() } else { ticks }
    }

    /// Round values on a logarithmic axis of less than a decade.
    fn linear_inside(&self) -> Vec<Tick> {
        let power = |p: f64| math::exp(p * std::f64::consts::LN_10);
        let (low, high) = (power(self.low), power(self.high));
        let linear = Scale { axis: Axis::default(), low, high, from: 0.0, to: 1.0 };
        let step = step((high - low) / 4.0, false);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        let count =
            if last - first < MAX_TICKS as f64 { (last - first).max(-1.0) as i64 + 1 } else { 0 };
        let values = (0..count).map(|i| (first + i as f64) * step);
        values
            .filter_map(|v| Some(Tick { at: self.at(v)?, label: linear.label(v, step) }))
            .collect()
    }
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `least`; a whole number if asked.
fn step(least: f64, whole: bool) -> f64 {
    let least = if least > 0.0 && least.is_finite() { least } else { 1.0 };
    let unit = power_of_ten(magnitude(least));
    let fits = |factor: &f64| factor * unit >= least * (1.0 - 1e-9);
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(fits).unwrap_or(10.0) * unit;
    if whole { step.ceil().max(1.0) } else { step }
}

/// `1.5e7` as `1.5·10⁷`.
fn exponential(value: f64, decimals: usize) -> String {
    let text = format!("{value:.*e}", decimals.min(12));
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let power: String = exponent.chars().map(superscript).collect();
    if digits == "1" { format!("10{power}") } else { format!("{digits}·10{power}") }
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32(0x2070 + digit as u32 - '0' as u32).unwrap_or(digit),
        _ => '⁰',
    }
}

/// A value of a logarithmic axis.
fn decimal(value: f64, decade: i32) -> String {
    match decade {
        -4..=-1 => format!("{value:.*}", -decade as usize),
        0..=5 => grouped(value.round() as u64),
        _ => exponential(value, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(axis: Axis, values: &[f64], wanted: usize, expected: &[&str]) {
        let ticks = axis.scale(values.iter().copied(), 0.0, 100.0).ticks(wanted);
        let labels: Vec<&str> = ticks.iter().map(|t| t.label.as_str()).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn ticks_are_round() {
        check(Axis::new(""), &[0.0, 1.0], 5, &["0", "0.25", "0.50", "0.75", "1.00"]);
        check(Axis::new(""), &[-3.0, 12.0], 5, &["0", "5", "10"]);
        check(
            Axis::new("").tight(),
            &[0.0, 50_000.0],
            5,
            &["0", "10,000", "20,000", "30,000", "40,000", "50,000"],
        );
        check(
            Axis::new("").percent().range(0.0, 1.0),
            &[],
            5,
            &["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"],
        );
        check(Axis::new("").whole().tight(), &[1.0, 3.0], 8, &["1", "2", "3"]);
        check(Axis::new("").tight(), &[0.0, 2e8], 2, &["0", "10⁸", "2·10⁸"]);
        check(Axis::new("").log().tight(), &[0.001, 10.0], 5, &["0.001", "0.01", "0.1", "1", "10"]);
        check(Axis::new("").log().tight(), &[2.0, 4.0], 5, &["2", "3"]);
    }

    #[test]
    fn odd_values_still_give_an_axis() {
        check(Axis::new(""), &[], 2, &["0", "1"]);
        check(Axis::new("").tight(), &[7.0], 2, &["6.5", "7.0", "7.5"]);
        check(Axis::new("").zero(), &[0.0, 0.0], 2, &["−0.5", "0", "0.5"]);
        check(Axis::new(""), &[f64::NAN, f64::INFINITY], 2, &["0", "1"]);
        check(Axis::new("").log(), &[-1.0, 0.0], 2, &["1", "2", "3", "5", "7", "10"]);
    }

    proptest! {
        #[test]
        fn ticks_rise_inside_of_the_axis_and_differ(
            low in -1e12f64..1e12, exponent in -9i32..13, share in 0.01f64..10.0, wanted in 1usize..12, log: bool,
        ) {
            let span = share * power_of_ten(exponent);
            prop_assume!(span > low.abs() * 1e-9);
            let axis = Axis { log, ..Axis::new("").tight() };
            let values = if log { [span, span * (1.0 + share)] } else { [low, low + span] };
            let ticks = axis.scale(values.into_iter(), 0.0, 100.0).ticks(wanted);
            prop_assert!(ticks.len() <= MAX_TICKS);
            for pair in ticks.windows(2) {
                prop_assert!(pair[0].at < pair[1].at, "{:?}", ticks);
                prop_assert!(pair[0].label != pair[1].label, "{:?}", ticks);
            }
            prop_assert!(ticks.iter().all(|t| (-0.01..=100.01).contains(&t.at)), "{:?}", ticks);
        }

        #[test]
        fn any_values_give_an_axis(values: Vec<f64>, wanted: usize, log: bool, zero: bool, whole: bool) {
            let axis = Axis { log, zero, whole, ..Axis::new("") };
            let scale = axis.scale(values.iter().copied(), 0.0, 100.0);
            prop_assert!(scale.ticks(wanted % 20).iter().all(|t| t.at.is_finite()));
            prop_assert!(values.iter().filter_map(|v| scale.at(*v)).all(f64::is_finite));
        }
    }
}
