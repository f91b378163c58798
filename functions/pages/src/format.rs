//! Amounts and times as people read them: English, with commas between thousands and a dot before cents; days with their
//! month in letters, which reads the same everywhere.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use ledger::Money;
use maud::{Markup, html};

/// Decimal places of an amount on a page.
const PLACES: u32 = 2;

/// The sign of a currency, or its code.
fn sign(currency: &str) -> (String, &'static str) {
    match currency {
        "USD" => ("$".to_owned(), ""),
        "EUR" => ("€".to_owned(), ""),
        "GBP" => ("£".to_owned(), ""),
        code => (code.to_owned(), "\u{a0}"),
    }
}

/// `1,284.37` of `1284.37`.
fn grouped(digits: &str) -> String {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if fraction.is_empty() { text } else { format!("{text}.{fraction}") }
}

/// `$1,284.37`, rounded down to cents; one that is smaller than a cent is told whole. A negative one has a minus.
pub(crate) fn amount(amount: Money, currency: &str) -> String {
    let rounded = amount.floor_to(PLACES);
    let shown = if amount.abs().floor_to(PLACES).is_zero() { amount } else { rounded };
    let (sign, gap) = sign(currency);
    let minus = if shown.is_negative() { "\u{2212}" } else { "" };
    format!("{minus}{sign}{gap}{}", grouped(&shown.abs().to_string()))
}

/// The exact amount, with all its places.
pub(crate) fn exact(amount: Money, currency: &str) -> String {
    let (sign, gap) = sign(currency);
    let minus = if amount.is_negative() { "\u{2212}" } else { "" };
    format!("{minus}{sign}{gap}{}", grouped(&amount.abs().to_string()))
}

/// An amount with its exact figure on hover, where that has more places; a negative one in words as well.
pub(crate) fn money(value: Money, currency: &str) -> Markup {
    let (shown, exact) = (amount(value, currency), exact(value, currency));
    let more = (shown != exact).then_some(exact);
    html! {
        @if value.is_negative() {
            span.nowrap title=[more] { span aria-hidden="true" { (shown) } span.vh { "minus " (amount(value.abs(), currency)) } }
        } @else {
            span.nowrap title=[more] { (shown) }
        }
    }
}

/// A change: a plus before what came, a minus before what went.
pub(crate) fn change(value: Money, currency: &str) -> Markup {
    html! {
        @if value.is_positive() { span.plus { "+" (money(value, currency)) } } @else { (money(value, currency)) }
    }
}

/// `24 Nov 2026`
pub(crate) fn day(day: NaiveDate) -> String {
    day.format("%-d %b %Y").to_string()
}

/// `24 Nov`
pub(crate) fn short_day(day: NaiveDate) -> String {
    day.format("%-d %b").to_string()
}

/// A time as its day, exact with its zone on hover.
pub(crate) fn day_of(at: DateTime<Utc>) -> Markup {
    html! { time.nowrap datetime=(at.to_rfc3339_opts(SecondsFormat::Secs, true)) title=(moment(at)) { (day(at.date_naive())) } }
}

/// A time with its minute.
pub(crate) fn time_of(at: DateTime<Utc>) -> Markup {
    html! {
        time.nowrap datetime=(at.to_rfc3339_opts(SecondsFormat::Secs, true)) title=(moment(at)) { (at.format("%-d %b %Y, %H:%M")) }
    }
}

/// `24 Nov 2026, 14:05:12 UTC`
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y, %H:%M:%S UTC").to_string()
}

/// A day that is to come.
pub(crate) fn date(value: NaiveDate) -> Markup {
    html! { time.nowrap datetime=(value) { (day(value)) } }
}

/// `1,234`
pub(crate) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_are_rounded_down_and_grouped() {
        for (value, currency, shown, whole) in [
            ("1284.37", "USD", "$1,284.37", "$1,284.37"),
            ("1234567.899999", "USD", "$1,234,567.89", "$1,234,567.899999"),
            ("0", "USD", "$0.00", "$0.00"),
            ("0.0003", "USD", "$0.0003", "$0.0003"),
            ("-0.0003", "USD", "−$0.0003", "−$0.0003"),
            ("-1.234", "EUR", "−€1.24", "−€1.234"),
            ("999", "CHF", "CHF\u{a0}999.00", "CHF\u{a0}999.00"),
            ("100", "GBP", "£100.00", "£100.00"),
        ] {
            let value: Money = value.parse().unwrap();
            assert_eq!((amount(value, currency).as_str(), exact(value, currency).as_str()), (shown, whole));
        }
        let negative = money("-1.5".parse().unwrap(), "USD").into_string();
        assert!(negative.contains("minus $1.50"), "{negative}");
        assert!(money("1.239".parse().unwrap(), "USD").into_string().contains("title=\"$1.239\""));
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
