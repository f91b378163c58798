//! One payout: where it is, how it came there, and what is next.

use super::payouts::{pdf, state};
use crate::{
    api::{
        path,
        shapes::{Payout, Step},
    },
    context::Context,
    fault::Fault,
    form::Form,
    format::{money, time_of},
    shell::{Nav, Page},
    ui::{self, Tone},
    words,
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::json;

/// `GET /my/payouts/{id}`.
pub(crate) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

/// `POST /my/payouts/{id}/cancel`: calls it off, while nothing was sent.
pub(crate) async fn cancel(cx: &Context<'_>) -> Result<Reply, Fault> {
    Form::read(cx)?;
    let id = id(cx)?;
    let answer: Result<serde_json::Value, _> = cx.api()?.post(&path(&["payouts", id, "cancel"], &[]), json!({})).await;
    match answer {
        Ok(_) => cx.go(&path(&["my", "payouts", id], &[("done", "canceled")])),
        Err(error) => {
            let refusal = error.refusal()?;
            if refusal.status == 409 {
                return page(cx, Some("It can't be called off any more: it was handed over for sending, or it has ended.")).await;
            }
            Err(crate::api::ApiError::Refused(Box::new(refusal)).into())
        }
    }
}

fn id<'a>(cx: &'a Context<'_>) -> Result<&'a str, Fault> {
    cx.call.param("id").map_err(|_| Fault::NotFound("payout"))
}

async fn page(cx: &Context<'_>, wrong: Option<&str>) -> Result<Reply, Fault> {
    let found: Option<Payout> = cx.api()?.find(&path(&["payouts", id(cx)?], &[])).await?;
    let payout = found.ok_or(Fault::NotFound("payout"))?;
    let done = ui::done(
        cx,
        &[
            ("requested", "Your payout is requested, and the amount is set aside for it."),
            ("canceled", "The payout is called off, and the amount is back in your balance."),
        ],
    );
    let status = if wrong.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let body = html! {
        p { a href="/my/payouts" { "← All payouts" } }
        (ui::head("Payout", None, state(&payout)))
        @if let Some(wrong) = wrong { (ui::notice(Tone::Bad, html! { (wrong) })) }
        div.grid.two {
            section.card {
                p.big { (money(payout.amount, &payout.currency)) }
                p { (next(&payout)) }
                @if let Some(reason) = &payout.reason { p.wrap { span.muted { "Why: " } bdi { (words::reason(reason)) } } }
                h2 { "What happened" }
                (timeline(&payout))
            }
            div.stack.side {
                section.card { h2 { "Details" } (details(&payout)) }
                @if matches!(payout.status.as_str(), "requested" | "approved") {
                    section.card {
                        h2 { "Changed your mind?" }
                        p.muted { "You can call it off as long as it was not handed over for sending." }
                        (ui::form(cx, &path(&["my", "payouts", &payout.payout_id, "cancel"], &[]), html! { button.button.danger { "Call it off" } }))
                    }
                }
            }
        }
    };
    cx.page(Page::new("Payout").nav(Nav::Payouts).status(status).done(done).body(body))
}

/// What happens next; where only a part came back, that alone is in the balance again.
fn next(payout: &Payout) -> Markup {
    match payout.returned.filter(|returned| payout.status == "returned" && *returned < payout.amount) {
        Some(part) => {
            html! { "Of it " (money(part, &payout.currency)) " came back, and is in your balance again; the rest has arrived. The credit note says how much." }
        }
        None => html! { (words::next_step(&payout.status)) },
    }
}

fn details(payout: &Payout) -> Markup {
    let mut pairs = vec![
        ("To", html! { (words::rail(&payout.rail)) " " bdi { (payout.destination) } }),
        ("Requested", time_of(payout.requested_at)),
        ("Number", html! { code.small { (payout.payout_id) } }),
    ];
    if let Some(returned) = payout.returned.filter(|returned| returned.is_positive()) {
        pairs.push(("Came back", money(returned, &payout.currency)));
    }
    if let Some(invoice) = &payout.invoice {
        pairs.push(("Invoice", html! { a href=(pdf(payout, "invoice.pdf")) { (invoice.number()) } }));
    } else if payout.status == "paid" {
        pairs.push(("Invoice", html! { a href=(pdf(payout, "invoice.pdf")) { "Download" } }));
    }
    if let Some(note) = payout.credit_notes.first() {
        pairs.push(("Credit note", html! { a href=(pdf(payout, "credit-note.pdf")) { (note.number()) } }));
    }
    ui::pairs(&pairs)
}

/// The steps that were taken, then those that a payout on its way still has before it.
fn timeline(payout: &Payout) -> Markup {
    let steps = payout.steps();
    let ahead: &[&str] = match payout.status.as_str() {
        "requested" => &["Approval by finance", "Sent", "Delivered"],
        "approved" => &["Sent", "Delivered"],
        "submitting" | "submitted" | "unknown" => &["Delivered"],
        _ => &[],
    };
    html! {
        ol.steps {
            @for (place, step) in steps.iter().enumerate() {
                @let ill = matches!(step.step.as_str(), "rejected" | "failed" | "returned");
                li class=(if ill { "ill" } else { "past" }) {
                    div { (told(step, payout, place + 1 == steps.len())) }
                }
            }
            @for (place, name) in ahead.iter().enumerate() {
                li class=(if place == 0 { "here" } else { "" }) { div.muted { (name) @if place == 0 { " — next" } } }
            }
        }
    }
}

fn told(step: &Step, payout: &Payout, last: bool) -> Markup {
    // A reason that stands above already is not said again.
    let reason = step.reason.as_deref().filter(|_| !(last && payout.reason.is_some()) && step.step != "unknown");
    html! {
        (words::step(&step.step))
        @if let Some(amount) = step.amount.filter(|_| step.step == "returned") { ": " (money(amount, &payout.currency)) }
        small { (time_of(step.at)) " UTC" }
        @if let Some(reason) = reason { small.wrap { bdi { (words::reason(reason)) } } }
        @if let Some(note) = &step.note { small.wrap { bdi { (words::note(note)) } } }
    }
}
