//! How amounts and days are written on paper.

use chrono::{DateTime, Utc};
use ledger::Money;

/// An amount with groups of three and at least two decimal places: `1,234.50`. Nothing is rounded.
pub(crate) fn amount(money: Money) -> String {
    let text = money.abs().to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}.{places:0<2}", if money.is_negative() { "-" } else { "" })
}

/// A UTC day, in words that read alike everywhere: `2 February 2026`.
pub(crate) fn day(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_are_grouped_and_never_rounded() {
        for (text, written) in [
            ("0", "0.00"),
            ("7", "7.00"),
            ("0.5", "0.50"),
            ("22.50", "22.50"),
            ("999.99", "999.99"),
            ("1000", "1,000.00"),
            ("1234567.1", "1,234,567.10"),
            ("100000", "100,000.00"),
            ("0.000001", "0.000001"),
            ("12.345", "12.345"),
            ("-4.5", "-4.50"),
            ("-1000", "-1,000.00"),
        ] {
            assert_eq!(amount(text.parse().unwrap()), written, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_utc() {
        for (at, written) in [("2026-02-02T23:59:59Z", "2 February 2026"), ("2026-12-31T23:30:00-02:00", "1 January 2027")] {
            assert_eq!(day(at.parse().unwrap()), written);
        }
    }
}
