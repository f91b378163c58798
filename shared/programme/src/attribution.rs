//! Attribution: which click is credited when an account signs up. Made once, never changed.

use crate::settings::{AttributionModel, RewardBasis, RewardDuration, Settings};
use chrono::{DateTime, Duration, Months, Utc};
use ledger::{AccountId, TemplateId};
use serde::{Deserialize, Serialize};

/// What a signed click receipt says: a visit to a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// `clk_…`
    pub click: String,
    /// The code of the link.
    pub code: String,
    /// The template of the link, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Where an attribution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionStatus {
    /// No click to credit.
    None,
    /// Its purchases earn its referrer rewards.
    Attributed,
    /// They earn, but the rewards are not cashable until finance has looked.
    InReview,
    /// They earn nothing.
    Refused,
}

impl AttributionStatus {
    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Attributed => "attributed",
            Self::InReview => "in_review",
            Self::Refused => "refused",
        }
    }
}

/// Why an attribution is refused or in review: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionReason {
    /// The link is the account's own.
    SelfReferral,
    /// The account existed before the click.
    NotNew,
    /// The same e-mail address, normalised, as another account.
    SameEmail,
    /// Paid with the same card as another account.
    SameInstrument,
    /// Paid out to the same destination as another account.
    SameDestination,
    /// The same browser as its referrer's.
    SameDevice,
    /// The same network and browser kind as its referrer's, at about the same time.
    SameNetwork,
    /// It is, over some steps, its referrer's referrer.
    Cycle,
    /// Finance looked and confirmed the suspicion.
    Confirmed,
}

impl AttributionReason {
    /// Its name in tables and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfReferral => "self_referral",
            Self::NotNew => "not_new",
            Self::SameEmail => "same_email",
            Self::SameInstrument => "same_instrument",
            Self::SameDestination => "same_destination",
            Self::SameDevice => "same_device",
            Self::SameNetwork => "same_network",
            Self::Cycle => "cycle",
            Self::Confirmed => "confirmed",
        }
    }
}

/// An account's attribution, as it was made at its signup; only a review changes its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// Counts the changes of it, from 1. A write decided on one version holds only on that.
    pub version: u32,
    /// Where it stands.
    pub status: AttributionStatus,
    /// Why it is refused or in review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<AttributionReason>,
    /// When the account signed up.
    pub signed_up_at: DateTime<Utc>,
    /// Who and what is credited; none without a valid click.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Credit>,
}

/// What an attribution credits, with the settings frozen in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// Whose link it was.
    pub referrer: AccountId,
    /// The credited click.
    pub click: String,
    /// When it was.
    pub clicked_at: DateTime<Utc>,
    /// The template of the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateId>,
    /// How long purchases earn.
    pub duration: RewardDuration,
    /// From what rewards are computed.
    pub basis: RewardBasis,
    /// The settings version these were taken from.
    pub settings_version: u32,
}

impl Attribution {
    /// The credit, where purchases earn by it.
    #[must_use]
    pub fn earning(&self) -> Option<&Credit> {
        match self.status {
            AttributionStatus::Attributed | AttributionStatus::InReview => self.credit.as_ref(),
            AttributionStatus::None | AttributionStatus::Refused => None,
        }
    }

    /// The credit, where something ever could count by it: also after a review took the rewards back.
    #[must_use]
    pub fn counting(&self) -> Option<&Credit> {
        let taken_back = self.status == AttributionStatus::Refused && self.reason == Some(AttributionReason::Confirmed);
        if taken_back { self.credit.as_ref() } else { self.earning() }
    }

    /// Whether its rewards are computed from credits spent.
    #[must_use]
    pub fn is_by_usage(&self) -> bool {
        self.counting().is_some_and(|credit| credit.basis == RewardBasis::Usage)
    }
}

impl Credit {
    /// The first moment at which purchases no longer earn; none for a lifetime.
    #[must_use]
    pub fn ends_at(&self, signed_up_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.duration {
            RewardDuration::Lifetime => None,
            RewardDuration::Months(months) => signed_up_at.checked_add_months(Months::new(months)),
        }
    }
}

