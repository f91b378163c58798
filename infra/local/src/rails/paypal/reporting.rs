//! `/v1/reporting/transactions`: what was paid, three hours behind.

use super::{Answer, RAIL, State, items, paypal_error, time};
use crate::rails::{
    books::Desk,
    error::RailsError,
    ids, money,
    operation::Operation,
    payment::{self, Payment},
    server::Rails,
};
use axum::{
    extract::{RawQuery, State as Shared},
    response::Response,
};
use chrono::DateTime;
use http::StatusCode;
use ledger::Money;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// How far the report runs behind, in milliseconds: PayPal says up to so long.
const BEHIND_MS: i64 = 3 * 3_600_000;
/// The longest time that one request may ask for.
const RANGE_MS: i64 = 31 * 86_400_000;
const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 500;

struct Asked {
    /// Only lines with this event code.
    code: Option<String>,
    from_ms: i64,
    to_ms: i64,
    page: usize,
    size: usize,
}

impl Asked {
    fn read(query: &str) -> Option<Self> {
        let all: BTreeMap<String, String> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let number = |name: &str, default: usize| all.get(name).map_or(Some(default), |text| text.parse().ok());
        let asked = Self {
            code: all.get("transaction_type").cloned(),
            from_ms: read_time(all.get("start_date")?)?,
            to_ms: read_time(all.get("end_date")?)?,
            page: number("page", 1)?,
            size: number("page_size", PAGE_DEFAULT)?,
        };
        let range = asked.to_ms.checked_sub(asked.from_ms)?;
        ((0..=RANGE_MS).contains(&range) && asked.page > 0 && (1..=PAGE_MAX).contains(&asked.size)).then_some(asked)
    }
}

/// With a colon in the offset, without one, or with a Z.
fn read_time(text: &str) -> Option<i64> {
    let read = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    read.ok().map(|at| at.timestamp_millis())
}

pub(super) async fn list(Shared(rails): Shared<Arc<Rails>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    rails
        .answer(super::call(Operation::List, []), move |desk, _| {
            let Some(asked) = Asked::read(&query) else {
                let details =
                    json!([{ "field": "start_date", "location": "query", "issue": "start_date, end_date: at most 31 days apart" }]);
                let message = "Request is not well-formed, syntactically incorrect, or violates schema.";
                return Ok(paypal_error(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message, &details));
            };
            Ok(Answer::ok(&page(desk, &asked)?))
        })
        .await
}

fn page(desk: &Desk<'_>, asked: &Asked) -> Result<Value, RailsError> {
    let known_ms = desk.now_ms.saturating_sub(BEHIND_MS);
    // What is in a time was begun in it, or long before and came back in it.
    let mut lines: Vec<Line> = Vec::new();
    for item in desk.payments_between(RAIL, i64::MIN, asked.to_ms)? {
        lines.extend(lines_of(&item, known_ms));
    }
    lines.retain(|line| (asked.from_ms..=asked.to_ms).contains(&line.at_ms) && asked.code.as_deref().is_none_or(|code| code == line.code));
    lines.sort_by_key(|line| line.at_ms);
    let (total, from) = (lines.len(), (asked.page - 1).saturating_mul(asked.size));
    let shown: Vec<Value> = lines.into_iter().skip(from).take(asked.size).map(|line| line.shown).collect();
    Ok(json!({
        "transaction_details": shown,
        "account_number": "LOCALPLATFORM",
        "start_date": time(asked.from_ms),
        "end_date": time(asked.to_ms),
        "last_refreshed_datetime": time(known_ms),
        "page": asked.page,
        "total_items": total,
        "total_pages": total.div_ceil(asked.size).max(1),
        "links": [],
    }))
}

/// What a payout is called there, and what came back of one.
const PAYOUT: &str = "T0001";
const RETURN: &str = "T1100";

/// One movement of money.
struct Line {
    at_ms: i64,
    code: &'static str,
    shown: Value,
}

/// The money of an item as the report has it: what went, and on a line of its own what came back.
fn lines_of(item: &Payment, known_ms: i64) -> Vec<Line> {
    let (Some(letter), Some(at_ms)) = (items::state(item).and_then(State::letter), items::done_ms(item)) else { return Vec::new() };
    let mut lines = Vec::new();
    if at_ms <= known_ms {
        let mut shown = transaction(item, PAYOUT, letter, Money::ZERO - item.amount, at_ms);
        shown["transaction_info"]["transaction_id"] = json!(item.transaction);
        shown["transaction_info"]["fee_amount"] = amount(Money::ZERO - item.fee, item);
        lines.push(Line { at_ms, code: PAYOUT, shown });
    }
    let back = item.history.iter().find(|change| change.returned.is_positive());
    if let Some(change) = back.filter(|change| change.at_ms <= known_ms) {
        let mut shown = transaction(item, RETURN, "S", change.returned, change.at_ms);
        shown["transaction_info"]["transaction_id"] = ids::capitals(&item.reference, "returned", 17).into();
        shown["transaction_info"]["paypal_reference_id"] = json!(item.transaction);
        shown["transaction_info"]["paypal_reference_id_type"] = "TXN".into();
        lines.push(Line { at_ms: change.at_ms, code: RETURN, shown });
    }
    lines
}

fn amount(value: Money, item: &Payment) -> Value {
    json!({ "currency_code": item.currency, "value": money::text(value, &item.currency) })
}

fn transaction(item: &Payment, code: &str, letter: &str, value: Money, at_ms: i64) -> Value {
    let (item_id, batch_id) = match &item.details {
        payment::Details::Paypal(details) => (details.sender_item_id.as_deref(), details.sender_batch_id.as_deref()),
        payment::Details::Stripe(_) | payment::Details::Wise(_) => (None, None),
    };
    json!({
        "transaction_info": {
            "transaction_event_code": code,
            "transaction_initiation_date": time(at_ms),
            "transaction_updated_date": time(item.changed_ms.max(at_ms)),
            "transaction_amount": amount(value, item),
            "transaction_status": letter,
            "custom_field": item_id.or(batch_id),
            "invoice_id": batch_id,
        },
        "payer_info": { "email_address": item.destination },
    })
}
