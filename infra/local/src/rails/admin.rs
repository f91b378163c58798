//! The stack's own door to the stand-ins, under `/_local/rails`: books, faults, and what a test makes of a payment.

mod acts;

use super::{
    error::RailsError,
    faults::Fault,
    payment::{self, Payment},
    paypal,
    server::Rails,
    stripe, timeline, wise,
};
use axum::{
    Json, Router,
    extract::{Path, Query, State as Shared},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use ledger::{Money, Rail};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The routes, for who has shown the token of the run.
pub(crate) fn router(rails: &Arc<Rails>) -> Router {
    Router::new()
        .route("/rails/advance", post(advance))
        .route("/rails/{rail}/books", get(books))
        .route("/rails/{rail}/faults", get(armed).post(arm).delete(disarm))
        .route("/rails/{rail}/webhooks", get(webhooks))
        .route("/rails/{rail}/webhooks/release", post(release))
        .route("/rails/{rail}/balance", post(balance))
        .route("/rails/{rail}/accounts/{account}", post(account))
        .route("/rails/{rail}/payments", post(invent))
        .route("/rails/{rail}/payments/{name}/{act}", post(act))
        .with_state(Arc::clone(rails))
}

impl IntoResponse for RailsError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NoPayment(_) => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::InUse(_) | Self::Version { .. } | Self::Database(_) | Self::Damaged(_) | Self::Secrets(_) | Self::Client(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Closed => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, Json(json!({ "error": self.to_string() }))).into_response()
    }
}

type Reply<T> = Result<T, RailsError>;

fn rail(name: &str) -> Reply<Rail> {
    let known = if name == "stripe" { Ok(Rail::StripeConnect) } else { name.parse() };
    known.map_err(|_| RailsError::Refused("the rails are stripe_connect, paypal and wise".to_owned()))
}

fn refused(words: &str) -> RailsError {
    RailsError::Refused(words.to_owned())
}

/// A JSON body; none is an empty object.
fn body<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Reply<T> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(bytes).map_err(|error| RailsError::Refused(error.to_string()))
}

async fn advance(Shared(rails): Shared<Arc<Rails>>) -> Reply<Response> {
    Ok(Json(rails.advance().await?).into_response())
}

#[derive(Deserialize)]
struct Named {
    payout: Option<String>,
}

async fn books(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>, Query(asked): Query<Named>) -> Reply<Json<Value>> {
    let rail = rail(&name)?;
    let ledger = rails.books(rail, asked.payout.as_deref()).await?;
    let payments: Vec<Value> = ledger.payments.iter().map(entry).collect();
    Ok(Json(json!({ "rail": rail, "now_ms": ledger.now_ms, "balances": ledger.balances, "payments": payments })))
}

fn entry(payment: &Payment) -> Value {
    json!({
        "payout": payment.payout,
        "reference": payment.reference,
        "batch": payment.batch,
        "transaction": payment.transaction,
        "idempotency_key": payment.idempotency_key,
        "amount": payment.amount,
        "currency": payment.currency,
        "fee": payment.fee,
        "destination": payment.destination,
        "state": payment.state,
        "returned": payment.returned,
        "movements": payment.movements,
        "created_ms": payment.created_ms,
        "changed_ms": payment.changed_ms,
        "history": payment.history,
    })
}

async fn armed(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>) -> Reply<Json<Vec<Fault>>> {
    Ok(Json(rails.armed(rail(&name)?)))
}

async fn arm(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>, bytes: Bytes) -> Reply<StatusCode> {
    rails.arm(rail(&name)?, body(&bytes)?)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disarm(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>) -> Reply<StatusCode> {
    rails.disarm(rail(&name)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn webhooks(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>) -> Reply<Response> {
    Ok(Json(rails.webhooks(rail(&name)?).await?).into_response())
}

async fn release(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>) -> Reply<Json<Value>> {
    Ok(Json(json!({ "released": rails.release(rail(&name)?).await? })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purse {
    #[serde(default = "dollars")]
    currency: String,
    amount: Money,
}

fn dollars() -> String {
    "USD".to_owned()
}

async fn balance(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>, bytes: Bytes) -> Reply<StatusCode> {
    let (rail, purse) = (rail(&name)?, body::<Purse>(&bytes)?);
    rails.books.within(move |desk| desk.set_balance(rail, &purse.currency, purse.amount)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Capabilities {
    transfers: Option<String>,
    payouts_enabled: Option<bool>,
}

async fn account(Shared(rails): Shared<Arc<Rails>>, Path((name, id)): Path<(String, String)>, bytes: Bytes) -> Reply<Json<Value>> {
    let asked: Capabilities = body(&bytes)?;
    if rail(&name)? != Rail::StripeConnect {
        return Err(refused("only Stripe has connected accounts"));
    }
    if asked.transfers.as_deref().is_some_and(|word| !["active", "pending", "inactive"].contains(&word)) {
        return Err(refused("transfers is active, pending or inactive"));
    }
    let changed = rails.books.within(move |desk| {
        let mut account = stripe::find_account(desk, &id)?.ok_or_else(|| RailsError::NoPayment(id.clone()))?;
        account.transfers = asked.transfers.unwrap_or(account.transfers);
        account.payouts_enabled = asked.payouts_enabled.unwrap_or(account.payouts_enabled);
        stripe::account_changed(desk, &account)?;
        Ok(account.object())
    });
    let (object, _) = changed.await?;
    rails.stir();
    Ok(Json(object))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invented {
    amount: Money,
    #[serde(default = "dollars")]
    currency: String,
    payout: Option<String>,
    destination: Option<String>,
}

/// A payment that nobody asked for.
async fn invent(Shared(rails): Shared<Arc<Rails>>, Path(name): Path<String>, bytes: Bytes) -> Reply<Json<Value>> {
    let (rail, asked) = (rail(&name)?, body::<Invented>(&bytes)?);
    let made = rails.books.within(move |desk| {
        let mut made = match rail {
            Rail::StripeConnect => stripe::invented(desk, asked.amount, &asked.currency, asked.payout)?,
            Rail::Paypal => paypal::invented(desk, asked.amount, &asked.currency, asked.payout)?,
            Rail::Wise => wise::invented(desk, asked.amount, &asked.currency, asked.payout)?,
        };
        made.destination = asked.destination.unwrap_or(made.destination);
        made.history = vec![payment::Change { at_ms: desk.now_ms, state: made.state, returned: Money::ZERO }];
        timeline::take(desk, &mut made)?;
        desk.insert(&made)?;
        Ok(entry(&made))
    });
    Ok(Json(made.await?.0))
}

async fn act(Shared(rails): Shared<Arc<Rails>>, Path((name, of, act)): Path<(String, String, String)>, bytes: Bytes) -> Reply<Json<Value>> {
    let (rail, told) = (rail(&name)?, body::<acts::Told>(&bytes)?);
    let done = rails.books.within(move |desk| {
        while !timeline::advance(desk)?.1 {}
        let named = desk.payments_named(rail, &of)?;
        let mut payment = named.into_iter().next().ok_or(RailsError::NoPayment(of))?;
        acts::perform(desk, &mut payment, &act, &told)?;
        Ok(entry(&payment))
    });
    let (entry, _) = done.await?;
    rails.stir();
    Ok(Json(entry))
}
