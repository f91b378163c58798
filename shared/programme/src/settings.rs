//! The programme's settings: versions, each in force from its time on.

use chrono::{DateTime, Duration, Utc};
use ledger::{Currency, Money, Rate};
use serde::{Deserialize, Serialize};

/// How far ahead a new version starts at least, so that no instance's cache can disagree about it.
pub const LEAD_MINUTES: i64 = 5;

/// Which click is credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionModel {
    /// The newest valid receipt.
    Last,
    /// The oldest; a later click never overwrites it.
    First,
}

/// What a reward is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardBasis {
    /// Credits bought.
    Purchase,
    /// Credits spent, up to those bought.
    Usage,
}

/// How long a referee's purchases earn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardDuration {
    /// As long as the account lives.
    Lifetime,
    /// This many months from signup.
    Months(u32),
}

/// The settings of one version. Each is chosen by the time of what it decides: see the docs of the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The referrer's share of a purchase. By the time of capture.
    pub reward_rate: Rate,
    /// Frozen at attribution.
    pub reward_duration: RewardDuration,
    /// Frozen at attribution.
    pub reward_basis: RewardBasis,
    /// Days in which a reward is a credit but not yet cashable, 0 to 30. By the time of capture.
    pub hold_days: u32,
    /// The share of net matured rewards that can be cashed. By the time of the payout.
    pub cashable_share: Rate,
    /// Days that a click's receipt is good for. By the time of signup.
    pub attribution_window_days: u32,
    /// By the time of signup.
    pub attribution_model: AttributionModel,
    /// The least payout. By the time of request.
    pub payout_minimum: Money,
    /// The greatest payout. By the time of request.
    pub payout_maximum: Money,
    /// The most that one account may request in a UTC day. By the time of request.
    pub account_daily_limit: Money,
    /// The most that may be approved for all accounts in a UTC day. By the time of approval.
    pub global_daily_limit: Money,
    /// Payouts above this need two approvals by different people. By the time of approval.
    pub four_eyes_above: Money,
    /// Hours after a change of a payout account before it can be paid to. By the time of request and approval.
    pub destination_cooldown_hours: u32,
    /// The kill switch: off, no rail is called.
    pub payouts_enabled: bool,
    /// The one currency of credits.
    pub currency: Currency,
}

/// Why settings are refused: the setting and the rule, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {rule}")]
pub struct SettingError {
    /// Which setting.
    pub setting: &'static str,
    /// What is allowed.
    pub rule: &'static str,
}

impl Settings {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// The first setting that breaks its rule.
    pub fn check(&self) -> Result<(), SettingError> {
        let positive = |amount: Money| amount.is_positive();
        let rules = [
            ("hold_days", self.hold_days <= 30, "0 to 30 days"),
            ("attribution_window_days", (1..=365).contains(&self.attribution_window_days), "1 to 365 days"),
            (
                "reward_duration",
                !matches!(self.reward_duration, RewardDuration::Months(months) if !(1..=1200).contains(&months)),
                "lifetime, or 1 to 1200 months",
            ),
            ("payout_minimum", positive(self.payout_minimum), "above zero"),
            ("payout_maximum", self.payout_maximum >= self.payout_minimum, "at least the minimum"),
            ("account_daily_limit", self.account_daily_limit >= self.payout_minimum, "at least the minimum"),
            ("global_daily_limit", self.global_daily_limit >= self.payout_minimum, "at least the minimum"),
            ("four_eyes_above", !self.four_eyes_above.is_negative(), "zero or more"),
            ("destination_cooldown_hours", self.destination_cooldown_hours <= 24 * 90, "0 to 2160 hours"),
        ];
        match rules.into_iter().find(|(_, fits, _)| !fits) {
            Some((setting, _, rule)) => Err(SettingError { setting, rule }),
            None => Ok(()),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let decimal = |mantissa: i64, scale: u32| Money::from_minor(mantissa, scale).unwrap_or_default();
        let rate = |mantissa: i64, scale: u32| Rate::try_new(decimal(mantissa, scale).decimal()).unwrap_or(Rate::ZERO);
        Self {
            reward_rate: rate(3, 2),
            reward_duration: RewardDuration::Lifetime,
            reward_basis: RewardBasis::Purchase,
            hold_days: 14,
            cashable_share: rate(75, 2),
            attribution_window_days: 60,
            attribution_model: AttributionModel::Last,
            payout_minimum: decimal(20, 0),
            payout_maximum: decimal(10_000, 0),
            account_daily_limit: decimal(10_000, 0),
            global_daily_limit: decimal(250_000, 0),
            four_eyes_above: decimal(500, 0),
            destination_cooldown_hours: 72,
            payouts_enabled: true,
            currency: usd(),
        }
    }
}

#[expect(clippy::expect_used, reason = "three capital letters, as the test of the defaults shows")]
fn usd() -> Currency {
    Currency::try_new("USD").expect("USD")
}

/// A version of something, in force from its time until the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version<T> {
    /// Counted from 1; 0 is what holds where nothing was ever set.
    pub number: u32,
    /// From when.
    pub from: DateTime<Utc>,
    /// What.
    pub value: T,
}

