//! `/v1/transfers`.

use super::{
    Answer, RAIL, Refused, State,
    accounts::{self, Account},
    error,
    form::Form,
    idempotency, invalid, missing, seconds,
    state::{Details, Reversal, plan},
};
use crate::rails::{
    behaviour::Behaviour,
    books::Desk,
    call::{Call, Stop},
    error::RailsError,
    faults::{Fault, FaultKind},
    ids, money,
    operation::Operation,
    payment::{self, New, Payment, Step},
    server::Rails,
    timeline,
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use ledger::Money;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const CREATE: &[&str] =
    &["amount", "currency", "description", "destination", "expand", "metadata", "source_transaction", "source_type", "transfer_group"];
const REVERSE: &[&str] = &["amount", "description", "expand", "metadata", "refund_application_fee"];

pub(super) async fn create(Shared(rails): Shared<Arc<Rails>>, headers: HeaderMap, body: Bytes) -> Result<Response, Refused> {
    let (form, key) = (Form::read(Some(&headers), &body, CREATE)?, idempotency::key(&headers)?);
    let call = Call::new(RAIL, Operation::Create, [form.get("transfer_group"), key.as_deref()]);
    let answer = rails
        .answer(call, move |desk, fault| {
            idempotency::once(desk, key.as_deref(), "/v1/transfers", &form, fault, || {
                Ok(Asked::read(desk, &form)?.make(desk, key.as_deref(), fault)?)
            })
        })
        .await;
    Ok(answer)
}

/// A transfer that is asked for, its form checked.
struct Asked<'f> {
    form: &'f Form,
    amount: Money,
    currency: String,
    destination: String,
    behaviour: Behaviour,
    account: Account,
}

impl<'f> Asked<'f> {
    fn read(desk: &Desk<'_>, form: &'f Form) -> Result<Self, Stop> {
        let currency = form.need("currency")?.to_ascii_uppercase();
        let destination = form.need("destination")?.to_owned();
        form.need("amount")?;
        let minor = form.integer("amount")?.unwrap_or_default();
        let small = || invalid("parameter_invalid_integer", "This value must be greater than or equal to 1.", "amount");
        let amount = money::from_minor(minor, &currency).filter(|amount| amount.is_positive());
        let amount = amount.ok_or_else(|| Refused::from(small()))?;
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Refused::from(invalid("parameter_invalid", "Invalid currency", "currency")).into());
        }
        let unknown = || {
            let (status, message) = (StatusCode::BAD_REQUEST, format!("No such destination: '{destination}'"));
            error(status, "invalid_request_error", Some("resource_missing"), &message, Some("destination")).unkept()
        };
        let account = accounts::find(desk, &destination)?.ok_or_else(|| Refused::from(unknown()))?;
        Ok(Self { form, amount, currency, destination, behaviour: account.behaviour(), account })
    }

    /// Why Stripe does not do it. Such an answer is kept for the key: the attempt was made.
    fn refusal(&self, desk: &Desk<'_>, fault: Option<&Fault>) -> Result<Option<Answer>, RailsError> {
        let refused =
            |code: &str, message: &str, param| Some(error(StatusCode::BAD_REQUEST, "invalid_request_error", Some(code), message, param));
        if self.behaviour == Behaviour::Closed {
            return Ok(refused("account_closed", "The destination account has been closed.", Some("destination")));
        }
        if self.account.transfers != "active" {
            let message = "Your destination account needs to have at least one of the following capabilities enabled: \
                           transfers, crypto_transfers, legacy_payments";
            return Ok(refused("insufficient_capabilities_for_transfer", message, Some("destination")));
        }
        let dry = self.behaviour == Behaviour::Insufficient
            || fault.is_some_and(|fault| fault.kind == FaultKind::InsufficientFunds)
            || desk.balance(RAIL, &self.currency)? < self.amount;
        let message = "You have insufficient available funds in your Stripe account.";
        Ok(if dry { refused("balance_insufficient", message, None) } else { None })
    }

    fn make(self, desk: &Desk<'_>, key: Option<&str>, fault: Option<&Fault>) -> Result<Answer, RailsError> {
        if let Some(refused) = self.refusal(desk, fault)? {
            return Ok(refused);
        }
        let seed = desk.seed("transfer")?;
        let details = Details {
            metadata: self.form.inside("metadata"),
            description: self.form.get("description").map(str::to_owned),
            source_type: self.form.get("source_type").unwrap_or("card").to_owned(),
            destination_payment: ids::mixed("py_", &seed, 24),
            reversals: Vec::new(),
        };
        let state = payment::State::Stripe(State::Succeeded);
        let mut made = New {
            rail: RAIL,
            reference: ids::mixed("tr_", &seed, 24),
            payout: self.form.get("transfer_group").map(str::to_owned),
            idempotency_key: key.map(str::to_owned),
            amount: self.amount,
            currency: self.currency.clone(),
            destination: self.destination,
            state,
            behaviour: self.behaviour,
            details: payment::Details::Stripe(details),
            now_ms: desk.now_ms,
        }
        .payment();
        made.transaction = Some(ids::mixed("txn_", &seed, 24));
        made.plan = plan(self.behaviour, self.amount, money::places(&self.currency), desk.now_ms);
        timeline::reach(desk, &mut made, &Step::to(state, desk.now_ms))?;
        desk.insert(&made)?;
        Ok(Answer::ok(&object(&made)))
    }
}

