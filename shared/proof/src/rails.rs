//! The books of the rails as evidence: what tables alone can't show.

use crate::report::Report;
use ledger::{Currency, Money, Rail};
use programme::payout::{Payout, PayoutId, PayoutStatus};
use std::collections::BTreeMap;
use store::{Store, StoreError};

/// The name of the invariant.
const NAME: &str = "one_transfer_per_payout";

/// Entries read at once.
const PAGE: u32 = 100;

/// A payment in a rail's books, whatever became of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RailTransfer {
    /// Which rail.
    pub rail: Rail,
    /// For which payout.
    pub payout: PayoutId,
    /// Under which key it was made, where the books tell.
    pub key: Option<String>,
    /// How much, and in which currency; none where the rail's books are kept in the payee's.
    pub amount: Option<(Money, Currency)>,
    /// The rail's id of it, where it is the one that payouts are known by.
    pub reference: Option<String>,
}

/// Checks that no payout was paid twice, that each that is said to be paid was, and that what was paid is what was approved.
/// For rails at rest: every payment that was made is in `transfers`.
///
/// # Errors
/// [`StoreError`] where the tables can't be read.
pub async fn one_transfer_per_payout(store: &Store, transfers: &[RailTransfer], report: &mut Report) -> Result<(), StoreError> {
    report.not_checked.remove(NAME);
    report.figure(NAME);
    let mut by_payout: BTreeMap<&PayoutId, Vec<&RailTransfer>> = BTreeMap::new();
    for transfer in transfers {
        by_payout.entry(&transfer.payout).or_default().push(transfer);
    }
    let ids: Vec<PayoutId> = by_payout.keys().map(|id| (*id).clone()).collect();
    let heads = store.payout_heads(&ids).await?;
    for (id, transfers) in &by_payout {
        report.look(NAME, &format!("payout#{id}"), fault(heads.get(id), transfers));
    }
    for status in [PayoutStatus::Submitted, PayoutStatus::Paid, PayoutStatus::Returned] {
        let mut place = None::<String>;
        loop {
            let page = store.payouts_in(status, place.as_deref(), PAGE).await?;
            for payout in page.entries.iter().map(|listed| &listed.entry).filter(|payout| !by_payout.contains_key(&payout.id)) {
                report.look(NAME, &format!("payout#{}", payout.id), Some(format!("it is {status}, and no rail has a payment for it")));
            }
            match page.next_place() {
                Some(next) => place = Some(next.to_owned()),
                None => break,
            }
        }
    }
    Ok(())
}

/// What is wrong with the payments for one payout.
fn fault(head: Option<&Payout>, transfers: &[&RailTransfer]) -> Option<String> {
    let Some(head) = head else { return Some("a rail has a payment for it, and it does not stand".to_owned()) };
    let [transfer] = transfers else { return Some(format!("{} payments were made for it", transfers.len())) };
    if matches!(head.status, PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Rejected | PayoutStatus::Canceled) {
        return Some(format!("it is {}, and a payment was made for it", head.status));
    }
    let of_it = head.reference.as_ref().zip(transfer.reference.as_ref());
    let faults = [
        (transfer.rail != head.destination.rail, "by another rail"),
        (transfer.amount.as_ref().is_some_and(|(amount, _)| *amount != head.amount), "with another amount"),
        (transfer.amount.as_ref().is_some_and(|(_, currency)| *currency != head.currency), "in another currency"),
        (transfer.key.as_ref().is_some_and(|key| *key != head.key()), "under another key"),
        (of_it.is_some_and(|(known, made)| known != made), "under another id"),
    ];
    faults.into_iter().find(|(wrong, _)| *wrong).map(|(_, how)| format!("it was paid {how}"))
}
