//! What the append-only records of a payout say.

use super::{PayoutAccount, PayoutStatus};
use crate::cashable::Split;
use ledger::{AccountId, Currency, Money};
use serde::{Deserialize, Serialize};

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// The payee.
    Account(AccountId),
    /// Somebody of finance.
    Finance(AccountId),
    /// The system itself.
    System,
}

impl Actor {
    /// Its role, which may be shown to the payee.
    #[must_use]
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Account(_) => "account",
            Self::Finance(_) => "finance",
            Self::System => "system",
        }
    }
}

/// Why a payout was canceled: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The payee called it off.
    ByAccount,
    /// The payout account that it was bound to was changed.
    DestinationChanged,
    /// A clawback took the money before a rail had it.
    ClawedBack,
}

impl CancelReason {
    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ByAccount => "by_account",
            Self::DestinationChanged => "destination_changed",
            Self::ClawedBack => "clawed_back",
        }
    }
}

/// One step of a payout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    /// Asked for and reserved: also the record of the request's idempotency key.
    Requested {
        /// How much.
        amount: Money,
        /// In which currency.
        currency: Currency,
        /// Out of which purses.
        split: Split,
        /// Where to, as it was then.
        destination: PayoutAccount,
        /// The settings version it was decided by.
        settings_version: u32,
    },
    /// One approval, bound to what it was given for. The status says whether it was the last one needed.
    ApprovalGiven {
        /// For this amount.
        amount: Money,
        /// For this destination: its digest.
        destination: String,
        /// And its version.
        destination_version: u32,
        /// How many approvals are needed in all.
        needed: usize,
        /// The settings version it was decided by.
        settings_version: u32,
    },
    /// Refused by finance.
    Rejected {
        /// Why.
        reason: String,
    },
    /// Called off.
    Canceled {
        /// Why.
        reason: CancelReason,
    },
}

/// A record of a payout: who did what, and where it stands after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutEvent {
    /// Who.
    pub by: Actor,
    /// Where the payout stands after it.
    pub status: PayoutStatus,
    /// What.
    pub step: Step,
}
