//! `GET|PUT /billing`: how the payee is named on its invoices. Each invoice keeps a copy of its own, so a change is for later ones.

use crate::App;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::payout::{Billing, PartyError};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    address: Vec<String>,
    country: String,
    tax_id: Option<String>,
}

/// The details; an empty object where none were given yet.
pub(crate) async fn show(app: &App, account: &AccountId) -> Result<Reply, Problem> {
    match app.store.billing(account).await? {
        Some(billing) => Reply::json(StatusCode::OK, &billing),
        None => Reply::json(StatusCode::OK, &json!({})),
    }
}

/// Replaces the details; the same again changes nothing.
pub(crate) async fn change(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let billing = read(call.json()?);
    billing.check().map_err(misfit)?;
    app.store.put_billing(account, &billing, call.now).await?;
    tracing::info!(account_id = %account, "billing details changed");
    Reply::json(StatusCode::OK, &billing)
}

/// What was typed, without the spaces around it.
fn read(form: Form) -> Billing {
    let trimmed = |text: &String| text.trim().to_owned();
    Billing {
        name: trimmed(&form.name),
        address: form.address.iter().map(trimmed).collect(),
        country: form.country,
        tax_id: form.tax_id.as_ref().map(trimmed),
    }
}

/// Names the field and its rule, never what was typed.
fn misfit(error: PartyError) -> Problem {
    Problem::malformed(format!("The field {} must be {}.", error.field, error.rule)).with("field", error.field)
}
