//! The earnings page: figures first, each with a way to what makes it.

mod chart;
mod figures;
mod performance;

use super::{links, payouts, share, share::AliasTried};
use crate::{
    api::{
        Client, path,
        shapes::{Earnings, LineList, Links, PayoutAccountList, PayoutList},
    },
    context::Context,
    customer::{join, lines},
    fault::Fault,
    range::{Preset, Range},
    shell::{Nav, Page},
    ui,
};
use chrono::Days;
use edge::http::{Reply, StatusCode};
use maud::html;

/// Payouts that the page shows.
const RECENT: &str = "6";
/// Lines that are asked for: the steps of payouts that moved nothing are left out of the card.
const LINES: &str = "40";

/// Everything that the page is made of, asked for at once.
pub(super) struct Found {
    pub(super) earnings: Earnings,
    pub(super) month: Option<Earnings>,
    pub(super) lines: LineList,
    pub(super) payouts: PayoutList,
    pub(super) accounts: PayoutAccountList,
}

/// The page; `tried` is an alias that was not taken.
pub(crate) async fn show(cx: &Context<'_>, tried: Option<AliasTried>) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let range = Range::of(cx, Preset::Month);
    let (links, found) = tokio::try_join!(async { links(&api).await.map_err(Fault::from) }, find(cx, &api, &range))?;
    let Some(links) = links else { return join::welcome(cx) };
    let done = ui::done(
        cx,
        &[("alias", "Your link has its new word."), ("joined", "Welcome! Here is your link: share it, and see below what comes of it.")],
    );
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page::new("Earnings").nav(Nav::Earnings).status(status).done(done);
    cx.page(page.body(body(cx, &links, &found, &range, tried.as_ref())))
}

fn body(cx: &Context<'_>, links: &Links, found: &Found, range: &Range, tried: Option<&AliasTried>) -> maud::Markup {
    let new = found.earnings.referral_count == 0 && found.earnings.total_earnings.is_zero();
    html! {
        h1.vh { "Earnings" }
        (share::card(cx, links, tried))
        (figures::row(found))
        @if new { (figures::first_steps()) }
        div.grid.earn {
            (figures::not_cashable(&found.earnings))
            (chart::card(&found.earnings, range))
            (performance::card(&found.earnings, range))
            (lines::recent(&found.lines))
            (payouts::recent(&found.payouts))
        }
    }
}

async fn find(cx: &Context<'_>, api: &Client<'_>, range: &Range) -> Result<Found, Fault> {
    let today = cx.call.now.date_naive();
    let far = today.checked_sub_days(Days::new(364)).unwrap_or(today).to_string();
    let earnings = range.at(&["earnings"], &[("group", range.group.as_str())]);
    // The days of this month, for what came of them; the newest lines and payouts, whatever the chart shows.
    let first = today.format("%Y-%m-01").to_string();
    let month = path(&["earnings"], &[("from", &first), ("to", &today.to_string()), ("group", "month")]);
    let lines = path(&["earnings", "lines"], &[("from", &far), ("limit", LINES)]);
    let payouts = path(&["payouts"], &[("from", &far), ("limit", RECENT)]);
    let accounts = path(&["payout-accounts"], &[]);
    let (earnings, month, lines, payouts, accounts) = tokio::try_join!(
        api.get(&earnings),
        async { Ok(api.find(&month).await.unwrap_or_default()) },
        api.get(&lines),
        api.get(&payouts),
        api.get(&accounts),
    )?;
    Ok(Found { earnings, month, lines, payouts, accounts })
}
