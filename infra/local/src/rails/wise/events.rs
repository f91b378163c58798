//! What Wise tells by webhook: each state that a transfer reaches, a payout that failed, money that is back.

use super::{State, time};
use crate::rails::{
    books::{Desk, NewEvent},
    error::RailsError,
    ids,
    payment::{self, Payment},
    server::WISE_PROFILE,
};
use serde_json::{Value, json};

pub(in crate::rails) fn events(desk: &Desk<'_>, before: &Payment, after: &Payment, at_ms: i64) -> Result<Vec<NewEvent>, RailsError> {
    let id: i64 = after.reference.parse().unwrap_or_default();
    let first = before.history.is_empty();
    let change = json!({
        "resource": { "type": "transfer", "id": id, "profile_id": WISE_PROFILE, "account_id": after.destination.parse::<i64>().ok() },
        "current_state": after.state.as_str(),
        "previous_state": (!first).then(|| before.state.as_str()),
        "occurred_at": time(at_ms),
    });
    let mut all = vec![event(desk, "transfers#state-change", &change)?];
    let state = match after.state {
        payment::State::Wise(state) => Some(state),
        payment::State::Stripe(_) | payment::State::Paypal(_) => None,
    };
    if state == Some(State::BouncedBack) {
        let failure = json!({
            "transfer_id": id,
            "profile_id": WISE_PROFILE,
            "failure_reason_code": "RECIPIENT_ACCOUNT_CLOSED",
            "failure_description": "The recipient's account is closed",
            "occurred_at": time(at_ms),
        });
        all.push(event(desk, "transfers#payout-failure", &failure)?);
    }
    if state == Some(State::FundsRefunded) {
        all.push(event(desk, "transfers#refund", &change)?);
    }
    Ok(all)
}

fn event(desk: &Desk<'_>, kind: &'static str, data: &Value) -> Result<NewEvent, RailsError> {
    let body = json!({
        "data": data,
        "subscription_id": ids::uuid("local", "subscription"),
        "event_type": kind,
        "schema_version": "2.0.0",
        "sent_at": time(desk.now_ms),
    });
    Ok(NewEvent { kind, body: body.to_string() })
}
