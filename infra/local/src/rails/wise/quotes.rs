//! `/v3/profiles/{profile}/quotes`: what a transfer costs, for half an hour.

use super::{Answer, RAIL, Refused, is_currency, json_body, profile, refused, time};
use crate::rails::{
    books::{Desk, Kept},
    call::Stop,
    ids,
    money::{self, Exchange},
    operation::Operation,
    server::Rails,
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use bytes::Bytes;
use ledger::{Money, Rail, Rate};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use std::sync::Arc;

/// How long a transfer can be made of a quote, in milliseconds.
const VALID_MS: i64 = 30 * 60_000;
const DELIVERY_MS: i64 = 3_600_000;

/// A price that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Quote {
    pub(super) id: String,
    pub(super) source_currency: String,
    pub(super) target_currency: String,
    /// The source amount without the fee.
    pub(super) source: Money,
    pub(super) target: Money,
    pub(super) fee: Money,
    pub(super) rate: Money,
    /// Whether the amount for the recipient was asked for: the fee is then on top.
    by_target: bool,
    created_ms: i64,
}

impl Kept for Quote {
    const RAIL: Rail = RAIL;
    const KIND: &'static str = "quote";
    fn id(&self) -> String {
        self.id.clone()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    source_currency: String,
    target_currency: String,
    source_amount: Option<Number>,
    target_amount: Option<Number>,
}

fn fee(amount: Money) -> Money {
    let share = "0.005".parse().map_or(Money::ZERO, |rate: Rate| amount.share(rate)).floor_to(2);
    Money::from_minor(50, 2).unwrap_or_default() + share
}

impl Quote {
    pub(super) fn is_valid(&self, now_ms: i64) -> bool {
        now_ms < self.created_ms.saturating_add(VALID_MS)
    }

    fn of(asked: Asked, id: String, now_ms: i64) -> Result<Self, Refused> {
        let no = |code: &str, message: &str, path: &str| Refused::from(refused(code, message, path));
        for (currency, path) in [(&asked.source_currency, "sourceCurrency"), (&asked.target_currency, "targetCurrency")] {
            if !is_currency(currency) {
                return Err(no("NOT_VALID", "Not a currency", path));
            }
        }
        let exchange = Exchange::between(&asked.source_currency, &asked.target_currency);
        let exchange = exchange.ok_or_else(|| no("ROUTE_NOT_SUPPORTED", "This currency route is not supported", "targetCurrency"))?;
        let read = |number: Option<Number>, path: &str| match number {
            None => Ok(None),
            Some(number) => {
                let amount = money::of_number(&number).filter(|amount| amount.is_positive() && amount.floor_to(2) == *amount);
                amount.map(Some).ok_or_else(|| no("NOT_VALID", "Not an amount above zero with at most two decimals", path))
            }
        };
        let (source, target) = (read(asked.source_amount, "sourceAmount")?, read(asked.target_amount, "targetAmount")?);
        let (source, target, fee, by_target) = match (source, target) {
            (None, Some(target)) => {
                let source = exchange.back(target);
                (source, target, fee(source), true)
            }
            (Some(source), None) => {
                let fee = fee(source);
                (source, exchange.convert((source - fee).floor_zero()), fee, false)
            }
            (None, None) | (Some(_), Some(_)) => {
                return Err(no("NOT_VALID", "Either sourceAmount or targetAmount is required, never both", "sourceAmount"));
            }
        };
        if !target.is_positive() || !source.is_positive() {
            return Err(no("AMOUNT_TOO_LOW", "The amount does not cover the fee", "sourceAmount"));
        }
        let (source_currency, target_currency) = (asked.source_currency, asked.target_currency);
        Ok(Self { id, source_currency, target_currency, source, target, fee, rate: exchange.rate(), by_target, created_ms: now_ms })
    }

    /// What the platform's balance is charged beside the source amount.
    pub(super) fn on_top(&self) -> Money {
        if self.by_target { self.fee } else { Money::ZERO }
    }

