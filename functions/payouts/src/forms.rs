//! What `PUT /payout-accounts/{rail}` takes, rail by rail.

use edge::{http::Call, problem::Problem};
use ledger::{Currency, Rail};
use programme::payout::{Destination, DestinationError};
use serde::Deserialize;

/// What was typed: where to pay to, where it says so, and whether by default.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) destination: Option<Destination>,
    pub(crate) default: Option<bool>,
}

/// Where to pay to, and whether by default.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) destination: Destination,
    pub(crate) default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StripeForm {
    stripe_account: Option<String>,
    default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PaypalForm {
    email: Option<String>,
    payer_id: Option<String>,
    default: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WiseForm {
    recipient_id: RecipientId,
    currency: Option<Currency>,
    default: Option<bool>,
}

/// Wise itself writes it as a number, other tools as a text.
#[derive(Deserialize)]
#[serde(untagged)]
enum RecipientId {
    Number(u64),
    Text(String),
}

/// Reads the form of that rail. `currency` is what a recipient is paid in where the form does not say.
///
/// # Errors
/// 400 with the field that does not fit, never its value; 413, 415 as every body.
pub(crate) fn read(call: &Call, rail: Rail, currency: &Currency) -> Result<Typed, Problem> {
    let (destination, default) = match rail {
        Rail::StripeConnect => {
            let form: StripeForm = call.json()?;
            let Some(account) = form.stripe_account else { return Ok(Typed { destination: None, default: form.default }) };
            (Destination::stripe(&account), form.default)
        }
        Rail::Paypal => {
            let form: PaypalForm = call.json()?;
            let destination = match (form.email, form.payer_id) {
                (Some(email), None) => Destination::paypal_email(&email),
                (None, Some(payer_id)) => Destination::paypal_payer(&payer_id),
                (Some(_), Some(_)) | (None, None) => return Err(Problem::malformed("Either email or payer_id is needed, and not both.")),
            };
            (destination, form.default)
        }
        Rail::Wise => {
            let form: WiseForm = call.json()?;
            let recipient = match form.recipient_id {
                RecipientId::Number(number) => number.to_string(),
                RecipientId::Text(text) => text,
            };
            (Destination::wise(&recipient, form.currency.unwrap_or_else(|| currency.clone())), form.default)
        }
    };
    Ok(Typed { destination: Some(destination.map_err(misfit)?), default })
}

fn misfit(error: DestinationError) -> Problem {
    Problem::malformed(format!("The field {} must be {}.", error.field, error.rule)).with("field", error.field)
}
