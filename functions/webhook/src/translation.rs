//! What a signed body comes to, and the rules that hold for every source's facts.

use chrono::{DateTime, TimeDelta, Utc};
use edge::http::{JsonError, strict_json};
use ledger::{AMOUNT_MAX, Money};
use programme::{
    fact::{FactBody, PurchaseFact, opaque},
    payout::Errand,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

/// How far a fact's time may be ahead of ours, in seconds: as far as clocks may differ.
const AHEAD_SECONDS_MAX: i64 = 300;

/// What an event tells the programme: nothing, where it does not concern it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The sender's event id.
    pub event: String,
    /// The facts, which go to the queue together.
    pub facts: Vec<FactBody>,
    /// What the worker of payouts is to look at: an event of a rail decides nothing.
    pub errands: Vec<Errand>,
}

impl Told {
    /// It does not concern the programme.
    pub(crate) const fn nothing(event: String) -> Self {
        Self { event, facts: Vec::new(), errands: Vec::new() }
    }

    /// It tells facts alone.
    pub(crate) const fn facts(event: String, facts: Vec<FactBody>) -> Self {
        Self { event, facts, errands: Vec::new() }
    }

    /// It tells that payouts should be looked at, and nothing else.
    pub(crate) const fn errands(event: String, errands: Vec<Errand>) -> Self {
        Self { event, facts: Vec::new(), errands }
    }

    /// Whether it concerns nobody.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.facts.is_empty() && self.errands.is_empty()
    }
}

/// Why a signed body could not be understood: a plain sentence that names fields and quotes no value,
/// since it goes to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl From<JsonError> for Unreadable {
    fn from(error: JsonError) -> Self {
        Self(error.to_string())
    }
}

/// Reads the fields that are used; others may be there, so that a new one never loses an event.
///
/// # Errors
/// [`Unreadable`] where the body is not JSON, says one thing twice, or lacks a used field.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    Ok(strict_json(body)?)
}

/// An amount that a fact may carry; none where it is zero, which is no fact.
///
/// # Errors
/// [`Unreadable`] where it is negative or beyond [`AMOUNT_MAX`].
pub(crate) fn amount(field: &str, told: Money) -> Result<Option<Money>, Unreadable> {
    if told.is_negative() {
        Err(Unreadable::because(format!("{field} is negative")))
    } else if told.decimal() > AMOUNT_MAX {
        Err(Unreadable::because(format!("{field} is too large")))
    } else {
        Ok(told.is_positive().then_some(told))
    }
}

/// An id of the sender's own.
///
/// # Errors
/// [`Unreadable`] where it is not 1 to 255 visible ASCII characters.
pub(crate) fn sender_id(field: &str, text: String) -> Result<String, Unreadable> {
    if opaque(&text) { Ok(text) } else { Err(Unreadable::because(format!("{field} is not 1 to 255 visible ASCII characters"))) }
}

/// A time of RFC 3339 in any offset, kept in UTC. Chrono's own reading also takes looser forms.
///
/// # Errors
/// The reader's, where it is another text or none.
pub(crate) fn rfc3339<'de, D: Deserializer<'de>>(reader: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(reader)?;
    DateTime::parse_from_rfc3339(&text).map(|at| at.to_utc()).map_err(|_| D::Error::custom("not a time of RFC 3339"))
}

/// Refuses facts of a time to come: a capture dated ahead would take a rate, a hold and a place in
/// the chart that are not its own.
///
/// # Errors
/// [`Unreadable`] where a fact's time is more than 300 s after `now`.
pub(crate) fn not_from_the_future(told: Told, now: DateTime<Utc>) -> Result<Told, Unreadable> {
    let latest = now + TimeDelta::seconds(AHEAD_SECONDS_MAX);
    if told.facts.iter().filter_map(time_of).any(|at| at > latest) { Err(Unreadable::because("it is from the future")) } else { Ok(told) }
}

fn time_of(fact: &FactBody) -> Option<DateTime<Utc>> {
    match fact {
        FactBody::Purchase { fact: PurchaseFact::Captured { at, .. } | PurchaseFact::Dispute { at, .. }, .. }
        | FactBody::Spent { at, .. }
        | FactBody::Rental { at, .. }
        | FactBody::Closed { at, .. } => Some(*at),
        FactBody::Purchase {
            fact:
                PurchaseFact::Named { .. } | PurchaseFact::Refund { .. } | PurchaseFact::RefundedTotal { .. } | PurchaseFact::Instrument { .. },
            ..
        }
        | FactBody::Settle { .. } => None,
    }
}
