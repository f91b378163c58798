//! `GET /desk/runs`: the runs that are open, or those that have ended.

use super::{
    desk::{self, Place, View},
    shapes::RunList,
    words,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{money, time_of},
    ui::{self, Choice},
};
use edge::http::Reply;
use maud::{Markup, html};

const PAGE: &str = "50";

pub(super) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    let state = if cx.query("state") == "closed" { "closed" } else { "open" };
    let api = cx.api()?;
    let at = path(&["finance", "payout-runs"], &[("state", state), ("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let (list, switch): (RunList, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| path(&["desk", "runs"], &[("state", state), ("cursor", next)]));
    let body = html! {
        (ui::head("Runs", Some("A run sends payouts that are approved. Choose them in the queue, and look at the bill first."),
            html! { a.button.primary href="/finance?status=approved" { "New run" } }))
        div.tools { (states(state)) }
        section.card {
            h2.vh { "Runs" }
            @if list.runs.is_empty() {
                (ui::empty(if state == "open" { "No run is open" } else { "No run has ended yet" }, "A run is open until nothing of it waits any more, and some minutes longer.", html! {}))
            } @else { (table(&list)) }
            (ui::next_page(next))
        }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Runs, body))
}

fn states(here: &str) -> Markup {
    let option = |state: &'static str, name| Choice {
        name,
        path: Some(path(&["desk", "runs"], &[("state", state)])),
        here: state == here,
        why: None,
    };
    ui::choice("State", &[option("open", "Open"), option("closed", "Ended")])
}

fn table(list: &RunList) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Runs" {
            table.queue {
                thead { tr { th scope="col" { "Ordered" } th scope="col" { "By" } th.n scope="col" { "Payouts" } th.n scope="col" { "Amount" } } }
                tbody {
                    @for run in &list.runs {
                        @let id = run.run_id.as_deref().unwrap_or_default();
                        tr {
                            th scope="row" { a href=(path(&["desk", "runs", id], &[])) data-row { @if let Some(at) = run.at { (time_of(at)) } @else { (id) } } }
                            td data-label="By" { bdi { (run.by.as_deref().unwrap_or_default()) } }
                            td.n data-label="Payouts" { (words::counted(run.count, "payout")) }
                            td.n.strong.sum data-label="Amount" { (money(run.amount, &run.currency)) }
                        }
                    }
                }
            }
        }
    }
}
