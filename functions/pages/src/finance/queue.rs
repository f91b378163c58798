//! `GET /finance`: the payouts of a state, with what is in every state on top.

use super::{
    desk::{self, Place, View, chips},
    shapes::{PayoutList, Row, Summary},
    words::{self, STATUSES},
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, day_of, money},
    ui::{self, form_in},
    words::rail,
};
use edge::http::Reply;
use maud::{Markup, html};

/// Payouts of a page: each costs the API reads of its own.
const PAGE: &str = "25";

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    let status = STATUSES.into_iter().find(|status| *status == cx.query("status")).unwrap_or("requested");
    let api = cx.api()?;
    let list = path(&["finance", "payouts"], &[("status", status), ("payees", "true"), ("limit", PAGE), ("cursor", cx.query("cursor"))]);
    let summary = path(&["finance", "payouts", "summary"], &[]);
    let (list, summary, switch): (PayoutList, Option<Summary>, _) =
        tokio::try_join!(api.get(&list), api.find(&summary), desk::switch(&api))?;
    let next = list.next_cursor.as_ref().map(|next| path(&["finance"], &[("status", status), ("cursor", next)]));
    let done = ui::done(
        cx,
        &[
            ("approved", "The payout is approved. It goes out with a run."),
            ("agreed", "You agreed to it. It needs somebody else, too, before it can be sent."),
            ("rejected", "The payout is rejected, and the amount is back in the payee's balance."),
        ],
    );
    let body = html! {
        (ui::heading("Payouts", Some(words::meaning(status))))
        @if let Some(summary) = &summary { (totals(summary, status)) }
        section.card.(if list.payouts.is_empty() { "" } else { "flush" }) {
            h2.vh { "Payouts" }
            @if list.payouts.is_empty() { (nothing(status)) } @else {
                (table(cx, &list.payouts, status))
                @if status == "approved" { (run_tools(cx)) }
            }
            (ui::next_page(next))
        }
        @if !list.payouts.is_empty() && status == "requested" { (keys()) }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Payouts, body).done(done))
}

/// A tile for each state; the one that is shown is marked.
fn totals(summary: &Summary, here: &str) -> Markup {
    let found = STATUSES.iter().filter_map(|name| summary.statuses.iter().find(|sum| sum.status == *name));
    html! {
        nav.tiles aria-label="States" {
            @for sum in found {
                @let (tone, name) = words::status(&sum.status);
                a.tile.(tone.class()).zero[sum.count == 0] href=(path(&["finance"], &[("status", &sum.status)])) aria-current=[(sum.status == here).then_some("page")] {
                    span.name { (name) }
                    span.count { (count(sum.count)) @if sum.more { "+" } }
                    span.sum { (money(sum.amount, &summary.currency)) @if sum.more { "+" } }
                }
            }
        }
    }
}

fn nothing(status: &str) -> Markup {
    match status {
        "requested" => ui::empty("Nothing waits for you", "Every request is decided. New ones appear here.", html! {}),
        "approved" => ui::empty(
            "Nothing waits to be sent",
            "What you approve appears here, and goes out when somebody orders a run.",
            html! { a.button.slim href="/finance" { "To what waits for a decision" } },
        ),
        _ => ui::empty("None", "No payout is in this state.", html! {}),
    }
}

fn table(cx: &Context<'_>, rows: &[Row], status: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Payouts" {
            table.queue {
                thead {
                    tr {
                        @if status == "approved" { th scope="col" { span.vh { "Choose" } } }
                        th scope="col" { "Payee" } th.n scope="col" { "Amount" } th scope="col" { "Account age" } th scope="col" { "Destination age" }
                        th.n scope="col" { "Refunds" } th scope="col" { "To look at" } th.late scope="col" { "Requested" }
                        @if status == "requested" { th scope="col" { span.vh { "Decide" } } }
                    }
                }
                tbody { @for row in rows { (line(cx, row, status)) } }
            }
        }
    }
}