pub(super) async fn read(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    let call = Call::new(RAIL, Operation::LookUp, [Some(id.as_str())]);
    rails
        .answer(call, move |desk, _| {
            let found = desk.payment(RAIL, &id)?;
            Ok(found.map_or_else(|| missing("transfer", &id), |transfer| Answer::ok(&object(&transfer))))
        })
        .await
}

pub(super) async fn reverse(
    Shared(rails): Shared<Arc<Rails>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let (form, key) = (Form::read(Some(&headers), &body, REVERSE)?, idempotency::key(&headers)?);
    let call = Call::new(RAIL, Operation::Reverse, [Some(id.as_str())]);
    let answer = rails
        .answer(call, move |desk, fault| {
            let path = format!("/v1/transfers/{id}/reversals");
            idempotency::once(desk, key.as_deref(), &path, &form, fault, || {
                let Some(mut transfer) = desk.payment(RAIL, &id)? else { return Ok(missing("transfer", &id)) };
                let asked = form.integer("amount")?.and_then(|minor| money::from_minor(minor, &transfer.currency));
                let amount = asked.unwrap_or_else(|| transfer.left());
                if !amount.is_positive() || amount > transfer.left() {
                    let message = "The amount is greater than what is left of the transfer, or not above zero.";
                    return Ok(invalid("amount_too_large", message, "amount"));
                }
                let made = reversed(desk, &mut transfer, amount, form.inside("metadata"))?;
                desk.update(&transfer)?;
                Ok(Answer::ok(&reversal_object(&transfer, &made)))
            })
        })
        .await;
    Ok(answer)
}

/// Takes a part of a transfer back. Who calls writes the transfer.
pub(in crate::rails) fn take_back(desk: &Desk<'_>, transfer: &mut Payment, amount: Money) -> Result<(), RailsError> {
    reversed(desk, transfer, amount, BTreeMap::new()).map(drop)
}

/// A transfer that nobody asked for here.
pub(in crate::rails) fn invented(desk: &Desk<'_>, amount: Money, currency: &str, payout: Option<String>) -> Result<Payment, RailsError> {
    let seed = desk.seed("transfer")?;
    let details = Details {
        metadata: BTreeMap::new(),
        description: None,
        source_type: "card".to_owned(),
        destination_payment: ids::mixed("py_", &seed, 24),
        reversals: Vec::new(),
    };
    let made = New {
        rail: RAIL,
        reference: ids::mixed("tr_", &seed, 24),
        payout,
        idempotency_key: None,
        amount,
        currency: currency.to_owned(),
        destination: "acct_stranger".to_owned(),
        state: payment::State::Stripe(State::Succeeded),
        behaviour: Behaviour::Ok,
        details: payment::Details::Stripe(details),
        now_ms: desk.now_ms,
    };
    Ok(made.payment())
}

fn reversed(desk: &Desk<'_>, transfer: &mut Payment, amount: Money, metadata: BTreeMap<String, String>) -> Result<Reversal, RailsError> {
    let made = Reversal { id: ids::mixed("trr_", &desk.seed("reversal")?, 24), amount, at_ms: desk.now_ms, metadata };
    if let payment::Details::Stripe(details) = &mut transfer.details {
        details.reversals.push(made.clone());
    }
    let total = transfer.returned + amount;
    let state = if total == transfer.amount { payment::State::Stripe(State::Reversed) } else { transfer.state };
    timeline::reach(desk, transfer, &Step { at_ms: desk.now_ms, state, returned: Some(total) })?;
    Ok(made)
}

/// An amount of a transfer in minor units.
pub(super) fn minor(transfer: &Payment, amount: Money) -> i64 {
    money::to_minor(amount, &transfer.currency)
}

fn reversal_object(transfer: &Payment, made: &Reversal) -> Value {
    json!({
        "id": made.id,
        "object": "transfer_reversal",
        "amount": minor(transfer, made.amount),
        "balance_transaction": transfer.transaction,
        "created": seconds(made.at_ms),
        "currency": transfer.currency.to_ascii_lowercase(),
        "destination_payment_refund": null,
        "metadata": made.metadata,
        "source_refund": null,
        "transfer": transfer.reference,
    })
}

/// A transfer as Stripe writes it.
pub(super) fn object(transfer: &Payment) -> Value {
    let payment::Details::Stripe(details) = &transfer.details else { return Value::Null };
    let reversals: Vec<Value> = details.reversals.iter().rev().map(|made| reversal_object(transfer, made)).collect();
    json!({
        "id": transfer.reference,
        "object": "transfer",
        "amount": minor(transfer, transfer.amount),
        "amount_reversed": minor(transfer, transfer.returned),
        "balance_transaction": transfer.transaction,
        "created": seconds(transfer.created_ms),
        "currency": transfer.currency.to_ascii_lowercase(),
        "description": details.description,
        "destination": transfer.destination,
        "destination_payment": details.destination_payment,
        "livemode": false,
        "metadata": details.metadata,
        "reversals": {
            "object": "list",
            "data": reversals,
            "has_more": false,
            "url": format!("/v1/transfers/{}/reversals", transfer.reference),
        },
        "reversed": transfer.returned == transfer.amount,
        "source_transaction": null,
        "source_type": details.source_type,
        "transfer_group": transfer.payout,
    })
}
