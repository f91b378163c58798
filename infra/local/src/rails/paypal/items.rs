//! `/v1/payments/payouts-item`.

use super::{Answer, RAIL, State, amount, missing, time};
use crate::rails::{
    answer::paypal_error,
    operation::Operation,
    payment::{self, Payment},
    server::Rails,
    timeline,
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// An item's state.
pub(super) fn state(item: &Payment) -> Option<State> {
    match item.state {
        payment::State::Paypal(state) => Some(state),
        payment::State::Stripe(_) | payment::State::Wise(_) => None,
    }
}

/// When an item was first done with.
pub(super) fn done_ms(item: &Payment) -> Option<i64> {
    let done = |change: &&payment::Change| !matches!(change.state, payment::State::Paypal(State::Pending | State::Processing));
    item.history.iter().find(done).map(|change| change.at_ms)
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    let base = rails.base("paypal");
    rails
        .answer(super::call(Operation::LookUp, [Some(id.as_str())]), move |desk, _| {
            Ok(desk.payment(RAIL, &id)?.map_or_else(missing, |item| Answer::ok(&object(&base, &item))))
        })
        .await
}

/// Only what nobody has claimed can be canceled: it goes back at once.
pub(super) async fn cancel(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    let base = rails.base("paypal");
    rails
        .answer(super::call(Operation::Cancel, [Some(id.as_str())]), move |desk, _| {
            let Some(mut item) = desk.payment(RAIL, &id)? else { return Ok(missing()) };
            if state(&item) != Some(State::Unclaimed) {
                let message = "The payout item is not in a state in which it can be canceled";
                return Ok(paypal_error(StatusCode::BAD_REQUEST, "ITEM_INCORRECT_STATUS", message, &json!([])));
            }
            timeline::force(desk, &mut item, payment::State::Paypal(State::Returned))?;
            desk.update(&item)?;
            Ok(Answer::ok(&object(&base, &item)))
        })
        .await
}

/// Why an item is where it is, where that is no good place.
fn problem(state: State) -> Option<(&'static str, &'static str)> {
    match state {
        State::Unclaimed | State::Returned => Some((
            "RECEIVER_UNREGISTERED",
            "The recipient for this payout does not have an account. If the recipient does not claim this payout within 30 days, the \
             funds will be returned to your account.",
        )),
        State::Failed => Some(("RECEIVER_ACCOUNT_INVALID", "Receiver's account is invalid.")),
        State::Denied => Some(("INSUFFICIENT_FUNDS", "Sender does not have sufficient funds. Please add funds and retry.")),
        State::Blocked => Some(("RISK_DECLINE", "This transaction was declined for risk.")),
        State::Onhold => Some(("RISK_REVIEW", "This transaction is under review.")),
        State::Pending | State::Processing | State::Success | State::Refunded | State::Reversed => None,
    }
}

/// An item as PayPal writes it. It has a transaction once money has moved.
pub(super) fn object(base: &str, item: &Payment) -> Value {
    let (payment::Details::Paypal(details), Some(state)) = (&item.details, state(item)) else { return Value::Null };
    let batch = item.batch.as_deref().unwrap_or_default();
    let mut object = json!({
        "payout_item_id": item.reference,
        "activity_id": details.activity,
        "transaction_status": state.item(),
        "payout_item_fee": amount(item.fee, &item.currency),
        "payout_batch_id": batch,
        "sender_batch_id": details.sender_batch_id,
        "payout_item": {
            "recipient_type": details.recipient_type,
            "amount": amount(item.amount, &item.currency),
            "note": details.note,
            "receiver": item.destination,
            "sender_item_id": details.sender_item_id,
            "recipient_wallet": "PAYPAL",
        },
        "links": [
            { "href": format!("{base}/v1/payments/payouts-item/{}", item.reference), "rel": "self", "method": "GET" },
            { "href": format!("{base}/v1/payments/payouts/{batch}"), "rel": "batch", "method": "GET" },
        ],
    });
    let Some(fields) = object.as_object_mut() else { return object };
    if item.movements > 0 {
        fields.insert("transaction_id".to_owned(), json!(item.transaction));
    }
    if let Some(done_ms) = done_ms(item) {
        fields.insert("time_processed".to_owned(), time(done_ms).into());
    }
    if let Some((name, message)) = problem(state) {
        fields.insert(
            "errors".to_owned(),
            json!({ "name": name, "message": message, "debug_id": "f05063556a338", "details": [], "links": [] }),
        );
    }
    fields.retain(|_, value| !value.is_null());
    if let Some(inner) = fields.get_mut("payout_item").and_then(Value::as_object_mut) {
        inner.retain(|_, value| !value.is_null());
    }
    object
}
