//! What a rail says of one payout, in the programme's words: the only thing that decisions about
//! cash under way are made from, whether it was the answer of a call, a look-up or a listing.

use ledger::Money;
use serde::{Deserialize, Serialize};

/// What a rail says of one payout at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Sighting {
    /// It knows nothing of it.
    Absent,
    /// It has it, and the cash is on its way.
    Underway {
        /// The rail's own id of it.
        reference: String,
        /// The rail's own word for where it is, where there is more to say: `UNCLAIMED`, `processing`.
        note: Option<String>,
    },
    /// It was paid.
    Paid {
        /// The rail's own id of it.
        reference: String,
        /// How much of it has come back since, in all: zero, or a part.
        returned: Money,
    },
    /// It came back.
    Returned {
        /// The rail's own id of it.
        reference: String,
        /// How much of it, in all, up to the whole.
        returned: Money,
        /// The rail's own word for why.
        note: Option<String>,
    },
    /// It was not paid, and will not be.
    Failed {
        /// The rail's own id of it, where it got one.
        reference: Option<String>,
        /// The rail's own word for why.
        reason: String,
    },
}

impl Sighting {
    /// What it says, in a word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Underway { .. } => "underway",
            Self::Paid { .. } => "paid",
            Self::Returned { .. } => "returned",
            Self::Failed { .. } => "failed",
        }
    }

    /// The rail's own id of the payment; none where it has none.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Absent => None,
            Self::Underway { reference, .. } | Self::Paid { reference, .. } | Self::Returned { reference, .. } => Some(reference),
            Self::Failed { reference, .. } => reference.as_deref(),
        }
    }
}

/// Why nothing can be concluded from a call to a rail: the money may or may not have moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum RailDoubt {
    /// No answer in time, or the connection broke after the request was sent.
    #[error("no answer came")]
    NoAnswer,
    /// It answered that it failed on its own side.
    #[error("the rail failed on its own side")]
    ServerError,
    /// It answered something that can't be read.
    #[error("the answer can't be read")]
    Unreadable,
}