/// All versions of something, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History<T>(Vec<Version<T>>);

impl<T> Default for History<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Why a version is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// It would start now or in the past.
    #[error("a new version starts at least {LEAD_MINUTES} minutes ahead")]
    TooEarly,
    /// It would start before a version that is already planned.
    #[error("a later version is planned already")]
    BeforePlanned,
}

impl<T: Clone> History<T> {
    /// From stored versions, in any order.
    #[must_use]
    pub fn from_versions(mut versions: Vec<Version<T>>) -> Self {
        versions.sort_by_key(|version| (version.from, version.number));
        Self(versions)
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Version<T>] {
        &self.0
    }

    /// The one in force at a time; none before the first.
    #[must_use]
    pub fn in_force(&self, at: DateTime<Utc>) -> Option<&Version<T>> {
        self.0.iter().rev().find(|version| version.from <= at)
    }

    /// The version to add, numbered after the newest.
    ///
    /// # Errors
    /// [`VersionError`].
    pub fn plan(&self, now: DateTime<Utc>, from: DateTime<Utc>, value: T) -> Result<Version<T>, VersionError> {
        if from < now + Duration::minutes(LEAD_MINUTES) {
            return Err(VersionError::TooEarly);
        }
        if self.0.last().is_some_and(|last| from <= last.from) {
            return Err(VersionError::BeforePlanned);
        }
        Ok(Version { number: self.0.last().map_or(1, |last| last.number + 1), from, value })
    }
}

/// The programme: its settings over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Programme {
    /// What was set.
    pub history: History<Settings>,
    defaults: Settings,
}

impl Programme {
    /// A programme with these versions.
    #[must_use]
    pub fn new(history: History<Settings>) -> Self {
        Self { history, defaults: Settings::default() }
    }

    /// Version number and settings in force at a time; 0 and the defaults before the first version.
    #[must_use]
    pub fn at(&self, at: DateTime<Utc>) -> (u32, &Settings) {
        self.history.in_force(at).map_or((0, &self.defaults), |version| (version.number, &version.value))
    }

