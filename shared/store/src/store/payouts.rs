//! Payouts, payout accounts, and the one write that moves a payout on.

use super::{ListPage, Store, lists::Part};
use crate::{
    CommitError, StoreError,
    backend::{Index, Key, Query, Table, Write},
    keys,
    records::{
        Reader,
        book::{BookEdit, PayoutBook},
        destination::StoredDestination,
        line, payout as head,
    },
};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{AccountId, Rail};
use programme::{
    payout::{Change, Payout, PayoutEvent, PayoutId, PayoutStatus},
    plan::{Body, Plan},
};
use std::collections::{BTreeMap, BTreeSet};

/// A record of a payout, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutStep {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub event: PayoutEvent,
}

impl Store {
    /// Where a payout stands, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout(&self, id: &PayoutId) -> Result<Option<Payout>, StoreError> {
        self.backend.get(&keys::payout_head(id.as_str()), true).await?.as_ref().map(head::read).transpose()
    }

    /// Where several payouts stand, every write before seen. Those that are not there are left out.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_heads(&self, ids: &[PayoutId]) -> Result<BTreeMap<PayoutId, Payout>, StoreError> {
        let wanted: BTreeSet<Key> = ids.iter().map(|id| keys::payout_head(id.as_str())).collect();
        let wanted: Vec<Key> = wanted.into_iter().collect();
        let mut found = BTreeMap::new();
        for wanted in wanted.chunks(100) {
            for (_, item) in self.backend.get_many(wanted, true).await? {
                let payout = head::read(&item)?;
                found.insert(payout.id.clone(), payout);
            }
        }
        Ok(found)
    }

    /// All records of a payout, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_steps(&self, id: &PayoutId) -> Result<Vec<PayoutStep>, StoreError> {
        let mut query = Query {
            table: Table::Ledger,
            index: None,
            pk: format!("payout#{id}"),
            from: keys::line_number(0),
            to: keys::line_number(99_999_999),
            backward: false,
            limit: 100,
            after: None,
            consistent: true,
        };
        let mut steps = Vec::new();
        loop {
            let page = self.backend.query(&query).await?;
            for item in &page.items {
                let line = line::read(item)?;
                if let Body::Payout { event } = &line.body {
                    let event = serde_json::from_str(event).map_err(|error| Reader::new(item).corrupt(format!("event: {error}")))?;
                    steps.push(PayoutStep { at: line.at, event });
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(steps),
            }
        }
    }

    /// An account's payouts that were asked for on the UTC days `from` to `to`, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payouts_of(
        &self,
        account: &AccountId,
        from: NaiveDate,
        to: NaiveDate,
        before: Option<&str>,
        limit: u32,
    ) -> Result<ListPage<Payout>, StoreError> {
        let (pk, from, until) = (keys::payouts_of(account), from.to_string(), to.succ_opt().unwrap_or(to).to_string());
        self.page(&Part { index: Index::ByOwner, pk: &pk, from: &from, to: &until, before, limit }, head::read).await
    }

    /// The payouts of a status, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payouts_in(&self, status: PayoutStatus, before: Option<&str>, limit: u32) -> Result<ListPage<Payout>, StoreError> {
        let pk = keys::payouts_in(status);
        self.page(&Part { index: Index::ByStatus, pk: &pk, from: "0", to: keys::LAST, before, limit }, head::read).await
    }

    /// An account's payout account of a rail, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_account(&self, account: &AccountId, rail: Rail) -> Result<Option<StoredDestination>, StoreError> {
        self.backend.get(&keys::destination(account, rail), true).await?.as_ref().map(StoredDestination::read).transpose()
    }

    /// Several accounts' payout accounts, each of one rail, every write before seen. Those that are not there are left out; doubles are
    /// allowed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_accounts_at(
        &self,
        places: &[(AccountId, Rail)],
    ) -> Result<BTreeMap<(AccountId, Rail), StoredDestination>, StoreError> {
        let wanted: BTreeMap<Key, &(AccountId, Rail)> = places.iter().map(|place| (keys::destination(&place.0, place.1), place)).collect();
        let keys: Vec<Key> = wanted.keys().cloned().collect();
        let mut found = BTreeMap::new();
        for keys in keys.chunks(100) {
            for (key, item) in self.backend.get_many(keys, true).await? {
                if let Some(place) = wanted.get(&key) {
                    found.insert((*place).clone(), StoredDestination::read(&item)?);
                }
            }
        }
        Ok(found)
    }

    /// An account's payout accounts, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_accounts(&self, account: &AccountId) -> Result<Vec<StoredDestination>, StoreError> {
        let query = Query {
            table: Table::Accounts,
            index: None,
            pk: keys::account_partition(account),
            from: "dest#".into(),
            to: format!("dest#{}", keys::LAST),
            backward: false,
            limit: 100,
            after: None,
            consistent: true,
        };
        self.backend.query(&query).await?.items.iter().map(StoredDestination::read).collect()
    }

    /// An account's payout book, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_book(&self, account: &AccountId) -> Result<PayoutBook, StoreError> {
        let item = self.backend.get(&keys::payout_book(account), true).await?;
        item.as_ref().map_or_else(|| Ok(PayoutBook::default()), PayoutBook::read)
    }

    /// Writes steps of payouts of one account in one transaction: their lines, what they move, their
    /// heads, the account's book, and `beside`.
    ///
    /// # Errors
    /// [`CommitError`]; any lost claim asks for reading and deciding anew.
    pub async fn commit_payouts(&self, changes: &[Change], mut book: BookEdit, beside: &[Write]) -> Result<(), CommitError> {
        let mut plan = Plan::default();
        let mut writes = beside.to_vec();
        for change in changes {
            let at = change.plan.lines.first().map_or(change.payout.requested_at, |line| line.at);
            book.take(change, at);
            plan.add(change.plan.clone());
            writes.push(head::write(&change.payout));
        }
        writes.extend(book.write());
        self.commit_with(&plan, &writes).await
    }
}
