//! The proleptic Gregorian calendar: days since 1970 to year, month, day and back.
//!
//! The arithmetic is that of `days_from_civil` and `civil_from_days` in Howard Hinnant,
//! "chrono-Compatible Low-Level Date Algorithms" (2013): years begin in March, so that the leap day
//! comes last, and 400 of them are an era of 146,097 days.

/// Days of an era.
const ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const SHIFT: i64 = 719_468;
/// Seconds beyond which a date is cut: far outside of every calendar, and exact in `f64`.
const MOST: f64 = 1e15;

/// Days since 1970-01-01; `None` if the calendar has no such day.
pub(super) fn days(year: i64, month: u32, day: u32) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * ERA + year * 365 + year / 4 - year / 100 + day_of_year - SHIFT)
}

/// A moment by the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Parts {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: u32,
    /// 1 to 31.
    pub(crate) day: u32,
    /// 0 (Monday) to 6.
    pub(crate) weekday: u32,
    /// From 0 to below 86,400.
    pub(crate) second_of_day: f64,
}

/// The calendar's view of seconds since 1970, which must not be NaN.
pub(crate) fn parts(seconds: f64) -> Parts {
    let seconds = seconds.clamp(-MOST, MOST);
    let days = (seconds / super::DAY).floor();
    let second_of_day = (seconds - days * super::DAY).clamp(0.0, super::DAY - 1e-6);
    let days = days as i64;
    let shifted = days + SHIFT;
    let era = shifted.div_euclid(ERA);
    let day_of_era = shifted.rem_euclid(ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    Parts {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month: month as u32,
        day: day as u32,
        weekday: (days + 3).rem_euclid(7) as u32,
        second_of_day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        for (date, count, weekday) in [
            ((1970, 1, 1), 0, 3),
            ((2000, 2, 29), 11_016, 1),
            ((1969, 12, 31), -1, 2),
            ((1600, 3, 1), -135_080, 2),
            ((2024, 5, 17), 19_860, 4),
        ] {
            let (year, month, day) = date;
            assert_eq!(days(year, month, day), Some(count), "{date:?}");
            let p = parts(count as f64 * 86_400.0);
            assert_eq!((p.year, p.month, p.day, p.weekday), (year, month, day, weekday));
        }
        for (y, m, d) in [(1900, 2, 29), (2024, 0, 1), (2024, 13, 1), (2024, 4, 31), (2024, 1, 0)] {
            assert_eq!(days(y, m, d), None);
        }
    }

    #[test]
    fn every_day_of_an_era_goes_there_and_back() {
        for count in -ERA..ERA {
            let p = parts(count as f64 * 86_400.0);
            assert_eq!(days(p.year, p.month, p.day), Some(count));
        }
        // Far beyond, there is only no panic.
        for wild in [f64::MAX, f64::MIN, f64::INFINITY, f64::NEG_INFINITY] {
            parts(wild);
        }
    }
}
