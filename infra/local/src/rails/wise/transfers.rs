//! `/v1/transfers`: made once for a `customerTransactionId`, and not funded by that.

use super::{
    Answer, RAIL, Refused, State, is_uuid, json_body, missing, plain_time, profile,
    quotes::Quote,
    recipients, refused,
    state::{Details, unfunded_plan},
    wise_error,
};
use crate::rails::{
    behaviour::Behaviour,
    books::Desk,
    error::RailsError,
    ids, money,
    operation::Operation,
    payment::{self, New, Payment, Step},
    server::{Rails, WISE_PROFILE},
    timeline,
};
use axum::{
    extract::{Path, RawQuery, State as Shared},
    response::Response,
};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate};
use http::StatusCode;
use ledger::Money;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Transfers made here are numbered from here on.
const FIRST: i64 = 50_000_000;
/// A recipient of whom nothing is known.
const STRANGER: i64 = 40_000_000;
/// Transfers in a list, without a `limit` and at most.
const LIMIT: (usize, usize) = (10, 100);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    target_account: i64,
    quote_uuid: String,
    customer_transaction_id: String,
    #[serde(default)]
    details: AskedDetails,
}

#[derive(Default, Deserialize)]
struct AskedDetails {
    reference: Option<String>,
}

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, body: Bytes) -> Result<Response, Refused> {
    let asked: Asked = json_body(&body)?;
    let names = [Some(asked.customer_transaction_id.as_str()), asked.details.reference.as_deref()];
    let answer = rails.answer(super::call(Operation::Create, names), move |desk, _| Ok(make(desk, asked)?)).await;
    Ok(answer)
}

fn make(desk: &Desk<'_>, asked: Asked) -> Result<Answer, RailsError> {
    if let Some(first) = desk.payments_of_key(RAIL, &asked.customer_transaction_id)?.first() {
        return Ok(Answer::ok(&object(first)));
    }
    for (text, path) in [(&asked.customer_transaction_id, "customerTransactionId"), (&asked.quote_uuid, "quoteUuid")] {
        if !is_uuid(text) {
            return Ok(wise_error(StatusCode::BAD_REQUEST, "NOT_VALID", "Not a UUID", path));
        }
    }
    let quote = desk.kept::<Quote>(&asked.quote_uuid)?;
    let Some(quote) = quote.filter(|quote| quote.is_valid(desk.now_ms)) else {
        return Ok(refused("quote.invalid", "The quote does not exist or has expired", "quoteUuid"));
    };
    let (behaviour, recipient) = recipients::find(desk, asked.target_account)?;
    if behaviour == Behaviour::Closed {
        return Ok(refused("recipient.inactive", "The recipient's account is closed", "targetAccount"));
    }
    if recipient.is_some_and(|recipient| recipient.currency != quote.target_currency) {
        return Ok(refused("recipient.currency", "The recipient takes another currency than the quote's", "targetAccount"));
    }
    let fee = quote.on_top();
    let details = Details {
        session: ids::uuid(&quote.id, "session"),
        quote: quote.id,
        target_account: asked.target_account,
        target_currency: quote.target_currency,
        target_amount: quote.target,
        rate: quote.rate,
        fundings: Vec::new(),
    };
    let state = payment::State::Wise(State::IncomingPaymentWaiting);
    let mut made = New {
        rail: RAIL,
        reference: next_reference(desk)?,
        payout: asked.details.reference.filter(|reference| !reference.is_empty()),
        idempotency_key: Some(asked.customer_transaction_id),
        amount: quote.source,
        currency: quote.source_currency,
        destination: asked.target_account.to_string(),
        state,
        behaviour,
        details: payment::Details::Wise(details),
        now_ms: desk.now_ms,
    }
    .payment();
    made.fee = fee;
    made.plan = unfunded_plan(desk.now_ms);
    timeline::reach(desk, &mut made, &Step::to(state, desk.now_ms))?;
    desk.insert(&made)?;
    Ok(Answer::ok(&object(&made)))
}

/// The number of another transfer.
pub(in crate::rails) fn next_reference(desk: &Desk<'_>) -> Result<String, RailsError> {
    Ok((FIRST + desk.count("wise transfer")?).to_string())
}

/// A transfer that nobody asked for here.
pub(in crate::rails) fn invented(desk: &Desk<'_>, amount: Money, currency: &str, payout: Option<String>) -> Result<Payment, RailsError> {
    let seed = desk.seed("stranger")?;
    let details = Details {
        quote: ids::uuid(&seed, "quote"),
        session: ids::uuid(&seed, "session"),
        target_account: STRANGER,
        target_currency: currency.to_owned(),
        target_amount: amount,
        rate: Money::from_minor(1, 0).unwrap_or_default(),
        fundings: Vec::new(),
    };
    let made = New {
        rail: RAIL,
        reference: next_reference(desk)?,
        payout,
        idempotency_key: Some(ids::uuid(&seed, "transaction")),
        amount,
        currency: currency.to_owned(),
        destination: STRANGER.to_string(),
        state: payment::State::Wise(State::OutgoingPaymentSent),
        behaviour: Behaviour::Ok,
        details: payment::Details::Wise(details),
        now_ms: desk.now_ms,
    };
    Ok(made.payment())
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    rails
        .answer(super::call(Operation::LookUp, [Some(id.as_str())]), move |desk, _| {
            Ok(desk.payment(RAIL, &id)?.map_or_else(|| missing(&id), |transfer| Answer::ok(&object(&transfer))))
        })
        .await
}

