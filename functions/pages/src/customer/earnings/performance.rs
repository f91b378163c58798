//! How each link did: clicks, signups, earnings, and their course.

use crate::{
    api::shapes::{Earnings, Performance},
    chart::sparkline,
    format::{count, money},
    range::Range,
    ui::{self, card_in},
};
use ledger::Money;
use maud::{Markup, html};

/// More links than this are on the templates' own page.
const SHOWN: usize = 6;

/// The card of the templates.
pub(super) fn card(earnings: &Earnings, range: &Range) -> Markup {
    let shown: Vec<&Performance> = earnings.templates.iter().filter(|link| link.template_id.is_none() || used(link)).take(SHOWN).collect();
    let more = ui::more("/my/templates", "All templates");
    let body = html! {
        @if shown.iter().any(|link| used(link)) { (table(&shown, &earnings.currency)) }
        @else {
            (ui::empty(
                "Nobody followed a link in these days",
                "A link that leads straight to a template tells people what they get. Each has its own figures here.",
                html! { a.button.slim href="/my/templates" { "Make a template link" } },
            ))
        }
        p.small.muted { "From " (crate::format::day(range.from)) " to " (crate::format::day(range.to)) "." }
    };
    card_in("a-tpl", "Template performance", more, body)
}

fn used(link: &Performance) -> bool {
    link.clicks > 0 || link.signups > 0 || !link.total.is_zero()
}

fn table(links: &[&Performance], currency: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Template performance" {
            table.tight {
                thead { tr { th scope="col" { "Link" } th.n scope="col" { "Clicks" } th.n scope="col" { "Signups" } th.n scope="col" { "Earned" } th.wide-only scope="col" { "Trend" } } }
                tbody {
                    @for link in links {
                        tr {
                            th scope="row" { bdi { (name(link)) } }
                            td.n { (count(link.clicks)) }
                            td.n { (count(link.signups)) @if let Some(share) = share(link) { span.muted.small.wide-only { " (" (share) " %)" } } }
                            td.n { (money(link.total, currency)) }
                            td.wide-only { (sparkline(&link.chart.iter().map(|point| point.amount).collect::<Vec<Money>>())) }
                        }
                    }
                }
            }
        }
    }
}

/// Signups of a hundred clicks, where there are enough to say so.
fn share(link: &Performance) -> Option<u64> {
    (link.clicks > 0 && link.signups > 0).then(|| link.signups.saturating_mul(100) / link.clicks)
}

fn name(link: &Performance) -> String {
    match link.template_id.as_deref() {
        None => "Your link".to_owned(),
        Some("other") => "All others".to_owned(),
        Some(_) => short(&link.name),
    }
}

fn short(name: &str) -> String {
    name.chars().take(120).collect()
}
