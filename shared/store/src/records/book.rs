//! An account's payout book: item `payouts`. Which of its payouts are open (`o{id}` = rail), how much
//! it asked for on a day (`d20261121`), which rail is the default one. It is written in the
//! transactions that it speaks of, so that it is never behind, as an index would be.

use super::Reader;
use crate::{
    StoreError,
    backend::{Change, Condition, Item, Write},
    keys,
};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{AccountId, Money, Rail};
use programme::payout::{self, PayoutId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The book as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PayoutBook {
    /// Counts its writes: what was decided on it holds only on this version.
    pub version: u64,
    /// Which payout account is paid to.
    pub default: Option<Rail>,
    /// What was asked for, by UTC day, without what was released on the same day.
    pub requested: BTreeMap<NaiveDate, Money>,
    /// The payouts that still hold their reserve, and the rail that each is bound to.
    pub open: BTreeMap<PayoutId, Rail>,
}

impl PayoutBook {
    /// What was asked for on a day.
    #[must_use]
    pub fn requested_on(&self, day: NaiveDate) -> Money {
        self.requested.get(&day).copied().unwrap_or_default()
    }

    /// Reads a book.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let mut book = Self { version: reader.count("bv")?, default: reader.parse_or_none("def")?, ..Self::default() };
        for name in item.keys() {
            if let Some(day) = name.strip_prefix('d').and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok()) {
                book.requested.insert(day, reader.money(name)?);
            } else if let Some(id) = name.strip_prefix('o').and_then(|id| PayoutId::try_new(id).ok()) {
                book.open.insert(id, reader.parse(name)?);
            }
        }
        Ok(book)
    }
}

/// Changes of a book, gathered so that one transaction touches it once.
#[derive(Debug, Clone)]
pub struct BookEdit {
    account: AccountId,
    expected: Option<u64>,
    default: Option<Rail>,
    requested: BTreeMap<NaiveDate, Money>,
    open: BTreeMap<PayoutId, Option<Rail>>,
    forgotten: Vec<NaiveDate>,
}

impl BookEdit {
    /// No changes yet.
    #[must_use]
    pub const fn new(account: AccountId) -> Self {
        Self { account, expected: None, default: None, requested: BTreeMap::new(), open: BTreeMap::new(), forgotten: Vec::new() }
    }

    /// No changes yet, and good only on this version of the book. Days before `today` are forgotten.
    #[must_use]
    pub fn on(account: AccountId, book: &PayoutBook, today: NaiveDate) -> Self {
        let forgotten = book.requested.keys().copied().filter(|day| *day < today).collect();
        Self { expected: Some(book.version), forgotten, ..Self::new(account) }
    }

    /// Makes a rail the default one.
    #[must_use]
    pub const fn with_default(mut self, rail: Rail) -> Self {
        self.default = Some(rail);
        self
    }

    /// Takes in a payout's step, made at `at`: what it opens or ends.
    pub(crate) fn take(&mut self, change: &payout::Change, at: DateTime<Utc>) {
        let payout = &change.payout;
        let was_reserved = change.before.is_some_and(|status| status.is_reserved());
        let asked_on = payout.requested_at.date_naive();
        if !was_reserved && payout.status.is_reserved() {
            *self.requested.entry(asked_on).or_default() += payout.amount;
            self.open.insert(payout.id.clone(), Some(payout.destination.rail));
        } else if was_reserved && !payout.status.is_reserved() {
            // What was released on the same day can be asked for again; older days count no more.
            let released = payout.status != payout::PayoutStatus::Paid && payout.status != payout::PayoutStatus::Returned;
            if released && at.date_naive() == asked_on {
                *self.requested.entry(asked_on).or_default() += -payout.amount;
            }
            self.open.insert(payout.id.clone(), None);
        }
    }

    /// The write; none where nothing changes and nothing is expected.
    #[must_use]
    pub fn write(&self) -> Option<Write> {
        let mut changes: Vec<Change> = Vec::new();
        changes.extend(self.default.map(|rail| Change::Set("def".into(), rail.as_str().into())));
        changes.extend(
            self.requested
                .iter()
                .filter(|(_, amount)| !amount.is_zero())
                .map(|(day, amount)| Change::Add(day_name(*day), amount.decimal())),
        );
        changes.extend(self.open.iter().map(|(id, rail)| match rail {
            Some(rail) => Change::Set(format!("o{id}"), rail.as_str().into()),
            None => Change::Remove(format!("o{id}")),
        }));
        changes.extend(self.forgotten.iter().filter(|day| !self.requested.contains_key(day)).map(|day| Change::Remove(day_name(*day))));
        if changes.is_empty() && self.expected.is_none() {
            return None;
        }
        changes.push(Change::Add("bv".into(), Decimal::ONE));
        let conditions =
            self.expected.map(|version| if version == 0 { Condition::Absent("bv") } else { Condition::Equals("bv", version.into()) });
        Some(Write::update(keys::payout_book(&self.account), conditions.into_iter().collect(), changes))
    }
}

fn day_name(day: NaiveDate) -> String {
    format!("d{}", day.format("%Y%m%d"))
}
