//! The doors of the function, all of them for finance alone.

use crate::{
    App, accounts, acts, approve, dossier, export, flag_decide, flags, payouts, programme_settings, quarantine, rate, reconciliation,
    reject, reviews, runs, summary, switch,
};
use edge::{
    http::{Call, Reply},
    problem::Problem,
};
use programme::review::Verdict;

/// Answers one call of somebody of finance.
///
/// # Errors
/// 401 where nobody is proved, 403 for everybody else, 404 for another door; else as each door says.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let caller = app.verifier.principal(&call).await?;
    caller.require_group("finance")?;
    let by = &caller.account;
    match (call.method.as_str(), call.route.as_str()) {
        ("GET", "/finance/payouts") => payouts::list(app, &call).await,
        ("GET", "/finance/payouts/summary") => summary::show(app, &call).await,
        ("GET", "/finance/payouts.csv") => export::export(app, &call).await,
        ("GET", "/finance/payouts/{id}") => dossier::show(app, &call, by).await,
        ("POST", "/finance/payouts/{id}/{act}") => match call.param("act")? {
            "approve" => approve::approve(app, &call, by).await,
            "reject" => reject::reject(app, &call, by).await,
            "pay" => runs::pay(app, &call, by).await,
            _ => Err(Problem::not_found("page")),
        },
        ("GET", "/finance/payout-runs") => runs::list(app, &call).await,
        ("POST", "/finance/payout-runs") => runs::order(app, &call, by).await,
        ("GET", "/finance/payout-runs/{id}") => runs::show(app, &call).await,
        ("GET", "/finance/payout-runs/{id}/export.csv") => runs::export(app, &call).await,
        ("GET", "/finance/switch") => switch::show(app, &call).await,
        ("PUT", "/finance/switch") => switch::turn(app, &call, by).await,
        ("GET", "/finance/reconciliation") => reconciliation::show(app, &call).await,
        ("GET", "/finance/accounts/{id}") => accounts::show(app, &call).await,
        ("PUT", "/finance/accounts/{id}/rate") => rate::set(app, &call, by).await,
        ("GET", "/finance/programme") => programme_settings::show(app, &call).await,
        ("PUT", "/finance/programme") => programme_settings::set(app, &call, by).await,
        ("GET", "/finance/reviews") => reviews::list(app, &call).await,
        ("POST", "/finance/reviews/{id}/{act}") => match call.param("act")? {
            "clear" => reviews::decide(app, &call, by, Verdict::Clear).await,
            "confirm" => reviews::decide(app, &call, by, Verdict::Confirm).await,
            _ => Err(Problem::not_found("page")),
        },
        ("GET", "/finance/acts") => acts::list(app, &call).await,
        ("GET", "/finance/flags") => flags::list(app, &call).await,
        ("POST", "/finance/flags/{id}/decide") => flag_decide::decide(app, &call, by).await,
        ("GET", "/finance/quarantine") => quarantine::list(app, &call).await,
        _ => Err(Problem::not_found("page")),
    }
}
