//! Charts: figures of days, put together into days, weeks or months.

use chrono::{Datelike, Days, Months, NaiveDate};
use std::{collections::BTreeMap, ops::AddAssign};

/// What one point of a chart stands for, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Period {
    /// The first day of the period that a day is in. It may lie before the range of a chart: the
    /// first point of a chart of weeks is named by its Monday, although only the days of the range count.
    #[must_use]
    pub fn start_of(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }

    /// The first day of the period after the one that starts at `start`; none at the end of the calendar.
    fn next(self, start: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Day => start.succ_opt(),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

/// The points of a chart, by the first day of their period.
pub type Points<T> = BTreeMap<NaiveDate, T>;

/// The points from the day `from` to the day `to`, both included: every period that has a day in the
/// range is there, also where nothing happened. Figures of days outside the range do not count.
#[must_use]
pub fn points<T: Default + AddAssign>(
    period: Period,
    from: NaiveDate,
    to: NaiveDate,
    figures: impl IntoIterator<Item = (NaiveDate, T)>,
) -> Points<T> {
    let starts = std::iter::successors(Some(period.start_of(from)), |start| period.next(*start)).take_while(|start| *start <= to);
    let mut points: Points<T> = starts.map(|start| (start, T::default())).collect();
    for (day, figure) in figures {
        if (from..=to).contains(&day)
            && let Some(point) = points.get_mut(&period.start_of(day))
        {
            *point += figure;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ledger::Money;
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
    fn starts(period: Period, from: &str, to: &str) -> Vec<String> {
        points::<u32>(period, day(from), day(to), []).into_keys().map(|start| start.to_string()).collect()
    }

    #[test]
    fn every_period_of_the_range_is_there() {
        assert_eq!(starts(Period::Day, "2026-02-27", "2026-03-01"), ["2026-02-27", "2026-02-28", "2026-03-01"]);
        assert_eq!(starts(Period::Day, "2026-02-27", "2026-02-27"), ["2026-02-27"]);
        // 2026-11-21 is a Saturday, 2026-11-23 a Monday.
        assert_eq!(starts(Period::Week, "2026-11-21", "2026-11-23"), ["2026-11-16", "2026-11-23"]);
        assert_eq!(starts(Period::Week, "2026-11-23", "2026-11-29"), ["2026-11-23"]);
        assert_eq!(starts(Period::Week, "2025-12-31", "2026-01-05"), ["2025-12-29", "2026-01-05"]);
        assert_eq!(starts(Period::Month, "2025-12-31", "2026-02-01"), ["2025-12-01", "2026-01-01", "2026-02-01"]);
        assert_eq!(starts(Period::Month, "2024-02-29", "2024-02-29"), ["2024-02-01"]);
        assert_eq!(starts(Period::Day, "2026-02-02", "2026-02-01"), Vec::<String>::new(), "a range that runs backwards is empty");
    }

    #[test]
    fn a_point_is_the_sum_of_its_days_inside_the_range() {
        let figures = [("2026-11-20", 1), ("2026-11-21", 2), ("2026-11-22", 4), ("2026-11-23", 8), ("2026-11-24", 16), ("2026-11-21", 32)];
        let figures = figures.map(|(on, figure)| (day(on), figure));
        let sums = |period| points::<u32>(period, day("2026-11-21"), day("2026-11-23"), figures).into_values().collect::<Vec<_>>();
        assert_eq!(sums(Period::Day), [34, 4, 8]);
        assert_eq!(sums(Period::Week), [38, 8]);
        assert_eq!(sums(Period::Month), [46]);
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_trap() {
        for period in [Period::Day, Period::Week, Period::Month] {
            assert_eq!(
                points::<u32>(period, NaiveDate::MIN, NaiveDate::MIN, [(NaiveDate::MIN, 1)]).into_values().collect::<Vec<_>>(),
                [1],
                "{period:?}"
            );
            assert_eq!(
                points::<u32>(period, NaiveDate::MAX, NaiveDate::MAX, [(NaiveDate::MAX, 1)]).into_values().collect::<Vec<_>>(),
                [1],
                "{period:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn all_groupings_have_the_same_sum(first in 0_u64..4000, length in 0_u64..900, figures in proptest::collection::vec((0_u64..5000, -900_i64..900), 0..40)) {
            let at = |offset: u64| day("2020-01-01").checked_add_days(Days::new(offset)).unwrap();
            let (from, to) = (at(first), at(first + length));
            let figures: Vec<(NaiveDate, Money)> = figures.into_iter().map(|(offset, cents)| (at(offset), Money::from_minor(cents, 2).unwrap())).collect();
            let expected: Money = figures.iter().filter(|(on, _)| *on >= from && *on <= to).map(|(_, amount)| *amount).sum();
            for period in [Period::Day, Period::Week, Period::Month] {
                let made = points(period, from, to, figures.iter().copied());
                prop_assert_eq!(made.values().copied().sum::<Money>(), expected);
                prop_assert!(made.keys().all(|start| period.start_of(*start) == *start && *start <= to));
                prop_assert_eq!(made.keys().next().copied(), Some(period.start_of(from)));
            }
        }
    }
}
