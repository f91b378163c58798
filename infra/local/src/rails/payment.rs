//! A payment as a stand-in's books have it.

use super::{behaviour::Behaviour, paypal, stripe, wise};
use ledger::{Money, Rail};
use serde::{Deserialize, Serialize};

/// Where a payment is, in its rail's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum State {
    /// Stripe has no word for it in its API: these are the stand-in's.
    Stripe(stripe::State),
    /// PayPal's, of the item.
    Paypal(paypal::State),
    /// Wise's.
    Wise(wise::State),
}

impl State {
    /// The rail's own word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stripe(state) => state.as_str(),
            Self::Paypal(state) => state.as_str(),
            Self::Wise(state) => state.as_str(),
        }
    }

    /// Reads a rail's own word.
    pub(super) fn read(rail: Rail, word: &str) -> Option<Self> {
        match rail {
            Rail::StripeConnect => stripe::State::read(word).map(Self::Stripe),
            Rail::Paypal => paypal::State::read(word).map(Self::Paypal),
            Rail::Wise => wise::State::read(word).map(Self::Wise),
        }
    }

    /// Whether the platform's money is gone once this state is reached.
    pub(super) const fn takes_money(self) -> bool {
        match self {
            Self::Stripe(_) => true,
            Self::Paypal(state) => state.takes_money(),
            // Its money goes when it is funded, not by a state.
            Self::Wise(_) => false,
        }
    }

    /// Whether all of it is back once this state is reached.
    pub(super) const fn gives_back(self) -> bool {
        match self {
            Self::Stripe(state) => matches!(state, stripe::State::Reversed),
            Self::Paypal(state) => state.gives_back(),
            Self::Wise(state) => state.gives_back(),
        }
    }
}

/// A state that was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub state: State,
    /// How much had come back by then, in all.
    pub returned: Money,
}

/// A state that is to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) at_ms: i64,
    pub(super) state: State,
    /// How much has come back by then in all, where it is a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) returned: Option<Money>,
}

impl Step {
    pub(super) fn to(state: State, at_ms: i64) -> Self {
        Self { at_ms, state, returned: None }
    }
}

/// What only one rail has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub(super) enum Details {
    Stripe(stripe::Details),
    Paypal(paypal::Details),
    Wise(wise::Details),
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Who makes it.
    pub rail: Rail,
    /// The rail's own id of it: a transfer, an item of a batch.
    pub reference: String,
    /// The rail's id of what it was sent in, where there is such a thing.
    pub batch: Option<String>,
    /// The rail's id of the movement of money, where it has one of its own.
    pub transaction: Option<String>,
    /// Our id of it, where the request named it.
    pub payout: Option<String>,
    /// What makes the request be done once: the key, the batch's or the transfer's id from us.
    pub idempotency_key: Option<String>,
    /// What was asked for, in the currency that it is paid from.
    pub amount: Money,
    /// That currency, in capitals.
    pub currency: String,
    /// What the rail takes for it, on top.
    pub fee: Money,
    /// Where it goes: account, receiver, recipient.
    pub destination: String,
    /// Where it is.
    pub state: State,
    /// How much has come back, in all.
    pub returned: Money,
    /// How often the platform's money was taken for it.
    pub movements: u32,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it last changed.
    pub changed_ms: i64,
    /// The states that it has had.
    pub history: Vec<Change>,
    pub(super) behaviour: Behaviour,
    /// The states that it will have, in order of time.
    pub(super) plan: Vec<Step>,
    pub(super) details: Details,
}

impl Payment {
    /// Every name that it may be asked for by.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let named = [&self.payout, &self.idempotency_key, &self.batch, &self.transaction];
        named.into_iter().filter_map(|name| name.as_deref()).chain([self.reference.as_str()])
    }

    /// What is left of it with the payee.
    #[must_use]
    pub fn left(&self) -> Money {
        self.amount - self.returned
    }

    /// When its next state is due.
    pub(super) fn due_ms(&self) -> Option<i64> {
        self.plan.first().map(|step| step.at_ms)
    }
}

/// What a rail needs of a payment that is about to be made.
pub(super) struct New {
    pub(super) rail: Rail,
    pub(super) reference: String,
    pub(super) payout: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) amount: Money,
    pub(super) currency: String,
    pub(super) destination: String,
    pub(super) state: State,
    pub(super) behaviour: Behaviour,
    pub(super) details: Details,
    pub(super) now_ms: i64,
}

impl New {
    pub(super) fn payment(self) -> Payment {
        Payment {
            rail: self.rail,
            reference: self.reference,
            batch: None,
            transaction: None,
            payout: self.payout,
            idempotency_key: self.idempotency_key,
            amount: self.amount,
            currency: self.currency,
            fee: Money::ZERO,
            destination: self.destination,
            state: self.state,
            returned: Money::ZERO,
            movements: 0,
            created_ms: self.now_ms,
            changed_ms: self.now_ms,
            history: Vec::new(),
            behaviour: self.behaviour,
            plan: Vec::new(),
            details: self.details,
        }
    }
}