fn line(cx: &Context<'_>, row: &Row, status: &str) -> Markup {
    let payout = &row.payout;
    let place = path(&["desk", "payouts", &payout.payout_id], &[]);
    let age = |at| words::age(at, cx.call.now);
    let joined = row.payee.as_ref().and_then(|payee| payee.created_at);
    let refunds = row.payee.as_ref().and_then(|payee| payee.refund_rate.as_ref());
    html! {
        tr {
            @if status == "approved" { td.pick { (pick(cx, row)) } }
            th scope="row" {
                a href=(place) data-row { bdi { (payout.account_id) } }
                small { (rail(&payout.rail)) " " bdi { (payout.destination) } }
            }
            td.n.strong.sum data-label="Amount" { (money(payout.amount, &payout.currency)) }
            td data-label="Account age" { @match joined { Some(at) => span.nowrap title=(crate::format::moment(at)) { (age(at)) }, None => span.muted { "—" } } }
            td data-label="Destination age" { span.nowrap title=(crate::format::moment(payout.destination_changed_at)) { (age(payout.destination_changed_at)) } }
            td.n data-label="Refunds" { @match refunds { Some(refunds) => span title=(refund_title(refunds, &payout.currency)) { (words::percent(refunds.rate)) }, None => span.muted { "—" } } }
            td.signals data-label="To look at" { @if row.signals.is_empty() { span.muted { "—" } } @else { div { (chips(&row.signals)) } } }
            td.late data-label="Requested" { (day_of(payout.requested_at)) }
            @if status == "requested" { td.do { (act(cx, row)) } }
        }
    }
}

/// Ticked from the start but for the reader's own, which somebody else has to send.
fn pick(cx: &Context<'_>, row: &Row) -> Markup {
    let own = cx.session().is_some_and(|session| session.account == row.payout.account_id);
    html! {
        label title=[own.then_some("Your own: somebody else has to send it")] {
            input type="checkbox" name="payout" value=(row.payout.payout_id) form="run" checked[!own] disabled[own];
            span.vh { (if own { "Your own payout: somebody else has to send it" } else { "Send the payout of " }) @if !own { bdi { (row.payout.account_id) } } }
        }
    }
}

fn refund_title(refunds: &super::shapes::RefundRate, currency: &str) -> String {
    let money = |value| crate::format::amount(value, currency);
    format!("{} of {} taken back, over {}", money(refunds.taken_back), money(refunds.rewarded), words::counted(refunds.lines, "line"))
}

/// What the reader may do with a request, as far as a row can tell: the door has the last word.
fn act(cx: &Context<'_>, row: &Row) -> Markup {
    let (payout, me) = (&row.payout, cx.session().map_or("", |session| &session.account));
    let agreed = payout.approvals.iter().any(|approval| approval.by == me);
    html! {
        @if payout.account_id == me { span.muted.small { "Your own" } }
        @else if agreed { span.muted.small { "Needs one more" } }
        @else {
            (form_in(cx, &path(&["desk", "payouts", &payout.payout_id, "approve"], &[]), "row-form", html! {
                input type="hidden" name="version" value=(payout.version);
                input type="hidden" name="next" value="queue";
                button.button.slim data-approve { "Approve" span.vh { " the payout of " bdi { (payout.account_id) } } }
            }))
        }
    }
}

/// The form that the boxes of the table belong to.
fn run_tools(cx: &Context<'_>) -> Markup {
    let action = "/desk/runs/bill";
    html! {
        div.run-tools {
            form id="run" method="post" action=(action) class="actions" {
                @if let Some(session) = cx.session() { input type="hidden" name=(crate::form::PROOF) value=(crate::form::proof(session, action)); }
                button.button.primary { "Dry run of the chosen ones" }
                button.button name="all" value="yes" { "Dry run of all that wait" }
                p.muted.small { "A dry run sends nothing: it shows the bill." }
            }
        }
    }
}

/// Told by the script, since only with it do they work.
fn keys() -> Markup {
    html! { p.keys.muted.small hidden data-keys { kbd { "j" } " " kbd { "k" } " next, previous · " kbd { "Enter" } " open · " kbd { "a" } " approve, pressed twice · " kbd { "r" } " reject" } }
}
