//! `POST /desk/runs/bill` shows what a run would be; `POST /desk/runs` orders exactly the list that was shown.

use super::{
    desk::{self, Place, View},
    run::{entries, left_out},
    shapes::Run,
    words,
};
use crate::{
    api::{ApiError, Refusal, path},
    context::Context,
    fault::Fault,
    form::Form,
    format::{amount, money},
    ui::{self, Tone, form_in},
    words::rail,
};
use edge::{
    http::{Reply, StatusCode},
    ids::prefixed_id,
};
use maud::{Markup, html};
use serde_json::{Value, json};

/// Shows the bill of the payouts that were chosen, or of all that wait.
pub(super) async fn show(cx: &Context<'_>, form: &Form) -> Result<Reply, Fault> {
    let chosen: Vec<&str> = form.all("payout").collect();
    let all = form.has("all");
    if chosen.is_empty() && !all {
        return refused(cx, StatusCode::UNPROCESSABLE_ENTITY, html! { "No payout was chosen: tick some of them first." }).await;
    }
    let key = prefixed_id("web_", cx.call.now, cx.app.0.ids.bytes16());
    match dry_run(cx, (!all).then_some(chosen.as_slice())).await {
        Ok(bill) => page(cx, &bill, &key, None).await,
        Err(error) => {
            let refusal = error.refusal()?;
            refused(cx, desk::status_of(&refusal), told(&refusal)).await
        }
    }
}

/// Orders the run. The key came with the bill: a second press, or the same form again after a refusal, is the same order.
pub(super) async fn order(cx: &Context<'_>, form: &Form) -> Result<Reply, Fault> {
    let list: Vec<&str> = form.text("payouts").split_ascii_whitespace().collect();
    let key = form.text("key");
    if list.is_empty() || !(1..=64).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Fault::Forged);
    }
    let body = json!({ "payout_ids": list, "dry_run": false });
    let answer: Result<Run, _> = cx.api()?.post_once(&path(&["finance", "payout-runs"], &[]), key, body).await;
    match answer {
        Ok(Run { run_id: Some(id), .. }) => cx.go(&path(&["desk", "runs", &id], &[("done", "ordered")])),
        Ok(_) => Err(Fault::Away("the run that was ordered has no id".into())),
        Err(error) => {
            let refusal = error.refusal()?;
            // The same list once more, as it stands now, with the same key; where not even that can be, the refusal alone.
            match dry_run(cx, Some(list.as_slice())).await {
                Ok(bill) => page(cx, &bill, key, Some(&refusal)).await,
                Err(ApiError::Refused(_)) => refused(cx, desk::status_of(&refusal), told(&refusal)).await,
                Err(error) => Err(error.into()),
            }
        }
    }
}

async fn dry_run(cx: &Context<'_>, list: Option<&[&str]>) -> Result<Run, ApiError> {
    let body: Value = match list {
        Some(list) => json!({ "payout_ids": list, "dry_run": true }),
        None => json!({ "dry_run": true }),
    };
    let api = cx.api().map_err(|_| ApiError::SignedOut)?;
    api.post(&path(&["finance", "payout-runs"], &[]), body).await
}

fn told(refusal: &Refusal) -> Markup {
    let place = |id| path(&["desk", "payouts", id], &[]);
    html! {
        (desk::told(refusal))
        @if let Some(id) = refusal.text("payout_id") { " It is " a href=(place(id)) { "this payout" } "." }
        @if let Some(run) = refusal.text("run_id") { " It is in " a href=(path(&["desk", "runs", run], &[])) { "this run" } "." }
    }
}

/// Where there is no bill to show.
async fn refused(cx: &Context<'_>, status: StatusCode, words: Markup) -> Result<Reply, Fault> {
    let switch = desk::switch(&cx.api()?).await?;
    let body = html! {
        (ui::heading("Dry run", Some("Nothing was ordered, and nothing is sent.")))
        (ui::notice(Tone::Bad, words))
        p.actions { a.button href="/finance?status=approved" { "Back to what waits to be sent" } }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Runs, body).title("Dry run").status(status))
}

async fn page(cx: &Context<'_>, bill: &Run, key: &str, refusal: Option<&Refusal>) -> Result<Reply, Fault> {
    let switch = desk::switch(&cx.api()?).await?;
    let enabled = bill.payouts_enabled != Some(false);
    let body = html! {
        p.back { a href="/finance?status=approved" { "← To send" } }
        (ui::heading("Dry run", Some("This is the bill. Nothing is sent before you order it.")))
        @if let Some(refusal) = refusal { (ui::notice(Tone::Bad, told(refusal))) }
        div.grid.dossier.bill {
            div.stack {
                section.card {
                    h2 { "Who is paid" }
                    @if bill.payouts.is_empty() { p.muted { "Nobody: nothing that was chosen can go out." } } @else { (entries(bill)) }
                }
                (left_out(bill))
            }
            div.stack { (receipt(bill)) (order_form(cx, bill, key, enabled)) }
        }
    };
    let status = refusal.map_or(StatusCode::OK, desk::status_of);
    desk::page(cx, switch.as_ref(), View::new(Place::Runs, body).title("Dry run").status(status))
}

/// How many, how much by rail, and what of it will not arrive.
fn receipt(bill: &Run) -> Markup {
    let currency = bill.currency.as_str();
    let expected = bill.expected_canceled.as_ref().filter(|sum| sum.count > 0);
    html! {
        section.card.receipt {
            h2 { "Bill" }
            table.plain {
                thead { tr { th scope="col" { "Rail" } th.n scope="col" { "Payouts" } th.n scope="col" { "Amount" } } }
                tbody {
                    @for sum in &bill.by_rail {
                        tr { th scope="row" { (rail(&sum.rail)) } td.n { (crate::format::count(sum.count)) } td.n { (money(sum.amount, currency)) } }
                    }
                }
                tfoot { tr { th scope="row" { "In all" } td.n { (crate::format::count(bill.count)) } td.n { (money(bill.amount, currency)) } } }
            }
            @if let Some(sum) = expected {
                p { "Of these " (words::counted(sum.count, "payout")) " of " (money(sum.amount, currency)) " will be canceled rather than sent, as marked in the list." }
            }
            @if !bill.left_out.is_empty() { p.muted { (words::counted(bill.left_out.len().try_into().unwrap_or(u64::MAX), "payout")) " left out; the reasons stand below the list." } }
        }
    }
}

fn order_form(cx: &Context<'_>, bill: &Run, key: &str, enabled: bool) -> Markup {
    let list: Vec<&str> = bill.payouts.iter().map(|entry| entry.payout_id.as_str()).collect();
    html! {
        section.card {
            @if !enabled {
                p { "Payouts are stopped, so nothing can be ordered now." }
                p.actions { a.button href="/desk/switch" { "To the kill switch" } }
            } @else if list.is_empty() {
                p.actions { a.button href="/finance?status=approved" { "Back" } }
            } @else {
                (form_in(cx, "/desk/runs", "stack", html! {
                    input type="hidden" name="key" value=(key);
                    input type="hidden" name="payouts" value=(list.join(" "));
                    button.button.primary.wide { "Order: " (amount(bill.amount, &bill.currency)) " to " (words::counted(bill.count, "payout")) }
                    p.muted.small { "Exactly this list is ordered. Before each call of a rail, money, destination and kill switch are checked once more. It can't be taken back; the kill switch stops what was not handed over." }
                }))
                p.actions { a.button.wide href="/finance?status=approved" { "Not now" } }
            }
        }
    }
}
