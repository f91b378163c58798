//! Reviews of attributions.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::{Change, Condition, Index, Write},
    keys,
    records::{account::attribution_changes, review::Review},
};
use ledger::AccountId;
use programme::attribution::Attribution;
use rust_decimal::Decimal;

impl Store {
    /// An account's review, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn review(&self, account: &AccountId) -> Result<Option<Review>, StoreError> {
        self.backend.get(&keys::review(account), true).await?.as_ref().map(Review::read).transpose()
    }

    /// The reviews that wait for a decision, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reviews(&self, before: Option<&str>, limit: u32) -> Result<ListPage<Review>, StoreError> {
        self.page(&Part { index: Index::ByStatus, pk: keys::REVIEWS_OPEN, from: "0", to: keys::LAST, before, limit }, Review::read).await
    }
}

/// The write that changes an attribution's status, where the version before still stands. Purchases
/// decided on that version are refused by it, and computed anew.
#[must_use]
pub fn attribution_changed(account: &AccountId, after: &Attribution) -> Write {
    let mut changes = attribution_changes(after);
    changes.push(Change::Add("v".into(), Decimal::ONE));
    let before = after.version.saturating_sub(1);
    Write::update(keys::figures(account), vec![Condition::Equals("av", before.into())], changes)
}
