//! What becomes of an item of a batch, and of its batch with it.

use crate::rails::{
    behaviour::Behaviour,
    payment::{self, Step},
};
use serde::{Deserialize, Serialize};

const SECOND_MS: i64 = 1_000;
const DAY_MS: i64 = 86_400_000;
/// The batch is looked at.
const LOOK_MS: i64 = 2 * SECOND_MS;
/// The batch is done.
pub(super) const DONE_MS: i64 = 5 * SECOND_MS;
/// An unclaimed item goes back.
const UNCLAIMED_MS: i64 = 30 * DAY_MS;
const CLAIMED_MS: i64 = 3 * DAY_MS;
const HOLD_MS: i64 = 7 * DAY_MS;
const REFUND_MS: i64 = 14 * DAY_MS;
const REVERSAL_MS: i64 = 21 * DAY_MS;

/// Where an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// The batch was taken. The item is `PENDING`.
    Pending,
    /// The batch is worked on. The item is `PENDING` still.
    Processing,
    /// The batch was refused as a whole. The item is `FAILED`.
    Denied,
    /// The receiver has it.
    Success,
    /// It was refused.
    Failed,
    /// The receiver has no account to take it with.
    Unclaimed,
    /// Nobody took it.
    Returned,
    /// It is looked into.
    Onhold,
    /// It is stopped.
    Blocked,
    /// The receiver gave it back.
    Refunded,
    /// PayPal took it back.
    Reversed,
}

impl State {
    const ALL: [Self; 11] = [
        Self::Pending,
        Self::Processing,
        Self::Denied,
        Self::Success,
        Self::Failed,
        Self::Unclaimed,
        Self::Returned,
        Self::Onhold,
        Self::Blocked,
        Self::Refunded,
        Self::Reversed,
    ];

    pub(in crate::rails) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Processing => "PROCESSING",
            Self::Denied => "DENIED",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Unclaimed => "UNCLAIMED",
            Self::Returned => "RETURNED",
            Self::Onhold => "ONHOLD",
            Self::Blocked => "BLOCKED",
            Self::Refunded => "REFUNDED",
            Self::Reversed => "REVERSED",
        }
    }

    pub(in crate::rails) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// What an item in this state says.
    pub(super) const fn item(self) -> &'static str {
        match self {
            Self::Pending | Self::Processing => "PENDING",
            Self::Denied => "FAILED",
            Self::Success
            | Self::Failed
            | Self::Unclaimed
            | Self::Returned
            | Self::Onhold
            | Self::Blocked
            | Self::Refunded
            | Self::Reversed => self.as_str(),
        }
    }

    /// What its batch says.
    pub(super) const fn batch(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Processing => "PROCESSING",
            Self::Denied => "DENIED",
            Self::Success
            | Self::Failed
            | Self::Unclaimed
            | Self::Returned
            | Self::Onhold
            | Self::Blocked
            | Self::Refunded
            | Self::Reversed => "SUCCESS",
        }
    }

    /// Its letter in the report of transactions; none where there was no transaction.
    pub(super) const fn letter(self) -> Option<&'static str> {
        match self {
            Self::Pending | Self::Processing | Self::Denied | Self::Failed => None,
            Self::Success => Some("S"),
            Self::Unclaimed | Self::Onhold => Some("P"),
            Self::Blocked => Some("D"),
            Self::Returned | Self::Refunded | Self::Reversed => Some("V"),
        }
    }

    pub(in crate::rails) const fn takes_money(self) -> bool {
        matches!(self, Self::Success | Self::Unclaimed | Self::Onhold)
    }

    pub(in crate::rails) const fn gives_back(self) -> bool {
        matches!(self, Self::Returned | Self::Refunded | Self::Reversed)
    }
}

/// What only an item has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Details {
    pub(in crate::rails) sender_batch_id: Option<String>,
    pub(in crate::rails) email_subject: Option<String>,
    pub(in crate::rails) sender_item_id: Option<String>,
    pub(in crate::rails) recipient_type: String,
    pub(in crate::rails) note: Option<String>,
    pub(in crate::rails) activity: String,
}

/// What is to come after a batch was taken.
pub(in crate::rails) fn plan(behaviour: Behaviour, at_ms: i64) -> Vec<Step> {
    let step = |state, after_ms| Step::to(payment::State::Paypal(state), at_ms + after_ms);
    let (done_ms, then): (i64, &[(State, i64)]) = match behaviour {
        Behaviour::Ok | Behaviour::Insufficient | Behaviour::Partly | Behaviour::RolledBack | Behaviour::PayoutFails => {
            (DONE_MS, &[(State::Success, 0)])
        }
        Behaviour::Instant => (0, &[(State::Success, 0)]),
        Behaviour::Closed => (DONE_MS, &[(State::Failed, 0)]),
        Behaviour::Restricted => (DONE_MS, &[(State::Blocked, 0)]),
        Behaviour::Denied => (DONE_MS, &[(State::Denied, 0)]),
        Behaviour::Unclaimed => (DONE_MS, &[(State::Unclaimed, 0), (State::Returned, UNCLAIMED_MS)]),
        Behaviour::Claimed => (DONE_MS, &[(State::Unclaimed, 0), (State::Success, CLAIMED_MS)]),
        Behaviour::OnHold => (DONE_MS, &[(State::Onhold, 0), (State::Success, HOLD_MS)]),
        Behaviour::Bounced => (DONE_MS, &[(State::Success, 0), (State::Refunded, REFUND_MS)]),
        Behaviour::Reversed => (DONE_MS, &[(State::Success, 0), (State::Reversed, REVERSAL_MS)]),
    };
    let mut all = vec![step(State::Processing, LOOK_MS.min(done_ms))];
    all.extend(then.iter().map(|(state, after_ms)| step(*state, done_ms + after_ms)));
    all
}
