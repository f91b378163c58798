//! The pages of customers.

pub(crate) mod account;
pub(crate) mod alias;
pub(crate) mod billing;
mod earnings;
pub(crate) mod join;
pub(crate) mod lines;
pub(crate) mod payout;
pub(crate) mod payouts;
pub(crate) mod request;
pub(crate) mod share;
pub(crate) mod templates;
pub(crate) mod theme;

use crate::{
    api::{ApiError, Client, path, shapes::Links},
    context::Context,
    fault::Fault,
    session::Visit,
};
use edge::http::Reply;

/// The first page: somebody's earnings, or what the programme is.
pub(crate) async fn home(cx: &Context<'_>) -> Result<Reply, Fault> {
    match &cx.visit {
        Visit::Open(_) => earnings::show(cx, None).await,
        Visit::Ended => Err(Fault::Ended),
        Visit::Nobody => join::show(cx).await,
    }
}

/// The links of an account; nothing where it never signed up to the programme.
async fn links(api: &Client<'_>) -> Result<Option<Links>, ApiError> {
    match api.get(&path(&["links"], &[])).await {
        Ok(links) => Ok(Some(links)),
        Err(ApiError::Refused(refusal)) if refusal.is("not_signed_up") => Ok(None),
        Err(error) => Err(error),
    }
}
