//! Raw clicks become day figures: each minute once, whoever counts it and however often.

use super::{
    Store,
    referrals::{CLICK_DAYS, click_day, minute_of_day},
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
use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
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

    /// The first minute from `first` to `last` in which there is a click. A day without any costs one query a
    /// partition, so that a long silence is passed over at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_click_minute(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
        // What is older has expired.
        let first = first.max(last - Duration::days(CLICK_DAYS));
        for day in first.date_naive().iter_days().take_while(|day| *day <= last.date_naive()) {
            let from = if day == first.date_naive() { minute_of_day(first) } else { String::from("00:00") };
            let to = if day == last.date_naive() { minute_of_day(last) } else { String::from("23:59") };
            let (from, to) = (&from, &to);
            let of_shard = |shard| async move { self.first_click(day, shard, from, to).await };
            let found = try_join_all((0..keys::CLICK_SHARDS).map(of_shard)).await?;
            if let Some(minute) = found.into_iter().flatten().min() {
                return Ok(Some(minute));
            }
        }
        Ok(None)
    }

    /// The minute of the first click of a day's partition between two minutes of it, both included.
    async fn first_click(&self, day: NaiveDate, shard: u8, from: &str, to: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let query = Query {
            table: Table::Referrals,
            index: None,
            pk: keys::clicks_partition(&day.to_string(), shard),
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
        let minute = reader.text("sk")?.split_once('#').and_then(|(minute, _)| NaiveTime::parse_from_str(minute, "%H:%M").ok());
        minute.map(|minute| Some(day.and_time(minute).and_utc())).ok_or_else(|| reader.corrupt("no minute in its key"))
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
        let name = format!("{}T{}", click_day(minute), minute_of_day(minute));
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
