//! The audit trail of finance, and the count that its daily limit needs.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::{Condition, Index, Item, Operation, Write},
    keys,
    records::{Reader, act::Act},
};
use chrono::NaiveDate;
use ledger::Money;

/// How much was approved for all accounts on an UTC day, as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovedDay {
    /// The day.
    pub day: NaiveDate,
    /// The sum.
    pub amount: Money,
    version: u64,
}

impl ApprovedDay {
    /// The write that adds to it, where nobody else has since it was read.
    #[must_use]
    pub fn plus(&self, amount: Money) -> Write {
        let item = Item::from([("amt".into(), (self.amount + amount).into()), ("ver".into(), (self.version + 1).into())]);
        let condition = if self.version == 0 { Condition::Absent("ver") } else { Condition::Equals("ver", self.version.into()) };
        Write { key: keys::approved_on(&self.day.to_string()), conditions: vec![condition], operation: Operation::Put(item) }
    }
}

impl Store {
    /// How much was approved on a day, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn approved_on(&self, day: NaiveDate) -> Result<ApprovedDay, StoreError> {
        let item = self.backend.get(&keys::approved_on(&day.to_string()), true).await?.unwrap_or_default();
        let reader = Reader::new(&item);
        Ok(ApprovedDay { day, amount: reader.money("amt")?, version: reader.count("ver")? })
    }

    /// What was done on the UTC days `from` to `to`, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn acts(&self, from: NaiveDate, to: NaiveDate, before: Option<&str>, limit: u32) -> Result<ListPage<Act>, StoreError> {
        let (from, until) = (from.to_string(), to.succ_opt().unwrap_or(to).to_string());
        self.page(&Part { index: Index::ByStatus, pk: keys::ACTS, from: &from, to: &until, before, limit }, Act::read).await
    }
}
