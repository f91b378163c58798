//! What PayPal tells by webhook: of a batch that is worked on or done, and of each item. Nothing is told of a reversal.

use super::{State, items, payouts, time};
use crate::rails::{
    books::{Desk, NewEvent},
    error::RailsError,
    ids,
    payment::Payment,
};
use serde_json::{Value, json};

pub(in crate::rails) fn events(desk: &Desk<'_>, before: &Payment, after: &Payment, at_ms: i64) -> Result<Vec<NewEvent>, RailsError> {
    let Some(state) = items::state(after) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    let first_done = items::done_ms(before).is_none();
    let batch = match state {
        State::Processing => Some("PAYMENT.PAYOUTSBATCH.PROCESSING"),
        State::Denied => Some("PAYMENT.PAYOUTSBATCH.DENIED"),
        State::Success
        | State::Failed
        | State::Unclaimed
        | State::Returned
        | State::Onhold
        | State::Blocked
        | State::Refunded
        | State::Reversed => first_done.then_some("PAYMENT.PAYOUTSBATCH.SUCCESS"),
        State::Pending => None,
    };
    if let Some(kind) = batch {
        let header = payouts::header(after.batch.as_deref().unwrap_or_default(), std::slice::from_ref(after));
        all.push(event(desk, kind, "payouts", &json!({ "batch_header": header }), at_ms)?);
    }
    let item = match state {
        State::Success => Some("PAYMENT.PAYOUTS-ITEM.SUCCEEDED"),
        State::Failed | State::Denied => Some("PAYMENT.PAYOUTS-ITEM.FAILED"),
        State::Unclaimed => Some("PAYMENT.PAYOUTS-ITEM.UNCLAIMED"),
        State::Returned => Some("PAYMENT.PAYOUTS-ITEM.RETURNED"),
        State::Onhold => Some("PAYMENT.PAYOUTS-ITEM.HELD"),
        State::Blocked => Some("PAYMENT.PAYOUTS-ITEM.BLOCKED"),
        State::Refunded => Some("PAYMENT.PAYOUTS-ITEM.REFUNDED"),
        State::Pending | State::Processing | State::Reversed => None,
    };
    if let Some(kind) = item {
        all.push(event(desk, kind, "payouts_item", &items::object("https://api.paypal.com", after), at_ms)?);
    }
    Ok(all)
}

fn event(desk: &Desk<'_>, kind: &'static str, of: &str, resource: &Value, at_ms: i64) -> Result<NewEvent, RailsError> {
    let id = format!("WH-{}", ids::capitals(&desk.seed("paypal event")?, "event", 17));
    let body = json!({
        "id": id,
        "create_time": time(at_ms),
        "resource_type": of,
        "event_type": kind,
        "summary": kind,
        "resource": resource,
        "links": [{ "href": format!("https://api.paypal.com/v1/notifications/webhooks-events/{id}"), "rel": "self", "method": "GET" }],
        "event_version": "1.0",
    });
    Ok(NewEvent { kind, body: body.to_string() })
}
