//! What the append-only records of a payout say.

use super::{CreditNoteNumber, InvoiceNumber, PayoutAccount, PayoutStatus, RailDoubt, RunId};
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
    /// The intent, written before a rail is called: from here on a rail may have it.
    Submitting {
        /// In which run.
        run: RunId,
        /// Who of finance ordered that.
        ordered_by: AccountId,
        /// The one key of every attempt.
        key: String,
        /// To this destination: its digest.
        destination: String,
        /// And its version.
        destination_version: u32,
        /// The settings version in force.
        settings_version: u32,
    },
    /// The rail has it.
    Submitted {
        /// The rail's own id of it.
        reference: String,
        /// The rail's own word for where it is.
        note: Option<String>,
    },
    /// The rail paid it.
    Paid {
        /// The rail's own id of it.
        reference: String,
        /// The invoice that was written with this step.
        invoice: InvoiceNumber,
    },
    /// The rail did not pay it, and will not.
    Failed {
        /// The rail's own id of it, where it got one.
        reference: Option<String>,
        /// The rail's own word for why.
        reason: String,
    },
    /// Nothing could be concluded from the call to the rail.
    Unknown {
        /// Why.
        doubt: RailDoubt,
    },
    /// It came back, or a further part of it did.
    Returned {
        /// The rail's own id of it.
        reference: String,
        /// How much came back with this step.
        amount: Money,
        /// How much came back in all.
        total: Money,
        /// The rail's own word for why.
        reason: Option<String>,
        /// The credit note that was written with this step; none where there never was an invoice.
        credit_note: Option<CreditNoteNumber>,
    },
    /// The rail has another word for where it is.
    Noted {
        /// That word; none where it has none any more.
        note: Option<String>,
    },
}

impl Step {
    /// Its name in answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Requested { .. } => "requested",
            Self::ApprovalGiven { .. } => "approval_given",
            Self::Rejected { .. } => "rejected",
            Self::Canceled { .. } => "canceled",
            Self::Submitting { .. } => "submitting",
            Self::Submitted { .. } => "submitted",
            Self::Paid { .. } => "paid",
            Self::Failed { .. } => "failed",
            Self::Unknown { .. } => "unknown",
            Self::Returned { .. } => "returned",
            Self::Noted { .. } => "noted",
        }
    }

    /// Why, where the step says so.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Rejected { reason } | Self::Failed { reason, .. } => Some(reason.clone()),
            Self::Canceled { reason } => Some(reason.as_str().to_owned()),
            Self::Unknown { doubt } => Some(doubt.to_string()),
            Self::Returned { reason, .. } => reason.clone(),
            Self::Requested { .. }
            | Self::ApprovalGiven { .. }
            | Self::Submitting { .. }
            | Self::Submitted { .. }
            | Self::Paid { .. }
            | Self::Noted { .. } => None,
        }
    }

    /// Whether it may leave the payout where it stands: an approval that is not the last one, another
    /// word of the rail, a further part that came back.
    #[must_use]
    pub const fn may_stay(&self, status: PayoutStatus) -> bool {
        match self {
            Self::ApprovalGiven { .. } => matches!(status, PayoutStatus::Requested),
            Self::Noted { .. } => matches!(status, PayoutStatus::Submitted),
            Self::Returned { .. } => matches!(status, PayoutStatus::Returned),
            Self::Requested { .. }
            | Self::Rejected { .. }
            | Self::Canceled { .. }
            | Self::Submitting { .. }
            | Self::Submitted { .. }
            | Self::Paid { .. }
            | Self::Failed { .. }
            | Self::Unknown { .. } => false,
        }
    }
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
