//! The console of finance. Every page of it asks the API as the person who looks, so it can do nothing that the doors would not let
//! that person do.

mod account;
mod acts;
mod audit;
mod bill;
mod decide;
mod desk;
mod exports;
mod flags;
mod kill_switch;
mod payout;
mod quarantine;
mod queue;
mod rate;
mod reconciliation;
mod reviews;
mod run;
mod runs;
mod settings;
mod shapes;
mod words;

use crate::{context::Context, fault::Fault, form::Form};
use edge::http::Reply;

/// Answers `/finance` and everything under `/desk`: people of finance alone see it, and a form is read before anything is done.
pub(crate) async fn route(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = if cx.call.method.is_safe() { None } else { Some(Form::read(cx)?) };
    cx.signed_in_as("finance")?;
    let part = |name| cx.call.param(name).unwrap_or_default();
    let (page, id, act) = (part("page"), part("id"), part("act"));
    match form {
        None => read(cx, page, id).await,
        Some(form) => write(cx, &form, page, id, act).await,
    }
}

async fn read(cx: &Context<'_>, page: &str, id: &str) -> Result<Reply, Fault> {
    match (page, id) {
        ("", "") => queue::show(cx).await,
        ("payouts", id) if !id.is_empty() => payout::show(cx, id).await,
        ("runs", "") => runs::list(cx).await,
        ("runs", id) => run::show(cx, id).await,
        ("accounts", "") => account::ask(cx).await,
        ("accounts", id) => account::show(cx, id).await,
        ("switch", "") => kill_switch::show(cx).await,
        ("reviews", "") => reviews::list(cx).await,
        ("flags", "") => flags::list(cx).await,
        ("quarantine", "") => quarantine::list(cx).await,
        ("audit", "") => audit::show(cx).await,
        ("settings", "") => settings::show(cx).await,
        ("reconciliation", "") => reconciliation::show(cx).await,
        ("acts", "") => acts::list(cx).await,
        ("exports", "") => exports::show(cx).await,
        _ => Err(Fault::NotFound("page")),
    }
}

async fn write(cx: &Context<'_>, form: &Form, page: &str, id: &str, act: &str) -> Result<Reply, Fault> {
    match (page, id, act) {
        ("runs", "", "") => bill::order(cx, form).await,
        ("runs", "bill", "") => bill::show(cx, form).await,
        ("switch", "", "") => kill_switch::turn(cx, form).await,
        ("settings", "", "") => settings::plan(cx, form).await,
        ("dead-letters", "replay", "") => quarantine::replay_letters(cx).await,
        ("payouts", id, "approve" | "reject" | "pay") => decide::decide(cx, form, id, act).await,
        ("reviews", id, "decide") => reviews::decide(cx, form, id).await,
        ("flags", id, "decide") => flags::decide(cx, form, id).await,
        ("quarantine", id, "replay") => quarantine::replay(cx, id).await,
        ("accounts", id, "rate") => rate::set(cx, form, id).await,
        _ => Err(Fault::NotFound("page")),
    }
}
