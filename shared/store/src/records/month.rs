//! Chart buckets: item `m#{YYYY-MM}#{template}` of an account. One attribute a day and series:
//! `e07` referral earnings of the 7th, `r07` rental, `c07` clicks, `s07` signups.

use super::Reader;
use crate::{StoreError, backend::Item};
use chrono::{Datelike, NaiveDate};
use ledger::{Money, TemplateId};

/// A series of the charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Series {
    /// Referral earnings.
    Earned,
    /// Rental earnings.
    Rented,
    /// Clicks.
    Clicks,
    /// Signups.
    Signups,
}

impl Series {
    /// Every series.
    pub const ALL: [Self; 4] = [Self::Earned, Self::Rented, Self::Clicks, Self::Signups];

    const fn letter(self) -> char {
        match self {
            Self::Earned => 'e',
            Self::Rented => 'r',
            Self::Clicks => 'c',
            Self::Signups => 's',
        }
    }

    /// The attribute of a day.
    #[must_use]
    pub fn name(self, day: NaiveDate) -> String {
        format!("{}{:02}", self.letter(), day.day())
    }
}

/// `YYYY-MM` of a day.
#[must_use]
pub fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// One figure of a month's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The template; none: the plain link.
    pub template: Option<TemplateId>,
    /// The day.
    pub day: NaiveDate,
    /// Of what.
    pub series: Series,
    /// How much or how many.
    pub figure: Money,
}

/// Reads all figures of a month's item.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Vec<Bucket>, StoreError> {
    let reader = Reader::new(item);
    let key = reader.text("sk")?;
    let (month, template) = key.strip_prefix("m#").and_then(|rest| rest.split_once('#')).ok_or_else(|| reader.corrupt("no month"))?;
    let template =
        if template == "-" { None } else { Some(TemplateId::try_new(template).map_err(|error| reader.corrupt(error.to_string()))?) };
    let mut buckets = Vec::new();
    for name in item.keys().filter(|name| !["pk", "sk"].contains(&name.as_str())) {
        let series = Series::ALL.into_iter().find(|series| name.starts_with(series.letter()));
        let day = name.get(1..).and_then(|day| format!("{month}-{day}").parse::<NaiveDate>().ok());
        let (Some(series), Some(day)) = (series, day) else { return Err(reader.corrupt(format!("unknown figure {name}"))) };
        buckets.push(Bucket { template: template.clone(), day, series, figure: reader.money(name)? });
    }
    Ok(buckets)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::backend::Value;

    #[test]
    fn a_month_reads_as_days() {
        let day: NaiveDate = "2026-02-07".parse().unwrap();
        let name = Series::Earned.name(day);
        let item = Item::from([
            ("pk".into(), "account#a".into()),
            ("sk".into(), "m#2026-02#tpl_1".into()),
            (name, Value::N("1.5".parse().unwrap())),
        ]);
        let read_back = read(&item).unwrap();
        assert_eq!(
            read_back,
            [Bucket { template: Some(TemplateId::try_new("tpl_1").unwrap()), day, series: Series::Earned, figure: "1.5".parse().unwrap() }]
        );
        let bad = Item::from([("sk".into(), "m#2026-02#-".into()), ("e31".into(), Value::N("1".parse().unwrap()))]);
        assert!(read(&bad).is_err(), "there is no 31 February");
    }
}
