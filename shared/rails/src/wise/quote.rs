//! What a payee gets. The platform bears the rail's fees, and so a quote is always for a *target* amount: Wise then takes
//! the fees from the platform's balance on top, and not from what arrives.

use super::{
    Wise,
    wire::{Failure, Quote},
};
use crate::{
    Order, RailError,
    decimal::{decimal, money, number},
    http::{Said, UNREADABLE, read},
};
use ledger::{Currency, Money};
use serde_json::{Value, json};

/// Currencies without a subunit (ISO 4217).
const WHOLE: [&str; 16] = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];

/// How many places an amount of a currency may have here. The three-decimal ones are paid in hundredths.
fn places(currency: &Currency) -> u32 {
    if WHOLE.contains(&currency.as_str()) { 0 } else { 2 }
}

/// What the payee gets for `amount` at `rate`, rounded down.
fn converted(amount: Money, rate: rust_decimal::Decimal, currency: &Currency) -> Option<Money> {
    let product = amount.decimal().checked_mul(rate)?;
    let micros = product.round_dp_with_strategy(6, rust_decimal::RoundingStrategy::ToNegativeInfinity);
    Money::try_new(micros).ok().map(|money| money.floor_to(places(currency)))
}

impl Wise {
    /// A fresh quote for the order, by its id; the inner error is Wise's code for why there is none. A quote binds
    /// nobody and ends after half an hour.
    pub(super) async fn quote(&self, order: &Order, recipient: u64, currency: &Currency) -> Result<Result<String, String>, RailError> {
        let target = if *currency == order.currency {
            order.amount
        } else {
            let asked = json!({ "sourceAmount": written(order.amount)? });
            let quote = match self.quoted(order, recipient, currency, asked).await? {
                Ok(quote) => quote,
                Err(reason) => return Ok(Err(reason)),
            };
            let rate = quote.rate.as_ref().and_then(decimal).ok_or(UNREADABLE)?;
            converted(order.amount, rate, currency).ok_or(UNREADABLE)?
        };
        if !target.is_positive() {
            return Ok(Err("amount_too_small".to_owned()));
        }
        let asked = json!({ "targetAmount": written(target)? });
        let quote = match self.quoted(order, recipient, currency, asked).await? {
            Ok(quote) => quote,
            Err(reason) => return Ok(Err(reason)),
        };
        let kept = quote.target_amount.as_ref().and_then(money) == Some(target)
            && quote.source_currency == order.currency.as_str()
            && quote.target_currency == currency.as_str();
        match (kept, quote.is_blocked()) {
            (_, true) => Ok(Err("quote_blocked".to_owned())),
            (true, false) => Ok(Ok(quote.id)),
            (false, false) => Err(UNREADABLE),
        }
    }

    async fn quoted(&self, order: &Order, recipient: u64, currency: &Currency, asked: Value) -> Result<Result<Quote, String>, RailError> {
        let mut body = json!({
            "sourceCurrency": order.currency,
            "targetCurrency": currency,
            "targetAccount": recipient,
            // What it is paid from: else the fees are those of a bank transfer.
            "preferredPayIn": "BALANCE",
        });
        if let (Some(body), Value::Object(asked)) = (body.as_object_mut(), asked) {
            body.extend(asked);
        }
        let profile = self.profile.to_string();
        match self.http.send(&self.post("quote", &["v3", "profiles", &profile, "quotes"], body)).await?.said()? {
            Said::Yes(body) => read(&body).map(Ok),
            // A quote that Wise refuses to make is a payout that it refuses to make.
            Said::No(_, body) => Ok(Err(read::<Failure>(&body)?.reason())),
        }
    }
}

fn written(amount: Money) -> Result<serde_json::Number, RailError> {
    number(amount).ok_or_else(|| RailError::Misconfigured("wise: an amount with too many digits".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_payee_gets_the_amount_at_the_rate_rounded_down() {
        for (amount, rate, currency, expected) in [
            ("100", "0.8953211", "EUR", Some("89.53")),
            ("22.50", "149.987", "JPY", Some("3374")),
            ("0.01", "0.5", "EUR", Some("0.00")),
            ("10", "0.3075", "KWD", Some("3.07")),
            ("999999999", "99999999999999999999", "EUR", None),
        ] {
            let got = converted(amount.parse().unwrap(), rate.parse().unwrap(), &Currency::try_new(currency).unwrap());
            assert_eq!(got, expected.map(|text| text.parse().unwrap()), "{amount} at {rate}");
        }
    }
}
