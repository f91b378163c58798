//! The doors of the function.

use crate::{App, billing, cancel, csv, destinations, history, onboarding, request};
use edge::{
    http::{Call, Reply},
    problem::Problem,
};

/// Answers one call, of whoever the bearer token proves.
///
/// # Errors
/// 401 where nobody is proved, 404 for another door; else as each door says.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let caller = app.verifier.principal(&call).await?;
    let account = &caller.account;
    match (call.method.as_str(), call.route.as_str()) {
        ("GET", "/payout-accounts") => destinations::list(app, &call, account).await,
        ("PUT", "/payout-accounts/{rail}") => destinations::change(app, &call, account).await,
        ("POST", "/payout-accounts/stripe_connect/onboarding") => onboarding::begin(app, &call, &caller).await,
        ("GET", "/billing") => billing::show(app, account).await,
        ("PUT", "/billing") => billing::change(app, &call, account).await,
        ("GET", "/payouts") => history::list(app, &call, account).await,
        ("GET", "/payouts.csv") => csv::export(app, &call, account).await,
        ("POST", "/payouts") => request::request(app, &call, account).await,
        ("GET", "/payouts/{id}") => history::one(app, &call, account).await,
        ("POST", "/payouts/{id}/cancel") => cancel::cancel(app, &call, account).await,
        _ => Err(Problem::not_found("page")),
    }
}
