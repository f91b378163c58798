//! Everything else that somebody of finance looks at.

use super::{Attribution, Payout, PayoutAccount, RefundRate};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{Money, Rate};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `GET /finance/reviews`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct ReviewList {
    pub(in crate::finance) reviews: Vec<Review>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// A referral that looks like one person on both sides.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Review {
    pub(in crate::finance) account_id: String,
    pub(in crate::finance) referrer: Option<String>,
    pub(in crate::finance) reason: Option<String>,
    pub(in crate::finance) opened_at: DateTime<Utc>,
}

/// `GET /finance/flags`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct FlagList {
    pub(in crate::finance) flags: Vec<Flagged>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// A purchase whose facts contradict each other.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Flagged {
    pub(in crate::finance) purchase: String,
    pub(in crate::finance) line: u32,
    pub(in crate::finance) at: DateTime<Utc>,
    pub(in crate::finance) flags: Vec<Flag>,
}

/// One thing to look at.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Flag {
    pub(in crate::finance) flag: String,
    pub(in crate::finance) sentence: String,
}

/// `GET /finance/quarantine`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Quarantine {
    pub(in crate::finance) quarantine: Vec<Kept>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// An event that waits for a decision.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Kept {
    pub(in crate::finance) id: String,
    pub(in crate::finance) source: String,
    pub(in crate::finance) reason: String,
    pub(in crate::finance) received_at: DateTime<Utc>,
    #[serde(default)]
    pub(in crate::finance) replays: u64,
    pub(in crate::finance) bytes: u64,
    pub(in crate::finance) body: String,
    pub(in crate::finance) encoding: String,
    #[serde(default)]
    pub(in crate::finance) cut: bool,
}

/// `POST /finance/dead-letters/replay`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Replayed {
    pub(in crate::finance) replayed: u64,
    pub(in crate::finance) left: u64,
    pub(in crate::finance) unreadable: u64,
}

/// `GET /finance/audit`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Audit {
    pub(in crate::finance) figures: BTreeMap<String, Figure>,
    #[serde(default)]
    pub(in crate::finance) not_checked: BTreeMap<String, String>,
    pub(in crate::finance) span: Option<Span>,
}

/// One invariant's figure.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Figure {
    pub(in crate::finance) violations: u64,
    pub(in crate::finance) checked: u64,
    #[serde(default)]
    pub(in crate::finance) examples: Vec<String>,
}

/// What an audit looked at.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Span {
    pub(in crate::finance) from: DateTime<Utc>,
    pub(in crate::finance) until: DateTime<Utc>,
    pub(in crate::finance) items: u64,
}

/// `GET /finance/programme`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Programme {
    /// The number of the version in force.
    pub(in crate::finance) version: u32,
    pub(in crate::finance) settings: Map<String, Value>,
    pub(in crate::finance) versions: Vec<SettingsVersion>,
}

/// A version of the settings.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct SettingsVersion {
    pub(in crate::finance) version: u32,
    pub(in crate::finance) from: DateTime<Utc>,
    pub(in crate::finance) settings: Map<String, Value>,
}

/// `GET /finance/accounts/{id}`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Account {
    pub(in crate::finance) account_id: String,
    pub(in crate::finance) currency: String,
    #[serde(default)]
    pub(in crate::finance) figures: BTreeMap<String, Money>,
    pub(in crate::finance) balance: Balance,
    pub(in crate::finance) referral_count: u64,
    pub(in crate::finance) refund_rate: Option<RefundRate>,
    #[serde(default)]
    pub(in crate::finance) signals: Vec<String>,
    pub(in crate::finance) closed_at: Option<DateTime<Utc>>,
    pub(in crate::finance) attribution: Option<Attribution>,
    pub(in crate::finance) rate: Rate,
    #[serde(default)]
    pub(in crate::finance) rates: Vec<RateVersion>,
    #[serde(default)]
    pub(in crate::finance) payout_accounts: Vec<PayoutAccount>,
    pub(in crate::finance) payouts: AccountPayouts,
}

/// What an account has.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Balance {
    pub(in crate::finance) current_balance: Money,
    pub(in crate::finance) total_earnings: Money,
    pub(in crate::finance) cashable: Money,
    #[serde(default)]
    pub(in crate::finance) not_cashable: Vec<NotCashable>,
}

/// What can't be cashed, and why.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct NotCashable {
    pub(in crate::finance) reason: String,
    pub(in crate::finance) amount: Money,
    pub(in crate::finance) until: Option<NaiveDate>,
}

/// A rate of an account's own.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct RateVersion {
    pub(in crate::finance) version: u32,
    pub(in crate::finance) rate: Rate,
    pub(in crate::finance) from: DateTime<Utc>,
}

/// The payouts of an account.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct AccountPayouts {
    pub(in crate::finance) open: u64,
    pub(in crate::finance) latest: Vec<Payout>,
}

/// `GET /finance/reconciliation`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Reconciliation {
    pub(in crate::finance) day: NaiveDate,
    pub(in crate::finance) ran_at: DateTime<Utc>,
    pub(in crate::finance) checked: Checked,
    pub(in crate::finance) findings: Vec<Finding>,
}

/// How much was compared.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Checked {
    pub(in crate::finance) ours: u64,
    pub(in crate::finance) theirs: u64,
}

/// A difference between our books and a rail's.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Finding {
    pub(in crate::finance) kind: String,
    pub(in crate::finance) rail: String,
    pub(in crate::finance) payout_id: Option<String>,
    pub(in crate::finance) reference: Option<String>,
    pub(in crate::finance) detail: String,
}

/// `GET /finance/acts`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct ActList {
    pub(in crate::finance) acts: Vec<Act>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// Who did what.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Act {
    pub(in crate::finance) at: DateTime<Utc>,
    pub(in crate::finance) by: String,
    pub(in crate::finance) act: String,
    pub(in crate::finance) subject: String,
    pub(in crate::finance) reason: Option<String>,
    #[serde(default)]
    pub(in crate::finance) details: Value,
}
