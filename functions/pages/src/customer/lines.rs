//! What happened, line by line, each with its cause in words.

use crate::{
    api::{
        path,
        shapes::{Line, LineList},
    },
    context::Context,
    fault::Fault,
    format::{change, date, time_of},
    range::{Preset, Range},
    shell::{Nav, Page},
    ui::{self, Choice, Tone, card_in},
    words,
};
use edge::http::Reply;
use maud::{Markup, html};

/// Lines of a page.
const PAGE: &str = "50";
/// Lines of the card on the earnings page.
const CARD: usize = 6;

/// `GET /my/lines`: all of them, for any days.
pub(crate) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    let range = Range::of(cx, Preset::Quarter);
    let cursor = cx.query("cursor");
    let list: LineList = cx.api()?.get(&range.at(&["earnings", "lines"], &[("limit", PAGE), ("cursor", cursor)])).await?;
    let next = list.next_cursor.as_ref().map(|next| range.at(&["my", "lines"], &[("cursor", next)]));
    let csv = range.at(&["earnings", "lines.csv"], &[]);
    let page = Page::new("Activity").nav(Nav::Lines).body(html! {
        (ui::head("Activity", Some("Everything that moved your balance, and every purchase by your links, with the reason."),
            html! { a.button href=(csv) download { "Download CSV" } }))
        (range_tools(&["my", "lines"], &range))
        section.card aria-label="Lines" {
            @if list.lines.is_empty() {
                (ui::empty("Nothing in these days", "Choose other days, or share your link so that something happens.", html! { a.button.slim href="/" { "To your link" } }))
            } @else {
                ul.rows { @for line in &list.lines { (row(line, true)) } }
            }
            (ui::next_page(next))
        }
    });
    cx.page(page)
}

/// Presets and any two days, for a list.
pub(crate) fn range_tools(segments: &[&str], range: &Range) -> Markup {
    let options: Vec<Choice<'_>> = Preset::ALL
        .into_iter()
        .map(|preset| Choice {
            name: preset.name(),
            path: Some(path(segments, &[("range", preset.as_str())])),
            here: range.preset == Some(preset),
            why: None,
        })
        .collect();
    html! {
        div.stack {
            div.tools { (ui::choice("Range", &options)) }
            details.fold open[range.preset.is_none()] {
                summary { "Other days" }
                form method="get" action=(path(segments, &[])) class="row" {
                    div.field { label for="from" { "From" } input id="from" name="from" type="date" value=(range.from); }
                    div.field { label for="to" { "To" } input id="to" name="to" type="date" value=(range.to); }
                    button.button { "Show" }
                }
            }
            @if let Some(said) = range.said { (ui::notice(Tone::Warn, html! { (said) })) }
        }
    }
}

/// The newest lines, for the earnings page. A payout's steps that moved nothing are told by the payout itself.
pub(crate) fn recent(list: &LineList) -> Markup {
    let told: Vec<&Line> = list.lines.iter().filter(|line| line.subject != "payout" || !line.amount.is_zero()).take(CARD).collect();
    let body = html! {
        @if told.is_empty() {
            (ui::empty("Nothing happened yet", "Purchases of people who came by your link appear here, those that earn nothing too, with the reason.", html! {}))
        } @else {
            ul.rows { @for line in told { (row(line, false)) } }
        }
    };
    card_in("a-lines", "Recent", ui::more("/my/lines", "All activity"), body)
}

fn row(line: &Line, full: bool) -> Markup {
    let nothing = words::to_count(&line.rule).filter(|_| line.amount.is_zero());
    html! {
        li id=[full.then_some(&line.line_id)] {
            div.what {
                bdi title=(line.cause) { (words::cause(&line.cause, &line.currency)) }
                small {
                    (time_of(line.at))
                    @if let Some(why) = nothing { " · " (why) }
                    @if let Some(matures) = line.matures_on.filter(|_| line.amount.is_positive()) { " · can be cashed from " (date(matures)) }
                    @if full { @if let Some(machine) = &line.machine { " · machine " bdi { (machine) } } }
                    @if full && line.subject == "payout" { " · " a href=(path(&["my", "payouts", &line.reference], &[])) { "the payout" } }
                }
            }
            span.amount { @if line.amount.is_zero() { span.muted { "—" } } @else { (change(line.amount, &line.currency)) } }
        }
    }
}
