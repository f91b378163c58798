//! Ledger records: append-only, each the claim, the effect and the trail of one decision.

use crate::{
    fact::{Fact, PurchaseId},
    purchase::PurchaseState,
    reward::Posting,
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
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purchase(purchase) => write!(f, "purchase#{purchase}"),
            Self::Usage(usage) => write!(f, "usage#{usage}"),
            Self::Rental(earning) => write!(f, "rental#{earning}"),
            Self::Payout(payout) => write!(f, "payout#{payout}"),
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
