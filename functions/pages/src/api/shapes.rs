//! What the API answers, as far as a page shows it. Members that are not named here are not looked at, so that the API
//! may tell more; those that may be missing have a default.

use chrono::{DateTime, NaiveDate, Utc};
use ledger::Money;
use serde::Deserialize;

/// `GET /earnings`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member is the figure of its name")]
pub struct Earnings {
    pub currency: String,
    pub current_balance: Money,
    pub total_earnings: Money,
    pub total_referral_earnings: Money,
    pub total_rental_earnings: Money,
    pub referral_count: u64,
    pub cashable: Money,
    pub not_cashable: Vec<NotCashable>,
    pub chart: Vec<Point>,
    pub templates: Vec<Performance>,
}

/// A part of the balance that can't be cashed, and why.
#[derive(Debug, Clone, Deserialize)]
pub struct NotCashable {
    /// Which rule keeps it.
    pub reason: String,
    /// How much.
    pub amount: Money,
    /// When the next part of a hold ends.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// What has to be spent before credit is cashable.
    #[serde(default)]
    pub spend_first: Option<Money>,
}

/// What was earned in one period.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member is the figure of its name")]
pub struct Point {
    pub start: NaiveDate,
    pub referral: Money,
    pub rental: Money,
}

/// How a link did in the range.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member is the figure of its name")]
pub struct Performance {
    pub template_id: Option<String>,
    pub name: String,
    pub clicks: u64,
    pub signups: u64,
    pub total: Money,
    pub chart: Vec<PerformancePoint>,
}

/// One period of a link.
#[derive(Debug, Clone, Deserialize)]
pub struct PerformancePoint {
    /// What was earned by it.
    pub amount: Money,
}

/// `GET /links`.
#[derive(Debug, Clone, Deserialize)]
pub struct Links {
    /// The link that works for ever.
    pub link: String,
    /// The one that was chosen.
    #[serde(default)]
    pub alias: Option<Alias>,
}

impl Links {
    /// The link to share: the chosen one, where there is one.
    #[must_use]
    pub fn shared(&self) -> &str {
        self.alias.as_ref().map_or(&self.link, |alias| &alias.link)
    }
}

/// A chosen name of a link.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Alias {
    pub alias: String,
    pub link: String,
}

/// `GET /templates`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct TemplateList {
    pub templates: Vec<Template>,
}

/// A template.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Template {
    pub template_id: String,
    pub name: String,
    pub url: String,
    pub public: bool,
    pub created_at: DateTime<Utc>,
    pub link: String,
}

/// `GET /earnings/lines`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct LineList {
    pub lines: Vec<Line>,
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// A ledger line as its account sees it.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Line {
    pub line_id: String,
    pub at: DateTime<Utc>,
    pub subject: String,
    pub reference: String,
    pub amount: Money,
    pub currency: String,
    pub cause: String,
    pub rule: String,
    #[serde(default)]
    pub matures_on: Option<NaiveDate>,
    #[serde(default)]
    pub template_id: Option<String>,
    #[serde(default)]
    pub machine: Option<String>,
}

/// `GET /payout-accounts`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct PayoutAccountList {
    pub payout_accounts: Vec<PayoutAccount>,
}

/// Where an account is paid to.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct PayoutAccount {
    pub rail: String,
    pub destination: String,
    pub default: bool,
    pub changed_at: DateTime<Utc>,
    pub usable_from: DateTime<Utc>,
    /// `ready`, `cooling_down`, `onboarding` or `restricted`, where the API tells.
    #[serde(default)]
    pub state: Option<String>,
}

/// `GET /payouts`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct PayoutList {
    pub payouts: Vec<Payout>,
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// A payout; with its steps, where one alone was asked for.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Payout {
    pub payout_id: String,
    pub status: String,
    pub amount: Money,
    pub currency: String,
    pub rail: String,
    pub destination: String,
    pub requested_at: DateTime<Utc>,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub returned: Option<Money>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    timeline: Vec<Step>,
    #[serde(default)]
    pub invoice: Option<Document>,
    #[serde(default)]
    pub credit_notes: Vec<Document>,
}

impl Payout {
    /// Its steps, oldest first, under whichever of the two names the API tells them.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        if self.steps.is_empty() { &self.timeline } else { &self.steps }
    }
}

/// A step of a payout.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Step {
    pub at: DateTime<Utc>,
    pub step: String,
    #[serde(default)]
    pub reason: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub amount: Option<Money>,
}

/// An invoice or a credit note, as an object or as its number alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Document {
    /// With its address.
    Full {
        /// `INV-2026-000001`
        number: String,
        /// Where it is, on this site.
        #[serde(default)]
        url: Option<String>,
    },
    /// The number.
    Number(String),
}

impl Document {
    /// The number.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::Full { number, .. } | Self::Number(number) => number,
        }
    }
}

/// `GET /billing`.
#[derive(Debug, Clone, Default, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Billing {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub address: Vec<String>,
    #[serde(default)]
    pub country: Option<String>,
    #[serde(default)]
    pub tax_id: Option<String>,
}

/// `POST /payout-accounts/stripe_connect/onboarding`.
#[derive(Debug, Clone, Deserialize)]
#[expect(missing_docs, reason = "each member says what it is")]
pub struct Onboarding {
    pub url: String,
}
