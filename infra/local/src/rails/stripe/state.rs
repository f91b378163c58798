//! What becomes of a transfer. It is Stripe's own payment the moment that it is made; what follows comes from its destination.

use crate::rails::{
    behaviour::Behaviour,
    payment::{self, Step},
};
use ledger::{Money, Rate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
/// The connected account's own payout to its bank.
const BANK_MS: i64 = 2 * DAY_MS;
const PARTLY_MS: i64 = 7 * DAY_MS;
const BOUNCE_MS: i64 = 14 * DAY_MS;

/// Where a transfer is. Stripe's API has no word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The connected account has it.
    Succeeded,
    /// The connected account's bank has it; some of it may have come back to the platform.
    PaidOut,
    /// The connected account's bank did not take it; the connected account still has it.
    PayoutFailed,
    /// All of it came back.
    Reversed,
}

impl State {
    const ALL: [Self; 4] = [Self::Succeeded, Self::PaidOut, Self::PayoutFailed, Self::Reversed];

    pub(in crate::rails) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::PaidOut => "paid_out",
            Self::PayoutFailed => "payout_failed",
            Self::Reversed => "reversed",
        }
    }

    pub(in crate::rails) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What only a transfer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Details {
    pub(in crate::rails) metadata: BTreeMap<String, String>,
    pub(in crate::rails) description: Option<String>,
    pub(in crate::rails) source_type: String,
    /// The payment that the connected account has received.
    pub(in crate::rails) destination_payment: String,
    pub(in crate::rails) reversals: Vec<Reversal>,
}

/// One part of a transfer that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Reversal {
    pub(in crate::rails) id: String,
    pub(in crate::rails) amount: Money,
    pub(in crate::rails) at_ms: i64,
    #[serde(default)]
    pub(in crate::rails) metadata: BTreeMap<String, String>,
}

/// What is to come after a transfer of an amount was made.
pub(in crate::rails) fn plan(behaviour: Behaviour, amount: Money, places: u32, at_ms: i64) -> Vec<Step> {
    let step = |state, after_ms| Step::to(payment::State::Stripe(state), at_ms + after_ms);
    match behaviour {
        Behaviour::Ok
        | Behaviour::Instant
        | Behaviour::Denied
        | Behaviour::Unclaimed
        | Behaviour::Claimed
        | Behaviour::OnHold
        | Behaviour::RolledBack => vec![step(State::PaidOut, BANK_MS)],
        Behaviour::PayoutFails => vec![step(State::PayoutFailed, BANK_MS)],
        Behaviour::Partly => {
            let part = "0.4".parse().map_or(amount, |share: Rate| amount.share(share)).floor_to(places);
            let taken = Step { returned: Some(part), ..step(State::PaidOut, PARTLY_MS) };
            vec![step(State::PaidOut, BANK_MS), taken]
        }
        Behaviour::Bounced | Behaviour::Reversed => vec![step(State::PaidOut, BANK_MS), step(State::Reversed, BOUNCE_MS)],
        // These get no transfer.
        Behaviour::Closed | Behaviour::Restricted | Behaviour::Insufficient => Vec::new(),
    }
}
