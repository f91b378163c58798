//! `/v1/payments/payouts`: a batch is made once for a `sender_batch_id`, for thirty days.

use super::{
    Answer, RAIL, Refused, State, amount, fee, invalid, items, missing, no_money,
    request::{self, Asked, Header},
    state::{DONE_MS, Details, plan},
    time,
};
use crate::rails::{
    answer::paypal_error,
    behaviour::Behaviour,
    books::Desk,
    error::RailsError,
    faults::{Fault, FaultKind},
    ids,
    operation::Operation,
    payment::{self, New, Payment},
    server::Rails,
    timeline,
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use bytes::Bytes;
use http::StatusCode;
use ledger::Money;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How long a `sender_batch_id` is refused, in milliseconds.
const KEPT_MS: i64 = 30 * 86_400_000;

/// Notes that PayPal's own sandbox knows.
const NOTE_NO_MONEY: &str = "ERRPYO005";
const NOTE_TIMEOUT: &str = "ERRPYO036";

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, body: Bytes) -> Result<Response, Refused> {
    let (header, asked) = request::read(&body)?;
    let names = [header.sender_batch_id.as_deref(), asked.first().and_then(|item| item.sender_item_id.as_deref())];
    let call = super::call(Operation::Create, names);
    let base = rails.base("paypal");
    let answer = rails.answer(call, move |desk, fault| Ok(make(desk, &base, &header, &asked, fault)?)).await;
    Ok(answer)
}

fn make(desk: &Desk<'_>, base: &str, header: &Header, asked: &[Asked], fault: Option<&Fault>) -> Result<Answer, RailsError> {
    if let Some(id) = &header.sender_batch_id
        && let Some(first) = desk.payments_of_key(RAIL, id)?.first()
        && desk.now_ms < first.created_ms.saturating_add(KEPT_MS)
    {
        return Ok(duplicate(base, first.batch.as_deref().unwrap_or_default()));
    }
    if let Some(refused) = refusal(desk, asked, fault)? {
        return Ok(refused);
    }
    let seed = desk.seed("batch")?;
    let batch = ids::capitals(&seed, "batch", 13);
    let duplicated = fault.filter(|fault| fault.kind == FaultKind::DuplicateBatch);
    for (place, item) in asked.iter().enumerate() {
        let mut made = item_of(desk, &format!("{seed}/{place}"), &batch, header, item);
        made.amount = duplicated.and_then(|fault| fault.amount).unwrap_or(made.amount);
        // The batch as it was taken; what is due at once comes right after.
        made.history.push(payment::Change { at_ms: desk.now_ms, state: made.state, returned: Money::ZERO });
        let early = fault.is_some_and(|fault| fault.kind == FaultKind::WebhookBeforeAnswer);
        // A webhook that comes before the answer needs something to tell.
        let until_ms = if early { desk.now_ms.saturating_add(DONE_MS) } else { desk.now_ms };
        timeline::play(desk, &mut made, until_ms)?;
        desk.insert(&made)?;
    }
    if duplicated.is_some() {
        return Ok(duplicate(base, &batch));
    }
    Ok(Answer::new(
        StatusCode::CREATED,
        &json!({
            "batch_header": {
                "sender_batch_header": sender_header(header.sender_batch_id.as_deref(), header.email_subject.as_deref()),
                "payout_batch_id": batch,
                "batch_status": "PENDING",
            },
            "links": [link(base, &batch)],
        }),
    ))
}

fn refusal(desk: &Desk<'_>, asked: &[Asked], fault: Option<&Fault>) -> Result<Option<Answer>, RailsError> {
    if asked.iter().any(|item| item.note.as_deref() == Some(NOTE_TIMEOUT)) {
        let message = "The server did not respond in time.";
        return Ok(Some(paypal_error(StatusCode::GATEWAY_TIMEOUT, "GATEWAY_TIMEOUT", message, &json!([]))));
    }
    let Some(first) = asked.first() else { return Ok(Some(invalid("items", "A batch has 1 to 15000 items"))) };
    let whole: Money = asked.iter().map(|item| item.amount + fee()).sum();
    let told = |item: &Asked| item.note.as_deref() == Some(NOTE_NO_MONEY) || Behaviour::of_text(&item.receiver) == Behaviour::Insufficient;
    let dry = fault.is_some_and(|fault| fault.kind == FaultKind::InsufficientFunds)
        || asked.iter().any(told)
        || desk.balance(RAIL, &first.currency)? < whole;
    Ok(dry.then(no_money))
}

