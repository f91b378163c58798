//! `/desk/reconciliation`: what the daily comparison with the rails found.

use super::{
    desk::{self, Place, View},
    shapes::{Finding, Reconciliation},
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, day, time_of},
    ui::{self, Tone},
    words::rail,
};
use chrono::NaiveDate;
use edge::http::Reply;
use maud::{Markup, html};

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    // What is no day is none: the newest is shown then.
    let asked = NaiveDate::parse_from_str(cx.query("day"), "%Y-%m-%d").ok();
    let asked_text = asked.map(|day| day.to_string()).unwrap_or_default();
    let api = cx.api()?;
    let at = path(&["finance", "reconciliation"], &[("day", &asked_text)]);
    let (found, switch): (Option<Reconciliation>, _) = tokio::try_join!(api.find(&at), desk::switch(&api))?;
    let shown = found.as_ref().map(|found| found.day).or(asked).unwrap_or_else(|| cx.call.now.date_naive());
    let body = html! {
        (ui::head("Reconciliation", Some("Each day our payouts and the rails' payments are compared, both ways."), choose(shown)))
        @match &found {
            None => section.card { (ui::empty("No comparison of that day", "It is made once a day, some time after midnight UTC.", html! { @if asked.is_some() { a.button.slim href="/desk/reconciliation" { "To the newest" } } })) },
            Some(found) => { (verdict(found)) @if !found.findings.is_empty() { (findings(found)) } }
        }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Reconciliation, body))
}

fn choose(shown: NaiveDate) -> Markup {
    let near = |day: Option<NaiveDate>| day.map(|day| path(&["desk", "reconciliation"], &[("day", &day.to_string())]));
    html! {
        form method="get" action="/desk/reconciliation" class="day-form" {
            @if let Some(before) = near(shown.pred_opt()) { a.button.slim href=(before) aria-label="The day before" { "←" } }
            label.vh for="day" { "Day" }
            input id="day" name="day" type="date" value=(shown) data-submit;
            @if let Some(after) = near(shown.succ_opt()) { a.button.slim href=(after) aria-label="The day after" { "→" } }
            button.button.slim { "Show" }
        }
    }
}

fn verdict(found: &Reconciliation) -> Markup {
    let clean = found.findings.is_empty();
    let told = html! {
        @if clean { strong { "Everything fits. " } } @else { strong { (words::counted(found.findings.len().try_into().unwrap_or(u64::MAX), "difference")) ". " } }
        (day(found.day)) ": " (words::counted(found.checked.ours, "payout")) " of ours against " (words::counted(found.checked.theirs, "payment")) " of the rails, compared " (time_of(found.ran_at)) " UTC."
    };
    ui::notice(if clean { Tone::Good } else { Tone::Bad }, told)
}

fn findings(found: &Reconciliation) -> Markup {
    html! {
        section.card.flush {
            h2.vh { "Differences" }
            div.scroll tabindex="0" role="region" aria-label="Differences" {
                table.queue {
                    thead { tr { th scope="col" { "What" } th scope="col" { "Rail" } th scope="col" { "Payout" } th scope="col" { "Told" } } }
                    tbody { @for finding in &found.findings { (line(finding)) } }
                }
            }
            p.muted.small.pad { (count(found.findings.len().try_into().unwrap_or(u64::MAX))) " in all. None of them moves money by itself." }
        }
    }
}

fn line(finding: &Finding) -> Markup {
    let (name, meaning) = words::finding(&finding.kind);
    html! {
        tr {
            th scope="row" { (name) small { (meaning) } }
            td data-label="Rail" { (rail(&finding.rail)) }
            td.wrap data-label="Payout" { div {
                @if let Some(id) = &finding.payout_id { a href=(path(&["desk", "payouts", id], &[])) { code.small { bdi { (id) } } } } @else { span.muted { "none of ours" } }
                @if let Some(reference) = &finding.reference { small.muted { code { bdi { (reference) } } } }
            } }
            td.wrap data-label="Told" { bdi { (finding.detail) } }
        }
    }
}