    /// Since when referrals can be made that earn by usage: the start of the first version with that basis. Of what was
    /// spent before, nothing is kept that a reward could be computed from.
    #[must_use]
    pub fn by_usage_since(&self) -> Option<DateTime<Utc>> {
        self.history.versions().iter().find(|version| version.value.reward_basis == RewardBasis::Usage).map(|version| version.from)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_defaults_are_the_programme() {
        let defaults = Settings::default();
        assert_eq!(defaults.check(), Ok(()));
        assert_eq!(defaults.currency.as_str(), "USD");
        assert_eq!((defaults.reward_rate.to_string(), defaults.cashable_share.to_string()), ("0.03".into(), "0.75".into()));
        assert_eq!((defaults.hold_days, defaults.attribution_window_days, defaults.destination_cooldown_hours), (14, 60, 72));
        assert_eq!((defaults.payout_minimum.to_string(), defaults.four_eyes_above.to_string()), ("20.00".into(), "500.00".into()));
    }

    #[test]
    fn a_version_holds_from_its_first_moment_until_the_next() {
        let now = at("2026-01-01T00:00:00Z");
        let mut settings = Settings { hold_days: 1, ..Settings::default() };
        let first = History::default().plan(now, at("2026-01-01T00:05:00Z"), settings.clone()).unwrap();
        settings.hold_days = 2;
        let history = History::from_versions(vec![first.clone()]);
        assert_eq!(history.versions(), std::slice::from_ref(&first));
        let second = history.plan(now, at("2026-02-01T00:00:00Z"), settings).unwrap();
        let programme = Programme::new(History::from_versions(vec![second.clone(), first.clone()]));
        assert_eq!(programme.history.versions(), [first, second], "the oldest first, however they were stored");
        for (time, number, hold) in [
            ("2026-01-01T00:04:59Z", 0, 14),
            ("2026-01-01T00:05:00Z", 1, 1),
            ("2026-01-31T23:59:59Z", 1, 1),
            ("2026-02-01T00:00:00Z", 2, 2),
        ] {
            let (in_force, settings) = programme.at(at(time));
            assert_eq!((in_force, settings.hold_days), (number, hold), "{time}");
        }
    }

    #[test]
    fn usage_counts_since_the_first_version_by_usage() {
        let version =
            |number, from: &str, basis| Version { number, from: at(from), value: Settings { reward_basis: basis, ..Settings::default() } };
        use RewardBasis::{Purchase, Usage};
        let versions = vec![
            version(1, "2026-01-01T00:00:00Z", Purchase),
            version(2, "2026-02-01T00:00:00Z", Usage),
            version(3, "2026-03-01T00:00:00Z", Purchase),
            version(4, "2026-04-01T00:00:00Z", Usage),
        ];
        let since = |versions| Programme::new(History::from_versions(versions)).by_usage_since();
        assert_eq!(since(versions.clone()), Some(at("2026-02-01T00:00:00Z")));
        assert_eq!((since(versions[..1].to_vec()), since(Vec::new())), (None, None));
    }

    #[test]
    fn a_version_starts_ahead_and_after_the_planned_ones() {
        let now = at("2026-01-01T00:00:00Z");
        let history = History::from_versions(vec![Version { number: 1, from: at("2026-01-02T00:00:00Z"), value: 1 }]);
        assert_eq!(history.plan(now, at("2026-01-01T00:04:59Z"), 2), Err(VersionError::TooEarly));
        assert_eq!(history.plan(now, at("2025-12-31T00:00:00Z"), 2), Err(VersionError::TooEarly));
        assert_eq!(history.plan(now, at("2026-01-02T00:00:00Z"), 2), Err(VersionError::BeforePlanned));
        assert_eq!(history.plan(now, at("2026-01-03T00:00:00Z"), 2).map(|version| version.number), Ok(2));
    }

    #[test]
    fn each_setting_has_its_rule() {
        let good = Settings::default();
        let zero = Money::ZERO;
        let cases = [
            ("hold_days", Settings { hold_days: 31, ..good.clone() }),
            ("attribution_window_days", Settings { attribution_window_days: 0, ..good.clone() }),
            ("attribution_window_days", Settings { attribution_window_days: 366, ..good.clone() }),
            ("reward_duration", Settings { reward_duration: RewardDuration::Months(0), ..good.clone() }),
            ("reward_duration", Settings { reward_duration: RewardDuration::Months(1201), ..good.clone() }),
            ("payout_minimum", Settings { payout_minimum: zero, ..good.clone() }),
            ("payout_maximum", Settings { payout_maximum: zero, ..good.clone() }),
            ("account_daily_limit", Settings { account_daily_limit: zero, ..good.clone() }),
            ("global_daily_limit", Settings { global_daily_limit: zero, ..good.clone() }),
            ("four_eyes_above", Settings { four_eyes_above: -good.payout_minimum, ..good.clone() }),
            ("destination_cooldown_hours", Settings { destination_cooldown_hours: 2161, ..good.clone() }),
        ];
        for (setting, settings) in cases {
            assert_eq!(settings.check().map_err(|error| error.setting), Err(setting));
        }
        let least = good.payout_minimum;
        let bounds = [
            Settings { hold_days: 0, attribution_window_days: 1, destination_cooldown_hours: 0, four_eyes_above: zero, ..good.clone() },
            Settings { hold_days: 30, attribution_window_days: 365, destination_cooldown_hours: 2160, ..good.clone() },
            Settings { reward_duration: RewardDuration::Months(1), reward_basis: RewardBasis::Usage, ..good.clone() },
            Settings { reward_duration: RewardDuration::Months(1200), ..good.clone() },
            Settings { payout_maximum: least, account_daily_limit: least, global_daily_limit: least, ..good },
        ];
        for (index, settings) in bounds.into_iter().enumerate() {
            assert_eq!(settings.check(), Ok(()), "bounds {index}");
        }
    }
}
