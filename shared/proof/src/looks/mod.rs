//! A look at one account, purchase, payout or referral by its keys: what did not agree in the pass is judged here.

mod account;
mod gather;
mod payout;
mod purchase;
mod referral;
mod usage;

use crate::report::Report;
use chrono::NaiveDate;
use ledger::AccountId;
use programme::{
    fact::PurchaseId,
    plan::{Line, Subject},
    settings::Programme,
};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;
use std::{
    fmt,
    hash::{Hash, Hasher},
};
use store::{
    Store, StoreError,
    backend::{Item, Key},
};

/// Who is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Who {
    /// An account's figures.
    Account(AccountId),
    /// A purchase's posting.
    Purchase(PurchaseId),
    /// A payout's head and lines.
    Payout(String),
    /// The referral of this account.
    Referral(AccountId),
    /// A usage, by the platform's id.
    Usage(String),
    /// What this account's usage earns its referrer.
    UsageReward(AccountId),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) | Self::Referral(id) => write!(f, "account#{id}"),
            Self::Purchase(id) => write!(f, "purchase#{id}"),
            Self::Payout(id) => write!(f, "payout#{id}"),
            Self::Usage(id) => write!(f, "usage#{id}"),
            Self::UsageReward(id) => write!(f, "usage_reward#{id}"),
        }
    }
}

/// What a look finds.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Everything agrees.
    Agrees,
    /// Something differs, and nothing moved meanwhile.
    Differs {
        /// The same for the same difference, whatever the figures.
        mark: u64,
        /// Whether it may be about to change by itself.
        under_way: bool,
        /// The violations.
        report: Report,
    },
    /// It was written to at every try.
    Moves,
}

impl Verdict {
    /// What differs; it agrees where nothing does. Faults are told by invariant and key.
    fn of(faults: Vec<(&'static str, String, String)>, mark: &impl Hash, under_way: bool) -> Self {
        if faults.is_empty() {
            return Self::Agrees;
        }
        let mut report = Report::default();
        faults.iter().for_each(|(name, key, fault)| report.violation(name, key, fault));
        let mut hasher = SipHasher24::new();
        mark.hash(&mut hasher);
        Self::Differs { mark: hasher.finish(), under_way, report }
    }
}

/// How often a look is tried on what is written to meanwhile.
const TRIES: u32 = 5;

/// The newest line of a subject, every write before seen. What does not read has been told by the pass.
async fn newest(store: &Store, subject: &Subject) -> Result<Option<Line>, StoreError> {
    match store.newest_line(subject).await {
        Ok(line) => Ok(line),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads one item, every write before seen: as a batch, like all others that are read by key.
async fn item(store: &Store, key: Key) -> Result<Option<Item>, StoreError> {
    Ok(store.backend().get_many(&[key], true).await?.pop().map(|(_, item)| item))
}

/// Looks at one.
pub(crate) async fn look(store: &Store, programme: &Programme, who: &Who, today: NaiveDate) -> Result<Verdict, StoreError> {
    match who {
        Who::Account(id) => account::look(store, id, today).await,
        Who::Purchase(id) => purchase::look(store, programme, id).await,
        Who::Payout(id) => payout::look(store, id).await,
        Who::Referral(id) => referral::look(store, id).await,
        Who::Usage(id) => usage::look(store, programme, &Subject::Usage(id.clone())).await,
        Who::UsageReward(id) => usage::look(store, programme, &Subject::UsageReward(id.clone())).await,
    }
}
