//! Amounts as JSON numbers, which Wise alone uses. A number is read and written by its text: nothing is computed with
//! it before it is a decimal, and a text that would not come back the same is no amount.

use ledger::Money;
use rust_decimal::Decimal;
use serde_json::Number;

/// More significant digits than this do not survive in a JSON number everywhere.
const DIGITS: i128 = 1_000_000_000_000_000;

/// The amount as a JSON number; none where it has too many digits for one.
pub(crate) fn number(amount: Money) -> Option<Number> {
    let plain = amount.decimal().normalize();
    if plain.mantissa().abs() >= DIGITS {
        return None;
    }
    plain.to_string().parse().ok()
}

/// The amount that a JSON number says.
pub(crate) fn money(number: &Number) -> Option<Money> {
    decimal(number).and_then(|value| Money::try_new(value).ok())
}

/// The decimal that a JSON number says: a rate may have more places than an amount.
pub(crate) fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    let value = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    (value.mantissa().abs() < DIGITS * 100).then_some(value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_taken_as_they_are_written() {
        for (text, amount) in [("895.32", "895.32"), ("1000", "1000"), ("1000.0", "1000"), ("0.1", "0.1"), ("1e3", "1000"), ("0", "0")] {
            assert_eq!(money(&text.parse().unwrap()), Some(amount.parse().unwrap()), "{text}");
        }
        for text in ["0.0000001", "1e300", "12345678901234567890"] {
            assert_eq!(money(&text.parse().unwrap()), None, "{text}");
        }
        assert_eq!(decimal(&"0.8953211234".parse().unwrap()).unwrap().to_string(), "0.8953211234");
        assert_eq!(number("22.50".parse().unwrap()).unwrap().to_string(), "22.5");
        assert_eq!(number("1000000000000000".parse().unwrap()), None);
    }

    proptest! {
        #[test]
        fn every_amount_comes_back(cents in 0_i64..1_000_000_000_000) {
            let amount = Money::from_minor(cents, 2).unwrap();
            prop_assert_eq!(money(&number(amount).unwrap()), Some(amount));
        }
    }
}
