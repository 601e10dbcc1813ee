//! Inputs made of a column of dates.

use crate::date::{DAY, parts};
use mlp_tensor::math::{cos_pi, sin_pi};
use serde::{Deserialize, Serialize};

/// Encoded numbers are kept within this many deviations, as those of other columns.
const LIMIT: f64 = 1e9;

/// What a column of dates becomes, in this order: the year and the days since the first training
/// date, both standardised; month, weekday and time of day, each as sine and cosine of its place in
/// the cycle, so that December lies beside January at two inputs instead of twelve. A part that is
/// the same in all training rows has no input. Where the date is missing all are 0, their mean or
/// the middle of the circle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    /// The first date of the training rows, in seconds since 1970.
    pub first: f64,
    /// Mean and population deviation of the year; no input where the deviation is 0.
    pub year: (f64, f64),
    /// Mean and population deviation of the days since `first`; no input where the deviation is 0.
    pub days: (f64, f64),
    /// Whether the month has inputs.
    pub month: bool,
    /// Whether the day of the week has inputs.
    pub weekday: bool,
    /// Whether the time of day has inputs.
    pub hour: bool,
    /// Whether training rows had missing values; then a last input is 1 where it is missing.
    pub indicator: bool,
}

/// One input.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Input {
    Year,
    Days,
    Sine(Cycle),
    Cosine(Cycle),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Cycle {
    Month,
    Weekday,
    Hour,
}

impl Cycle {
    fn word(self) -> &'static str {
        match self {
            Cycle::Month => "month",
            Cycle::Weekday => "weekday",
            Cycle::Hour => "hour",
        }
    }
    fn length(self) -> u32 {
        match self {
            Cycle::Month => 12,
            Cycle::Weekday => 7,
            Cycle::Hour => 24,
        }
    }
}

impl Dates {
    fn inputs(&self) -> impl Iterator<Item = Input> + '_ {
        use {Cycle::*, Input::*};
        let of = |cycle| [Sine(cycle), Cosine(cycle)];
        let scaled = [(Year, self.year), (Days, self.days)];
        let cycles = [(Month, self.month), (Weekday, self.weekday), (Hour, self.hour)];
        let scaled = scaled.into_iter().filter(|(_, (_, d))| *d > 0.0).map(|(input, _)| input);
        scaled.chain(cycles.into_iter().filter(|(_, there)| *there).flat_map(move |(c, _)| of(c)))
    }
    /// Number of inputs.
    pub fn width(&self) -> usize {
        self.inputs().count() + usize::from(self.indicator)
    }
    /// The names of its inputs without the one for missing: `sold year`, `sold month sine`.
    pub(super) fn names(&self, column: &str, names: &mut Vec<String>) {
        names.extend(self.inputs().map(|input| match input {
            Input::Year => format!("{column} year"),
            Input::Days => format!("{column} days"),
            Input::Sine(cycle) => format!("{column} {} sine", cycle.word()),
            Input::Cosine(cycle) => format!("{column} {} cosine", cycle.word()),
        }));
    }
    /// Mean and deviation of an input that is a standardised number, by its place.
    pub fn scaling(&self, place: usize) -> Option<(f64, f64)> {
        match self.inputs().nth(place)? {
            Input::Year => Some(self.year),
            Input::Days => Some(self.days),
            Input::Sine(_) | Input::Cosine(_) => None,
        }
    }
    /// How an input is made of the date, in words, by its place; `None` for the one for missing.
    pub fn how(&self, place: usize) -> Option<String> {
        let circle = |function: &str, cycle: Cycle| {
            let number = match cycle {
                Cycle::Month => "month from 0",
                Cycle::Weekday => "weekday from 0 for Monday",
                Cycle::Hour => "hours since midnight",
            };
            format!("{function}(2π · {number} / {})", cycle.length())
        };
        let scaled = |what: &str, (mean, deviation): (f64, f64)| {
            format!("({what} − {mean:.4}) / {deviation:.4}")
        };
        Some(match self.inputs().nth(place)? {
            Input::Year => scaled("year", self.year),
            Input::Days => {
                scaled(&format!("days since {}", crate::date::format(self.first)), self.days)
            }
            Input::Sine(cycle) => circle("sin", cycle),
            Input::Cosine(cycle) => circle("cos", cycle),
        })
    }
    /// Writes the inputs of a date into a row that is 0.
    pub(super) fn encode(&self, seconds: f64, into: &mut [f32]) {
        if seconds.is_nan() {
            if self.indicator {
                into[self.width() - 1] = 1.0;
            }
            return;
        }
        let p = parts(seconds);
        let scaled = |v: f64, (mean, deviation): (f64, f64)| {
            ((v - mean) / deviation).clamp(-LIMIT, LIMIT) as f32
        };
        let turn = |cycle: Cycle| match cycle {
            Cycle::Month => f64::from(p.month - 1) / 12.0,
            Cycle::Weekday => f64::from(p.weekday) / 7.0,
            Cycle::Hour => p.second_of_day / DAY,
        };
        for (value, input) in into.iter_mut().zip(self.inputs()) {
            *value = match input {
                Input::Year => scaled(p.year as f64, self.year),
                Input::Days => scaled((seconds - self.first) / DAY, self.days),
                Input::Sine(cycle) => sin_pi(2.0 * turn(cycle)) as f32,
                Input::Cosine(cycle) => cos_pi(2.0 * turn(cycle)) as f32,
            };
        }
    }
    /// What is wrong with the numbers of a file.
    pub(super) fn check(&self) -> Result<(), String> {
        let numbers = [self.first, self.year.0, self.year.1, self.days.0, self.days.1];
        let sound =
            numbers.iter().all(|v| v.is_finite()) && self.year.1 >= 0.0 && self.days.1 >= 0.0;
        match sound {
            true => Ok(()),
            false => Err(format!(
                "first date {}, year {:?}, days {:?}",
                self.first, self.year, self.days
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{DateOrder, parse};

    fn dates() -> Dates {
        Dates {
            first: parse("2024-01-01", DateOrder::YearFirst).unwrap(),
            year: (2024.0, 2.0),
            days: (10.0, 5.0),
            month: true,
            weekday: true,
            hour: true,
            indicator: true,
        }
    }

    #[test]
    fn a_date_becomes_its_parts() {
        let dates = dates();
        let mut row = vec![0.0; dates.width()];
        let at = |cell: &str| parse(cell, DateOrder::YearFirst).unwrap();
        // 2026-04-06 is a Monday, 826 days after the first.
        dates.encode(at("2026-04-06T06:00:00"), &mut row);
        let expected = [1.0, 163.25, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0];
        let near = row.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{row:?}");
        row.fill(0.0);
        dates.encode(f64::NAN, &mut row);
        assert_eq!(row, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    #[test]
    fn names_and_words_go_with_the_inputs() {
        let bare = Dates { year: (2024.0, 0.0), weekday: false, hour: false, ..dates() };
        let mut names = Vec::new();
        bare.names("sold", &mut names);
        assert_eq!(names, ["sold days", "sold month sine", "sold month cosine"]);
        assert_eq!((bare.width(), bare.scaling(0), bare.scaling(1)), (4, Some((10.0, 5.0)), None));
        assert_eq!(bare.how(0).unwrap(), "(days since 2024-01-01 − 10.0000) / 5.0000");
        assert_eq!(bare.how(2).unwrap(), "cos(2π · month from 0 / 12)");
        assert_eq!(bare.how(3), None);
    }
}
