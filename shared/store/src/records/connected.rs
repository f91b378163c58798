//! An account's own account at Stripe: item `connect`. It is made once; what it may be paid changes.

use super::{Reader, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
    records::reference,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;

/// How far an account at Stripe is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be paid to.
    Ready,
    /// Its holder has still to tell Stripe who they are.
    Onboarding,
    /// Its holder has told Stripe, which does not let it be paid now.
    Restricted,
}

/// An account at Stripe, and what it may be paid, as last read there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Its id: `acct_…`.
    pub stripe_account: String,
    /// Whether Stripe pays it out.
    pub payouts_enabled: bool,
    /// Whether transfers can be made to it.
    pub transfers_active: bool,
    /// Whether its holder has finished Stripe's form.
    pub details_submitted: bool,
    /// When that was read.
    pub read_at: DateTime<Utc>,
}

impl Connected {
    /// Whether it can be paid to.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.payouts_enabled && self.transfers_active
    }

    /// How far it is.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        if self.is_ready() {
            Standing::Ready
        } else if self.details_submitted {
            Standing::Restricted
        } else {
            Standing::Onboarding
        }
    }

    fn item(&self) -> Item {
        Item::from([
            ("acct".into(), self.stripe_account.as_str().into()),
            ("pay".into(), self.payouts_enabled.into()),
            ("tr".into(), self.transfers_active.into()),
            ("det".into(), self.details_submitted.into()),
            ("at".into(), time(self.read_at).into()),
        ])
    }

    /// The writes that keep it as `owner`'s first and only one, and lead from its id to the owner.
    #[must_use]
    pub fn create(&self, owner: &AccountId) -> [Write; 2] {
        [Write::create(keys::connected(owner), self.item()), reference::stripe_account(&self.stripe_account, owner)]
    }

    /// The write that keeps what was read of it, where it is still `owner`'s.
    #[must_use]
    pub fn update(&self, owner: &AccountId) -> Write {
        let conditions = vec![Condition::Equals("acct", self.stripe_account.as_str().into())];
        Write { key: keys::connected(owner), conditions, operation: Operation::Put(self.item()) }
    }

    /// The write that keeps what was read of it, where `before` is what was known: of two that asked Stripe at once, the later counts.
    #[must_use]
    pub fn replace(&self, owner: &AccountId, before: &Self) -> Write {
        let mut write = self.update(owner);
        write.conditions.push(Condition::Equals("at", time(before.read_at).into()));
        write
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        Ok(Self {
            stripe_account: reader.text("acct")?.to_owned(),
            payouts_enabled: reader.truth("pay")?,
            transfers_active: reader.truth("tr")?,
            details_submitted: reader.truth("det")?,
            read_at: reader.parse("at")?,
        })
    }
}
