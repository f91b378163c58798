//! Amounts in the providers' three ways of writing: minor units, texts, and JSON numbers.

use ledger::{Money, Rate};
use serde_json::Number;

/// Currencies without a minor unit, as Stripe has them. ISK and UGX are not among them: Stripe takes both times 100.
const ZERO: [&str; 15] = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies with a thousandth part.
const THREE: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The decimal places of a currency, in capitals.
pub(super) fn places(currency: &str) -> u32 {
    if ZERO.contains(&currency) {
        0
    } else if THREE.contains(&currency) {
        3
    } else {
        2
    }
}

/// An amount from minor units; none where it is out of range.
pub(super) fn from_minor(minor: i64, currency: &str) -> Option<Money> {
    Money::from_minor(minor, places(currency)).ok()
}

/// An amount in minor units, rounded down.
pub(super) fn to_minor(amount: Money, currency: &str) -> i64 {
    let digits = text(amount.floor_to(places(currency)), currency).replace('.', "");
    digits.parse().unwrap_or(i64::MAX)
}

/// An amount with exactly the decimal places of its currency.
pub(super) fn text(amount: Money, currency: &str) -> String {
    let places = usize::try_from(places(currency)).unwrap_or(2);
    let shown = amount.to_string();
    let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
    if places == 0 { whole.to_owned() } else { format!("{whole}.{fraction:0<places$.places$}") }
}

/// An amount as a JSON number: digits, without a float of ours in between.
pub(super) fn number(amount: Money) -> Number {
    let shown = amount.to_string();
    let shown = shown.trim_end_matches('0').trim_end_matches('.');
    let shown = if shown.is_empty() || shown == "-" { "0" } else { shown };
    shown.parse().unwrap_or_else(|_| Number::from(0))
}

/// The amount that a JSON number says; none where it has more decimal places than money, or an exponent.
pub(super) fn of_number(number: &Number) -> Option<Money> {
    number.to_string().parse().ok()
}

/// What one unit of a currency is worth in another, as a fraction that a division can't spoil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange {
    from: Money,
    to: Money,
}

impl Exchange {
    /// Between two currencies that the stand-ins know.
    pub(super) fn between(source: &str, target: &str) -> Option<Self> {
        Some(Self { from: worth(source)?, to: worth(target)? })
    }

    /// The target's amount for one of the source, rounded down to cents.
    pub(super) fn convert(self, amount: Money) -> Money {
        amount.pro_rata(Rate::ONE, self.to, self.from).floor_to(2)
    }

    /// The source's amount for one of the target, rounded down to cents.
    pub(super) fn back(self, amount: Money) -> Money {
        amount.pro_rata(Rate::ONE, self.from, self.to).floor_to(2)
    }

    /// The rate, as it is shown.
    pub(super) fn rate(self) -> Money {
        one().pro_rata(Rate::ONE, self.to, self.from)
    }
}

fn one() -> Money {
    Money::from_minor(1, 0).unwrap_or_default()
}

/// What one dollar is, in a currency.
fn worth(currency: &str) -> Option<Money> {
    let hundredths = match currency {
        "USD" => 100,
        "EUR" => 90,
        "GBP" => 80,
        "CAD" => 137,
        "AUD" => 150,
        "CHF" => 88,
        "SGD" => 134,
        "INR" => 8_500,
        "PHP" => 5_800,
        _ => return None,
    };
    Money::from_minor(hundredths, 2).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn minor_units_go_by_the_currency() {
        for (minor, currency, shown) in
            [(1099, "USD", "10.99"), (500, "JPY", "500"), (12_345, "KWD", "12.345"), (700, "ISK", "7.00"), (5, "USD", "0.05")]
        {
            let amount = from_minor(minor, currency).unwrap();
            assert_eq!((text(amount, currency).as_str(), to_minor(amount, currency)), (shown, minor));
        }
    }

    #[test]
    fn numbers_are_digits() {
        for (amount, shown) in [("25.50", "25.5"), ("100", "100"), ("0.01", "0.01"), ("0", "0"), ("1234567.89", "1234567.89")] {
            let number = number(money(amount));
            assert_eq!(number.to_string().trim_end_matches(".0"), shown);
            assert_eq!(of_number(&number), Some(money(amount)));
        }
        assert_eq!(of_number(&"1e30".parse().unwrap()), None);
        assert_eq!(of_number(&"0.00000001".parse().unwrap()), None);
    }

    #[test]
    fn exchange_and_back() {
        let euro = Exchange::between("USD", "EUR").unwrap();
        assert_eq!((euro.convert(money("100")), euro.back(money("90")), euro.rate()), (money("90"), money("100"), money("0.9")));
        assert_eq!(Exchange::between("USD", "USD").unwrap().convert(money("25.01")), money("25.01"));
        assert_eq!(Exchange::between("USD", "XXX"), None);
    }
}