/// Until the money is converted. What was funded comes back.
pub(super) async fn cancel(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    rails
        .answer(super::call(Operation::Cancel, [Some(id.as_str())]), move |desk, _| {
            let Some(mut transfer) = desk.payment(RAIL, &id)? else { return Ok(missing(&id)) };
            if ![State::IncomingPaymentWaiting, State::Processing].map(payment::State::Wise).contains(&transfer.state) {
                let (code, message) = ("transfer.cancellation.not.allowed", "The transfer cannot be cancelled any more");
                return Ok(wise_error(StatusCode::CONFLICT, code, message, "transferId"));
            }
            timeline::force(desk, &mut transfer, payment::State::Wise(State::Cancelled))?;
            if transfer.movements > 0 {
                transfer.plan = vec![Step::to(payment::State::Wise(State::FundsRefunded), desk.now_ms)];
            }
            desk.update(&transfer)?;
            Ok(Answer::ok(&object(&transfer)))
        })
        .await
}

pub(super) async fn list(Shared(rails): Shared<Arc<Rails>>, RawQuery(query): RawQuery) -> Result<Response, Refused> {
    let all = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let asked = Listed::read(all)?;
    let answer = rails
        .answer(super::call(Operation::List, []), move |desk, _| {
            let mut found = desk.payments_between(RAIL, asked.from_ms, asked.to_ms)?;
            found.retain(|transfer| asked.wants(transfer));
            let shown: Vec<Value> = found.iter().skip(asked.offset).take(asked.limit).map(object).collect();
            Ok(Answer::ok(&Value::Array(shown)))
        })
        .await;
    Ok(answer)
}

/// What a list asks for.
struct Listed {
    from_ms: i64,
    to_ms: i64,
    limit: usize,
    offset: usize,
    all: BTreeMap<String, String>,
}

impl Listed {
    fn read(all: BTreeMap<String, String>) -> Result<Self, Refused> {
        let wrong = |path: &str| Refused::from(wise_error(StatusCode::BAD_REQUEST, "NOT_VALID", "Not valid", path));
        if let Some(id) = all.get("profile") {
            profile(id)?;
        }
        let number = |name: &str, default: usize| all.get(name).map_or(Ok(default), |text| text.parse().map_err(|_| wrong(name)));
        let at = |name: &str, late: bool| all.get(name).map(|text| read_time(text, late).ok_or_else(|| wrong(name))).transpose();
        let (limit, offset) = (number("limit", LIMIT.0)?, number("offset", 0)?);
        let from_ms = at("createdDateStart", false)?.unwrap_or(i64::MIN);
        let to_ms = at("createdDateEnd", true)?.unwrap_or(i64::MAX);
        Ok(Self { from_ms, to_ms, limit: limit.min(LIMIT.1), offset, all })
    }

    fn wants(&self, transfer: &Payment) -> bool {
        let is = |name: &str, value: &str| self.all.get(name).is_none_or(|wanted| wanted == value);
        let status = |wanted: &String| wanted.split(',').any(|word| word.trim() == transfer.state.as_str());
        let target = match &transfer.details {
            payment::Details::Wise(details) => details.target_currency.as_str(),
            payment::Details::Stripe(_) | payment::Details::Paypal(_) => "",
        };
        is("sourceCurrency", &transfer.currency) && is("targetCurrency", target) && self.all.get("status").is_none_or(status)
    }
}

/// A time, or a day: then its beginning, or its end where `late`.
fn read_time(text: &str, late: bool) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_millis());
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
    Some(if late { day + 86_399_999 } else { day })
}

/// A transfer as Wise writes it.
pub(super) fn object(transfer: &Payment) -> Value {
    let payment::Details::Wise(details) = &transfer.details else { return Value::Null };
    let reference = transfer.payout.as_deref().unwrap_or_default();
    json!({
        "id": transfer.reference.parse::<i64>().unwrap_or_default(),
        "user": 4_342_275,
        "targetAccount": transfer.destination.parse::<i64>().unwrap_or(details.target_account),
        "sourceAccount": null,
        "quote": null,
        "quoteUuid": details.quote,
        "status": transfer.state.as_str(),
        "reference": reference,
        "rate": money::number(details.rate),
        "created": plain_time(transfer.created_ms),
        "business": WISE_PROFILE,
        "transferRequest": null,
        "details": { "reference": reference },
        "hasActiveIssues": false,
        "sourceCurrency": transfer.currency,
        "sourceValue": money::number(transfer.amount),
        "targetCurrency": details.target_currency,
        "targetValue": money::number(details.target_amount),
        "customerTransactionId": transfer.idempotency_key,
        "payinSessionId": details.session,
    })
}
