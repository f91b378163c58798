//! The days that a page is about, and how its chart groups them.

use crate::{api::path, context::Context};
use chrono::{Days, Months, NaiveDate};

/// More bars than this can't be told apart, and make a page heavy.
const BARS_MAX: i64 = 90;
/// The API's own limit.
const YEARS_MAX: u32 = 5;

/// What one bar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Day,
    Week,
    Month,
}

impl Group {
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
        }
    }

    /// Whole days of the shortest such period.
    const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 28,
        }
    }

    /// Whether a chart of so many days can have such bars.
    pub(crate) const fn fits(self, days: i64) -> bool {
        days / self.days() <= BARS_MAX
    }
}

/// Ranges that are one press away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    Week,
    Month,
    Quarter,
    Year,
}

impl Preset {
    pub(crate) const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::Year];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "12m",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
            Self::Year => "12 months",
        }
    }

    fn first_day(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Week => today.checked_sub_days(Days::new(6)),
            Self::Month => today.checked_sub_days(Days::new(29)),
            Self::Quarter => today.checked_sub_days(Days::new(89)),
            Self::Year => today.checked_sub_months(Months::new(12)).and_then(|day| day.succ_opt()),
        }
    }

    /// What its bars are where nobody says: a dozen or so of them, or a month's days.
    const fn group(self) -> Group {
        match self {
            Self::Week | Self::Month => Group::Day,
            Self::Quarter => Group::Week,
            Self::Year => Group::Month,
        }
    }
}

/// Days, both ends included, and their grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    pub(crate) today: NaiveDate,
    pub(crate) group: Group,
    /// None where the days were chosen by hand.
    pub(crate) preset: Option<Preset>,
    /// Why what was asked for is not what is shown.
    pub(crate) said: Option<&'static str>,
}

impl Range {
    /// Reads `range`, or `from` and `to`, and `group` of the address. What can't be meant is said, and replaced by
    /// `default`: a page is better than none.
    pub(crate) fn of(cx: &Context<'_>, default: Preset) -> Self {
        let today = cx.call.now.date_naive();
        let preset = Preset::ALL.into_iter().find(|preset| preset.as_str() == cx.query("range"));
        let (from, to) = (cx.query("from"), cx.query("to"));
        let custom = (preset.is_none() && !(from.is_empty() && to.is_empty())).then(|| custom(from, to, today));
        let (days, preset, said) = match custom {
            Some(Ok(days)) => (days, None, None),
            Some(Err(said)) => (span(default, today), Some(default), Some(said)),
            None => (span(preset.unwrap_or(default), today), Some(preset.unwrap_or(default)), None),
        };
        let length = (days.1 - days.0).num_days() + 1;
        let fitting = Group::ALL.into_iter().find(|group| group.fits(length)).unwrap_or(Group::Month);
        let usual = preset.map_or(if length <= 31 { Group::Day } else { fitting_few(length) }, Preset::group);
        let asked = Group::ALL.into_iter().find(|group| group.as_str() == cx.query("group"));
        let group = asked.filter(|group| group.fits(length)).or(asked.map(|_| fitting)).unwrap_or(usual);
        Self { from: days.0, to: days.1, today, group, preset, said }
    }

    pub(crate) fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }

    /// The query that asks for these days again, at this page or at the API.
    pub(crate) fn pairs(&self) -> [(&'static str, String); 2] {
        [("from", self.from.to_string()), ("to", self.to.to_string())]
    }

    /// An address with these days and further pairs.
    pub(crate) fn at(&self, segments: &[&str], more: &[(&str, &str)]) -> String {
        let days = self.pairs();
        let pairs: Vec<(&str, &str)> = days.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied()).collect();
        path(segments, &pairs)
    }

    /// The same range at a page, in its shortest spelling.
    pub(crate) fn page(&self, segments: &[&str], group: Group) -> String {
        match self.preset {
            Some(preset) => path(segments, &[("range", preset.as_str()), ("group", group.as_str())]),
            None => self.at(segments, &[("group", group.as_str())]),
        }
    }
}

/// Day bars up to a month, then weeks up to about half a year, then months.
const fn fitting_few(days: i64) -> Group {
    if days <= 183 { Group::Week } else { Group::Month }
}

fn span(preset: Preset, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (preset.first_day(today).unwrap_or(today), today)
}

fn custom(from: &str, to: &str, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), &'static str> {
    let read = |text: &str, missing: NaiveDate| match text {
        "" => Ok(missing),
        text if text.len() == 10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "These dates can't be read."),
        _ => Err("These dates can't be read."),
    };
    let to = read(to, today)?;
    let from = read(from, to.checked_sub_days(Days::new(29)).unwrap_or(to))?;
    if from > to {
        return Err("The range ends before it begins.");
    }
    if from.checked_add_months(Months::new(12 * YEARS_MAX)).is_some_and(|end| to > end) {
        return Err("A range can have five years at most.");
    }
    Ok((from, to))
}