/// The receipt to credit: the newest or the oldest of those inside the window. A receipt from the
/// future is none.
#[must_use]
pub fn choose<'a>(receipts: &'a [Receipt], now: DateTime<Utc>, settings: &Settings) -> Option<&'a Receipt> {
    let window = Duration::days(i64::from(settings.attribution_window_days));
    let valid = receipts.iter().filter(|receipt| receipt.at <= now && now - receipt.at <= window);
    // The click id breaks a tie of two clicks in one moment, the same way each time.
    match settings.attribution_model {
        AttributionModel::Last => valid.max_by_key(|receipt| (receipt.at, &receipt.click)),
        AttributionModel::First => valid.min_by_key(|receipt| (receipt.at, &receipt.click)),
    }
}

/// What is known of a new account beside its receipts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signals {
    /// The time of the oldest fact of the account.
    pub first_fact: Option<DateTime<Utc>>,
    /// Another account has the same e-mail address.
    pub same_email: bool,
    /// The referrer has used the same browser.
    pub same_device: bool,
    /// The referrer was on the same network with the same kind of browser just before.
    pub same_network: bool,
    /// The account is among the referrer's own referrers.
    pub cycle: bool,
}

/// Decides an account's attribution at its signup.
///
/// `chosen` is the chosen receipt with the account that its code belongs to. A refused one has no
/// fallback to another receipt.
#[must_use]
pub fn decide(
    account: &AccountId,
    chosen: Option<(&Receipt, &AccountId)>,
    signals: &Signals,
    now: DateTime<Utc>,
    settings: (u32, &Settings),
) -> Attribution {
    let (settings_version, settings) = settings;
    #[cfg(feature = "bugs")]
    let signals = &crate::bug::signals(signals);
    let Some((receipt, referrer)) = chosen else {
        return Attribution { version: 1, status: AttributionStatus::None, reason: None, signed_up_at: now, credit: None };
    };
    // Processors tell whole seconds, so a fact in the second of the click is not older than it: as for what a purchase earns.
    let not_new = signals.first_fact.is_some_and(|fact| fact.timestamp() < receipt.at.timestamp());
    let refusal = [
        (referrer == account, AttributionReason::SelfReferral),
        (not_new, AttributionReason::NotNew),
        (signals.same_email, AttributionReason::SameEmail),
    ];
    let suspicion = [
        (signals.same_device, AttributionReason::SameDevice),
        (signals.same_network, AttributionReason::SameNetwork),
        (signals.cycle, AttributionReason::Cycle),
    ];
    let first = |rules: [(bool, AttributionReason); 3]| rules.into_iter().find_map(|(holds, reason)| holds.then_some(reason));
    let (status, reason) = match (first(refusal), first(suspicion)) {
        (Some(reason), _) => (AttributionStatus::Refused, Some(reason)),
        (None, Some(reason)) => (AttributionStatus::InReview, Some(reason)),
        (None, None) => (AttributionStatus::Attributed, None),
    };
    let credit = Credit {
        referrer: referrer.clone(),
        click: receipt.click.clone(),
        clicked_at: receipt.at,
        template: receipt.template.clone(),
        duration: settings.reward_duration,
        basis: settings.reward_basis,
        settings_version,
    };
    Attribution { version: 1, status, reason, signed_up_at: now, credit: Some(credit) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }
    fn id(name: &str) -> AccountId {
        AccountId::try_new(name).unwrap()
    }
    fn receipt(click: &str, time: &str) -> Receipt {
        Receipt { click: click.into(), code: "K7QMX2P8".into(), template: None, at: at(time) }
    }

    #[test]
    fn the_newest_or_the_oldest_inside_the_window() {
        let receipts = [
            receipt("clk_a", "2026-01-01T00:00:00Z"),
            receipt("clk_b", "2026-02-01T00:00:00Z"),
            receipt("clk_c", "2026-02-10T00:00:00Z"),
            receipt("clk_d", "2026-02-10T00:00:00Z"),
            receipt("clk_e", "2026-12-01T00:00:00Z"),
        ];
        let chosen = |now: &str, model| {
            let settings = Settings { attribution_model: model, ..Settings::default() };
            choose(&receipts, at(now), &settings).map(|receipt| receipt.click.clone())
        };
        let cases = [
            ("2026-03-02T00:00:00Z", AttributionModel::Last, Some("clk_d")),
            ("2026-03-02T00:00:00Z", AttributionModel::First, Some("clk_a")),
            ("2026-03-02T00:00:01Z", AttributionModel::First, Some("clk_b")),
            ("2026-02-05T00:00:00Z", AttributionModel::Last, Some("clk_b")),
            ("2026-06-01T00:00:00Z", AttributionModel::Last, None),
            ("2025-12-31T23:59:59Z", AttributionModel::Last, None),
        ];
        for (now, model, click) in cases {
            assert_eq!(chosen(now, model).as_deref(), click, "{now} {model:?}");
        }
    }

    #[test]
    fn each_refusal_and_each_suspicion() {
        let now = at("2026-03-01T00:00:00Z");
        let (alice, bob) = (id("alice"), id("bob"));
        let click = receipt("clk_a", "2026-02-01T00:00:00.900Z");
        let made = |referrer: &AccountId, signals: Signals| {
            let attribution = decide(&bob, Some((&click, referrer)), &signals, now, (3, &Settings::default()));
            (attribution.status, attribution.reason)
        };
        use AttributionReason as Why;
        use AttributionStatus::{Attributed, InReview, Refused};
        let plain = Signals::default();
        let cases = [
            (made(&alice, plain.clone()), (Attributed, None)),
            (made(&bob, plain.clone()), (Refused, Some(Why::SelfReferral))),
            (made(&alice, Signals { first_fact: Some(at("2026-01-31T23:59:59Z")), ..plain.clone() }), (Refused, Some(Why::NotNew))),
            (made(&alice, Signals { first_fact: Some(at("2026-02-01T00:00:00Z")), ..plain.clone() }), (Attributed, None)),
            (made(&alice, Signals { first_fact: Some(click.at), ..plain.clone() }), (Attributed, None)),
            (made(&alice, Signals { same_email: true, ..plain.clone() }), (Refused, Some(Why::SameEmail))),
            (made(&alice, Signals { same_device: true, ..plain.clone() }), (InReview, Some(Why::SameDevice))),
            (made(&alice, Signals { same_network: true, ..plain.clone() }), (InReview, Some(Why::SameNetwork))),
            (made(&alice, Signals { cycle: true, ..plain.clone() }), (InReview, Some(Why::Cycle))),
            (made(&alice, Signals { cycle: true, same_email: true, ..plain.clone() }), (Refused, Some(Why::SameEmail))),
        ];
        for (index, (got, expected)) in cases.into_iter().enumerate() {
            assert_eq!(got, expected, "case {index}");
        }
        let none = decide(&bob, None, &plain, now, (3, &Settings::default()));
        assert_eq!((none.status, none.credit), (AttributionStatus::None, None));
    }

    /// The names in tables and answers are those in stored records.
    #[test]
    fn a_status_and_a_reason_have_one_name_each() {
        use AttributionReason as Why;
        use AttributionStatus::{Attributed, InReview, None as NoCredit, Refused};
        for status in [NoCredit, Attributed, InReview, Refused] {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        let reasons = [
            Why::SelfReferral,
            Why::NotNew,
            Why::SameEmail,
            Why::SameInstrument,
            Why::SameDestination,
            Why::SameDevice,
            Why::SameNetwork,
            Why::Cycle,
            Why::Confirmed,
        ];
        for reason in reasons {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }

    #[test]
    fn only_attributed_and_in_review_earn() {
        let now = at("2026-03-01T00:00:00Z");
        let click = receipt("clk_a", "2026-02-01T00:00:00Z");
        let mut attribution = decide(&id("bob"), Some((&click, &id("alice"))), &Signals::default(), now, (0, &Settings::default()));
        for (status, earns) in [
            (AttributionStatus::Attributed, true),
            (AttributionStatus::InReview, true),
            (AttributionStatus::Refused, false),
            (AttributionStatus::None, false),
        ] {
            attribution.status = status;
            assert_eq!((attribution.earning().is_some(), attribution.counting().is_some()), (earns, earns), "{status:?}");
        }
        attribution.status = AttributionStatus::Refused;
        attribution.reason = Some(AttributionReason::Confirmed);
        assert!(attribution.earning().is_none() && attribution.counting().is_some(), "it did count until the review");
        assert!(!attribution.is_by_usage());
        attribution.credit.as_mut().unwrap().basis = RewardBasis::Usage;
        assert!(attribution.is_by_usage());
        attribution.reason = Some(AttributionReason::SelfReferral);
        assert!(!attribution.is_by_usage());
        let credit = attribution.credit.unwrap();
        assert_eq!(credit.ends_at(now), None);
        let limited = Credit { duration: RewardDuration::Months(12), ..credit };
        assert_eq!(limited.ends_at(at("2026-03-31T12:00:00Z")), Some(at("2027-03-31T12:00:00Z")));
    }
}
