//! Payouts: the history.

use super::lines::range_tools;
use crate::{
    api::{
        path,
        shapes::{Payout, PayoutList},
    },
    context::Context,
    fault::Fault,
    format::{day_of, money},
    range::{Preset, Range},
    shell::{Nav, Page},
    ui::{self, card_in},
    words,
};
use edge::http::Reply;
use maud::{Markup, html};

/// Payouts of a page.
const PAGE: &str = "50";

/// `GET /my/payouts`: those of some days.
pub(crate) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    let range = Range::of(cx, Preset::Year);
    let cursor = cx.query("cursor");
    let list: PayoutList = cx.api()?.get(&range.at(&["payouts"], &[("limit", PAGE), ("cursor", cursor)])).await?;
    let next = list.next_cursor.as_ref().map(|next| range.at(&["my", "payouts"], &[("cursor", next)]));
    let page = Page::new("Payouts").nav(Nav::Payouts).body(html! {
        (ui::head("Payouts", Some("What you asked for, where it is, and the invoices."), html! {
            div.actions {
                a.button href=(range.at(&["payouts.csv"], &[])) download { "Download CSV" }
                a.button.primary href="/my/payouts/new" { "Request payout" }
            }
        }))
        (range_tools(&["my", "payouts"], &range))
        section.card aria-label="Payouts" {
            @if list.payouts.is_empty() {
                (ui::empty("No payouts in these days", "Whatever is cashable can be paid out to Stripe, PayPal or your bank by Wise.", html! { a.button.slim href="/my/payouts/new" { "Request payout" } }))
            } @else { (table(&list.payouts)) }
            (ui::next_page(next))
        }
    });
    cx.page(page)
}

fn table(payouts: &[Payout]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Payouts" {
            table.fit {
                thead { tr { th scope="col" { "Requested" } th.n scope="col" { "Amount" } th scope="col" { "Status" } th scope="col" { "To" } th scope="col" { "Invoice" } } }
                tbody {
                    @for payout in payouts {
                        tr {
                            th scope="row" { a href=(place(payout)) { (day_of(payout.requested_at)) } }
                            td.n { (money(payout.amount, &payout.currency)) }
                            td { (state(payout)) }
                            td.wrap { (words::rail(&payout.rail)) " " span.muted { bdi { (payout.destination) } } }
                            td { (invoice(payout)) }
                        }
                    }
                }
            }
        }
    }
}

/// The newest, for the earnings page.
pub(crate) fn recent(list: &PayoutList) -> Markup {
    let body = html! {
        @if list.payouts.is_empty() {
            (ui::empty("No payouts yet", "Once something is cashable, ask for it here. You will see each step until it arrives.", html! {}))
        } @else {
            ul.rows {
                @for payout in &list.payouts {
                    li {
                        div.what {
                            a href=(place(payout)) { (day_of(payout.requested_at)) }
                            small { (words::rail(&payout.rail)) " " bdi { (payout.destination) } }
                            small { (invoice(payout)) }
                        }
                        div.amount { div { (money(payout.amount, &payout.currency)) } (state(payout)) }
                    }
                }
            }
        }
    };
    card_in("a-pay", "Payouts", ui::more("/my/payouts", "All payouts"), body)
}

pub(super) fn place(payout: &Payout) -> String {
    path(&["my", "payouts", &payout.payout_id], &[])
}

pub(super) fn state(payout: &Payout) -> Markup {
    let (tone, name) = words::status(&payout.status);
    ui::badge(tone, name)
}

/// The invoice, once something was paid; it stays when some of it came back.
fn invoice(payout: &Payout) -> Markup {
    html! {
        @if let Some(invoice) = &payout.invoice { a href=(pdf(payout, "invoice.pdf")) { (invoice.number()) } }
        @else if payout.status == "paid" { a href=(pdf(payout, "invoice.pdf")) { "Invoice" } }
    }
}

pub(super) fn pdf(payout: &Payout, file: &str) -> String {
    path(&["payouts", &payout.payout_id, file], &[])
}
