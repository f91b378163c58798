//! Runs, and the kill switch.

use chrono::{DateTime, Utc};
use ledger::Money;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A run, or what would be one.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Run {
    pub(in crate::finance) run_id: Option<String>,
    pub(in crate::finance) by: Option<String>,
    pub(in crate::finance) at: Option<DateTime<Utc>>,
    pub(in crate::finance) count: u64,
    pub(in crate::finance) amount: Money,
    pub(in crate::finance) currency: String,
    #[serde(default)]
    pub(in crate::finance) by_rail: Vec<RailSum>,
    #[serde(default)]
    pub(in crate::finance) payouts: Vec<RunEntry>,
    #[serde(default)]
    pub(in crate::finance) left_out: Vec<LeftOut>,
    /// How many stand where.
    #[serde(default)]
    pub(in crate::finance) progress: BTreeMap<String, u64>,
    /// Whether payouts go out at all; told by a dry run.
    pub(in crate::finance) payouts_enabled: Option<bool>,
    /// What of the list would be canceled instead of sent; told by a dry run.
    pub(in crate::finance) expected_canceled: Option<Sum>,
}

/// How much goes by a rail.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct RailSum {
    pub(in crate::finance) rail: String,
    pub(in crate::finance) count: u64,
    pub(in crate::finance) amount: Money,
}

/// A sum of payouts.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Sum {
    pub(in crate::finance) count: u64,
    pub(in crate::finance) amount: Money,
}

/// A payout in a run.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct RunEntry {
    pub(in crate::finance) payout_id: String,
    pub(in crate::finance) account_id: String,
    pub(in crate::finance) amount: Money,
    pub(in crate::finance) rail: String,
    pub(in crate::finance) destination: String,
    pub(in crate::finance) status: Option<String>,
    pub(in crate::finance) reason: Option<String>,
    /// Why it would be canceled instead of sent.
    pub(in crate::finance) expected: Option<String>,
}

/// A payout that is not in a run, and why.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct LeftOut {
    pub(in crate::finance) payout_id: String,
    pub(in crate::finance) reason: String,
}

/// `GET /finance/payout-runs`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct RunList {
    pub(in crate::finance) runs: Vec<Run>,
    pub(in crate::finance) next_cursor: Option<String>,
}

/// `GET /finance/switch`.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Switch {
    pub(in crate::finance) payouts_enabled: bool,
    pub(in crate::finance) settings_enabled: bool,
    pub(in crate::finance) turned: Option<Turned>,
}

impl Switch {
    /// Whether cash goes out.
    pub(in crate::finance) const fn is_on(&self) -> bool {
        self.payouts_enabled && self.settings_enabled
    }
}

/// Who turned it last.
#[derive(Debug, Deserialize)]
pub(in crate::finance) struct Turned {
    pub(in crate::finance) by: String,
    pub(in crate::finance) at: DateTime<Utc>,
    pub(in crate::finance) reason: String,
}
