//! What was earned over time.

use crate::api::path;
use crate::{
    api::shapes::Earnings,
    chart::{Bar, Bars},
    range::{Group, Preset, Range},
    ui::{self, Choice, Tone, card_in},
};
use chrono::{Days, Months, NaiveDate};
use maud::{Markup, html};

/// The card: range, grouping, chart.
pub(super) fn card(earnings: &Earnings, range: &Range) -> Markup {
    let body = html! {
        div.tools { (presets(range)) (groups(range)) }
        (custom(range))
        @if let Some(said) = range.said { (ui::notice(Tone::Warn, html! { (said) " Showing the last 30 days." })) }
        (drawing(earnings, range))
    };
    card_in("a-chart", "Earnings", html! {}, body)
}

fn presets(range: &Range) -> Markup {
    let options: Vec<Choice<'_>> = Preset::ALL
        .into_iter()
        .map(|preset| Choice {
            name: preset.name(),
            path: Some(path(&[], &[("range", preset.as_str())])),
            here: range.preset == Some(preset),
            why: None,
        })
        .collect();
    ui::choice("Range", &options)
}

fn groups(range: &Range) -> Markup {
    let options: Vec<Choice<'_>> = Group::ALL
        .into_iter()
        .map(|group| Choice {
            name: group.name(),
            path: group.fits(range.days()).then(|| range.page(&[], group)),
            here: range.group == group,
            why: Some("The range is too long for these"),
        })
        .collect();
    ui::choice("One bar is a", &options)
}

/// Any range, by its two days.
pub(super) fn custom(range: &Range) -> Markup {
    html! {
        details.fold open[range.preset.is_none()] {
            summary { "Other days" }
            form method="get" action="/" class="row" {
                div.field { label for="from" { "From" } input id="from" name="from" type="date" value=(range.from) max=(range.today); }
                div.field { label for="to" { "To" } input id="to" name="to" type="date" value=(range.to); }
                button.button { "Show" }
            }
        }
    }
}

fn drawing(earnings: &Earnings, range: &Range) -> Markup {
    let host = !earnings.total_rental_earnings.is_zero();
    let bars: Vec<Bar> = earnings
        .chart
        .iter()
        .map(|point| Bar {
            start: point.start,
            first: point.referral,
            second: point.rental,
            link: path(&["my", "lines"], &[("from", &point.start.to_string()), ("to", &last_day(point.start, range).to_string())]),
        })
        .collect();
    let today = bars.iter().rposition(|bar| bar.start <= range.today).filter(|_| range.to >= range.today && range.from <= range.today);
    Bars {
        currency: &earnings.currency,
        label: "Earnings over time",
        series: if host { ("Referrals", Some("Rentals")) } else { ("Referrals", None) },
        bars: &bars,
        months: range.group == Group::Month,
        today,
        current: match range.group {
            Group::Day => "Today",
            Group::Week => "This week",
            Group::Month => "This month",
        },
    }
    .draw()
}

/// The last day of a period, within the range.
fn last_day(start: NaiveDate, range: &Range) -> NaiveDate {
    let end = match range.group {
        Group::Day => Some(start),
        Group::Week => start.checked_add_days(Days::new(6)),
        Group::Month => start.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()),
    };
    end.unwrap_or(start).min(range.to)
}
