//! Payouts, and who is to be paid.

use crate::api::shapes::Document;
use chrono::{DateTime, Utc};
use ledger::{Money, Rate};
use serde::Deserialize;

/// `GET /finance/payouts/summary`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Summary {
    pub(in crate::finance) currency: String,
    pub(in crate::finance) statuses: Vec<StatusSum>,
}

/// How many payouts stand where.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct StatusSum {
    pub(in crate::finance) status: String,
    pub(in crate::finance) count: u64,
    pub(in crate::finance) amount: Money,
    /// There are more than were counted.
    #[serde(default)]
    pub(in crate::finance) more: bool,
}

/// `GET /finance/payouts`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct PayoutList {
    pub(in crate::finance) payouts: Vec<Row>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// A payout of the queue.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Row {
    #[serde(flatten)]
    pub(in crate::finance) payout: Payout,
    pub(in crate::finance) payee: Option<Payee>,
    #[serde(default)]
    pub(in crate::finance) signals: Vec<String>,
}

/// A payout as every door of finance tells it.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Payout {
    pub(in crate::finance) payout_id: String,
    pub(in crate::finance) account_id: String,
    pub(in crate::finance) status: String,
    pub(in crate::finance) version: u32,
    pub(in crate::finance) amount: Money,
    pub(in crate::finance) referral: Money,
    pub(in crate::finance) rental: Money,
    pub(in crate::finance) currency: String,
    pub(in crate::finance) rail: String,
    pub(in crate::finance) destination: String,
    pub(in crate::finance) destination_changed_at: DateTime<Utc>,
    pub(in crate::finance) requested_at: DateTime<Utc>,
    #[serde(default)]
    pub(in crate::finance) approvals: Vec<Approval>,
    #[serde(default)]
    pub(in crate::finance) approvals_needed: usize,
    pub(in crate::finance) reason: Option<String>,
    pub(in crate::finance) run_id: Option<String>,
    pub(in crate::finance) reference: Option<String>,
    pub(in crate::finance) note: Option<String>,
    pub(in crate::finance) returned: Option<Money>,
    pub(in crate::finance) invoice: Option<Document>,
    #[serde(default)]
    pub(in crate::finance) credit_notes: Vec<Document>,
}

/// Who agreed, and when.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Approval {
    pub(in crate::finance) by: String,
}

/// Who is to be paid.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Payee {
    pub(in crate::finance) created_at: Option<DateTime<Utc>>,
    pub(in crate::finance) referral_count: u64,
    pub(in crate::finance) total_earnings: Money,
    pub(in crate::finance) current_balance: Money,
    pub(in crate::finance) paid: Money,
    pub(in crate::finance) refund_rate: Option<RefundRate>,
}

/// The share of rewards that was taken back.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct RefundRate {
    pub(in crate::finance) rate: Rate,
    pub(in crate::finance) rewarded: Money,
    pub(in crate::finance) taken_back: Money,
    pub(in crate::finance) lines: u64,
    pub(in crate::finance) since: DateTime<Utc>,
}

/// `GET /finance/payouts/{id}`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Dossier {
    #[serde(flatten)]
    pub(in crate::finance) payout: Payout,
    #[serde(default)]
    pub(in crate::finance) timeline: Vec<Step>,
    pub(in crate::finance) payee: WholePayee,
    pub(in crate::finance) payout_account: Option<PayoutAccount>,
    #[serde(default)]
    pub(in crate::finance) signals: Vec<String>,
    /// What the reader may do with it now.
    #[serde(default)]
    pub(in crate::finance) can: Vec<String>,
}

/// Who is to be paid, with what a decision looks at beside.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct WholePayee {
    #[serde(flatten)]
    pub(in crate::finance) payee: Payee,
    pub(in crate::finance) closed_at: Option<DateTime<Utc>>,
    pub(in crate::finance) cashable: Money,
    pub(in crate::finance) in_payout: Money,
    pub(in crate::finance) rewards_in_review: Money,
    pub(in crate::finance) attribution: Option<Attribution>,
}

/// How an account came to the programme.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Attribution {
    pub(in crate::finance) status: String,
    pub(in crate::finance) reason: Option<String>,
    pub(in crate::finance) signed_up_at: DateTime<Utc>,
    pub(in crate::finance) referrer: Option<String>,
    pub(in crate::finance) template: Option<String>,
    pub(in crate::finance) clicked_at: Option<DateTime<Utc>>,
}

/// A payout account as it stands now.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct PayoutAccount {
    pub(in crate::finance) rail: String,
    pub(in crate::finance) destination: String,
    pub(in crate::finance) changed_at: DateTime<Utc>,
    pub(in crate::finance) changed_by: String,
    pub(in crate::finance) usable_from: DateTime<Utc>,
    /// Still the one that was asked for, where it stands beside a payout.
    pub(in crate::finance) unchanged: Option<bool>,
    #[serde(default)]
    pub(in crate::finance) default: bool,
}

/// A step of a payout, with who took it.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Step {
    pub(in crate::finance) at: DateTime<Utc>,
    pub(in crate::finance) step: String,
    pub(in crate::finance) by: Actor,
    pub(in crate::finance) reason: Option<String>,
    pub(in crate::finance) note: Option<String>,
    pub(in crate::finance) reference: Option<String>,
    pub(in crate::finance) amount: Option<Money>,
    pub(in crate::finance) run_id: Option<String>,
}

/// Who took a step.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Actor {
    pub(in crate::finance) role: String,
    pub(in crate::finance) id: Option<String>,
}
