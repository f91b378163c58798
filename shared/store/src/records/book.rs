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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::backend::{Backend, memory::Memory};
    use programme::{
        account::{Account, Total},
        payout::{Actor, CancelReason, IdempotencyKey, PayoutAccount, Request},
        settings::Settings,
    };

    fn requested(key: &str, now: DateTime<Utc>) -> payout::Change {
        let alice: AccountId = "alice".parse().unwrap();
        let destination = PayoutAccount {
            rail: Rail::Wise,
            digest: "k1.00".into(),
            masked: "…0001 USD".into(),
            version: 1,
            changed_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            changed_by: alice.clone(),
        };
        let figures = Account { totals: [(Total::Rental, "1000".parse().unwrap())].into(), ..Account::default() };
        payout::request(&Request {
            id: &PayoutId::of_request(&alice, &IdempotencyKey::try_new(key).unwrap()),
            account: &alice,
            amount: "30".parse().unwrap(),
            now,
            settings: (0, &Settings::default()),
            figures: &figures,
            destination: Some(&destination),
            requested_today: Money::ZERO,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_book_keeps_open_payouts_and_the_sum_of_the_day() {
        let (memory, alice): (Memory, AccountId) = (Memory::new(), "alice".parse().unwrap());
        let read = async || PayoutBook::read(&memory.get(&keys::payout_book(&alice), true).await.unwrap().unwrap_or_default()).unwrap();
        let now: DateTime<Utc> = "2026-03-10T12:00:00Z".parse().unwrap();
        let today = now.date_naive();
        let (one, two) = (requested("1", now), requested("2", now));
        let mut edit = BookEdit::on(alice.clone(), &read().await, today).with_default(Rail::Wise);
        edit.take(&one, now);
        edit.take(&two, now);
        memory.write(&[edit.write().unwrap()]).await.unwrap();
        let book = read().await;
        assert_eq!((book.version, book.default, book.requested_on(today)), (1, Some(Rail::Wise), "60".parse().unwrap()));
        assert_eq!(book.open.keys().collect::<Vec<_>>().len(), 2);
        assert!(memory.write(&[edit.write().unwrap()]).await.is_err(), "it was good on the version before");

        let cancel = |change: &payout::Change, at| payout::cancel(&change.payout, Actor::System, CancelReason::ByAccount, at).unwrap();
        let mut same_day = BookEdit::new(alice.clone());
        same_day.take(&cancel(&one, now), now);
        memory.write(&[same_day.write().unwrap()]).await.unwrap();
        let tomorrow = now + chrono::Duration::days(1);
        let mut next_day = BookEdit::new(alice.clone());
        next_day.take(&cancel(&two, tomorrow), tomorrow);
        memory.write(&[next_day.write().unwrap()]).await.unwrap();
        let book = read().await;
        assert_eq!((book.version, book.requested_on(today), book.open.len()), (3, "30".parse().unwrap(), 0));

        let forget = BookEdit::on(alice.clone(), &book, tomorrow.date_naive());
        memory.write(&[forget.write().unwrap()]).await.unwrap();
        assert!(read().await.requested.is_empty());
        assert!(BookEdit::new(alice).write().is_none(), "nothing to write");
    }
}
