//! Stripe's minor units. Its table of currencies is its own and not ISO 4217's: ISK and UGX, which have no subunit, are
//! sent times 100, and so they are like most.

use ledger::{Currency, Money};

const ZERO_DECIMAL: [&str; 15] = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

fn places(currency: &Currency) -> u32 {
    if ZERO_DECIMAL.contains(&currency.as_str()) {
        0
    } else if THREE_DECIMAL.contains(&currency.as_str()) {
        3
    } else {
        2
    }
}

/// The amount in minor units; none where it is not a whole number of them, or zero or less.
pub(super) fn of(amount: Money, currency: &Currency) -> Option<i64> {
    let places = places(currency);
    if amount.floor_to(places) != amount || !amount.is_positive() {
        return None;
    }
    let mut exact = amount.decimal();
    exact.rescale(places);
    i64::try_from(exact.mantissa()).ok()
}

/// The amount that so many minor units are; none beyond the range of amounts.
pub(super) fn amount(minor: i64, currency: &Currency) -> Option<Money> {
    Money::from_minor(minor, places(currency)).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn by_stripes_own_table() {
        for (text, currency, minor) in [
            ("10.99", "USD", Some(1_099)),
            ("20", "EUR", Some(2_000)),
            ("1099", "JPY", Some(1_099)),
            ("5", "ISK", Some(500)),
            ("1.099", "KWD", Some(1_099)),
            ("10.999", "USD", None),
            ("10.5", "JPY", None),
            ("0", "USD", None),
            ("-1", "USD", None),
        ] {
            let currency = Currency::try_new(currency).unwrap();
            let money: Money = text.parse().unwrap();
            assert_eq!(of(money, &currency), minor, "{text} {currency}");
            if let Some(minor) = minor {
                assert_eq!(amount(minor, &currency), Some(money));
            }
        }
        assert_eq!(amount(i64::MAX, &Currency::try_new("JPY").unwrap()), None);
    }
}
