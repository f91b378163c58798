//! Rewards by usage: of all that a referee spends, up to what it bought, its referrer earns a share.

use super::target::{Outcome, Referrer, Reward, out_of_time};
#[cfg(feature = "bugs")]
use crate::bug::frozen_at;
use crate::{
    attribution::{Attribution, AttributionStatus, Credit},
    settings::{Programme, RewardBasis},
};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::{Money, Rate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether credits spent at a time count for a reward, or why not: [`Outcome::ByUsage`] says that they do.
///
/// `attribution` is that of who spent, none before its signup is known. A review changes nothing in what counts, only in what is earned by it.
#[must_use]
pub fn spending_outcome(at: DateTime<Utc>, attribution: Option<&Attribution>, referrer: &Referrer, programme: &Programme) -> Outcome {
    if programme.by_usage_since().is_none_or(|since| at < since) {
        return Outcome::ByPurchase;
    }
    let Some(attribution) = attribution else { return Outcome::Waiting };
    let Some(credit) = attribution.counting() else {
        return match attribution.status {
            AttributionStatus::Refused => Outcome::Refused,
            AttributionStatus::None | AttributionStatus::Attributed | AttributionStatus::InReview => Outcome::NotAttributed,
        };
    };
    match credit.basis {
        RewardBasis::Purchase => Outcome::ByPurchase,
        RewardBasis::Usage => out_of_time(at, credit, attribution.signed_up_at, referrer).unwrap_or(Outcome::ByUsage),
    }
}

/// What one ledger line adds to what counts for a referee's reward by usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The line: `usage#u1/0`.
    pub line: String,
    /// The UTC day on which its share of the reward stands in charts: of the usage, or of the purchase's capture.
    pub day: NaiveDate,
    /// Credits bought, net; negative where it takes back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub bought: Money,
    /// Credits spent; negative where they no longer count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub spent: Money,
}

/// Records are paid for by the byte.
fn is_zero(amount: &Money) -> bool {
    amount.is_zero()
}

/// What all that a referee bought and spent has posted as its referrer's reward.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UsagePosting {
    /// Credits bought that count, net of refunds and disputes.
    pub bought: Money,
    /// Credits spent that count.
    pub spent: Money,
    /// The reward; none where the referral earns nothing (any more).
    pub reward: Option<Reward>,
    /// What this record added to the days of the referrer's chart.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<NaiveDate, Money>,
}

impl UsagePosting {
    /// The reward's amount; zero without one.
    #[must_use]
    pub fn reward_amount(&self) -> Money {
        self.reward.as_ref().map_or(Money::ZERO, |reward| reward.amount)
    }
}

/// `floor6(rate × min(credits spent, credits bought net))`.
fn due(rate: Rate, bought: Money, spent: Money) -> Money {
    #[cfg(feature = "bugs")]
    if crate::bug::active(crate::bug::Bug::SpendingUncapped) {
        return spent.share(rate);
    }
    bought.min(spent).floor_zero().share(rate)
}

/// The rate of a referral, frozen at the signup: the referrer's own where it had one then, else the programme's. With its versions.
fn rate(at: DateTime<Utc>, referrer: &Referrer, programme: &Programme) -> (Rate, u32, Option<u32>) {
    let (settings_version, settings) = programme.at(at);
    let own = referrer.rates.in_force(at);
    (own.map_or(settings.reward_rate, |version| version.value), settings_version, own.map(|version| version.number))
}

/// What should be posted for a referee after `counted` has come to what is posted, in this order.
///
/// Each share of the reward stands on the day of what brought it; what only the attribution changes, on `today`.
#[must_use]
pub fn usage_target(
    old: Option<&UsagePosting>,
    counted: &[Counted],
    attribution: &Attribution,
    referrer: &Referrer,
    programme: &Programme,
    today: NaiveDate,
) -> UsagePosting {
    let (mut bought, mut spent) = old.map_or((Money::ZERO, Money::ZERO), |old| (old.bought, old.spent));
    let before = old.map_or(Money::ZERO, UsagePosting::reward_amount);
    let (rate, settings_version, rate_version) = rate(frozen_at(attribution, today), referrer, programme);
    let credit: Option<&Credit> = attribution.earning().filter(|credit| credit.basis == RewardBasis::Usage);
    let mut days: BTreeMap<NaiveDate, Money> = BTreeMap::new();
    let mut stands = before;
    for step in counted {
        bought += step.bought;
        spent += step.spent;
        let due = due(rate, bought, spent);
        // Of a referral that earns no more, a purchase takes its share back, and nothing gives.
        let next = if credit.is_some() { due } else { due.min(stands) };
        *days.entry(step.day).or_default() += next - stands;
        stands = next;
    }
    let last_day = counted.last().map(|step| step.day).or_else(|| old.and_then(|old| old.reward.as_ref()).map(|reward| reward.day));
    let reward = credit.map(|credit| Reward {
        referrer: credit.referrer.clone(),
        amount: due(rate, bought, spent),
        in_review: attribution.status == AttributionStatus::InReview,
        day: last_day.unwrap_or(today),
        matures_on: None,
        template: credit.template.clone(),
        rate,
        settings_version,
        rate_version,
    });
    let amount = reward.as_ref().map_or(Money::ZERO, |reward| reward.amount);
    *days.entry(today).or_default() += amount - stands;
    days.retain(|_, amount| !amount.is_zero());
    UsagePosting { bought, spent, reward, days }
}

#[cfg(not(feature = "bugs"))]
const fn frozen_at(attribution: &Attribution, _today: NaiveDate) -> DateTime<Utc> {
    attribution.signed_up_at
}

#[cfg(test)]
#[path = "usage_tests.rs"]
mod tests;
