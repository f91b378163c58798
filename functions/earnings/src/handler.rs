//! The doors: who calls, and which one.

use crate::{App, credits, csv, headline, lines, links, me, templates};
use edge::{
    http::{Call, Reply},
    problem::Problem,
};

/// Answers every route of the function.
///
/// # Errors
/// 401 without a token that verifies, 403 for another group's door, and what the door itself refuses.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let caller = app.verifier.principal(&call).await?;
    let account = &caller.account;
    match (call.method.as_str(), call.route.as_str()) {
        ("GET", "/earnings") => headline::show(app, &call, account).await,
        ("GET", "/earnings/lines") => lines::list(app, &call, account).await,
        ("GET", "/earnings/lines.csv") => csv::export(app, &call, account).await,
        ("GET", "/templates") => templates::list(app, account).await,
        ("POST", "/templates") => templates::create(app, &call, account).await,
        ("PUT", "/templates/{id}") => templates::change(app, &call, account).await,
        ("GET", "/links") => links::show(app, account).await,
        ("PUT", "/links/alias") => links::choose(app, &call, account).await,
        ("GET", "/me") => me::show(app, &caller).await,
        ("GET", "/platform/accounts/{id}/credits") => {
            caller.require_group("platform")?;
            credits::show(app, &call).await
        }
        _ => Err(Problem::not_found("page")),
    }
}
