//! PayPal as a rail: its events of payouts say that the worker should look. None says what became of the cash, nor where it went:
//! the worker asks PayPal.

use super::objects::{Batch, Item};
use crate::translation::{Unreadable, sender_id};
use ledger::Rail;
use programme::payout::{Errand, PayoutId};

/// The events that concern payouts, whatever they are called after that.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Item,
    Batch,
}

impl Kind {
    pub(super) fn of(name: &str) -> Option<Self> {
        let begins = |prefix| name.starts_with(prefix);
        if begins("PAYMENT.PAYOUTS-ITEM.") {
            Some(Self::Item)
        } else if begins("PAYMENT.PAYOUTSBATCH.") {
            Some(Self::Batch)
        } else {
            None
        }
    }
}

/// The worker's errand for an item, which names itself, its batch, or both by our own ids.
///
/// # Errors
/// [`Unreadable`] where it names neither ours nor PayPal's.
pub(super) fn of_item(item: Item) -> Result<Vec<Errand>, Unreadable> {
    let told = [item.payout_item.and_then(|item| item.sender_item_id), item.sender_batch_id];
    errands(&told, item.payout_batch_id)
}

/// The worker's errand for a batch: each of ours is one payout.
///
/// # Errors
/// [`Unreadable`] where it names neither ours nor PayPal's.
pub(super) fn of_batch(batch: Batch) -> Result<Vec<Errand>, Unreadable> {
    let header = batch.batch_header;
    errands(&[header.sender_batch_header.and_then(|header| header.sender_batch_id)], header.payout_batch_id)
}

fn errands(told: &[Option<String>], batch: Option<String>) -> Result<Vec<Errand>, Unreadable> {
    if let Some(payout) = told.iter().flatten().find_map(|text| text.parse::<PayoutId>().ok()) {
        return Ok(vec![Errand::Look { payout }]);
    }
    // Not named by an id of ours: PayPal's own still may be one that we know.
    match batch {
        Some(batch) => Ok(vec![Errand::Hint { rail: Rail::Paypal, reference: sender_id("payout_batch_id", batch)? }]),
        // Somebody else's, made in PayPal's own pages.
        None if told.iter().any(Option::is_some) => Ok(Vec::new()),
        None => Err(Unreadable::because("neither sender_batch_id nor payout_batch_id is there")),
    }
}
