//! What finance's doors answer, as far as the console shows it. As in `api/shapes.rs`, what is not named is not looked at.

use crate::api::shapes::Document;
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{Money, Rate};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `GET /finance/payouts/summary`.
#[derive(Debug, Deserialize)]
pub(super) struct Summary {
    pub(super) currency: String,
    pub(super) statuses: Vec<StatusSum>,
}

/// How many payouts stand where.
#[derive(Debug, Deserialize)]
pub(super) struct StatusSum {
    pub(super) status: String,
    pub(super) count: u64,
    pub(super) amount: Money,
    /// There are more than were counted.
    #[serde(default)]
    pub(super) more: bool,
}

/// `GET /finance/payouts`.
#[derive(Debug, Deserialize)]
pub(super) struct PayoutList {
    pub(super) payouts: Vec<Row>,
    pub(super) next_cursor: Option<String>,
}

/// A payout of the queue.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) payout: Payout,
    pub(super) payee: Option<Payee>,
    #[serde(default)]
    pub(super) signals: Vec<String>,
}

/// A payout as every door of finance tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Payout {
    pub(super) payout_id: String,
    pub(super) account_id: String,
    pub(super) status: String,
    pub(super) version: u32,
    pub(super) amount: Money,
    pub(super) referral: Money,
    pub(super) rental: Money,
    pub(super) currency: String,
    pub(super) rail: String,
    pub(super) destination: String,
    pub(super) destination_changed_at: DateTime<Utc>,
    pub(super) requested_at: DateTime<Utc>,
    #[serde(default)]
    pub(super) approvals: Vec<Approval>,
    #[serde(default)]
    pub(super) approvals_needed: usize,
    pub(super) reason: Option<String>,
    pub(super) run_id: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) note: Option<String>,
    pub(super) returned: Option<Money>,
    pub(super) invoice: Option<Document>,
    #[serde(default)]
    pub(super) credit_notes: Vec<Document>,
}

/// Who agreed, and when.
#[derive(Debug, Deserialize)]
pub(super) struct Approval {
    pub(super) by: String,
}

/// Who is to be paid.
#[derive(Debug, Deserialize)]
pub(super) struct Payee {
    pub(super) created_at: Option<DateTime<Utc>>,
    pub(super) referral_count: u64,
    pub(super) total_earnings: Money,
    pub(super) current_balance: Money,
    pub(super) paid: Money,
    pub(super) refund_rate: Option<RefundRate>,
}

/// The share of rewards that was taken back.
#[derive(Debug, Deserialize)]
pub(super) struct RefundRate {
    pub(super) rate: Rate,
    pub(super) rewarded: Money,
    pub(super) taken_back: Money,
    pub(super) lines: u64,
    pub(super) since: DateTime<Utc>,
}

/// `GET /finance/payouts/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Dossier {
    #[serde(flatten)]
    pub(super) payout: Payout,
    #[serde(default)]
    pub(super) timeline: Vec<Step>,
    pub(super) payee: WholePayee,
    pub(super) payout_account: Option<PayoutAccount>,
    #[serde(default)]
    pub(super) signals: Vec<String>,
    /// What the reader may do with it now.
    #[serde(default)]
    pub(super) can: Vec<String>,
}

/// Who is to be paid, with what a decision looks at beside.
#[derive(Debug, Deserialize)]
pub(super) struct WholePayee {
    #[serde(flatten)]
    pub(super) payee: Payee,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) cashable: Money,
    pub(super) in_payout: Money,
    pub(super) rewards_in_review: Money,
    pub(super) attribution: Option<Attribution>,
}

/// How an account came to the programme.
#[derive(Debug, Deserialize)]
pub(super) struct Attribution {
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) signed_up_at: DateTime<Utc>,
    pub(super) referrer: Option<String>,
    pub(super) template: Option<String>,
    pub(super) clicked_at: Option<DateTime<Utc>>,
}

/// A payout account as it stands now.
#[derive(Debug, Deserialize)]
pub(super) struct PayoutAccount {
    pub(super) rail: String,
    pub(super) destination: String,
    pub(super) changed_at: DateTime<Utc>,
    pub(super) changed_by: String,
    pub(super) usable_from: DateTime<Utc>,
    /// Still the one that was asked for, where it stands beside a payout.
    pub(super) unchanged: Option<bool>,
    #[serde(default)]
    pub(super) default: bool,
}

