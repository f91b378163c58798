//! `/desk/switch`: stops payouts at once, and lets them go out again.

use super::{
    decide::{one_line, reason_field},
    desk::{self, Place, View, wrong},
    shapes::Switch,
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    form::Form,
    format::time_of,
    ui::{self, Tone},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::json;

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

pub(super) async fn turn(cx: &Context<'_>, form: &Form) -> Result<Reply, Fault> {
    let (to, reason) = (form.text("to"), one_line(form.text("reason")));
    let enabled = match to {
        "on" => true,
        "off" => false,
        _ => return Err(Fault::Forged),
    };
    if reason.is_empty() {
        return page(cx, Some((StatusCode::UNPROCESSABLE_ENTITY, "Give a reason: the next person wants to know.".to_owned()))).await;
    }
    let body = json!({ "payouts_enabled": enabled, "reason": reason });
    let answer: Result<Switch, _> = cx.api()?.put(&path(&["finance", "switch"], &[]), body).await;
    match answer {
        Ok(_) => cx.go(if enabled { "/desk/switch?done=on" } else { "/desk/switch?done=off" }),
        Err(error) => {
            let refusal = error.refusal()?;
            page(cx, Some((desk::status_of(&refusal), desk::told(&refusal)))).await
        }
    }
}

async fn page(cx: &Context<'_>, refused: Option<(StatusCode, String)>) -> Result<Reply, Fault> {
    let switch: Switch = cx.api()?.get(&path(&["finance", "switch"], &[])).await?;
    let done = ui::done(cx, &[("off", "Payouts are stopped. Nothing is handed to a rail from now on."), ("on", "Payouts go out again.")]);
    let body = html! {
        (ui::heading("Kill switch", Some("It holds at once: it is read before every call of a rail.")))
        (wrong(refused.as_ref().map(|(_, words)| words.as_str())))
        section.card.kill.(if switch.payouts_enabled { "on" } else { "off" }) {
            div.card-head {
                p.big { (if switch.payouts_enabled { "Payouts go out" } else { "Payouts are stopped" }) }
                (ui::badge(if switch.payouts_enabled { Tone::Good } else { Tone::Bad }, if switch.payouts_enabled { "Running" } else { "Stopped" }))
            }
            (last(&switch))
            @if !switch.settings_enabled {
                (ui::notice(Tone::Warn, html! { "The programme's settings have payouts off, too. Cash goes out only where both let it: " a href="/desk/settings" { "to the settings" } "." }))
            }
            (form(cx, switch.payouts_enabled))
        }
        section.card {
            h2 { "What it does" }
            ul.plain-list {
                li { "Stopped, no payout is handed to a rail: runs wait, and nobody can order a new one." }
                li { "What a rail has already goes on there, and is still asked about; invoices are still written." }
                li { "Customers can still ask for payouts, and you can still approve and reject." }
            }
        }
    };
    let status = refused.map_or(StatusCode::OK, |(status, _)| status);
    desk::page(cx, Some(&switch), View::new(Place::Switch, body).status(status).done(done))
}

fn last(switch: &Switch) -> Markup {
    html! {
        @match &switch.turned {
            None => p.muted { "It was never used." },
            Some(turned) => p.muted.wrap { "Last used by " bdi { (turned.by) } " on " (time_of(turned.at)) " UTC: " bdi { (turned.reason) } },
        }
    }
}

fn form(cx: &Context<'_>, on: bool) -> Markup {
    ui::form(
        cx,
        "/desk/switch",
        html! {
            input type="hidden" name="to" value=(if on { "off" } else { "on" });
            (reason_field("reason", if on { "Why does nothing go out? It stands on every page of the console." } else { "What has changed?" }))
            p.actions {
                @if on { button.button.danger.solid { "Stop all payouts now" } } @else { button.button.primary { "Let payouts go out again" } }
            }
        },
    )
}
