//! What an account is shown of its payouts.

use chrono::{DateTime, Utc};
use ledger::{AccountId, Money};
use programme::{
    payout::{Payout, PayoutAccount, PayoutStatus, Step},
    settings::Settings,
};
use serde::Serialize;
use store::{PayoutStep, records::time};

/// A payout account, masked.
#[derive(Serialize)]
pub(crate) struct AccountView {
    rail: &'static str,
    destination: String,
    default: bool,
    version: u32,
    changed_at: String,
    /// From when it is paid to.
    usable_from: String,
}

impl AccountView {
    pub(crate) fn of(account: &PayoutAccount, default: bool, settings: &Settings) -> Self {
        Self {
            rail: account.rail.as_str(),
            destination: account.masked.clone(),
            default,
            version: account.version,
            changed_at: time(account.changed_at),
            usable_from: time(account.opens_at(settings)),
        }
    }
}

/// A payout as its payee sees it.
#[derive(Serialize)]
pub(crate) struct PayoutView {
    payout_id: String,
    status: &'static str,
    amount: Money,
    currency: String,
    rail: &'static str,
    destination: String,
    requested_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl PayoutView {
    pub(crate) fn of(payout: &Payout) -> Self {
        Self {
            payout_id: payout.id.to_string(),
            status: payout.status.as_str(),
            amount: payout.amount,
            currency: payout.currency.to_string(),
            rail: payout.destination.rail.as_str(),
            destination: payout.destination.masked.clone(),
            requested_at: time(payout.requested_at),
            reason: payout.reason.clone(),
        }
    }

    /// The payout as it was when it was asked for, from its first record; none where that is another step.
    pub(crate) fn requested(id: &str, at: DateTime<Utc>, step: &Step) -> Option<Self> {
        let Step::Requested { amount, currency, destination, .. } = step else { return None };
        Some(Self {
            payout_id: id.to_owned(),
            status: PayoutStatus::Requested.as_str(),
            amount: *amount,
            currency: currency.to_string(),
            rail: destination.rail.as_str(),
            destination: destination.masked.clone(),
            requested_at: time(at),
            reason: None,
        })
    }

    pub(crate) const fn amount(&self) -> Money {
        self.amount
    }
}

/// A step of a payout. Who of finance took it is not told.
#[derive(Serialize)]
pub(crate) struct StepView {
    at: String,
    step: &'static str,
    status: &'static str,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl StepView {
    pub(crate) fn of(step: &PayoutStep) -> Self {
        let (name, reason) = match &step.event.step {
            Step::Requested { .. } => ("requested", None),
            Step::ApprovalGiven { .. } => ("approval_given", None),
            Step::Rejected { reason } => ("rejected", Some(reason.clone())),
            Step::Canceled { reason } => ("canceled", Some(reason.as_str().to_owned())),
        };
        Self { at: time(step.at), step: name, status: step.event.status.as_str(), by: step.event.by.role(), reason }
    }
}

/// The payout, where it is that account's; another's is none.
pub(crate) fn own(payout: Option<Payout>, account: &AccountId) -> Option<Payout> {
    payout.filter(|payout| payout.account == *account)
}
