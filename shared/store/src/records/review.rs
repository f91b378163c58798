//! Reviews: attributions that finance is to look at. The attribution itself stands on the referee's
//! figures; this marker lists it, and keeps what was decided.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Item, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::{
    attribution::{Attribution, AttributionReason},
    review::Verdict,
};
use serde::{Deserialize, Serialize};

/// How a review ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// How.
    pub verdict: Verdict,
    /// Who decided.
    pub by: AccountId,
    /// When.
    pub at: DateTime<Utc>,
}

/// An attribution in review, or one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The referee.
    pub account: AccountId,
    /// The referrer.
    pub referrer: Option<AccountId>,
    /// What raised the suspicion.
    pub reason: Option<AttributionReason>,
    /// When.
    pub opened_at: DateTime<Utc>,
    /// How it ended.
    pub decided: Option<Decided>,
}

/// The write that opens a review: to be in the transaction that makes the attribution one in review.
#[must_use]
pub fn review_marker(account: &AccountId, attribution: &Attribution, at: DateTime<Utc>) -> Write {
    let referrer = attribution.credit.as_ref().map(|credit| credit.referrer.clone());
    Review { account: account.clone(), referrer, reason: attribution.reason, opened_at: at, decided: None }.write()
}

impl Review {
    /// The write that keeps it as it stands.
    #[must_use]
    pub fn write(&self) -> Write {
        let mut item = Item::from([("acct".into(), self.account.as_str().into()), ("at".into(), time(self.opened_at).into())]);
        if let Some(referrer) = &self.referrer {
            item.insert("ref".into(), referrer.as_str().into());
        }
        if let Some(reason) = &self.reason {
            item.insert("why".into(), json(reason));
        }
        match &self.decided {
            Some(decided) => drop(item.insert("end".into(), json(decided))),
            None => {
                item.insert("g2pk".into(), keys::REVIEWS_OPEN.into());
                item.insert("g2sk".into(), format!("{}#{}", time(self.opened_at), self.account).into());
            }
        }
        Write::put(keys::review(&self.account), item)
    }

    /// Reads a review.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let has = |name| item.contains_key(name);
        Ok(Self {
            account: reader.parse("acct")?,
            referrer: reader.parse_or_none("ref")?,
            reason: has("why").then(|| reader.json("why")).transpose()?,
            opened_at: reader.parse("at")?,
            decided: has("end").then(|| reader.json("end")).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::backend::Operation;

    #[test]
    fn a_review_reads_back_and_is_listed_while_it_is_open() {
        let open = Review {
            account: "bob".parse().unwrap(),
            referrer: Some("alice".parse().unwrap()),
            reason: Some(AttributionReason::SameDevice),
            opened_at: "2026-11-21T10:00:00Z".parse().unwrap(),
            decided: None,
        };
        let decided = Decided { verdict: Verdict::Clear, by: "fin1".parse().unwrap(), at: "2026-11-22T10:00:00Z".parse().unwrap() };
        let closed = Review { decided: Some(decided), ..open.clone() };
        for (review, listed) in [(open, true), (closed, false)] {
            let Operation::Put(item) = review.write().operation else { panic!("a put") };
            assert_eq!(item.contains_key("g2pk"), listed);
            assert_eq!(Review::read(&item), Ok(review));
        }
    }
}