    fn object(&self, profile: i64) -> Value {
        let fee = money::number(self.fee);
        let whole = money::number(self.source + self.on_top());
        let (source, target) = (money::number(self.source), money::number(self.target));
        let mut object = json!({
            "id": self.id,
            "sourceCurrency": self.source_currency,
            "targetCurrency": self.target_currency,
            "payOut": "BANK_TRANSFER",
            "rate": money::number(self.rate),
            "createdTime": time(self.created_ms),
            "expirationTime": time(self.created_ms.saturating_add(VALID_MS)),
            "rateExpirationTime": time(self.created_ms.saturating_add(VALID_MS)),
            "rateType": "FIXED",
            "profile": profile,
            "providedAmountType": if self.by_target { "TARGET" } else { "SOURCE" },
            "guaranteedTargetAmount": self.by_target,
            "guaranteedTargetAmountAllowed": true,
            "notices": [],
            "status": "PENDING",
            "paymentOptions": [{
                "disabled": false,
                "estimatedDelivery": time(self.created_ms.saturating_add(DELIVERY_MS)),
                "estimatedDeliveryDelays": [],
                "fee": { "transferwise": fee, "payIn": 0, "discount": 0, "partner": 0, "total": fee },
                "sourceAmount": whole,
                "sourceCurrency": self.source_currency,
                "targetAmount": &target,
                "targetCurrency": self.target_currency,
                "payIn": "BALANCE",
                "payOut": "BANK_TRANSFER",
                "allowedProfileTypes": ["PERSONAL", "BUSINESS"],
                "payInProduct": "BALANCE",
            }],
        });
        // Only the amount that was asked for is told.
        let asked = if self.by_target { ("targetAmount", target) } else { ("sourceAmount", source) };
        object[asked.0] = asked.1.into();
        object
    }
}

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, Path(given): Path<String>, body: Bytes) -> Result<Response, Refused> {
    let (profile, asked) = (profile(&given)?, json_body::<Asked>(&body)?);
    let answer = rails.answer(super::call(Operation::Quote, []), move |desk, _| make(desk, profile, asked)).await;
    Ok(answer)
}

fn make(desk: &Desk<'_>, profile: i64, asked: Asked) -> Result<Answer, Stop> {
    let id = ids::uuid(&desk.seed("quote")?, "quote");
    let quote = Quote::of(asked, id, desk.now_ms)?;
    desk.keep(&quote)?;
    Ok(Answer::ok(&quote.object(profile)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn quote(text: &str) -> Result<Quote, String> {
        Quote::of(serde_json::from_str(text).unwrap(), "q".into(), 0).map_err(|refused| refused.answer().body)
    }

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn the_fee_is_on_top_of_what_the_recipient_gets_or_out_of_what_is_sent() {
        let by_target = quote(r#"{"sourceCurrency":"USD","targetCurrency":"USD","targetAmount":100}"#).unwrap();
        assert_eq!((by_target.source, by_target.target, by_target.on_top()), (money("100"), money("100"), money("1")));
        let by_source = quote(r#"{"sourceCurrency":"USD","targetCurrency":"EUR","sourceAmount":100.00}"#).unwrap();
        assert_eq!((by_source.source, by_source.target, by_source.on_top()), (money("100"), money("89.10"), Money::ZERO));
        assert!(by_source.is_valid(VALID_MS - 1) && !by_source.is_valid(VALID_MS));
    }

    #[test]
    fn what_is_no_quote_is_refused_in_words() {
        for (text, words) in [
            (r#"{"sourceCurrency":"USD","targetCurrency":"USD"}"#, "never both"),
            (r#"{"sourceCurrency":"USD","targetCurrency":"USD","sourceAmount":1,"targetAmount":1}"#, "never both"),
            (r#"{"sourceCurrency":"usd","targetCurrency":"USD","targetAmount":1}"#, "Not a currency"),
            (r#"{"sourceCurrency":"USD","targetCurrency":"XXX","targetAmount":1}"#, "ROUTE_NOT_SUPPORTED"),
            (r#"{"sourceCurrency":"USD","targetCurrency":"USD","targetAmount":0}"#, "above zero"),
            (r#"{"sourceCurrency":"USD","targetCurrency":"USD","targetAmount":1.005}"#, "two decimals"),
            (r#"{"sourceCurrency":"USD","targetCurrency":"USD","sourceAmount":0.5}"#, "AMOUNT_TOO_LOW"),
        ] {
            assert!(quote(text).unwrap_err().contains(words), "{text}");
        }
    }
}
