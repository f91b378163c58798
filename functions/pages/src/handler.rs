//! The routes.

use crate::{App, context::Context, customer, fault::Fault, finance, oidc};
use edge::{
    http::{Call, Reply},
    problem::Problem,
};

/// Answers every route of the function. What goes wrong is a page, too.
///
/// # Errors
/// Where not even the page of a failure can be made.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let cx = Context::of(app, &call);
    match route(&cx).await {
        Ok(reply) => Ok(reply),
        Err(fault) => fault.reply(&cx),
    }
}

async fn route(cx: &Context<'_>) -> Result<Reply, Fault> {
    match (cx.call.method.as_str(), cx.call.route.as_str()) {
        ("GET", "/") => customer::home(cx).await,
        ("GET", "/join") => customer::join::show(cx).await,
        ("POST", "/my/join") => customer::join::sign_up(cx).await,
        ("GET", "/login") => oidc::login(cx).await,
        ("GET", "/login/callback") => oidc::callback(cx).await,
        ("GET", "/logout") => oidc::ask_logout(cx),
        ("POST", "/logout") => oidc::logout(cx).await,
        ("POST", "/theme") => customer::theme::choose(cx),
        ("POST", "/my/alias") => customer::alias::choose(cx).await,
        ("GET", "/my/lines") => customer::lines::list(cx).await,
        ("GET", "/my/templates") => customer::templates::list(cx).await,
        ("POST", "/my/templates") => customer::templates::create(cx).await,
        ("POST", "/my/templates/{id}") => customer::templates::change(cx).await,
        ("GET", "/my/payouts") => customer::payouts::list(cx).await,
        ("GET", "/my/payouts/new") => customer::request::ask(cx).await,
        ("POST", "/my/payouts/new") => customer::request::send(cx).await,
        ("GET", "/my/payouts/{id}") => customer::payout::show(cx).await,
        ("POST", "/my/payouts/{id}/cancel") => customer::payout::cancel(cx).await,
        ("GET", "/my/account") => customer::account::show(cx).await,
        ("POST", "/my/account/{rail}") => customer::account::change(cx).await,
        ("POST", "/my/account/stripe_connect/onboarding") => customer::account::onboard(cx).await,
        ("POST", "/my/billing") => customer::billing::change(cx).await,
        ("GET", "/finance" | "/desk/{page}" | "/desk/{page}/{id}")
        | ("POST", "/desk/{page}" | "/desk/{page}/{id}" | "/desk/{page}/{id}/{act}") => finance::route(cx).await,
        _ => Err(Fault::NotFound("page")),
    }
}