/// A step of a payout, with who took it.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) at: DateTime<Utc>,
    pub(super) step: String,
    pub(super) by: Actor,
    pub(super) reason: Option<String>,
    pub(super) note: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) amount: Option<Money>,
    pub(super) run_id: Option<String>,
}

/// Who took a step.
#[derive(Debug, Deserialize)]
pub(super) struct Actor {
    pub(super) role: String,
    pub(super) id: Option<String>,
}

/// A run, or what would be one.
#[derive(Debug, Deserialize)]
pub(super) struct Run {
    pub(super) run_id: Option<String>,
    pub(super) by: Option<String>,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) count: u64,
    pub(super) amount: Money,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) by_rail: Vec<RailSum>,
    #[serde(default)]
    pub(super) payouts: Vec<RunEntry>,
    #[serde(default)]
    pub(super) left_out: Vec<LeftOut>,
    /// How many stand where.
    #[serde(default)]
    pub(super) progress: BTreeMap<String, u64>,
    /// Whether payouts go out at all; told by a dry run.
    pub(super) payouts_enabled: Option<bool>,
    /// What of the list would be canceled instead of sent; told by a dry run.
    pub(super) expected_canceled: Option<Sum>,
}

/// How much goes by a rail.
#[derive(Debug, Deserialize)]
pub(super) struct RailSum {
    pub(super) rail: String,
    pub(super) count: u64,
    pub(super) amount: Money,
}

/// A sum of payouts.
#[derive(Debug, Deserialize)]
pub(super) struct Sum {
    pub(super) count: u64,
    pub(super) amount: Money,
}

/// A payout in a run.
#[derive(Debug, Deserialize)]
pub(super) struct RunEntry {
    pub(super) payout_id: String,
    pub(super) account_id: String,
    pub(super) amount: Money,
    pub(super) rail: String,
    pub(super) destination: String,
    pub(super) status: Option<String>,
    pub(super) reason: Option<String>,
    /// Why it would be canceled instead of sent.
    pub(super) expected: Option<String>,
}

/// A payout that is not in a run, and why.
#[derive(Debug, Deserialize)]
pub(super) struct LeftOut {
    pub(super) payout_id: String,
    pub(super) reason: String,
}

/// `GET /finance/payout-runs`.
#[derive(Debug, Deserialize)]
pub(super) struct RunList {
    pub(super) runs: Vec<Run>,
    pub(super) next_cursor: Option<String>,
}

/// `GET /finance/switch`.
#[derive(Debug, Deserialize)]
pub(super) struct Switch {
    pub(super) payouts_enabled: bool,
    pub(super) settings_enabled: bool,
    pub(super) turned: Option<Turned>,
}

impl Switch {
    /// Whether cash goes out.
    pub(super) const fn is_on(&self) -> bool {
        self.payouts_enabled && self.settings_enabled
    }
}

/// Who turned it last.
#[derive(Debug, Deserialize)]
pub(super) struct Turned {
    pub(super) by: String,
    pub(super) at: DateTime<Utc>,
    pub(super) reason: String,
}

/// `GET /finance/reviews`.
#[derive(Debug, Deserialize)]
pub(super) struct ReviewList {
    pub(super) reviews: Vec<Review>,
    pub(super) next_cursor: Option<String>,
}

/// A referral that looks like one person on both sides.
#[derive(Debug, Deserialize)]
pub(super) struct Review {
    pub(super) account_id: String,
    pub(super) referrer: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) opened_at: DateTime<Utc>,
}

/// `GET /finance/flags`.
#[derive(Debug, Deserialize)]
pub(super) struct FlagList {
    pub(super) flags: Vec<Flagged>,
    pub(super) next_cursor: Option<String>,
}

/// A purchase whose facts contradict each other.
#[derive(Debug, Deserialize)]
pub(super) struct Flagged {
    pub(super) purchase: String,
    pub(super) line: u32,
    pub(super) at: DateTime<Utc>,
    pub(super) flags: Vec<Flag>,
}

/// One thing to look at.
#[derive(Debug, Deserialize)]
pub(super) struct Flag {
    pub(super) flag: String,
    pub(super) sentence: String,
}

/// `GET /finance/quarantine`.
#[derive(Debug, Deserialize)]
pub(super) struct Quarantine {
    pub(super) quarantine: Vec<Kept>,
    pub(super) next_cursor: Option<String>,
}

