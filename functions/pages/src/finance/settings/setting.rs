//! The settings, one by one: what each is called, and how it is told and entered.

use crate::{
    finance::words::{plain_percent, share},
    format::amount,
};
use ledger::Money;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A share, entered in percent.
    Percent,
    /// An amount of the programme's currency.
    Amount,
    /// A whole number, with its unit.
    Whole(&'static str),
    /// Months, or for ever where nothing is entered.
    Months,
    /// One of some words, each with its name.
    Choice(&'static [(&'static str, &'static str)]),
    /// On or off.
    Switch,
}

/// A setting.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) kind: Kind,
}

const fn setting(name: &'static str, label: &'static str, kind: Kind, hint: &'static str) -> Setting {
    Setting { name, label, hint, kind }
}

const MODELS: [(&str, &str); 2] = [("last", "The last click"), ("first", "The first click")];
const BASES: [(&str, &str); 2] = [("purchase", "Credits bought"), ("usage", "Credits used")];

/// All of them but the currency, which can't be changed.
pub(super) const SETTINGS: [Setting; 14] = [
    setting("reward_rate", "Reward rate", Kind::Percent, "Of what a referred account buys. By the time of the purchase."),
    setting("reward_duration", "Months that earn", Kind::Months, "From the signup; empty for ever. Signups from then on."),
    setting("reward_basis", "Reward is a share of", Kind::Choice(&BASES), "Signups from then on."),
    setting("hold_days", "On hold", Kind::Whole("days"), "0 to 30, until a reward can be cashed."),
    setting("cashable_share", "Cashable share", Kind::Percent, "Of rewards; the rest stays as credit."),
    setting("attribution_window_days", "A click counts for", Kind::Whole("days"), "1 to 365."),
    setting("attribution_model", "Credited click", Kind::Choice(&MODELS), "Of several links."),
    setting("payout_minimum", "Least payout", Kind::Amount, "By the time of the request."),
    setting("payout_maximum", "Greatest payout", Kind::Amount, "By the time of the request."),
    setting("account_daily_limit", "A day, for one account", Kind::Amount, "The most that may be requested."),
    setting("global_daily_limit", "A day, for everybody", Kind::Amount, "The most that may be approved."),
    setting("four_eyes_above", "Two approvals above", Kind::Amount, "By the time of the approval."),
    setting("destination_cooldown_hours", "New destination waits", Kind::Whole("hours"), "0 to 2,160."),
    setting("payouts_enabled", "Payouts", Kind::Switch, "Cash goes out where the kill switch says so, too."),
];

impl Setting {
    /// As people read it.
    pub(super) fn told(&self, value: Option<&Value>, currency: &str) -> String {
        let Some(value) = value else { return "—".to_owned() };
        let entered = self.entered(value);
        match self.kind {
            Kind::Percent => format!("{entered}\u{a0}%"),
            Kind::Amount => value.as_str().and_then(|text| text.parse().ok()).map_or(entered, |value: Money| amount(value, currency)),
            Kind::Whole(unit) => format!("{entered} {unit}"),
            Kind::Months if entered.is_empty() => "for ever".to_owned(),
            Kind::Months => format!("{entered} months"),
            Kind::Choice(options) => options.iter().find(|(name, _)| *name == entered).map_or(entered, |(_, told)| (*told).to_owned()),
            Kind::Switch => if entered == "on" { "on" } else { "off" }.to_owned(),
        }
    }

    /// As it stands in its field.
    pub(super) fn entered(&self, value: &Value) -> String {
        match (self.kind, value) {
            (Kind::Percent, Value::String(text)) => text.parse::<Decimal>().map_or_else(|_| text.clone(), plain_percent),
            (Kind::Months, Value::Object(months)) => months.get("months").map(ToString::to_string).unwrap_or_default(),
            (Kind::Months, _) => String::new(),
            (Kind::Switch, value) => if value == &Value::Bool(true) { "on" } else { "" }.to_owned(),
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }

    /// What the API takes for what was entered; none where it can't be meant.
    pub(super) fn read(&self, text: &str) -> Option<Value> {
        match self.kind {
            Kind::Percent => share(text).map(|share| json!(share)),
            Kind::Amount => {
                let plain: String =
                    text.trim_start_matches(['$', '€', '£']).chars().filter(|letter| !matches!(letter, ',' | ' ')).collect();
                Some(json!(plain.parse::<Money>().ok()?))
            }
            Kind::Whole(_) => Some(json!(text.parse::<u32>().ok()?)),
            Kind::Months if text.is_empty() => Some(json!("lifetime")),
            Kind::Months => Some(json!({ "months": text.parse::<u32>().ok()? })),
            Kind::Choice(options) => options.iter().any(|(name, _)| *name == text).then(|| json!(text)),
            Kind::Switch => Some(Value::Bool(text == "on")),
        }
    }
}

/// What of a setting can be meant, told where something else was entered.
pub(super) fn rule(name: &str) -> &'static str {
    match SETTINGS.iter().find(|setting| setting.name == name).map(|setting| setting.kind) {
        Some(Kind::Percent) => "Write a share between 0 and 100 percent, with four decimals at most, like 3 or 2.5.",
        Some(Kind::Amount) => "Write an amount, like 20 or 10,000.00.",
        Some(Kind::Whole(_)) => "Write a whole number.",
        Some(Kind::Months) => "Write a whole number of months, or nothing.",
        Some(Kind::Choice(_) | Kind::Switch) | None => "Choose one of these.",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn named(name: &str) -> &'static Setting {
        SETTINGS.iter().find(|setting| setting.name == name).unwrap()
    }

    #[test]
    fn what_is_told_is_what_is_entered() {
        for (name, value, entered, told) in [
            ("reward_rate", json!("0.03"), "3", "3\u{a0}%"),
            ("cashable_share", json!("0.755"), "75.5", "75.5\u{a0}%"),
            ("reward_duration", json!("lifetime"), "", "for ever"),
            ("reward_duration", json!({ "months": 12 }), "12", "12 months"),
            ("hold_days", json!(14), "14", "14 days"),
            ("attribution_model", json!("first"), "first", "The first click"),
            ("payout_maximum", json!("10000.00"), "10000.00", "$10,000.00"),
            ("payouts_enabled", json!(true), "on", "on"),
            ("payouts_enabled", json!(false), "", "off"),
        ] {
            let setting = named(name);
            assert_eq!((setting.entered(&value).as_str(), setting.told(Some(&value), "USD").as_str()), (entered, told), "{name}");
            assert_eq!(setting.read(entered), Some(value), "{name}");
        }
    }

    #[test]
    fn what_can_t_be_meant_is_no_setting() {
        for (name, text) in [
            ("reward_rate", "101"),
            ("reward_rate", "-1"),
            ("reward_rate", "three"),
            ("payout_minimum", ""),
            ("payout_minimum", "1e3"),
            ("hold_days", "-1"),
            ("hold_days", "1.5"),
            ("reward_duration", "ever"),
            ("reward_basis", "clicks"),
        ] {
            assert_eq!(named(name).read(text), None, "{name}: {text}");
            assert!(!rule(name).is_empty());
        }
    }
}
