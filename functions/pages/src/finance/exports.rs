//! `/desk/exports`: tables to take away.

use super::desk::{self, Place, View};
use crate::{context::Context, fault::Fault, ui};
use chrono::Months;
use edge::http::Reply;
use maud::html;

pub(super) async fn show(cx: &Context<'_>) -> Result<Reply, Fault> {
    let switch = desk::switch(&cx.api()?).await?;
    let today = cx.call.now.date_naive();
    let month_ago = today.checked_sub_months(Months::new(1)).unwrap_or(today);
    let body = html! {
        (ui::heading("Exports", Some("Tables for a spreadsheet. Destinations are masked in them, as they are here.")))
        div.grid.half {
            section.card {
                h2 { "Payouts" }
                p.muted { "Every payout that was requested in these days, in whatever state it is now: amounts, rail, who approved it, run, the rail's id, invoice." }
                form method="get" action="/finance/payouts.csv" class="stack" {
                    div.row {
                        div.field { label for="from" { "Requested from" } input id="from" name="from" type="date" value=(month_ago) required; }
                        div.field { label for="to" { "to" } input id="to" name="to" type="date" value=(today) required; }
                    }
                    p.actions { button.button.primary { "Download CSV" } }
                }
            }
            section.card {
                h2 { "Runs" }
                p.muted { "The list of a run, with where each payout of it stands, is on the page of the run." }
                p.actions { a.button href="/desk/runs" { "To the open runs" } a.button href="/desk/runs?state=closed" { "To those that ended" } }
            }
        }
    };
    desk::page(cx, switch.as_ref(), View::new(Place::Exports, body))
}
