//! The lines that moved an account's figures: which they are tells an index, what they say the table itself.

use super::account::Sums;
use crate::{checks::records::text, entries};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use ledger::AccountId;
use programme::{
    payout::Payout,
    plan::{Line, Subject},
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Store, StoreError,
    backend::{Index, Item, Key, Query, Table},
    keys,
    records::{line, payout, time},
};

/// Keys of which the lines, those before and those after them are read at once: up to 100.
const CHUNK: usize = 33;

/// Lines come into the tables at most this long after the time that they bear, but for very few: in a look that misses one
/// of those a figure differs, and agrees in the next.
const LATE: Duration = Duration::seconds(30);

/// From where in an account's list of lines further ones may still come.
pub(super) async fn recent_since(store: &Store, id: &AccountId) -> Result<String, StoreError> {
    let newest = Query { backward: true, limit: 1, ..part(Index::ByOwner, keys::lines_of(id), "0", keys::LAST) };
    let page = store.backend().query(&newest).await?;
    let at = page.items.first().and_then(|item| text(item, "g1sk").split('#').next()?.parse::<DateTime<Utc>>().ok());
    Ok(at.and_then(|at| at.checked_sub_signed(LATE)).map_or_else(|| "0".to_owned(), time))
}

/// Lines among which no others come any more: those of long histories are read once.
pub(super) async fn lines_before(store: &Store, id: &AccountId, recent: &str, today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    lines(store, id, part(Index::ByOwner, keys::lines_of(id), "0", recent), today, sums).await
}

/// The other lines: the recent ones among those listed for the account, and those of purchases that it made.
pub(super) async fn lines_since(store: &Store, id: &AccountId, recent: &str, today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    lines(store, id, part(Index::ByOwner, keys::lines_of(id), recent, keys::LAST), today, sums).await?;
    lines(store, id, part(Index::ByStatus, keys::purchases_of(id), "purchase#", keys::LAST), today, sums).await
}

fn part(index: Index, pk: String, from: &str, to: &str) -> Query {
    Query {
        table: Table::Ledger,
        index: Some(index),
        pk,
        from: from.to_owned(),
        to: to.to_owned(),
        backward: false,
        limit: 500,
        after: None,
        consistent: false,
    }
}

fn key_of(item: &Item) -> Key {
    Key { table: Table::Ledger, pk: text(item, "pk").to_owned(), sk: text(item, "sk").to_owned() }
}

/// Gathers the lines of a part of an index, page by page.
async fn lines(store: &Store, id: &AccountId, mut query: Query, today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    loop {
        let page = store.backend().query(&query).await?;
        // What is listed for the account and bought by it is gathered where it is listed.
        let twice = |item: &&Item| query.index == Some(Index::ByStatus) && text(item, "g1pk") == keys::lines_of(id);
        let named: Vec<Key> = page.items.iter().filter(|item| !twice(item)).map(key_of).filter(|line| sums.is_new(line)).collect();
        for few in named.chunks(CHUNK) {
            gather(store, id, few, today, sums).await?;
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Reads lines from the table itself, and those right before and after them: what a line moves hangs on the one before it,
/// and the lines that take a purchase from an account again, or tell otherwise of a usage, are in no list of that account.
async fn gather(store: &Store, id: &AccountId, named: &[Key], today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    let places: Vec<(Subject, u32)> = named.iter().filter_map(|key| Some((line::subject(&key.pk)?, key.sk.parse().ok()?))).collect();
    let around = |(subject, number): &(Subject, u32)| {
        let is_row = match subject {
            Subject::Purchase(_) | Subject::Usage(_) | Subject::UsageReward(_) => true,
            // Listed, all of them, and each moves what it moves by itself.
            Subject::Rental(_) | Subject::Payout(_) => false,
        };
        let beside = [number.checked_sub(1), number.checked_add(1)].into_iter().filter(|_| is_row).flatten();
        beside.chain([*number]).map(|number| keys::line(subject, number)).collect::<Vec<_>>()
    };
    let wanted: Vec<Key> = places.iter().flat_map(around).collect::<BTreeSet<_>>().into_iter().collect();
    let found: BTreeMap<Key, Item> = match wanted.as_slice() {
        [] => BTreeMap::new(),
        wanted => store.backend().get_many(wanted, true).await?.into_iter().collect(),
    };
    for (subject, number) in &places {
        let item = |number: u32| found.get(&keys::line(subject, number));
        let Some(at_place) = item(*number) else {
            sums.gone.push(format!("{subject}/{}", keys::line_number(*number)));
            continue;
        };
        let Ok(this) = line::read(at_place) else { continue };
        let before = number.checked_sub(1).and_then(item).and_then(|item| line::read(item).ok());
        entries::moved(&this, before.as_ref(), today, sums);
        let after = number.checked_add(1).and_then(item).cloned();
        unlisted(store, id, this, after, today, sums).await?;
    }
    Ok(())
}

/// Gathers the lines after one that are in none of the account's lists, up to the next one that is.
async fn unlisted(
    store: &Store,
    id: &AccountId,
    mut this: Line,
    mut after: Option<Item>,
    today: NaiveDate,
    sums: &mut Sums,
) -> Result<(), StoreError> {
    let is_listed = |item: &Item| text(item, "g1pk") == keys::lines_of(id) || text(item, "g2pk") == keys::purchases_of(id);
    while let Some(item) = after.filter(|item| !is_listed(item)) {
        let Ok(next) = line::read(&item) else { break };
        entries::moved(&next, Some(&this), today, sums);
        after = super::item(store, keys::line(&next.subject, next.number.saturating_add(1))).await?;
        this = next;
    }
    Ok(())
}

/// Gathers what the account earned its referrer by usage: a row of lines that stands in its referrer's list.
pub(super) async fn usage_reward(store: &Store, id: &AccountId, today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    let subject = Subject::UsageReward(id.clone());
    let mut query = Query {
        table: Table::Ledger,
        index: None,
        pk: subject.to_string(),
        from: keys::line_number(0),
        to: keys::line_number(99_999_999),
        backward: false,
        limit: 500,
        after: None,
        consistent: true,
    };
    let mut before = None;
    loop {
        let page = store.backend().query(&query).await?;
        for this in page.items.iter().filter_map(|item| line::read(item).ok()) {
            entries::moved(&this, before.as_ref(), today, sums);
            before = Some(this);
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Gathers the heads of an account's payouts.
pub(super) async fn payouts(store: &Store, id: &AccountId, today: NaiveDate, sums: &mut Sums) -> Result<(), StoreError> {
    let mut query = part(Index::ByOwner, keys::payouts_of(id), "0", keys::LAST);
    loop {
        let page = store.backend().query(&query).await?;
        let named: Vec<Key> = page.items.iter().map(key_of).collect();
        for few in named.chunks(100) {
            let heads = store.backend().get_many(few, true).await?;
            for head in heads.iter().filter_map(|(_, item)| payout::read(item).ok()) {
                let ended = if head.requested_at.date_naive() < today { None } else { ended(store, &head).await? };
                entries::head(&head, ended, today, sums);
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// When a payout's newest line was written.
async fn ended(store: &Store, head: &Payout) -> Result<Option<DateTime<Utc>>, StoreError> {
    let newest = keys::line(&Subject::Payout(head.id.to_string()), head.version.saturating_sub(1));
    Ok(super::item(store, newest).await?.and_then(|item| line::read(&item).ok()).map(|line| line.at))
}
