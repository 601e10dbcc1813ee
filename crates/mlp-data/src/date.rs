//! Dates: text to seconds since 1970 and back, and what a column of them agrees on. The calendar
//! itself: `civil`; what a column agrees on: `spot`; inputs made of dates: [`crate::pipeline`].
//!
//! # What is a date
//!
//! * `2024-05-17`, `2024/05/17`, `2024.05.17`: year, month, day.
//! * `17.05.2024`: day, month, year.
//! * `05/17/2024`, `17/05/2024`, `05-17-2024`: which of the two comes first is what fits every cell
//!   of the column; the month if both do, which a note says.
//!
//! A time of day may follow after `T` or a space: `10:20`, `10:20:30`, `10:20:30.5`, with `AM` or
//! `PM`, then `Z`, `UTC`, `+02:00`, `+0200` or `+02`. Without a zone it is taken as UTC. Years have four
//! digits.

mod civil;
mod spot;

pub(crate) use civil::{Parts, parts};
pub(crate) use spot::{Spotter, Verdict, contradiction, misfit};

use serde::{Deserialize, Serialize};

/// Seconds a day.
pub(crate) const DAY: f64 = 86_400.0;

/// What the cells of a column of dates agree on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// No cell leaves day and month open.
    #[default]
    YearFirst,
    /// `17/05/2024`.
    DayFirst,
    /// `05/17/2024`.
    MonthFirst,
}

/// A date as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Certain(f64),
    /// Day and month in either order, where the calendar has such a day.
    Either {
        day_first: Option<f64>,
        month_first: Option<f64>,
    },
}

/// The seconds since 1970 (UTC) of a cell; `None` if it is no date, or not in that order.
pub(crate) fn parse(cell: &str, order: DateOrder) -> Option<f64> {
    match (read(cell)?, order) {
        (Written::Certain(seconds), _) => Some(seconds),
        (Written::Either { day_first, .. }, DateOrder::DayFirst) => day_first,
        (Written::Either { month_first, .. }, DateOrder::MonthFirst) => month_first,
        (Written::Either { day_first, month_first }, DateOrder::YearFirst) => {
            match (day_first, month_first) {
                (Some(a), Some(b)) => (a == b).then_some(a),
                (a, b) => a.or(b),
            }
        }
    }
}

