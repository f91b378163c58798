//! The reward that a purchase should have, computed from its merged state alone.

use crate::{
    attribution::{Attribution, AttributionStatus, Credit},
    purchase::PurchaseState,
    settings::{History, Programme, RewardBasis, Settings},
};
use chrono::{DateTime, Days, NaiveDate, Timelike, Utc};
use ledger::{AccountId, Money, Rate, TemplateId};
use serde::{Deserialize, Serialize};

/// What a purchase earns, or why it earns nothing: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its referrer earns by it.
    Earns,
    /// Nothing was captured yet.
    NotCaptured,
    /// It is not known who bought.
    NoBuyer,
    /// A fact of it is in another currency: parked for review, never guessed.
    Parked,
    /// The buyer has not signed up; the signup has it computed again.
    Waiting,
    /// The buyer came by no link.
    NotAttributed,
    /// The buyer's attribution was refused.
    Refused,
    /// Captured before the credited click.
    BeforeClick,
    /// Captured after the duration of the reward.
    AfterDuration,
    /// The referrer's account was closed before.
    ReferrerClosed,
    /// Rewards of this referral are computed from credits spent: the purchase, or the usage, counts for them.
    ByUsage,
    /// Of a usage: rewards are computed from credits bought.
    ByPurchase,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 12] = [
        Self::Earns,
        Self::NotCaptured,
        Self::NoBuyer,
        Self::Parked,
        Self::Waiting,
        Self::NotAttributed,
        Self::Refused,
        Self::BeforeClick,
        Self::AfterDuration,
        Self::ReferrerClosed,
        Self::ByUsage,
        Self::ByPurchase,
    ];

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Earns => "earns",
            Self::NotCaptured => "not_captured",
            Self::NoBuyer => "no_buyer",
            Self::Parked => "parked",
            Self::Waiting => "waiting",
            Self::NotAttributed => "not_attributed",
            Self::Refused => "refused",
            Self::BeforeClick => "before_click",
            Self::AfterDuration => "after_duration",
            Self::ReferrerClosed => "referrer_closed",
            Self::ByUsage => "by_usage",
            Self::ByPurchase => "by_purchase",
        }
    }
}

/// What of the referrer decides about a reward.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Referrer {
    /// The account's own rates, where finance set one.
    pub rates: History<Rate>,
    /// Since when the account is closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A reward as it stands in the ledger for one purchase, or (by usage) for all that one referee spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// Who earned it.
    pub referrer: AccountId,
    /// How much, zero or more.
    pub amount: Money,
    /// Whether the referee is in review.
    pub in_review: bool,
    /// The UTC day of capture, on which the reward and its clawbacks stand in charts. By usage: the day of what changed it last.
    pub day: NaiveDate,
    /// The UTC day at whose beginning it matures; none where it is cashable at once.
    pub matures_on: Option<NaiveDate>,
    /// The template of the credited link.
    pub template: Option<TemplateId>,
    /// The rate in force at capture; by usage, at the signup.
    pub rate: Rate,
    /// The version of the programme's settings in force then.
    pub settings_version: u32,
    /// The version of the account's own rate; none where the programme's holds.
    pub rate_version: Option<u32>,
}

/// What one purchase has moved in all: its buyer's credits and its referrer's reward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The buyer, where known and credited.
    pub buyer: Option<AccountId>,
    /// Credits bought, net of refunds and disputes.
    pub purchased: Money,
    /// The reward, where the outcome is [`Outcome::Earns`].
    pub reward: Option<Reward>,
    /// What it earns, or why nothing.
    pub outcome: Outcome,
    /// Whose lines it stands among: the referrer of an earning attribution, also where the purchase earned nothing.
    pub listed_for: Option<AccountId>,
}

impl Posting {
    /// What stands before the first fact.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { buyer: None, purchased: Money::ZERO, reward: None, outcome: Outcome::NotCaptured, listed_for: None }
    }

    /// The reward's amount; zero without one.
    #[must_use]
    pub fn reward_amount(&self) -> Money {
        self.reward.as_ref().map_or(Money::ZERO, |reward| reward.amount)
    }
}

