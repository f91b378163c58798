//! `GET /platform/accounts/{id}/credits`: what the platform may let an account spend.

use crate::{App, fault};
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Currency, Money};
use serde::Serialize;

/// What is left of each kind of credits. Referral credits are negative after a clawback of what was
/// cashed or spent already.
#[derive(Serialize)]
struct Credits<'a> {
    currency: &'a Currency,
    purchased: Money,
    referral: Money,
    rental: Money,
}

/// An account that nothing is known of has no credits; a text that can't name an account is 404.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let id = AccountId::try_new(call.param("id")?).map_err(|_| Problem::not_found("account"))?;
    let account = app.store.account(&id).await.map_err(fault::of_store)?.unwrap_or_default();
    let programme = app.store.programme(call.now).await.map_err(fault::of_store)?;
    let credits = Credits {
        currency: &programme.at(call.now).1.currency,
        purchased: account.purchased_left(),
        referral: account.referral_left(),
        rental: account.rental_left(),
    };
    Reply::json(StatusCode::OK, &credits)
}
