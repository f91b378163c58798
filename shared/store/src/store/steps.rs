//! The steps that the payout worker writes: each in one transaction with the check of its lease, what
//! it issues, and the way from the rail's own id back to the payout.

use super::Store;
use crate::{
    CommitError, Lost, StoreError,
    backend::Write,
    keys,
    records::{
        book::BookEdit,
        destination,
        lease::Lease,
        payout as head, reference,
        voucher::{self, CREDIT_NOTES, INVOICES, Voucher},
    },
};
use chrono::{DateTime, Datelike, Utc};
use programme::payout::{Billing, Change, Issuer, Numbers, PayoutStatus, Step};
use std::collections::BTreeSet;

/// A step of a payout, and what it is written with.
#[derive(Debug, Clone, Copy)]
pub struct PayoutCommit<'a> {
    /// The step.
    pub change: &'a Change,
    /// The lease under which it was decided.
    pub lease: &'a Lease,
    /// Who issues invoices and credit notes.
    pub issuer: &'a Issuer,
    /// How the payee is named on them.
    pub payee: Option<&'a Billing>,
    /// What else is to be written with it.
    pub beside: &'a [Write],
}

/// Why a step was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Somebody took the lease over: the payout is theirs now.
    #[error("the lease was taken over")]
    LeaseLost,
    /// The payout, the payee's figures or the payout account are no longer what was decided on: read
    /// them again, and decide anew. Of [`PayoutCommit::beside`] the places are told.
    #[error("what it was decided on has changed: {0:?}")]
    Stale(BTreeSet<Lost>),
    /// Only the number was taken by another: read [`Store::numbers`] again, and decide anew.
    #[error("its number was taken")]
    NumberTaken,
    /// The rail's id of the payment leads to another payout already: nothing may be concluded from it.
    #[error("the rail's id is another payout's")]
    ReferenceTaken,
    /// Somebody was writing at the same moment, or the store is busy or away: it may be written. Read again, later.
    #[error("the store is busy: {0}")]
    Busy(String),
    /// The store refuses the transaction as such.
    #[error("the store refuses: {0}")]
    Rejected(String),
}

/// What a write beside the plan claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    Caller,
    Lease,
    Reference,
    Number,
    /// The head, the account's book, the payout account.
    Standing,
}

impl Store {
    /// The next free numbers of the UTC year of `now`, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn numbers(&self, now: DateTime<Utc>) -> Result<Numbers, StoreError> {
        let year = u16::try_from(now.year()).unwrap_or_default();
        let wanted = [keys::last_number(INVOICES, year), keys::last_number(CREDIT_NOTES, year)];
        let found = self.backend.get_many(&wanted, true).await?;
        let last = |key| voucher::last(found.iter().find(|(found, _)| found == key).map(|(_, item)| item));
        let [invoice, credit_note] = &wanted;
        Ok(Numbers::after(year, last(invoice)?, last(credit_note)?))
    }

    /// Writes one step in one transaction: its line and what it moves, the head, the account's book, the
    /// check of the lease; with an intent the check that the payout account is still the one; with what
    /// is paid or comes back the number, and the invoice or credit note under it; with the rail's id,
    /// where it is new, the way back from it.
    ///
    /// # Errors
    /// [`StepError`].
    pub async fn commit_step(&self, step: &PayoutCommit<'_>) -> Result<(), StepError> {
        let PayoutCommit { change, lease, issuer, payee, beside } = *step;
        let payout = &change.payout;
        let at = change.plan.lines.first().map_or(payout.requested_at, |line| line.at);
        let mut writes: Vec<(Claim, Write)> = beside.iter().map(|write| (Claim::Caller, write.clone())).collect();
        writes.push((Claim::Lease, lease.check()));
        writes.push((Claim::Standing, head::write(payout)));
        if matches!(change.event.step, Step::Submitting { .. }) {
            writes.push((Claim::Standing, destination::unchanged(&payout.account, &payout.destination)));
        }
        if let Some(reference) = new_reference(change) {
            writes.push((Claim::Reference, reference::payment(payout.destination.rail, reference, &payout.id)));
        }
        if let Some(voucher) = Voucher::of(change, at, issuer, payee) {
            writes.extend(voucher.issue(&self.seal_keys).map(|write| (Claim::Number, write)));
        }
        let mut book = BookEdit::new(payout.account.clone());
        book.take(change, at);
        writes.extend(book.write().map(|write| (Claim::Standing, write)));
        let (claims, writes): (Vec<Claim>, Vec<Write>) = writes.into_iter().unzip();
        match self.commit_with(&change.plan, &writes).await {
            Ok(()) => Ok(()),
            Err(CommitError::Lost(lost)) => Err(judge(&claims, lost)),
            Err(CommitError::Busy(reason)) => Err(StepError::Busy(reason)),
            Err(CommitError::Rejected(reason)) => Err(StepError::Rejected(reason)),
        }
    }
}

/// The rail's id, where this step is the first to know it.
fn new_reference(change: &Change) -> Option<&str> {
    let sent = matches!(change.before, Some(PayoutStatus::Submitting | PayoutStatus::Unknown));
    change.payout.reference.as_deref().filter(|_| sent)
}

/// A lost lease outweighs all: nothing else is this worker's matter then. What has changed comes next,
/// since only reading again can tell whether the rest still matters.
fn judge(claims: &[Claim], lost: BTreeSet<Lost>) -> StepError {
    let claim = |lost: &Lost| match lost {
        Lost::Beside(place) => claims.get(*place).copied().unwrap_or(Claim::Standing),
        Lost::Line(_) | Lost::Account(_) => Claim::Standing,
    };
    let any = |wanted: Claim| lost.iter().any(|lost| claim(lost) == wanted);
    if any(Claim::Lease) {
        StepError::LeaseLost
    } else if any(Claim::Standing) || any(Claim::Caller) {
        StepError::Stale(lost)
    } else if any(Claim::Reference) {
        StepError::ReferenceTaken
    } else {
        StepError::NumberTaken
    }
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
