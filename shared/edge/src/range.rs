//! Which days a chart or a list is about, and how they are grouped.

use crate::{http::Call, problem::Problem};
use chrono::{Months, NaiveDate, TimeDelta};

/// How far back a range goes when none is given: today and the 29 days before it.
const DAYS_DEFAULT: i64 = 29;
/// The longest range.
const YEARS_MAX: u32 = 5;

/// Days in UTC, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl DateRange {
    /// Reads `from` and `to` (`YYYY-MM-DD`). Without `to` the range ends today; without `from` it is 30 days long.
    ///
    /// # Errors
    /// 400 for what is no date, a range that runs backwards, and one over five years.
    pub fn of(call: &Call) -> Result<Self, Problem> {
        let to = date(call, "to")?.unwrap_or_else(|| call.now.date_naive());
        let from = date(call, "from")?.or_else(|| to.checked_sub_signed(TimeDelta::days(DAYS_DEFAULT))).unwrap_or(to);
        if from > to {
            return Err(Problem::malformed("The range ends before it begins."));
        }
        if from.checked_add_months(Months::new(12 * YEARS_MAX)).is_some_and(|end| to > end) {
            return Err(Problem::malformed("The range is longer than five years."));
        }
        Ok(Self { from, to })
    }

    /// Whether a day is in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        (self.from..=self.to).contains(&day)
    }
}

/// Exactly `YYYY-MM-DD`: chrono alone would also take `2026-1-2`, signs and spaces.
fn date(call: &Call, name: &str) -> Result<Option<NaiveDate>, Problem> {
    let Some(text) = call.query(name)? else { return Ok(None) };
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| if place == 4 || place == 7 { byte == b'-' } else { byte.is_ascii_digit() });
    let date = if shaped { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None };
    date.map(Some).ok_or_else(|| Problem::malformed(format!("The parameter {name} must be a date, YYYY-MM-DD.")))
}

/// What one point of a chart stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Group {
    /// Reads `group`: `day` (the default), `week` or `month`.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn of(call: &Call) -> Result<Self, Problem> {
        match call.query("group")? {
            None | Some("day") => Ok(Self::Day),
            Some("week") => Ok(Self::Week),
            Some("month") => Ok(Self::Month),
            Some(_) => Err(Problem::malformed("The parameter group must be day, week or month.")),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::DateTime;
    use http::Method;

    fn call(query: &str) -> Call {
        let now = DateTime::from_timestamp(1_764_028_799, 0).unwrap(); // 2025-11-24T23:59:59Z
        Call::builder(Method::GET, "/earnings", now).raw_query(query).build()
    }

    fn range(query: &str) -> Result<(String, String), u16> {
        DateRange::of(&call(query)).map(|range| (range.from.to_string(), range.to.to_string())).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn ranges_are_read_or_refused() {
        let days = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
        for (query, expected) in [
            ("", days("2025-10-26", "2025-11-24")),
            ("to=2025-01-30", days("2025-01-01", "2025-01-30")),
            ("from=2025-11-24", days("2025-11-24", "2025-11-24")),
            ("from=2020-02-29&to=2025-02-28", days("2020-02-29", "2025-02-28")),
            ("from=2020-01-01&to=2025-01-01", days("2020-01-01", "2025-01-01")),
            ("from=2020-01-01&to=2025-01-02", Err(400)),
            ("from=0001-01-01", Err(400)),
            ("from=2025-11-25", Err(400)),
            ("from=2025-02-30", Err(400)),
            ("from=2025-2-3", Err(400)),
            ("from=20250203", Err(400)),
            ("from=%2B025-02-03", Err(400)),
            ("from=2025-02-03T00", Err(400)),
            ("from=", Err(400)),
            ("from=2025-01-01&from=2025-01-02", Err(400)),
            ("to=now", Err(400)),
        ] {
            assert_eq!(range(query), expected, "{query}");
        }
    }

    #[test]
    fn both_ends_are_in_it() {
        let range = DateRange::of(&call("from=2025-01-01&to=2025-01-02")).unwrap();
        let day = |day| NaiveDate::from_ymd_opt(2025, 1, day).unwrap();
        assert!(range.contains(day(1)) && range.contains(day(2)) && !range.contains(day(3)));
    }

    #[test]
    fn groups() {
        for (query, expected) in [
            ("", Ok(Group::Day)),
            ("group=day", Ok(Group::Day)),
            ("group=week", Ok(Group::Week)),
            ("group=month", Ok(Group::Month)),
            ("group=year", Err(400)),
        ] {
            assert_eq!(Group::of(&call(query)).map_err(|problem| problem.status().as_u16()), expected);
        }
    }
}
