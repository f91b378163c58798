//! What an account is shown of its payouts.

use crate::standing::State;
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money};
use programme::{
    payout::{CreditNoteNumber, Payout, PayoutAccount, PayoutStatus, Step},
    settings::Settings,
};
use serde::Serialize;
use store::{PayoutStep, records::time};

/// Where an account at Stripe is made and proved, on this site.
const ONBOARDING_URL: &str = "/payout-accounts/stripe_connect/onboarding";

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
    state: State,
    /// What to post to for the rail's own form, where that is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    onboarding_url: Option<&'static str>,
}

impl AccountView {
    pub(crate) fn of(account: &PayoutAccount, default: bool, settings: &Settings, state: State) -> Self {
        let onboarding_url = match state {
            State::Onboarding | State::Restricted => Some(ONBOARDING_URL),
            State::Ready | State::CoolingDown => None,
        };
        Self {
            rail: account.rail.as_str(),
            destination: account.masked.clone(),
            default,
            version: account.version,
            changed_at: time(account.changed_at),
            usable_from: time(account.opens_at(settings)),
            state,
            onboarding_url,
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
    /// How much came back, in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Money>,
    /// Once it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<PaperView>,
    /// One for each part that came back after that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credit_notes: Vec<PaperView>,
}

/// An invoice or a credit note, and where it can be fetched on this site.
#[derive(Serialize)]
struct PaperView {
    number: String,
    url: String,
}

impl PayoutView {
    pub(crate) fn of(payout: &Payout) -> Self {
        let id = &payout.id;
        let invoice = payout.invoice.map(|number| PaperView { number: number.to_string(), url: format!("/payouts/{id}/invoice.pdf") });
        let credit_note = |number: &CreditNoteNumber| PaperView {
            number: number.to_string(),
            url: format!("/payouts/{id}/credit-note.pdf?number={number}"),
        };
        Self {
            payout_id: payout.id.to_string(),
            status: payout.status.as_str(),
            amount: payout.amount,
            currency: payout.currency.to_string(),
            rail: payout.destination.rail.as_str(),
            destination: payout.destination.masked.clone(),
            requested_at: time(payout.requested_at),
            reason: payout.reason.clone(),
            returned: Some(payout.returned).filter(|returned| returned.is_positive()),
            invoice,
            credit_notes: payout.credit_notes.iter().map(credit_note).collect(),
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
            returned: None,
            invoice: None,
            credit_notes: Vec::new(),
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
    /// The rail's own id of it, with the step that told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The rail's own word for where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// How much came back with this step.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Money>,
}

impl StepView {
    pub(crate) fn of(step: &PayoutStep) -> Self {
        let event = &step.event;
        let (reference, note, amount) = match &event.step {
            Step::Submitted { reference, note } => (Some(reference.clone()), note.clone(), None),
            Step::Paid { reference, .. } => (Some(reference.clone()), None, None),
            Step::Returned { reference, amount, .. } => (Some(reference.clone()), None, Some(*amount)),
            Step::Failed { reference, .. } => (reference.clone(), None, None),
            Step::Noted { note } => (None, note.clone(), None),
            Step::Requested { .. }
            | Step::ApprovalGiven { .. }
            | Step::Rejected { .. }
            | Step::Canceled { .. }
            | Step::Submitting { .. }
            | Step::Unknown { .. } => (None, None, None),
        };
        let reason = event.step.reason();
        let (at, by) = (time(step.at), event.by.role());
        Self { at, step: event.step.name(), status: event.status.as_str(), by, reason, reference, note, amount }
    }
}

/// The payout, where it is that account's; another's is none.
pub(crate) fn own(payout: Option<Payout>, account: &AccountId) -> Option<Payout> {
    payout.filter(|payout| payout.account == *account)
}
