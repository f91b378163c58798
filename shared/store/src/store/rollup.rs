//! Raw clicks become day figures: each minute once, whoever counts it and however often.

use super::{
    Store,
    referrals::{CLICK_DAYS, minute_of_month},
};
use crate::{
    CommitError, Lost, StoreError,
    backend::{Change, Condition, Item, Query, Reason, Table, Write, WriteError},
    keys,
    records::{
        Reader,
        month::{Series, month_of},
        referral::Click,
    },
};
use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, Utc};
use futures::future::try_join_all;
use programme::{
    plan::{DayKey, Plan},
    visit::VisitClass,
};
use std::collections::BTreeMap;

/// Clicks by account, day and template.
pub type ClickCounts = BTreeMap<DayKey, u64>;

/// Day figures in one transaction; one more operation is the claim.
const FIGURES_MAX: usize = 90;

/// How the cursor writes a minute.
const MINUTE: &str = "%Y-%m-%dT%H:%M:00Z";

impl Store {
    /// The last minute whose clicks are counted; none before the first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rollup_cursor(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let item = self.backend.get(&keys::rollup_cursor(), true).await?;
        item.map(|item| Reader::new(&item).parse("at")).transpose()
    }

    /// Moves the cursor on from where it was read. False where somebody else moved it meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn advance_rollup(&self, from: Option<DateTime<Utc>>, to: DateTime<Utc>) -> Result<bool, StoreError> {
        let written = |at: DateTime<Utc>| at.format(MINUTE).to_string();
        let unmoved = from.map_or(Condition::Absent("at"), |from| Condition::Equals("at", written(from).into()));
        let write = Write::update(keys::rollup_cursor(), vec![unmoved], vec![Change::Set("at".into(), written(to).into())]);
        match self.backend.write(&[write]).await {
            Ok(()) => Ok(true),
            Err(WriteError::Canceled(reasons)) if reasons.contains(&Reason::ConditionFailed) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The first minute from `first` to `last` in which there is a click. A month without any costs one query a
    /// partition, so that a long silence is passed over at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_click_minute(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        // What is older has expired.
        let first = first.max(last - Duration::days(CLICK_DAYS));
        let (first_month, last_month) = (month_of(first.date_naive()), month_of(last.date_naive()));
        for day in months(first.date_naive(), last.date_naive()) {
            let month = month_of(day);
            let from = if month == first_month { minute_of_month(first) } else { String::new() };
            let to = if month == last_month { minute_of_month(last) } else { String::from(keys::LAST) };
            let (month, from, to) = (&*month, &*from, &*to);
            let of_shard = |shard| async move { self.first_click(month, shard, from, to).await };
            let found = try_join_all((0..keys::CLICK_SHARDS).map(of_shard)).await?;
            if let Some(minute) = found.into_iter().flatten().min() {
                return Ok(Some(minute));
            }
        }
        Ok(None)
    }

    /// The minute of the first click of a month's partition between two minutes of it, both included.
    async fn first_click(&self, month: &str, shard: u8, from: &str, to: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = Query {
            table: Table::Referrals,
            index: None,
            pk: keys::clicks_partition(month, shard),
            from: format!("{from}#"),
            to: format!("{to}#{}", keys::LAST),
            backward: false,
            limit: 1,
            after: None,
            consistent: true,
        };
        let page = self.backend.query(&query).await?;
        let Some(item) = page.items.first() else { return Ok(None) };
        let reader = Reader::new(item);
        let minute = reader.text("sk")?.split_once('#').map(|(minute, _)| format!("{month}-{minute}"));
        let minute = minute.and_then(|minute| NaiveDateTime::parse_from_str(&minute, "%Y-%m-%dT%H:%M").ok());
        minute.map(|minute| Some(minute.and_utc())).ok_or_else(|| reader.corrupt("no minute in its key"))
    }

    /// What the clicks of a minute count: those of persons, of all partitions, read at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn click_counts(&self, minute: DateTime<Utc>) -> Result<ClickCounts, StoreError> {
        let of_shard = |shard| async move { self.clicks(minute, shard).await.map(counts) };
        let mut all = ClickCounts::new();
        for counts in try_join_all((0..keys::CLICK_SHARDS).map(of_shard)).await? {
            counts.into_iter().for_each(|(day, count)| *all.entry(day).or_default() += count);
        }
        Ok(all)
    }

    /// Adds a minute's counts to the day figures. Claim and figures are one transaction a chunk, and
    /// the chunks of a closed minute are the same whoever makes them, so that nothing counts twice.
    ///
    /// # Errors
    /// [`CommitError::Busy`], [`CommitError::Rejected`]. Chunks before the failed one are written.
    pub async fn add_click_counts(&self, minute: DateTime<Utc>, counts: &ClickCounts) -> Result<(), CommitError> {
        let name = minute.format("%Y-%m-%dT%H:%M").to_string();
        // As long as a click can be read, it can't be counted again.
        let expires = (minute + Duration::days(CLICK_DAYS + 1)).timestamp();
        let figures: Vec<Write> = counts.iter().map(|(day, count)| figure(day, *count)).collect();
        for (chunk, figures) in figures.chunks(FIGURES_MAX).enumerate() {
            let mut writes = vec![Write::create(keys::rolled(&name, chunk), Item::from([("ttl".into(), expires.into())]))];
            writes.extend_from_slice(figures);
            match self.commit_with(&Plan::default(), &writes).await {
                Ok(()) => {}
                Err(CommitError::Lost(lost)) if lost.contains(&Lost::Beside(0)) => tracing::debug!(minute = name, chunk, "counted before"),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The months from one day to another, each by its first day.
fn months(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let next = |month: &NaiveDate| month.checked_add_months(Months::new(1));
    std::iter::successors(first.with_day(1), next).take_while(move |month| *month <= last)
}

fn counts(clicks: Vec<Click>) -> ClickCounts {
    let mut counts = ClickCounts::new();
    for click in clicks.into_iter().filter(|click| click.class == VisitClass::Person.as_str()) {
        *counts.entry(DayKey { account: click.account, day: click.at.date_naive(), template: click.template }).or_default() += 1;
    }
    counts
}

fn figure(day: &DayKey, count: u64) -> Write {
    let key = keys::month(&day.account, &month_of(day.day), day.template.as_ref());
    Write::update(key, Vec::new(), vec![Change::Add(Series::Clicks.name(day.day), count.into())])
}
