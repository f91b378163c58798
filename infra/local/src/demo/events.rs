//! Stripe's events, as small as they can be and still be Stripe's; and the platform's own.

use serde_json::{Value, json};

/// An event of Stripe's with what it is about.
fn event(kind: &str, created: i64, object: Value) -> Value {
    let id = format!("evt_{kind}_{created}_{}", object["id"].as_str().unwrap_or_default());
    json!({ "id": id, "object": "event", "api_version": "2026-07-29.dahlia", "created": created, "livemode": false, "type": kind, "data": { "object": object } })
}

/// A payment that succeeded, in cents.
pub(crate) fn captured(payment: &str, account: &str, cents: i64, at: i64) -> Value {
    event(
        "payment_intent.succeeded",
        at,
        json!({ "id": payment, "object": "payment_intent", "status": "succeeded", "amount": cents, "amount_received": cents, "currency": "usd",
            "created": at, "livemode": false, "metadata": { "account_id": account } }),
    )
}

/// A time as events say it.
pub(crate) fn time(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default().to_rfc3339()
}

/// Credits spent on the platform.
pub(crate) fn spent(usage: &str, account: &str, amount: &str, at: i64) -> Value {
    let data = json!({ "usage_id": usage, "account_id": account, "amount": amount, "currency": "USD", "at": time(at) });
    json!({ "type": "credits.spent", "timestamp": time(at), "data": data })
}

/// A machine of that account was rented.
pub(crate) fn rented(earning: &str, account: &str, amount: &str, at: i64) -> Value {
    let data =
        json!({ "earning_id": earning, "account_id": account, "machine_id": "m-1", "amount": amount, "currency": "USD", "at": time(at) });
    json!({ "type": "rental.earned", "timestamp": time(at), "data": data })
}

/// What a payment was charged to: a card, by Stripe's fingerprint of it.
pub(crate) fn charged(payment: &str, card: &str, at: i64) -> Value {
    event(
        "charge.succeeded",
        at,
        json!({ "id": format!("ch_{payment}"), "object": "charge", "payment_intent": payment, "created": at, "livemode": false,
            "payment_method_details": { "type": "card", "card": { "fingerprint": card } } }),
    )
}

/// A refund that succeeded, in cents.
pub(crate) fn refunded(payment: &str, refund: &str, cents: i64, at: i64) -> Value {
    event(
        "refund.updated",
        at,
        json!({ "id": refund, "object": "refund", "status": "succeeded", "amount": cents, "currency": "usd", "created": at, "payment_intent": payment }),
    )
}

/// A dispute in some state, in cents.
pub(crate) fn disputed(kind: &str, payment: &str, dispute: &str, cents: i64, status: &str, at: i64) -> Value {
    event(
        &format!("charge.dispute.{kind}"),
        at,
        json!({ "id": dispute, "object": "dispute", "status": status, "amount": cents, "currency": "usd", "created": at, "livemode": false, "payment_intent": payment }),
    )
}