/// What a purchase in this state should have posted.
///
/// `attribution` is the buyer's, none before its signup is known; `referrer` is of the account that
/// the attribution credits. The same state, attribution and settings give the same answer, at any time.
#[must_use]
pub fn target(state: &PurchaseState, attribution: Option<&Attribution>, referrer: &Referrer, programme: &Programme) -> Posting {
    let mut posting = Posting { buyer: state.buyer().cloned(), ..Posting::nothing() };
    let Some(capture) = &state.capture else { return posting };
    let (settings_version, settings) = programme.at(capture.at);
    if !state.in_currency(&settings.currency) {
        posting.outcome = Outcome::Parked;
        return posting;
    }
    if posting.buyer.is_none() {
        posting.outcome = Outcome::NoBuyer;
        return posting;
    }
    posting.purchased = state.base().pro_rata(Rate::ONE, state.net_received(), capture.amount);
    posting.listed_for = attribution.and_then(Attribution::earning).map(|credit| credit.referrer.clone());
    posting.outcome = outcome(capture.at, attribution, referrer);
    if posting.outcome == Outcome::Earns {
        posting.reward = attribution.and_then(|attribution| reward(state, capture.at, attribution, referrer, (settings_version, settings)));
    }
    posting
}

fn outcome(captured_at: DateTime<Utc>, attribution: Option<&Attribution>, referrer: &Referrer) -> Outcome {
    let Some(attribution) = attribution else { return Outcome::Waiting };
    let Some(credit) = attribution.earning() else {
        return match attribution.status {
            AttributionStatus::Refused => Outcome::Refused,
            AttributionStatus::None | AttributionStatus::Attributed | AttributionStatus::InReview => Outcome::NotAttributed,
        };
    };
    let by_basis = match credit.basis {
        RewardBasis::Purchase => Outcome::Earns,
        RewardBasis::Usage => Outcome::ByUsage,
    };
    out_of_time(captured_at, credit, attribution.signed_up_at, referrer).unwrap_or(by_basis)
}

/// Why something of this time is out of the time in which a referral earns; none where it is not.
pub(super) fn out_of_time(at: DateTime<Utc>, credit: &Credit, signed_up_at: DateTime<Utc>, referrer: &Referrer) -> Option<Outcome> {
    // Processors tell whole seconds, so what is of the second of the click is not before it.
    if at.timestamp() < credit.clicked_at.timestamp() {
        Some(Outcome::BeforeClick)
    } else if credit.ends_at(signed_up_at).is_some_and(|end| at >= end) {
        Some(Outcome::AfterDuration)
    } else if referrer.closed_at.is_some_and(|closed| at > closed) {
        Some(Outcome::ReferrerClosed)
    } else {
        None
    }
}

fn reward(
    state: &PurchaseState,
    captured_at: DateTime<Utc>,
    attribution: &Attribution,
    referrer: &Referrer,
    settings: (u32, &Settings),
) -> Option<Reward> {
    let credit = attribution.earning()?;
    let capture = state.capture.as_ref()?;
    let (settings_version, settings) = settings;
    let own = referrer.rates.in_force(captured_at);
    let rate = own.map_or(settings.reward_rate, |version| version.value);
    Some(Reward {
        referrer: credit.referrer.clone(),
        amount: state.base().pro_rata(rate, state.net_received(), capture.amount),
        in_review: attribution.status == AttributionStatus::InReview,
        day: captured_at.date_naive(),
        matures_on: matures_on(captured_at, settings.hold_days),
        template: credit.template.clone(),
        rate,
        settings_version,
        rate_version: own.map(|version| version.number),
    })
}

/// The day of the first 00:00 UTC that is not before capture + hold; none where there is no hold.
fn matures_on(captured_at: DateTime<Utc>, hold_days: u32) -> Option<NaiveDate> {
    if hold_days == 0 {
        return None;
    }
    let ends = captured_at.checked_add_days(Days::new(u64::from(hold_days)))?;
    let midnight = ends.num_seconds_from_midnight() == 0 && ends.nanosecond() == 0;
    if midnight { Some(ends.date_naive()) } else { ends.date_naive().succ_opt() }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
