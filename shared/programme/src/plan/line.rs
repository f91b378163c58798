//! Ledger records: append-only, each the claim, the effect and the trail of one decision.

use crate::{
    fact::{Fact, PurchaseId},
    purchase::PurchaseState,
    reward::{Counted, Outcome, Posting, UsagePosting},
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Transfer};
use std::fmt;

/// What a record belongs to. Its records are numbered from 0 without a gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A purchase.
    Purchase(PurchaseId),
    /// A usage of credits, by the platform's id.
    Usage(String),
    /// A rental earning, by the platform's id.
    Rental(String),
    /// A payout.
    Payout(String),
    /// The reward that a referee's usage earns its referrer, by the referee.
    UsageReward(AccountId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purchase(purchase) => write!(f, "purchase#{purchase}"),
            Self::Usage(usage) => write!(f, "usage#{usage}"),
            Self::Rental(earning) => write!(f, "rental#{earning}"),
            Self::Payout(payout) => write!(f, "payout#{payout}"),
            Self::UsageReward(referee) => write!(f, "usage_reward#{referee}"),
        }
    }
}

/// What a record holds beside its transfers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Facts of a purchase: which, and all that is known and posted after them.
    Purchase {
        /// The facts that this record took in; none where only the circumstances changed (a signup, a review).
        facts: Vec<Fact>,
        /// The merged state after them.
        state: Box<PurchaseState>,
        /// What is posted after it.
        posting: Box<Posting>,
    },
    /// One fact that moves money by itself.
    Single {
        /// The fact.
        fact: Fact,
    },
    /// Credits spent: the first record moves them; a later one only says otherwise whether they count for a reward.
    Spent {
        /// The fact.
        fact: Fact,
        /// Whether they count, or why not.
        outcome: Outcome,
    },
    /// What a referee's usage earns, after more counted for it or the referral changed.
    UsageReward {
        /// The lines of the same transaction that added to what counts; none where only the referral changed.
        counted: Vec<Counted>,
        /// What is posted after it.
        posting: Box<UsagePosting>,
    },
    /// A step of a payout: what was done, as the payout's own module writes it.
    Payout {
        /// The step, as JSON.
        event: String,
    },
}

/// One record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it belongs to.
    pub subject: Subject,
    /// Its number among those.
    pub number: u32,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The transfers: what moved.
    pub transfers: Vec<Transfer>,
    /// In whose lists it stands.
    pub listed_for: Option<AccountId>,
    /// The rest.
    pub body: Body,
}

/// The newest record of a usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedSpending {
    /// Its number.
    pub number: u32,
    /// The fact that is posted.
    pub fact: Fact,
    /// Whether it counts, or why not.
    pub outcome: Outcome,
}

/// The newest record of a referee's reward by usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedUsage {
    /// Its number.
    pub number: u32,
    /// What is posted after it.
    pub posting: UsagePosting,
}

/// The newest record of a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedPurchase {
    /// Its number.
    pub number: u32,
    /// The merged state after it.
    pub state: PurchaseState,
    /// What is posted after it.
    pub posting: Posting,
}
