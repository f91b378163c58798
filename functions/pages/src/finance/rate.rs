//! `POST /desk/accounts/{id}/rate`: a rate of an account's own, from a time on.

use super::{account::page, decide::one_line, desk, shapes::Account, words};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    format::time_of,
    ui::{self, Field, Tone},
};
use chrono::{NaiveDateTime, TimeDelta};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};

/// As browsers write a day and a time.
const MOMENT: &str = "%Y-%m-%dT%H:%M";
/// What is proposed; the API wants five at least.
const PROPOSED_MINUTES: i64 = 30;

/// A rate that was sent and not taken.
pub(super) struct Tried<'a> {
    pub(super) status: StatusCode,
    rate: &'a str,
    from: &'a str,
    wrong: String,
}

pub(super) async fn set(cx: &Context<'_>, form: &Form, id: &str) -> Result<Reply, Fault> {
    let (rate, from, reason) = (form.text("rate"), form.text("from"), one_line(form.text("reason")));
    let tried = |status, wrong| Some(Tried { status, rate, from, wrong });
    let (Some(share), Ok(at)) = (words::share(rate), NaiveDateTime::parse_from_str(from, MOMENT)) else {
        let wrong = "Write a share between 0 and 100 percent, and a day and time.".to_owned();
        return page(cx, id, tried(StatusCode::UNPROCESSABLE_ENTITY, wrong)).await;
    };
    let mut body = json!({ "rate": share, "from": at.and_utc() });
    if !reason.is_empty() {
        body["reason"] = json!(reason);
    }
    let answer: Result<Value, _> = cx.api()?.put(&path(&["finance", "accounts", id, "rate"], &[]), body).await;
    match answer {
        Ok(_) => cx.go(&path(&["desk", "accounts", id], &[("done", "rate")])),
        Err(error) => {
            let refusal = error.refusal()?;
            let wrong = match refusal.rule.as_deref() {
                Some("version_lead") => "A rate starts at least five minutes from now.".to_owned(),
                Some("version_order") => "A later rate is planned already; this one has to start after it.".to_owned(),
                _ => desk::told(&refusal),
            };
            page(cx, id, tried(desk::status_of(&refusal), wrong)).await
        }
    }
}

/// The rate in force, those that were, and the form.
pub(super) fn card(cx: &Context<'_>, account: &Account, tried: Option<&Tried<'_>>) -> Markup {
    let own = cx.session().is_some_and(|session| session.account == account.account_id);
    let proposed = cx.call.now.checked_add_signed(TimeDelta::minutes(PROPOSED_MINUTES)).unwrap_or(cx.call.now).format(MOMENT).to_string();
    let rate = words::plain_percent(account.rate.decimal());
    let field = |id, name, label, value, kind, hint| {
        ui::field(&Field {
            id,
            name,
            label,
            value,
            kind,
            hint: Some(hint),
            required: name != "reason",
            limit: Some(500),
            ..Field::default()
        })
    };
    let body = html! {
        p { "It earns " strong { (words::percent(account.rate)) } " of what its referrals buy" @if account.rates.is_empty() { ", as everybody does" } "." }
        @if !account.rates.is_empty() {
            ul.rows {
                @for version in &account.rates {
                    li { div.what { (words::percent(version.rate)) small { "version " (version.version) ", from " (time_of(version.from)) " UTC" } } @if version.from > cx.call.now { (ui::badge(Tone::Warn, "Planned")) } }
                }
            }
        }
        (desk::wrong(tried.map(|tried| tried.wrong.as_str())))
        @if own { p.muted { "It is your own account: somebody else sets its rate." } } @else {
            details.fold open[tried.is_some()] {
                summary { "Set another rate" }
                (ui::form(cx, &path(&["desk", "accounts", &account.account_id, "rate"], &[]), html! {
                    div.settings {
                        (field("rate", "rate", "Rate (%)", tried.map_or(rate.as_str(), |tried| tried.rate), "text", "Of purchases from then on."))
                        (field("rate-from", "from", "From", tried.map_or(proposed.as_str(), |tried| tried.from), "datetime-local", "In UTC, 5 minutes from now at the earliest."))
                    }
                    (field("rate-reason", "reason", "Reason", "", "text", "For whoever asks later."))
                    p.actions { button.button { "Plan this rate" } }
                }))
            }
        }
    };
    ui::card("Rate", html! {}, body)
}
