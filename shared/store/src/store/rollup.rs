//! Raw clicks become day figures: each minute once, whoever counts it and however often.

use super::{
    Store,
    referrals::{CLICK_DAYS, click_minute},
};
use crate::{
    CommitError, Lost, StoreError,
    backend::{Change, Condition, Item, Reason, Write, WriteError},
    keys,
    records::{
        Reader,
        month::{Series, month_of},
        referral::Click,
    },
};
use chrono::{DateTime, Duration, Utc};
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

    /// What the clicks of a minute count: those of persons, of all partitions, read at once.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn click_counts(&self, minute: DateTime<Utc>) -> Result<ClickCounts, StoreError> {
        let name = &click_minute(minute);
        let of_shard = |shard| async move { self.clicks(name, shard).await.map(counts) };
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
        let name = click_minute(minute);
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
