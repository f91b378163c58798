//! What Stripe answers: only the fields that are used, so that a new one never breaks anything.

use super::minor_units;
use crate::{Order, RailError, RailPayment, code::code, http::UNREADABLE};
use chrono::DateTime;
use ledger::Currency;
use programme::payout::{Destination, Sighting};
use serde::Deserialize;

/// A transfer to a connected account.
#[derive(Deserialize)]
pub(super) struct Transfer {
    pub(super) id: String,
    amount: i64,
    /// In all, so far.
    amount_reversed: i64,
    currency: String,
    destination: Option<String>,
    transfer_group: Option<String>,
    /// Seconds since 1970.
    created: i64,
}

/// One page of transfers, the newest first.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) data: Vec<Transfer>,
    pub(super) has_more: bool,
}

impl Transfer {
    /// What it says of the order. Another amount, currency, destination or group is another payment: never adopted.
    pub(super) fn sighting(&self, order: &Order) -> Result<Sighting, RailError> {
        let Destination::StripeAccount { account } = &order.destination else { return Err(RailError::Conflict) };
        let same = Some(self.amount) == minor_units::of(order.amount, &order.currency)
            && self.currency.eq_ignore_ascii_case(order.currency.as_str())
            && self.destination.as_ref() == Some(account)
            && self.transfer_group.as_deref() == Some(order.payout.as_str());
        if same { self.state(&order.currency) } else { Err(RailError::Conflict) }
    }

    /// Paid, whatever became of it since; returned where all of it was.
    fn state(&self, currency: &Currency) -> Result<Sighting, RailError> {
        if !(0..=self.amount).contains(&self.amount_reversed) {
            return Err(UNREADABLE);
        }
        let returned = minor_units::amount(self.amount_reversed, currency).ok_or(UNREADABLE)?;
        let reference = self.id.clone();
        Ok(if self.amount_reversed == self.amount {
            Sighting::Returned { reference, returned, note: None }
        } else {
            Sighting::Paid { reference, returned }
        })
    }

    /// It as a listed payment.
    pub(super) fn listed(self) -> Result<RailPayment, RailError> {
        let currency = Currency::try_new(&self.currency.to_ascii_uppercase()).map_err(|_| UNREADABLE)?;
        Ok(RailPayment {
            amount: minor_units::amount(self.amount, &currency).ok_or(UNREADABLE)?,
            at: DateTime::from_timestamp(self.created, 0).ok_or(UNREADABLE)?,
            state: self.state(&currency)?,
            destination: self.destination.map(|account| Destination::StripeAccount { account }.identity()),
            reference: self.id,
            payout: self.transfer_group,
            currency,
        })
    }
}

/// Stripe's answer where it refuses.
#[derive(Deserialize)]
pub(super) struct Failure {
    error: FailureBody,
}

#[derive(Deserialize)]
struct FailureBody {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
}

impl Failure {
    /// Whether another request holds the key, or the object, at this moment.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self.error.code.as_deref(), Some("idempotency_key_in_use" | "lock_timeout"))
    }

    /// Whether the key was used with other parameters before.
    pub(super) fn is_other_parameters(&self) -> bool {
        self.error.kind == "idempotency_error"
    }

    /// Stripe's code for why.
    pub(super) fn reason(&self) -> String {
        code(self.error.code.as_deref().unwrap_or(&self.error.kind))
    }
}
