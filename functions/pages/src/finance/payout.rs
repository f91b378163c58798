//! `GET /desk/payouts/{id}`: a payout with everything that a decision looks at, on one page.

use super::{
    decide::forms,
    desk::{self, Place, View},
    shapes::{Dossier, RefundRate, Step},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, money, time_of},
    ui,
    words::rail,
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};

/// What was refused: with which status, in which words, and what had been entered.
pub(super) struct Refused<'a> {
    pub(super) status: StatusCode,
    pub(super) words: String,
    pub(super) reason: &'a str,
}

pub(super) async fn show(cx: &Context<'_>, id: &str) -> Result<Reply, Fault> {
    page(cx, id, None).await
}

pub(super) async fn page(cx: &Context<'_>, id: &str, refused: Option<Refused<'_>>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "payouts", id], &[]);
    let (found, switch): (Option<Dossier>, _) = tokio::try_join!(api.find(&at), desk::switch(&api))?;
    let found = found.ok_or(Fault::NotFound("payout"))?;
    let done = ui::done(
        cx,
        &[
            ("approved", "The payout is approved. It goes out with a run, or now."),
            ("agreed", "You agreed to it. It needs somebody else, too, before it can be sent."),
            ("rejected", "The payout is rejected, and the amount is back in the payee's balance."),
            ("ordered", "It is ordered, and handed to the rail within moments. Look again for what the rail says."),
        ],
    );
    let (tone, name) = words::status(&found.payout.status);
    let under_way = found.payout.status == "submitting" || (found.payout.status == "approved" && found.payout.run_id.is_some());
    let body = html! {
        p.back { a href=(path(&["finance"], &[("status", &found.payout.status)])) { "← " (name) } }
        div.head {
            div.title {
                h1 { (money(found.payout.amount, &found.payout.currency)) span.muted { " to " } bdi.wrap { (found.payout.account_id) } }
                p { code.small { (found.payout.payout_id) } }
                @if let Some(reason) = &found.payout.reason { p.wrap { "Why: " bdi title=(reason) { (words::canceled(reason)) } } }
            }
            (ui::badge(tone, name))
        }
        (desk::wrong(refused.as_ref().map(|refused| refused.words.as_str())))
        div.grid.dossier {
            div.stack {
                (signals(&found.signals))
                (forms(cx, &found, refused.as_ref().map_or("", |refused| refused.reason)))
                section.card { h2 { "What happened" } (timeline(&found)) }
            }
            div.stack {
                (payee(cx, &found))
                (destination(cx, &found))
                (money_card(&found))
            }
        }
    };
    let status = refused.map_or(StatusCode::OK, |refused| refused.status);
    let view = View::new(Place::Payouts, body).title(format!("Payout to {}", found.payout.account_id));
    desk::page(cx, switch.as_ref(), view.status(status).done(done).refresh(under_way.then_some(5)))
}

fn signals(signals: &[String]) -> Markup {
    html! {
        section.card {
            h2 { "To look at" }
            @if signals.is_empty() { p.muted { "Nothing stands out: an old account, an old destination, few refunds, no review." } }
            @else {
                ul.signals-list {
                    @for signal in signals {
                        @let (tone, name, sentence) = words::signal(signal);
                        li { span.chip.(tone.class()) { (name) } span.muted { (sentence) } }
                    }
                }
            }
        }
    }
}

pub(super) fn refunds(rate: Option<&RefundRate>, currency: &str) -> Markup {
    html! {
        @match rate {
            None => span.muted { "no rewards in a year" },
            Some(rate) => {
                (words::percent(rate.rate))
                small { (money(rate.taken_back, currency)) " of " (money(rate.rewarded, currency)) ", newest " (words::counted(rate.lines, "line")) " since " (crate::format::day_of(rate.since)) }
            }
        }
    }
}

fn payee(cx: &Context<'_>, found: &Dossier) -> Markup {
    let (payee, currency) = (&found.payee, found.payout.currency.as_str());
    let figures = &payee.payee;
    let mut pairs = vec![
        (
            "Account age",
            html! { @match figures.created_at { Some(at) => { (words::age(at, cx.call.now)) small { (time_of(at)) " UTC" } } None => span.muted { "never signed up here" } } },
        ),
        ("Referrals", html! { (count(figures.referral_count)) }),
        ("Refund rate", refunds(figures.refund_rate.as_ref(), currency)),
        ("Earned in all", money(figures.total_earnings, currency)),
        ("Paid before", money(figures.paid, currency)),
        ("Balance", money(figures.current_balance, currency)),
        ("Still cashable", money(payee.cashable, currency)),
        ("In payouts", money(payee.in_payout, currency)),
    ];
    if payee.rewards_in_review.is_positive() {
        pairs.push(("In review", money(payee.rewards_in_review, currency)));
    }
    if let Some(at) = payee.closed_at {
        pairs.push(("Closed", time_of(at)));
    }
    if let Some(attribution) = &payee.attribution {
        pairs.push(("Came by", came_by(attribution)));
    }
    let place = path(&["desk", "accounts", &found.payout.account_id], &[]);
    ui::card("Payee", ui::more(&place, "All of the account"), ui::pairs(&pairs))
}

