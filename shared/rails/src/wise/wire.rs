//! What Wise answers: only the fields that are used.

use super::{id, recipient};
use crate::{
    Order, RailError,
    code::code,
    decimal::{decimal, money},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use ledger::Money;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Number;

/// A quote.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    pub(super) id: String,
    pub(super) source_currency: String,
    pub(super) target_currency: String,
    pub(super) target_amount: Option<Number>,
    /// How much of the target currency one of the source currency is.
    pub(super) rate: Option<Number>,
    #[serde(default)]
    notices: Vec<Notice>,
}

#[derive(Deserialize)]
struct Notice {
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Quote {
    /// Whether Wise says that no transfer may be made of it.
    pub(super) fn is_blocked(&self) -> bool {
        self.notices.iter().any(|notice| notice.kind.as_deref() == Some("BLOCKED"))
    }
}

/// A transfer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    id: u64,
    pub(super) status: String,
    pub(super) target_account: Option<u64>,
    pub(super) source_currency: String,
    pub(super) target_currency: String,
    target_value: Number,
    rate: Option<Number>,
    pub(super) customer_transaction_id: Option<String>,
    created: String,
}

impl Transfer {
    /// Wise's id of it, as text.
    pub(super) fn reference(&self) -> String {
        self.id.to_string()
    }

    /// What the payee gets, in the target currency.
    pub(super) fn amount(&self) -> Option<Money> {
        money(&self.target_value)
    }

    /// When it was made. Wise writes `2017-11-24 10:47:49`, in UTC, and RFC 3339 elsewhere.
    pub(super) fn created(&self) -> Option<DateTime<Utc>> {
        let plain = NaiveDateTime::parse_from_str(&self.created, "%Y-%m-%d %H:%M:%S").map(|time| time.and_utc());
        plain.or_else(|_| DateTime::parse_from_rfc3339(&self.created).map(|time| time.to_utc())).ok()
    }

    /// That it is the order's. Another id, payee, currency or amount is another transfer: never adopted.
    pub(super) fn is_of(&self, order: &Order) -> Result<(), RailError> {
        let (recipient, currency) = recipient(order)?;
        let same = self.is_named(order)
            && self.target_account == Some(recipient)
            && self.source_currency == order.currency.as_str()
            && self.target_currency == currency.as_str()
            && self.is_worth(order);
        if same { Ok(()) } else { Err(RailError::Conflict) }
    }

    /// Whether it carries the order's id.
    pub(super) fn is_named(&self, order: &Order) -> bool {
        self.customer_transaction_id.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&id::of(&order.payout)))
    }

    /// Whether the payee gets the order's amount: exactly in its own currency; in another one within a hundredth, since
    /// the rate is that of the moment before it was made.
    fn is_worth(&self, order: &Order) -> bool {
        let Some(amount) = self.amount() else { return false };
        if self.target_currency == self.source_currency {
            return amount == order.amount;
        }
        let Some(rate) = self.rate.as_ref().and_then(decimal) else { return false };
        let Some(wanted) = order.amount.decimal().checked_mul(rate) else { return false };
        // What rounding down to a whole unit takes.
        (amount.decimal() - wanted).abs() <= wanted / Decimal::ONE_HUNDRED + Decimal::ONE
    }
}

/// What became of paying for a transfer.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE")]
pub(super) enum Funding {
    /// It is paid for.
    Completed,
    /// It is not, by Wise's own decision.
    Rejected {
        /// Why.
        #[serde(rename = "errorCode")]
        error_code: Option<String>,
    },
}

/// Wise's answer where it refuses. It has several forms.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Failure {
    /// A list of what is wrong.
    Several {
        /// At least one.
        errors: Vec<Fault>,
    },
    /// One fault.
    One(Fault),
    /// OAuth's form.
    Named {
        /// Its code.
        error: String,
    },
}

/// One thing that is wrong.
#[derive(Deserialize)]
pub(super) struct Fault {
    code: String,
}

impl Failure {
    /// Wise's code for why.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Several { errors } => code(errors.first().map_or("", |fault| &fault.code)),
            Self::One(fault) => code(&fault.code),
            Self::Named { error } => code(error),
        }
    }
}