/// `2024-05-17`, with ` 10:20:30` where it is not midnight.
pub fn format(seconds: f64) -> String {
    if seconds.is_nan() {
        return String::new();
    }
    let p = parts(seconds);
    let date = format!("{:04}-{:02}-{:02}", p.year, p.month, p.day);
    match p.second_of_day as u32 {
        0 => date,
        s => format!("{date} {:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
    }
}

fn read(cell: &str) -> Option<Written> {
    let text = cell.as_bytes();
    // Most words fail here.
    if !(8..=40).contains(&text.len()) || !text[0].is_ascii_digit() {
        return None;
    }
    let mut at = Scan { text, at: 0 };
    let (a, a_digits) = at.digits(4)?;
    let separator = at.one_of(b"-/.")?;
    let (b, b_digits) = at.digits(2)?;
    at.one_of(&[separator])?;
    let (c, c_digits) = at.digits(4)?;
    let (seconds, fraction) = time(&mut at)?;
    // Whole seconds first, so that the sum is rounded once.
    let day = |y: u32, m: u32, d: u32| {
        civil::days(i64::from(y), m, d).map(|days| days as f64 * DAY + seconds + fraction)
    };
    if b_digits == 0 || at.at < text.len() {
        return None;
    }
    match (a_digits, c_digits, separator) {
        (4, 1 | 2, _) => day(a, b, c).map(Written::Certain),
        (1 | 2, 4, b'.') => day(c, b, a).map(Written::Certain),
        (1 | 2, 4, _) => match (day(c, b, a), day(c, a, b)) {
            (None, None) => None,
            (day_first, month_first) => Some(Written::Either { day_first, month_first }),
        },
        _ => None,
    }
}

/// What follows a date: the whole seconds that it adds, and a fraction of one; 0 for nothing.
fn time(at: &mut Scan<'_>) -> Option<(f64, f64)> {
    if at.rest().is_empty() {
        return Some((0.0, 0.0));
    }
    at.one_of(b"Tt ")?;
    let (mut hour, _) = at.digits(2)?;
    at.one_of(b":")?;
    let (minute, minute_digits) = at.digits(2)?;
    let (mut second, mut fraction) = (0, 0.0);
    if at.one_of(b":").is_some() {
        let (whole, digits) = at.digits(2)?;
        second = whole;
        if digits != 2 || whole > 60 {
            return None;
        }
        if at.one_of(b".,").is_some() {
            let (value, digits) = at.fraction()?;
            fraction = value / 10u64.pow(digits) as f64;
        }
    }
    at.one_of(b" ");
    let word = at.rest().get(..2).map(<[u8]>::to_ascii_uppercase);
    if let Some(half @ (b"AM" | b"PM")) = word.as_deref() {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half == b"PM" { 12 } else { 0 };
        at.at += 2;
        at.one_of(b" ");
    }
    if hour > 23 || minute > 59 || minute_digits != 2 {
        return None;
    }
    Some((f64::from(hour * 3600 + minute * 60 + second) - zone(at)?, fraction))
}

/// Seconds that a zone is ahead of UTC.
fn zone(at: &mut Scan<'_>) -> Option<f64> {
    match at.rest() {
        [] => return Some(0.0),
        [b'Z' | b'z'] => {
            at.at += 1;
            return Some(0.0);
        }
        b"UTC" | b"GMT" => {
            at.at += 3;
            return Some(0.0);
        }
        _ => {}
    }
    let sign = if at.one_of(b"+-")? == b'+' { 1.0 } else { -1.0 };
    let (hour, digits) = at.digits(2)?;
    let mut minute = 0;
    if !at.rest().is_empty() {
        at.one_of(b":");
        let (m, digits) = at.digits(2)?;
        minute = m;
        if digits != 2 {
            return None;
        }
    }
    (digits == 2 && hour <= 18 && minute <= 59).then(|| sign * f64::from(hour * 3600 + minute * 60))
}

/// A place in a cell.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }
    fn one_of(&mut self, these: &[u8]) -> Option<u8> {
        let byte = *self.rest().first().filter(|b| these.contains(b))?;
        self.at += 1;
        Some(byte)
    }
    /// A number of at least one digit and at most so many, and how many.
    fn digits(&mut self, most: usize) -> Option<(u32, usize)> {
        let count = self.rest().iter().take(most).take_while(|b| b.is_ascii_digit()).count();
        let digits = &self.rest()[..count];
        self.at += count;
        let value = digits.iter().fold(0u32, |v, b| v * 10 + u32::from(b - b'0'));
        (count > 0).then_some((value, count))
    }
    /// The digits of a fraction of a second, nine at most, and how many.
    fn fraction(&mut self) -> Option<(f64, u32)> {
        let count = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        let kept = &self.rest()[..count.min(9)];
        self.at += count;
        let value = kept.iter().fold(0u64, |v, b| v * 10 + u64::from(b - b'0'));
        (count > 0).then_some((value as f64, kept.len() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_of_every_form() {
        let day = 19_860.0 * DAY; // 2024-05-17
        for (cell, expected) in [
            ("2024-05-17", day),
            ("2024/05/17", day),
            ("2024-5-17", day),
            ("17.05.2024", day),
            ("05/17/2024", day),
            ("17-05-2024", day),
            ("2024-05-17T10:20:30Z", day + 37_230.0),
            ("2024-05-17 10:20:30.25", day + 37_230.25),
            ("2024-05-17 10:20", day + 37_200.0),
            ("17.05.2024 00:00", day),
            ("2024-05-17T01:00:00+02:00", day - 3600.0),
            ("2024-05-17T01:00:00-0130", day + 9000.0),
            ("5/17/2024 12:30 AM", day + 1800.0),
            ("5/17/2024 1:30 pm", day + 48_600.0),
            ("2024-05-17 00:00:00+00:00", day),
            ("2024-05-17 00:00 UTC", day),
        ] {
            assert_eq!(parse(cell, DateOrder::YearFirst), Some(expected), "{cell}");
        }
        for cell in [
            "",
            "2024",
            "20240517",
            "2024-13-01",
            "2023-02-29",
            "17.05.24",
            "31/31/2024",
            "1/2/3",
            "2024-05/17",
            "2024-05-17T",
            "2024-05-17 25:00",
            "2024-05-17 10:20x",
            "2024-05-171",
            "May 17, 2024",
            "2024-05-17 10:20:3",
            "05/06/2024",
            "192.168.1.10",
            "2024-05-17Ü",
        ] {
            assert_eq!(parse(cell, DateOrder::YearFirst), None, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_date_written_and_read_is_the_same(seconds in -60_000_000_000i64..250_000_000_000) {
            let seconds = seconds as f64;
            prop_assert_eq!(parse(&format(seconds), DateOrder::YearFirst), Some(seconds));
        }

        #[test]
        fn any_text_is_read_or_not(cell in "[0-9/.: TZ+aPM-]{0,45}") {
            for order in [DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst] {
                prop_assert!(parse(&cell, order).is_none_or(f64::is_finite));
            }
            Spotter::default().look(&cell, 1);
        }
    }
}
