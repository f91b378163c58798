//! Who has a payout in hand. A lease ends by time; whoever takes it over gets another token, and every
//! step of its holder checks the token in the same transaction, so that a holder who was away for too
//! long writes nothing any more.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use chrono::{DateTime, Utc};
use programme::payout::PayoutId;

/// A lease on a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// On which payout.
    pub payout: PayoutId,
    /// Who has it: a name of one piece of work, not of a process that does several.
    pub by: String,
    /// Counts how often the payout's lease changed.
    pub token: u64,
    /// Until when.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// What must hold for the lease to be as it was read; token 0: there never was one.
    fn still(token: u64) -> Vec<Condition> {
        vec![if token == 0 { Condition::Absent("tok") } else { Condition::Equals("tok", token.into()) }]
    }

    /// The write that makes this lease the next after the one with `before` as its token.
    pub(crate) fn write(&self, before: u64) -> Write {
        let item = Item::from([
            ("by".into(), self.by.as_str().into()),
            ("tok".into(), self.token.into()),
            ("until".into(), time(self.until).into()),
        ]);
        Write { key: keys::lease(&self.payout), conditions: Self::still(before), operation: Operation::Put(item) }
    }

    /// Checks, in a transaction, that nobody took it over.
    #[must_use]
    pub fn check(&self) -> Write {
        Write { key: keys::lease(&self.payout), conditions: Self::still(self.token), operation: Operation::Check }
    }

    /// Reads a lease.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let payout = reader.text("pk")?.strip_prefix("lease#").and_then(|id| PayoutId::try_new(id).ok());
        Ok(Self {
            payout: payout.ok_or_else(|| reader.corrupt("no payout"))?,
            by: reader.text("by")?.to_owned(),
            token: reader.count("tok")?,
            until: reader.parse("until")?,
        })
    }
}
