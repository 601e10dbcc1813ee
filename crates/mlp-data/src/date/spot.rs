//! What the cells of a column agree on: whether all are dates, and where their day stands.

use super::{DateOrder, Written, read};
use crate::csv::cells;
use crate::words::shown;

/// What the cells of a column say of dates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    NoDates,
    Dates(DateOrder),
    /// Some cell is none that should be one.
    Slip,
    /// Day and month stand in both orders.
    Contradiction,
}

/// What is said of a cell that is no date in a column of them.
pub(crate) fn misfit(cell: &str, column: &str) -> String {
    format!(
        "`{}` is not a date, but this column holds dates; correct it (YYYY-MM-DD), leave the cell empty \
         if it is unknown, or say --type {column}=category",
        shown(cell)
    )
}

/// What is said of a column with both orders.
pub(crate) fn contradiction(column: &str) -> String {
    format!(
        "column `{column}`: some dates have the day first and others the month; write them as \
         YYYY-MM-DD, or say --type {column}=category"
    )
}

/// Looks at the cells of a column to find whether all are dates, and in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Spotter {
    /// Cells that are dates.
    pub(crate) dates: u64,
    /// Of them, those that leave the order open, and those that have a day in either.
    either: u64,
    day_first: u64,
    month_first: u64,
}

impl Spotter {
    /// Looks at a cell that stands `times` in the column. Whether it is a date.
    pub(crate) fn look(&mut self, cell: &str, times: u64) -> bool {
        let Some(written) = read(cell) else { return false };
        self.dates += times;
        if let Written::Either { day_first, month_first } = written {
            self.either += times;
            self.day_first += times * u64::from(day_first.is_some());
            self.month_first += times * u64::from(month_first.is_some());
        }
        true
    }
    /// The order that all dates agree on.
    pub(crate) fn order(&self) -> Option<DateOrder> {
        match () {
            () if self.either == 0 => Some(DateOrder::YearFirst),
            () if self.month_first == self.either => Some(DateOrder::MonthFirst),
            () if self.day_first == self.either => Some(DateOrder::DayFirst),
            () => None,
        }
    }
    /// What a column is in which so many cells are not missing; where it `must` be of dates, it is
    /// or it is wrong.
    pub(crate) fn verdict(&self, present: u64, must: bool) -> Verdict {
        let others = present - self.dates;
        let slip = cells::are_slips(others, present);
        match self.order() {
            Some(order) if others == 0 && (must || present > 0) => Verdict::Dates(order),
            _ if others > 0 && (must || slip) => Verdict::Slip,
            None if must => Verdict::Contradiction,
            _ => Verdict::NoDates,
        }
    }
    /// What a user should know of the order chosen.
    pub(crate) fn note(&self, column: &str) -> Option<String> {
        let open =
            self.either > 0 && self.month_first == self.either && self.day_first == self.either;
        open.then(|| {
            format!(
                "column `{column}`: the dates fit both month/day and day/month, and were read as \
                 month/day; write them as YYYY-MM-DD if that is wrong"
            )
        })
    }
    /// Adds what another part of the column holds.
    pub(crate) fn merge(&mut self, other: &Spotter) {
        self.dates += other.dates;
        self.either += other.either;
        self.day_first += other.day_first;
        self.month_first += other.month_first;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DAY, parse};
    use super::*;

    #[test]
    fn the_order_is_that_of_the_whole_column() {
        for (cells, order, noted) in [
            (&["05/06/2024", "17/06/2024"][..], Some(DateOrder::DayFirst), false),
            (&["05/06/2024", "06/17/2024"], Some(DateOrder::MonthFirst), false),
            (&["05/06/2024", "2024-01-31"], Some(DateOrder::MonthFirst), true),
            (&["17/06/2024", "06/17/2024"], None, false),
            (&["2024-01-31", "31.01.2024"], Some(DateOrder::YearFirst), false),
        ] {
            let mut parts = [Spotter::default(), Spotter::default()];
            cells.iter().zip(&mut parts).for_each(|(cell, part)| assert!(part.look(cell, 1)));
            let [mut whole, other] = parts;
            whole.merge(&other);
            assert_eq!((whole.order(), whole.note("c").is_some()), (order, noted), "{cells:?}");
        }
        assert_eq!(
            parse("05/06/2024", DateOrder::DayFirst),
            parse("2024-06-05", DateOrder::DayFirst)
        );
        assert_eq!(
            parse("05/06/2024", DateOrder::MonthFirst),
            parse("6.5.2024", DateOrder::MonthFirst).map(|_| 19_849.0 * DAY)
        );
    }
}