fn item_of(desk: &Desk<'_>, seed: &str, batch: &str, header: &Header, asked: &Asked) -> Payment {
    let behaviour = Behaviour::of_text(&asked.receiver);
    let details = Details {
        sender_batch_id: header.sender_batch_id.clone(),
        email_subject: header.email_subject.clone(),
        sender_item_id: asked.sender_item_id.clone(),
        recipient_type: asked.recipient_type.clone(),
        note: asked.note.clone(),
        activity: ids::capitals(seed, "activity", 17),
    };
    let mut made = New {
        rail: RAIL,
        reference: ids::capitals(seed, "item", 13),
        payout: asked.sender_item_id.clone().or_else(|| header.sender_batch_id.clone()),
        idempotency_key: header.sender_batch_id.clone(),
        amount: asked.amount,
        currency: asked.currency.clone(),
        destination: asked.receiver.clone(),
        state: payment::State::Paypal(State::Pending),
        behaviour,
        details: payment::Details::Paypal(details),
        now_ms: desk.now_ms,
    }
    .payment();
    made.batch = Some(batch.to_owned());
    made.transaction = Some(ids::capitals(seed, "transaction", 17));
    made.fee = fee();
    made.plan = plan(behaviour, desk.now_ms);
    made
}

/// An item of a batch that nobody asked for here.
pub(in crate::rails) fn invented(desk: &Desk<'_>, amount: Money, currency: &str, payout: Option<String>) -> Result<Payment, RailsError> {
    let seed = desk.seed("batch")?;
    let header = Header { sender_batch_id: payout.clone(), ..Header::default() };
    let asked = Asked {
        recipient_type: "EMAIL".to_owned(),
        amount,
        currency: currency.to_owned(),
        note: None,
        receiver: "stranger@example.com".to_owned(),
        sender_item_id: payout,
    };
    let mut made = item_of(desk, &seed, &ids::capitals(&seed, "batch", 13), &header, &asked);
    made.plan.clear();
    made.state = payment::State::Paypal(State::Success);
    Ok(made)
}

fn link(base: &str, batch: &str) -> Value {
    json!({ "href": format!("{base}/v1/payments/payouts/{batch}"), "rel": "self", "method": "GET", "encType": "application/json" })
}

fn duplicate(base: &str, batch: &str) -> Answer {
    let details = json!([{
        "field": "SENDER_BATCH_ID",
        "location": "body",
        "issue": "Batch with given sender_batch_id already exists",
        "link": [link(base, batch)],
    }]);
    paypal_error(StatusCode::BAD_REQUEST, "USER_BUSINESS_ERROR", "User business error.", &details)
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    let base = rails.base("paypal");
    rails
        .answer(super::call(Operation::LookUp, [Some(id.as_str())]), move |desk, _| {
            let all = desk.payments_of_batch(RAIL, &id)?;
            Ok(if all.is_empty() { missing() } else { Answer::ok(&object(&base, &id, &all)) })
        })
        .await
}

/// What the sender said of a batch, and nothing where nothing was said.
fn sender_header(id: Option<&str>, subject: Option<&str>) -> Value {
    let said = [("sender_batch_id", id), ("email_subject", subject)];
    said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))).collect::<Map<_, _>>().into()
}

/// The state that says most of its batch: the one that its items have come least far with.
fn slowest(all: &[Payment]) -> Option<(&Payment, State)> {
    let order = |state: State| match state.batch() {
        "PENDING" => 0,
        "PROCESSING" => 1,
        _ => 2,
    };
    let states = all.iter().filter_map(|item| items::state(item).map(|state| (item, state)));
    states.min_by_key(|(_, state)| order(*state))
}

/// What is said of a batch.
pub(super) fn header(id: &str, all: &[Payment]) -> Value {
    let Some((first, state)) = slowest(all) else { return Value::Null };
    let (sender_batch_id, subject) = match &first.details {
        payment::Details::Paypal(details) => (&details.sender_batch_id, &details.email_subject),
        payment::Details::Stripe(_) | payment::Details::Wise(_) => (&None, &None),
    };
    let mut header = json!({
        "payout_batch_id": id,
        "batch_status": state.batch(),
        "time_created": time(first.created_ms),
        "sender_batch_header": sender_header(sender_batch_id.as_deref(), subject.as_deref()),
        "funding_source": "BALANCE",
        "amount": amount(all.iter().map(|item| item.amount).sum(), &first.currency),
        "fees": amount(all.iter().map(|item| item.fee).sum(), &first.currency),
    });
    let done = all.iter().filter_map(items::done_ms).max().filter(|_| state.batch() == "SUCCESS");
    if let (Some(done_ms), Some(fields)) = (done, header.as_object_mut()) {
        fields.insert("time_completed".to_owned(), time(done_ms).into());
    }
    header
}

fn object(base: &str, id: &str, all: &[Payment]) -> Value {
    let items: Vec<Value> = all.iter().map(|item| items::object(base, item)).collect();
    json!({ "batch_header": header(id, all), "items": items, "links": [link(base, id)] })
}
