//! What Stripe tells by webhook.

use super::{API_VERSION, seconds, state::State, transfers};
use crate::rails::{
    books::{Desk, NewEvent},
    error::RailsError,
    ids,
    payment::{self, Payment},
};
use serde_json::{Value, json};

/// What a transfer's change tells.
pub(in crate::rails) fn events(desk: &Desk<'_>, before: &Payment, after: &Payment, at_ms: i64) -> Result<Vec<NewEvent>, RailsError> {
    let mut all = Vec::new();
    if before.history.is_empty() {
        all.push(event(desk, "transfer.created", &transfers::object(after), None, at_ms)?);
    }
    if after.returned > before.returned {
        all.push(event(desk, "transfer.reversed", &transfers::object(after), None, at_ms)?);
    }
    let payout = match after.state {
        payment::State::Stripe(State::PaidOut) => Some(("payout.paid", "paid")),
        payment::State::Stripe(State::PayoutFailed) => Some(("payout.failed", "failed")),
        payment::State::Stripe(State::Succeeded | State::Reversed) | payment::State::Paypal(_) | payment::State::Wise(_) => None,
    };
    if let Some((kind, status)) = payout.filter(|_| before.state != after.state) {
        let object = bank_payout(desk, after, status, at_ms)?;
        all.push(event(desk, kind, &object, Some(&after.destination), at_ms)?);
    }
    Ok(all)
}

/// An event; `account` is the connected account that it happened at.
pub(super) fn event(
    desk: &Desk<'_>,
    kind: &'static str,
    object: &Value,
    account: Option<&str>,
    at_ms: i64,
) -> Result<NewEvent, RailsError> {
    let mut body = json!({
        "id": ids::mixed("evt_", &desk.seed("stripe event")?, 24),
        "object": "event",
        "api_version": API_VERSION,
        "created": seconds(at_ms),
        "data": { "object": object },
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null },
        "type": kind,
    });
    if let (Some(account), Some(fields)) = (account, body.as_object_mut()) {
        fields.insert("account".to_owned(), account.into());
    }
    Ok(NewEvent { kind, body: body.to_string() })
}

/// The way from the connected account to its owner's bank: another object than the transfer.
fn bank_payout(desk: &Desk<'_>, payment: &Payment, status: &str, at_ms: i64) -> Result<Value, RailsError> {
    let failed = status == "failed";
    Ok(json!({
        "id": ids::mixed("po_", &desk.seed("stripe payout")?, 24),
        "object": "payout",
        "amount": transfers::minor(payment, payment.left()),
        "arrival_date": seconds(at_ms),
        "automatic": true,
        "created": seconds(payment.created_ms),
        "currency": payment.currency.to_ascii_lowercase(),
        "description": "STRIPE PAYOUT",
        "destination": "ba_local",
        "failure_code": failed.then_some("account_closed"),
        "failure_message": failed.then_some("The bank account has been closed"),
        "livemode": false,
        "metadata": {},
        "method": "standard",
        "source_type": "card",
        "status": status,
        "type": "bank_account",
    }))
}
