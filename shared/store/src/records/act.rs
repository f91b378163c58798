//! The audit trail: what people of finance did, and what concerns them; written in one transaction
//! with the act itself, never changed.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Item, Write},
    keys,
};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What was done: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// A payout was approved, by this person.
    PayoutApproved,
    /// A payout was rejected.
    PayoutRejected,
    /// A run of payouts was ordered.
    PayoutRunOrdered,
    /// Payouts were switched on or off.
    PayoutsSwitched,
    /// An account got a rate of its own.
    RateSet,
    /// The programme got new settings.
    ProgrammeSet,
    /// A review ended well for its referee.
    ReviewCleared,
    /// A review confirmed the suspicion.
    ReviewConfirmed,
    /// An account changed where it is paid to.
    PayoutAccountChanged,
    /// An event of the quarantine was read again.
    QuarantineReplayed,
    /// The dead letters of queues were sent again.
    DeadLettersReplayed,
    /// A flagged purchase was looked at, and left as the rules made it.
    FlagAccepted,
}

impl ActKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::PayoutApproved,
        Self::PayoutRejected,
        Self::PayoutRunOrdered,
        Self::PayoutsSwitched,
        Self::RateSet,
        Self::ProgrammeSet,
        Self::ReviewCleared,
        Self::ReviewConfirmed,
        Self::PayoutAccountChanged,
        Self::QuarantineReplayed,
        Self::DeadLettersReplayed,
        Self::FlagAccepted,
    ];

    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayoutApproved => "payout_approved",
            Self::PayoutRejected => "payout_rejected",
            Self::PayoutRunOrdered => "payout_run_ordered",
            Self::PayoutsSwitched => "payouts_switched",
            Self::RateSet => "rate_set",
            Self::ProgrammeSet => "programme_set",
            Self::ReviewCleared => "review_cleared",
            Self::ReviewConfirmed => "review_confirmed",
            Self::PayoutAccountChanged => "payout_account_changed",
            Self::QuarantineReplayed => "quarantine_replayed",
            Self::DeadLettersReplayed => "dead_letters_replayed",
            Self::FlagAccepted => "flag_accepted",
        }
    }
}

/// Who did what, when and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: AccountId,
    /// What.
    pub kind: ActKind,
    /// To what: the id of a payout, a run, an account or an event, the name of a queue, or `programme`.
    pub subject: String,
    /// To which version of it: with time, kind and subject it is the act's name.
    pub version: u32,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// What else is to be known: amounts, rates, masked destinations. Nothing secret or personal.
    pub details: Json,
}

impl Act {
    fn place(&self) -> String {
        format!("{}#{}#{}#{}", time(self.at), self.kind.as_str(), self.subject, self.version)
    }

    /// The write that adds it to the trail.
    #[must_use]
    pub fn write(&self) -> Write {
        let key = keys::act(&self.at.date_naive().to_string(), &self.place());
        let mut item = Item::from([
            ("at".into(), time(self.at).into()),
            ("by".into(), self.by.as_str().into()),
            ("act".into(), self.kind.as_str().into()),
            ("sub".into(), self.subject.as_str().into()),
            ("ver".into(), self.version.into()),
            ("info".into(), json(&self.details)),
            ("g2pk".into(), keys::ACTS.into()),
            ("g2sk".into(), self.place().into()),
        ]);
        if let Some(reason) = &self.reason {
            item.insert("why".into(), reason.as_str().into());
        }
        Write::create(key, item)
    }

    /// Reads an act.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        let name = reader.text("act")?;
        let kind = ActKind::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| reader.corrupt("no such act"))?;
        Ok(Self {
            at: reader.parse("at")?,
            by: reader.parse("by")?,
            kind,
            subject: reader.text("sub")?.to_owned(),
            version: u32::try_from(reader.count("ver")?).map_err(|_| reader.corrupt("ver"))?,
            reason: reader.text_or_none("why")?.map(str::to_owned),
            details: reader.json("info")?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::backend::Operation;

    #[test]
    fn an_act_reads_back() {
        for kind in ActKind::ALL {
            let act = Act {
                at: "2026-11-21T10:00:00Z".parse().unwrap(),
                by: "fin1".parse().unwrap(),
                kind,
                subject: "pay_1".into(),
                version: 2,
                reason: (kind == ActKind::PayoutRejected).then(|| "no invoice".into()),
                details: serde_json::json!({"amount": "20.00"}),
            };
            let Operation::Put(item) = act.write().operation else { panic!("a put") };
            assert_eq!(Act::read(&item), Ok(act));
        }
    }
}