/// An event that waits for a decision.
#[derive(Debug, Deserialize)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) reason: String,
    pub(super) received_at: DateTime<Utc>,
    #[serde(default)]
    pub(super) replays: u64,
    pub(super) bytes: u64,
    pub(super) body: String,
    pub(super) encoding: String,
    #[serde(default)]
    pub(super) cut: bool,
}

/// `POST /finance/dead-letters/replay`.
#[derive(Debug, Deserialize)]
pub(super) struct Replayed {
    pub(super) replayed: u64,
    pub(super) left: u64,
    pub(super) unreadable: u64,
}

/// `GET /finance/audit`.
#[derive(Debug, Deserialize)]
pub(super) struct Audit {
    pub(super) figures: BTreeMap<String, Figure>,
    #[serde(default)]
    pub(super) not_checked: BTreeMap<String, String>,
    pub(super) span: Option<Span>,
}

/// One invariant's figure.
#[derive(Debug, Deserialize)]
pub(super) struct Figure {
    pub(super) violations: u64,
    pub(super) checked: u64,
    #[serde(default)]
    pub(super) examples: Vec<String>,
}

/// What an audit looked at.
#[derive(Debug, Deserialize)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    pub(super) items: u64,
}

/// `GET /finance/programme`.
#[derive(Debug, Deserialize)]
pub(super) struct Programme {
    /// The number of the version in force.
    pub(super) version: u32,
    pub(super) settings: Map<String, Value>,
    pub(super) versions: Vec<SettingsVersion>,
}

/// A version of the settings.
#[derive(Debug, Deserialize)]
pub(super) struct SettingsVersion {
    pub(super) version: u32,
    pub(super) from: DateTime<Utc>,
    pub(super) settings: Map<String, Value>,
}

/// `GET /finance/accounts/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    pub(super) account_id: String,
    pub(super) currency: String,
    #[serde(default)]
    pub(super) figures: BTreeMap<String, Money>,
    pub(super) balance: Balance,
    pub(super) referral_count: u64,
    pub(super) refund_rate: Option<RefundRate>,
    #[serde(default)]
    pub(super) signals: Vec<String>,
    pub(super) closed_at: Option<DateTime<Utc>>,
    pub(super) attribution: Option<Attribution>,
    pub(super) rate: Rate,
    #[serde(default)]
    pub(super) rates: Vec<RateVersion>,
    #[serde(default)]
    pub(super) payout_accounts: Vec<PayoutAccount>,
    pub(super) payouts: AccountPayouts,
}

/// What an account has.
#[derive(Debug, Deserialize)]
pub(super) struct Balance {
    pub(super) current_balance: Money,
    pub(super) total_earnings: Money,
    pub(super) cashable: Money,
    #[serde(default)]
    pub(super) not_cashable: Vec<NotCashable>,
}

/// What can't be cashed, and why.
#[derive(Debug, Deserialize)]
pub(super) struct NotCashable {
    pub(super) reason: String,
    pub(super) amount: Money,
    pub(super) until: Option<NaiveDate>,
}

/// A rate of an account's own.
#[derive(Debug, Deserialize)]
pub(super) struct RateVersion {
    pub(super) version: u32,
    pub(super) rate: Rate,
    pub(super) from: DateTime<Utc>,
}

/// The payouts of an account.
#[derive(Debug, Deserialize)]
pub(super) struct AccountPayouts {
    pub(super) open: u64,
    pub(super) latest: Vec<Payout>,
}

/// `GET /finance/reconciliation`.
#[derive(Debug, Deserialize)]
pub(super) struct Reconciliation {
    pub(super) day: NaiveDate,
    pub(super) ran_at: DateTime<Utc>,
    pub(super) checked: Checked,
    pub(super) findings: Vec<Finding>,
}

/// How much was compared.
#[derive(Debug, Deserialize)]
pub(super) struct Checked {
    pub(super) ours: u64,
    pub(super) theirs: u64,
}

/// A difference between our books and a rail's.
#[derive(Debug, Deserialize)]
pub(super) struct Finding {
    pub(super) kind: String,
    pub(super) rail: String,
    pub(super) payout_id: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) detail: String,
}

/// `GET /finance/acts`.
#[derive(Debug, Deserialize)]
pub(super) struct ActList {
    pub(super) acts: Vec<Act>,
    pub(super) next_cursor: Option<String>,
}

/// Who did what.
#[derive(Debug, Deserialize)]
pub(super) struct Act {
    pub(super) at: DateTime<Utc>,
    pub(super) by: String,
    pub(super) act: String,
    pub(super) subject: String,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) details: Value,
}
