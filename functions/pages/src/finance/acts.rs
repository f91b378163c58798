//! `/desk/acts`: who of finance did what, when, and why.

use super::{
    desk::{self, Place, View},
    shapes::{Act, ActList},
    words,
};
use crate::{
    api::path,
    context::Context,
    customer::lines::range_tools,
    fault::Fault,
    format::{amount, time_of},
    range::{Preset, Range},
    ui,
};
use edge::http::Reply;
use ledger::Money;
use maud::{Markup, html};

const PAGE: &str = "50";

pub(super) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    let range = Range::of(cx, Preset::Month);
    let api = cx.api()?;
    let at = range.at(&["finance", "acts"], &[("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let (list, switch): (ActList, _) = tokio::try_join!(api.get(&at), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| range.at(&["desk", "acts"], &[("cursor", next)]));
    let body = html! {
        (ui::heading("Who did what", Some("Every decision of finance, and every change of a payout account. Nothing of it can be changed or removed.")))
        (range_tools(&["desk", "acts"], &range))
        section.card.(if list.acts.is_empty() { "" } else { "flush" }) {
            h2.vh { "Acts" }
            @if list.acts.is_empty() { (ui::empty("Nothing in these days", "Nobody decided anything. Choose other days.", html! {})) } @else { (table(&list)) }
            (ui::next_page(next))
        }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Acts, body))
}

fn table(list: &ActList) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Acts" {
            table.queue {
                thead { tr { th scope="col" { "What" } th scope="col" { "About" } th scope="col" { "Who" } th scope="col" { "When" } } }
                tbody {
                    @for act in &list.acts {
                        tr {
                            th scope="row" { (what(act)) @if let Some(reason) = &act.reason { small.wrap { bdi { "“" (reason) "”" } } } }
                            td.wrap data-label="About" { (subject(act)) }
                            td data-label="Who" { bdi { (act.by) } }
                            td data-label="When" { (time_of(act.at)) }
                        }
                    }
                }
            }
        }
    }
}

fn what(act: &Act) -> Markup {
    let text = |name: &str| act.details.get(name).and_then(|value| value.as_str());
    let currency = text("currency").unwrap_or_default();
    let sum = text("amount").and_then(|text| text.parse().ok()).map(|value: Money| amount(value, currency));
    let done = match act.details.get("payouts_enabled").and_then(serde_json::Value::as_bool) {
        Some(true) => "Let payouts go out again",
        Some(false) => "Stopped all payouts",
        None => words::act(&act.act),
    };
    html! {
        (done)
        @if let Some(sum) = sum { " of " (sum) }
        @if let (Some(account), "payout_approved" | "payout_rejected") = (text("account_id"), act.act.as_str()) { " to " bdi { (account) } }
    }
}

/// What it was about, with the way there.
fn subject(act: &Act) -> Markup {
    // A payout account is told with its rail behind the account.
    let id = if act.act == "payout_account_changed" { act.subject.split('/').next().unwrap_or_default() } else { &act.subject };
    let page = match act.act.as_str() {
        "payout_approved" | "payout_rejected" => Some("payouts"),
        "payout_run_ordered" => Some("runs"),
        "rate_set" | "review_cleared" | "review_confirmed" | "payout_account_changed" => Some("accounts"),
        _ => None,
    };
    html! {
        @match (page, act.act.as_str()) {
            (Some(page), _) => a href=(path(&["desk", page, id], &[])) { code.small { bdi { (act.subject) } } },
            (None, "programme_set") => a href="/desk/settings" { "the settings" },
            (None, "payouts_switched") => a href="/desk/switch" { "all payouts" },
            (None, _) => code.small { bdi { (act.subject) } },
        }
    }
}