/// How an account came to the programme, in a line.
pub(super) fn came_by(attribution: &super::shapes::Attribution) -> Markup {
    let (_, status) = words::attribution(&attribution.status);
    html! {
        @match &attribution.referrer {
            Some(referrer) => a href=(path(&["desk", "accounts", referrer], &[])) { bdi { (referrer) } },
            None => span.muted { "nobody's link" },
        }
        @if attribution.referrer.is_some() || attribution.reason.is_some() {
            small { (status) @if let Some(reason) = &attribution.reason { ": " (words::suspicion(reason)) } }
        }
    }
}

fn destination(cx: &Context<'_>, found: &Dossier) -> Markup {
    let payout = &found.payout;
    let age = words::age(payout.destination_changed_at, cx.call.now);
    let mut pairs = vec![
        ("Asked for", html! { (rail(&payout.rail)) " " bdi { (payout.destination) } }),
        ("Age", html! { (age) small { "set " (time_of(payout.destination_changed_at)) " UTC" } }),
    ];
    match &found.payout_account {
        None => pairs.push(("Now", html! { span.wrong { "removed" } })),
        Some(now) => {
            let changed = now.unchanged == Some(false);
            pairs.push((
                "Now",
                html! { @if changed { span.wrong { "another: " } (rail(&now.rail)) " " bdi { (now.destination) } } @else { "unchanged" } },
            ));
            pairs.push((
                "Set by",
                html! { @if now.changed_by == payout.account_id { "the payee" } @else { span.wrong { bdi { (now.changed_by) } } } },
            ));
            if now.usable_from > cx.call.now {
                pairs.push(("Paid to from", html! { (time_of(now.usable_from)) " UTC" }));
            }
        }
    }
    ui::card("Destination", html! {}, ui::pairs(&pairs))
}

fn money_card(found: &Dossier) -> Markup {
    let (payout, currency) = (&found.payout, found.payout.currency.as_str());
    let mut pairs = vec![("From referrals", money(payout.referral, currency)), ("From rental", money(payout.rental, currency))];
    if let Some(run) = &payout.run_id {
        pairs.push(("Run", html! { a href=(path(&["desk", "runs", run], &[])) { code.small { (run) } } }));
    }
    if let Some(reference) = &payout.reference {
        pairs.push(("At the rail", html! { code.small { bdi { (reference) } } }));
    }
    if let Some(note) = &payout.note {
        pairs.push(("The rail says", html! { bdi { (note) } }));
    }
    if let Some(returned) = payout.returned {
        pairs.push(("Came back", money(returned, currency)));
    }
    let pdf = |file: &str, number: &str| path(&["payouts", &payout.payout_id, file], &[("number", number)]);
    if let Some(invoice) = &payout.invoice {
        pairs.push(("Invoice", html! { a href=(pdf("invoice.pdf", "")) { (invoice.number()) } }));
    }
    for note in &payout.credit_notes {
        pairs.push(("Credit note", html! { a href=(pdf("credit-note.pdf", note.number())) { (note.number()) } }));
    }
    ui::card("The money", html! {}, ui::pairs(&pairs))
}

fn timeline(found: &Dossier) -> Markup {
    let (steps, status) = (&found.timeline, found.payout.status.as_str());
    let ahead: &[&str] = match status {
        "requested" => &["Approval", "Sending", "Delivery"],
        "approved" => &["Sending", "Delivery"],
        "submitting" | "submitted" | "unknown" => &["Delivery"],
        _ => &[],
    };
    html! {
        ol.steps {
            @for step in steps {
                @let ill = matches!(step.step.as_str(), "rejected" | "failed" | "returned");
                li class=(if ill { "ill" } else { "past" }) { div { (told(step, &found.payout.currency)) } }
            }
            @for (place, name) in ahead.iter().enumerate() {
                li class=(if place == 0 { "here" } else { "" }) { div.muted { (name) @if place == 0 { " — next" } } }
            }
        }
    }
}

fn told(step: &Step, currency: &str) -> Markup {
    html! {
        (words::step(&step.step))
        @if let Some(amount) = step.amount.filter(|_| step.step == "returned") { ": " (money(amount, currency)) }
        small {
            (time_of(step.at)) " UTC · "
            @match (step.by.role.as_str(), &step.by.id) {
                (_, Some(id)) => { "by " bdi { (id) } @if step.by.role == "account" { ", the payee" } }
                (_, None) => { "by the system" }
            }
        }
        @if let Some(reason) = &step.reason { small.wrap { bdi title=(reason) { (words::canceled(reason)) } } }
        @if let Some(note) = &step.note { small.wrap { "The rail says: " bdi { (note) } } }
        @if let Some(reference) = &step.reference { small.wrap { "Its id there: " code { bdi { (reference) } } } }
        @if let Some(run) = &step.run_id { small { a href=(path(&["desk", "runs", run], &[])) { "the run" } } }
    }
}
