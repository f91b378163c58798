//! The funding of a transfer. It has no key: each one takes the money, so that a caller must look before it tries again.

use super::{
    Answer, RAIL, Refused, State, json_body, missing, profile,
    state::{Funding, funded_plan},
    time, wise_error,
};
use crate::rails::{
    behaviour::Behaviour,
    books::Desk,
    error::RailsError,
    faults::{Fault, FaultKind},
    money,
    operation::Operation,
    payment::{self, Step},
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
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const FIRST: i64 = 60_000_000;

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "type")]
    kind: String,
}

pub(super) async fn fund(
    Shared(rails): Shared<Arc<Rails>>,
    Path((given, id)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refused> {
    profile(&given)?;
    let asked: Asked = json_body(&body)?;
    if asked.kind != "BALANCE" {
        return Err(wise_error(StatusCode::BAD_REQUEST, "NOT_VALID", "The only type here is BALANCE", "type").into());
    }
    let answer = rails.answer(super::call(Operation::Fund, [Some(id.as_str())]), move |desk, fault| Ok(pay(desk, &id, fault)?)).await;
    Ok(answer)
}

fn said(error: Option<&str>) -> Answer {
    let status = if error.is_some() { "REJECTED" } else { "COMPLETED" };
    Answer::ok(&json!({ "type": "BALANCE", "status": status, "errorCode": error }))
}

fn pay(desk: &Desk<'_>, id: &str, fault: Option<&Fault>) -> Result<Answer, RailsError> {
    let Some(mut transfer) = desk.payment(RAIL, id)? else { return Ok(missing(id)) };
    if [State::Cancelled, State::FundsRefunded].map(payment::State::Wise).contains(&transfer.state) {
        return Ok(said(Some("transfer.cancelled")));
    }
    let dry = transfer.behaviour == Behaviour::Insufficient
        || fault.is_some_and(|fault| fault.kind == FaultKind::InsufficientFunds)
        || desk.balance(RAIL, &transfer.currency)? < transfer.amount + transfer.fee;
    if dry {
        return Ok(said(Some("transfer.insufficient_funds")));
    }
    timeline::take(desk, &mut transfer)?;
    if let payment::Details::Wise(details) = &mut transfer.details {
        details.fundings.push(Funding { id: FIRST + desk.count("wise funding")?, at_ms: desk.now_ms });
    }
    if transfer.state == payment::State::Wise(State::IncomingPaymentWaiting) {
        transfer.plan = funded_plan(transfer.behaviour, desk.now_ms);
        timeline::reach(desk, &mut transfer, &Step::to(payment::State::Wise(State::Processing), desk.now_ms))?;
        timeline::play(desk, &mut transfer, desk.now_ms)?;
    }
    desk.update(&transfer)?;
    Ok(said(None))
}

/// The fundings that a transfer has had.
pub(super) async fn list(Shared(rails): Shared<Arc<Rails>>, Path(id): Path<String>) -> Response {
    rails
        .answer(super::call(Operation::LookUp, [Some(id.as_str())]), move |desk, _| {
            let Some(transfer) = desk.payment(RAIL, &id)? else { return Ok(missing(&id)) };
            let payment::Details::Wise(details) = &transfer.details else { return Ok(missing(&id)) };
            let shown = |funding: &Funding| {
                json!({
                    "id": funding.id,
                    "method": "BALANCE",
                    "amount": money::number(transfer.amount + transfer.fee),
                    "currency": transfer.currency,
                    "pricingVariant": null,
                    "timeCreated": time(funding.at_ms),
                    "timeUpdated": time(funding.at_ms),
                })
            };
            Ok(Answer::ok(&Value::Array(details.fundings.iter().map(shown).collect())))
        })
        .await
}

pub(super) async fn balances(Shared(rails): Shared<Arc<Rails>>, Path(given): Path<String>) -> Result<Response, Refused> {
    profile(&given)?;
    let answer = rails
        .answer(super::call(Operation::Balance, []), |desk, _| {
            let balances = desk.balances(RAIL)?;
            let shown = |(place, (currency, amount)): (usize, (&String, &Money))| {
                json!({
                    "id": place + 1,
                    "currency": currency,
                    "type": "STANDARD",
                    "amount": { "value": money::number(*amount), "currency": currency },
                    "reservedAmount": { "value": 0, "currency": currency },
                })
            };
            Ok(Answer::ok(&Value::Array(balances.iter().enumerate().map(shown).collect())))
        })
        .await;
    Ok(answer)
}
