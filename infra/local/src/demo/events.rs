//! Stripe's events, as small as they can be and still be Stripe's.

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

/// A refund that succeeded, in cents.
pub(crate) fn refunded(payment: &str, refund: &str, cents: i64, at: i64) -> Value {
    event(
        "refund.updated",
        at,
        json!({ "id": refund, "object": "refund", "status": "succeeded", "amount": cents, "currency": "usd", "created": at, "payment_intent": payment }),
    )
}

/// A dispute in some state, in cents.
pub(super) fn disputed(kind: &str, payment: &str, dispute: &str, cents: i64, status: &str, at: i64) -> Value {
    event(
        &format!("charge.dispute.{kind}"),
        at,
        json!({ "id": dispute, "object": "dispute", "status": status, "amount": cents, "currency": "usd", "created": at, "livemode": false, "payment_intent": payment }),
    )
}
