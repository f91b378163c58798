//! What finance sees of a payout.

use ledger::Money;
use programme::{
    payout::{CreditNoteNumber, Payout, RunId, approvals_needed},
    settings::Settings,
};
use serde::Serialize;
use store::records::time;

#[derive(Serialize)]
struct ApprovalView {
    by: String,
    at: String,
}

/// A payout with all that a decision looks at; the destination stays masked.
#[derive(Serialize)]
pub(crate) struct PayoutView {
    payout_id: String,
    account_id: String,
    status: &'static str,
    /// What an act on it must name.
    version: u32,
    amount: Money,
    referral: Money,
    rental: Money,
    currency: String,
    rail: &'static str,
    destination: String,
    destination_changed_at: String,
    requested_at: String,
    approvals: Vec<ApprovalView>,
    approvals_needed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(flatten)]
    sent: Sent,
}

/// What is known from the intent to pay on; nothing of it before.
#[derive(Serialize)]
struct Sent {
    /// The run that it was sent in, or waits in.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<String>,
    /// The rail's own id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The rail's own word for where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// How much came back, in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<PaperView>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credit_notes: Vec<PaperView>,
}

/// An invoice or a credit note, and where it can be fetched on this site.
#[derive(Serialize)]
struct PaperView {
    number: String,
    url: String,
}

impl Sent {
    fn of(payout: &Payout) -> Self {
        let id = &payout.id;
        let credit_note = |number: &CreditNoteNumber| PaperView {
            number: number.to_string(),
            url: format!("/payouts/{id}/credit-note.pdf?number={number}"),
        };
        Self {
            run_id: payout.run.as_ref().map(RunId::to_string),
            sent_at: payout.submitting_since.map(time),
            paid_at: payout.paid_at.map(time),
            reference: payout.reference.clone(),
            note: payout.note.clone(),
            returned: Some(payout.returned).filter(|returned| returned.is_positive()),
            invoice: payout.invoice.map(|number| PaperView { number: number.to_string(), url: format!("/payouts/{id}/invoice.pdf") }),
            credit_notes: payout.credit_notes.iter().map(credit_note).collect(),
        }
    }
}

impl PayoutView {
    pub(crate) fn of(payout: &Payout, settings: &Settings) -> Self {
        let approvals = payout.approvals_that_hold().map(|approval| ApprovalView { by: approval.by.to_string(), at: time(approval.at) });
        Self {
            payout_id: payout.id.to_string(),
            account_id: payout.account.to_string(),
            status: payout.status.as_str(),
            version: payout.version,
            amount: payout.amount,
            referral: payout.split.referral,
            rental: payout.split.rental,
            currency: payout.currency.to_string(),
            rail: payout.destination.rail.as_str(),
            destination: payout.destination.masked.clone(),
            destination_changed_at: time(payout.destination.changed_at),
            requested_at: time(payout.requested_at),
            approvals: approvals.collect(),
            approvals_needed: approvals_needed(payout, settings),
            reason: payout.reason.clone(),
            sent: Sent::of(payout),
        }
    }

    /// The same, waiting in that run where it was not sent yet.
    pub(crate) fn waiting_in(mut self, run: Option<&RunId>) -> Self {
        self.sent.run_id = self.sent.run_id.or_else(|| run.map(RunId::to_string));
        self
    }
}
