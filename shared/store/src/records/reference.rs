//! From a rail's own ids back to what they are ours: for webhooks, which know no others.

use super::Reader;
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use ledger::{AccountId, Rail};
use programme::payout::PayoutId;

/// The write that leads from a rail's payment to its payout. Lost where it is another payout's.
#[must_use]
pub fn payment(rail: Rail, reference: &str, payout: &PayoutId) -> Write {
    only_its_own(keys::payment(rail, reference), "payout", payout.as_str())
}

/// The write that leads from an account at Stripe to its owner. Lost where it is another's.
#[must_use]
pub fn stripe_account(id: &str, owner: &AccountId) -> Write {
    only_its_own(keys::stripe_account(id), "acct", owner.as_str())
}

fn only_its_own(key: crate::backend::Key, name: &'static str, whose: &str) -> Write {
    let item = Item::from([(name.to_owned(), whose.into())]);
    Write { key, conditions: vec![Condition::AbsentOrEquals(name, whose.into())], operation: Operation::Put(item) }
}

/// Reads whose payment it is.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_payment(item: &Item) -> Result<PayoutId, StoreError> {
    Reader::new(item).parse("payout")
}

/// Reads whose account at Stripe it is.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_stripe_account(item: &Item) -> Result<AccountId, StoreError> {
    Reader::new(item).parse("acct")
}
