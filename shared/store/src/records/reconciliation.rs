//! What a reconciliation with the rails found on a day: a head with the counts, and the findings in
//! parts. A second one of the same day takes the place of the first; its parts are apart by its time.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Item, Write},
    keys,
};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::Rail;
use programme::payout::PayoutId;
use serde::{Deserialize, Serialize};

/// How many findings stand in one part.
const PART: usize = 400;
/// How much of a finding's detail is kept, in characters: a part stays well below what an item holds.
const DETAIL_MAX: usize = 300;

/// What differs: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// We hold it sent or paid, and the rail has nothing of it.
    Missing,
    /// The rail has more than one payment for one payout.
    Double,
    /// Another amount or currency.
    WrongAmount,
    /// It has been open for too long.
    Late,
    /// The rail has a payment that is no payout of ours.
    UnknownToUs,
    /// The rail says what can't be.
    Contradiction,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Missing, Self::Double, Self::WrongAmount, Self::Late, Self::UnknownToUs, Self::Contradiction];

    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Double => "double",
            Self::WrongAmount => "wrong_amount",
            Self::Late => "late",
            Self::UnknownToUs => "unknown_to_us",
            Self::Contradiction => "contradiction",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What differs.
    pub kind: FindingKind,
    /// At which rail.
    pub rail: Rail,
    /// The payout, where one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payout_id: Option<PayoutId>,
    /// The rail's own id, where one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<String>,
    /// In a sentence. Nothing personal.
    pub detail: String,
}

/// The counts of a reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciliationHead {
    /// Of which UTC day.
    pub day: NaiveDate,
    /// When it ran.
    pub ran_at: DateTime<Utc>,
    /// How many payouts of ours were looked at.
    pub ours: u64,
    /// How many payments of the rails.
    pub theirs: u64,
    /// How many differences there are.
    pub findings: u64,
}

/// A reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The counts.
    pub head: ReconciliationHead,
    /// The differences.
    pub findings: Vec<Finding>,
}

impl ReconciliationHead {
    /// Reads the counts.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(item: &Item) -> Result<Self, StoreError> {
        let reader = Reader::new(item);
        Ok(Self {
            day: reader.parse("day")?,
            ran_at: reader.parse("at")?,
            ours: reader.count("ours")?,
            theirs: reader.count("their")?,
            findings: reader.count("cnt")?,
        })
    }
}

impl Reconciliation {
    /// A reconciliation with these differences.
    #[must_use]
    pub fn new(day: NaiveDate, ran_at: DateTime<Utc>, (ours, theirs): (u64, u64), mut findings: Vec<Finding>) -> Self {
        for finding in &mut findings {
            if let Some((end, _)) = finding.detail.char_indices().nth(DETAIL_MAX) {
                finding.detail.truncate(end);
            }
        }
        let count = u64::try_from(findings.len()).unwrap_or(u64::MAX);
        Self { head: ReconciliationHead { day, ran_at, ours, theirs, findings: count }, findings }
    }

    /// The writes that keep it, the head last: until it stands, the parts belong to nothing.
    pub(crate) fn writes(&self) -> Vec<Write> {
        let (day, at) = (self.head.day.to_string(), time(self.head.ran_at));
        let part = |(place, list): (usize, &[Finding])| {
            Write::put(keys::reconciliation_part(&day, &at, place), Item::from([("list".into(), json(&list))]))
        };
        let mut writes: Vec<Write> = self.findings.chunks(PART).enumerate().map(part).collect();
        let item = Item::from([
            ("day".into(), day.as_str().into()),
            ("at".into(), at.as_str().into()),
            ("ours".into(), self.head.ours.into()),
            ("their".into(), self.head.theirs.into()),
            ("cnt".into(), self.head.findings.into()),
            ("g2pk".into(), keys::RECONCILIATIONS.into()),
            ("g2sk".into(), day.as_str().into()),
        ]);
        writes.push(Write::put(keys::reconciliation(&day), item));
        writes
    }

    /// Puts head and parts together.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], also where findings are missing.
    pub(crate) fn read(head: ReconciliationHead, parts: &[Item]) -> Result<Self, StoreError> {
        let mut findings: Vec<Finding> = Vec::new();
        for item in parts {
            findings.extend(Reader::new(item).json::<Vec<Finding>>("list")?);
        }
        if u64::try_from(findings.len()) == Ok(head.findings) {
            Ok(Self { head, findings })
        } else {
            Err(StoreError::Corrupt { key: keys::reconciliation(&head.day.to_string()).pk, reason: "findings are missing".into() })
        }
    }
}
