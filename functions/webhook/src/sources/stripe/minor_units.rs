//! How many decimal places Stripe's minor units of a currency have: its own table, which is not ISO
//! 4217's. It sends ISK and UGX, which have no subunit, times 100, and so they are like most.

use ledger::Currency;

const ZERO_DECIMAL: [&str; 15] = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

/// The decimal places of `currency` in Stripe's amounts: 1099 is 10.99 with two.
pub(super) fn places(currency: &Currency) -> u32 {
    if ZERO_DECIMAL.contains(&currency.as_str()) {
        0
    } else if THREE_DECIMAL.contains(&currency.as_str()) {
        3
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn stripes_own_table() {
        let expected = [
            (0, "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"),
            (2, "USD EUR GBP CHF ISK UGX HUF TWD"),
            (3, "BHD JOD KWD OMR TND"),
        ];
        for (wanted, currencies) in expected {
            for code in currencies.split(' ') {
                assert_eq!(places(&Currency::try_new(code).unwrap()), wanted, "{code}");
            }
        }
    }
}
