//! What finance sees of a payout.

use ledger::Money;
use programme::{
    payout::{Payout, approvals_needed},
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
        }
    }
}
