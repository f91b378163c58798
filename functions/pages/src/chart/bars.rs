//! Bars over time: one or two series, one upon the other, below the base where something was taken back.

use super::scale::{Scale, micros};
use crate::format::{amount, day, short_day};
use chrono::{Datelike, NaiveDate};
use ledger::Money;
use maud::{Markup, html};

/// The drawing's height, and what the letters below it take, in pixels.
const HEIGHT: i128 = 216;
const FOOT: i128 = 28;
const HEAD: i128 = 10;
/// A percentage is written with two decimals.
const WHOLE: usize = 10_000;
/// With more bars than this none is a stop for the keyboard: the table has the same figures and links.
const STOPS_MAX: usize = 40;
/// Words below the bars, and which of them a phone shows.
const WORDS_MAX: usize = 6;

/// One period.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) start: NaiveDate,
    pub(crate) first: Money,
    pub(crate) second: Money,
    /// The lines behind it.
    pub(crate) link: String,
}

/// A chart of bars.
#[derive(Debug)]
pub(crate) struct Bars<'a> {
    pub(crate) currency: &'a str,
    /// What the bars are, for whoever can't see them.
    pub(crate) label: &'a str,
    /// The name of the first series, and of the second where there is one.
    pub(crate) series: (&'a str, Option<&'a str>),
    pub(crate) bars: &'a [Bar],
    /// Whether a bar is a whole month, which is named by it alone.
    pub(crate) months: bool,
    /// The period that is not over yet, and what it is called: `Today`, `This week`.
    pub(crate) today: Option<usize>,
    pub(crate) current: &'a str,
}

fn percent(place: usize) -> String {
    format!("{}.{:02}%", place / 100, place % 100)
}

impl Bars<'_> {
    /// The drawing, with a legend that a script writes the value under the pointer into, and the table behind it.
    pub(crate) fn draw(&self) -> Markup {
        let total: Money = self.bars.iter().map(|bar| bar.first + bar.second).sum();
        html! {
            figure.figure-chart {
                div.legend {
                    @if let Some(second) = self.series.1 { span { i {} (self.series.0) } span { i.two {} (second) } }
                    output { (amount(total, self.currency)) " in this range" }
                }
                (self.plot())
                details.fold { summary { "Show as a table" } (self.table(total)) }
            }
        }
    }

    fn plot(&self) -> Markup {
        let scale = self.scale();
        html! {
            div.plot {
                svg width=(self.axis_width(scale)) height=(HEAD + HEIGHT + FOOT) aria-hidden="true" {
                    @for line in scale.lines() {
                        text x="100%" y=(HEAD + scale.below_top(line, HEIGHT)) dy="4" text-anchor="end" { (scale.label(line, self.currency)) }
                    }
                }
                svg width="100%" height=(HEAD + HEIGHT + FOOT) role="group" aria-label=(self.label) {
                    @for line in scale.lines() {
                        @let y = HEAD + scale.below_top(line, HEIGHT);
                        line class=(if line == 0 { "zero" } else { "grid-line" }) x1="0" x2="100%" y1=(y) y2=(y) {}
                    }
                    @for (place, bar) in self.bars.iter().enumerate() { (self.bar(place, bar, scale)) }
                    @for (place, wide) in self.words() { (self.word(place, wide)) }
                }
            }
        }
    }

    fn axis_width(&self, scale: Scale) -> usize {
        let longest = scale.lines().map(|line| scale.label(line, self.currency).chars().count()).max().unwrap_or_default();
        longest * 8 + 2
    }

    fn scale(&self) -> Scale {
        let ends = self.bars.iter().map(|bar| {
            let parts = [micros(bar.first), micros(bar.second)];
            let (up, down): (Vec<i128>, Vec<i128>) = parts.into_iter().partition(|part| *part > 0);
            (down.iter().sum::<i128>(), up.iter().sum::<i128>())
        });
        let (low, high) = ends.fold((0, 0), |(low, high): (i128, i128), (down, up)| (low.min(down), high.max(up)));
        Scale::of(low, high)
    }

    /// One place of the row: a drawing of its own, in which the style says how wide a bar is.
    fn bar(&self, place: usize, bar: &Bar, scale: Scale) -> Markup {
        let count = self.bars.len().max(1);
        let (left, right) = (place * WHOLE / count, (place + 1) * WHOLE / count);
        let drawn = html! {
            svg.b[self.bars.len() > STOPS_MAX] x=(percent(left)) width=(percent(right - left)) {
                title { (self.told(bar)) }
                rect.h {}
                @for (class, y, height) in self.stacked(bar, scale) { rect class=(class) y=(y) height=(height) {} }
            }
        };
        html! { @if self.bars.len() <= STOPS_MAX { a.b href=(bar.link) { (drawn) } } @else { (drawn) } }
    }

    /// Class, top and height of what is drawn of a bar. What came stands upon the base, what was taken back hangs from it.
    fn stacked(&self, bar: &Bar, scale: Scale) -> Vec<(&'static str, i128, i128)> {
        let (mut up, mut down) = (0_i128, 0_i128);
        let mut parts = Vec::new();
        for (class, value) in [("r", micros(bar.first)), ("t", micros(bar.second))] {
            let edge = if value > 0 { &mut up } else { &mut down };
            let (from, to) = (scale.below_top(*edge, HEIGHT), scale.below_top(*edge + value, HEIGHT));
            *edge += value;
            if value != 0 {
                // Something, however little, is seen.
                let height = (to - from).abs().max(2);
                let top = if value > 0 { from - height } else { from };
                parts.push((class, HEAD + top, height));
            }
        }
        parts
    }

    /// What a bar says under the pointer. Where there are many, their words stand in the legend alone.
    fn told(&self, bar: &Bar) -> String {
        let money = |value| amount(value, self.currency);
        let (when, both) = (self.name(bar.start), money(bar.first + bar.second));
        match self.series {
            (_, None) => format!("{when}: {both}"),
            (_, Some(_)) if self.bars.len() > STOPS_MAX => {
                format!("{}: {both} ({} + {})", short_day(bar.start), money(bar.first), money(bar.second))
            }
            (first, Some(second)) => {
                let (first, second) = (first.to_lowercase(), second.to_lowercase());
                format!("{when}: {both} · {first} {}, {second} {}", money(bar.first), money(bar.second))
            }
        }
    }

    fn name(&self, start: NaiveDate) -> String {
        if self.months { start.format("%B %Y").to_string() } else { day(start) }
    }

    /// Which bars have a word below them, and whether a phone has no room for it: evenly apart, the last among them.
    fn words(&self) -> Vec<(usize, bool)> {
        let count = self.bars.len();
        let apart = count.div_ceil(WORDS_MAX).max(1);
        let mut places: Vec<usize> = (0..count).rev().step_by(apart).collect();
        places.reverse();
        let every = places.len().div_ceil(4).max(1);
        let last = places.len().saturating_sub(1);
        places.into_iter().enumerate().map(|(number, place)| (place, !(last - number).is_multiple_of(every))).collect()
    }

    fn word(&self, place: usize, wide: bool) -> Markup {
        let count = self.bars.len().max(1);
        let Some(bar) = self.bars.get(place) else { return html! {} };
        let now = self.today == Some(place);
        let middle = (2 * place + 1) * WHOLE / (2 * count);
        // The outermost words end at the edges, so that nothing is cut.
        let (x, anchor) = match (count > 12, place + 1 == count, middle < WHOLE / 20) {
            (true, true, _) => ("100%".to_owned(), "end"),
            (true, false, true) => ("0".to_owned(), "start"),
            (true | false, _, _) => (percent(middle), "middle"),
        };
        let class = match (now, wide) {
            (true, _) => "now",
            (false, true) => "wide-only",
            (false, false) => "",
        };
        let text = match (self.months, now) {
            (true, _) => month(bar.start, place == 0),
            (false, true) => self.current.to_owned(),
            (false, false) => short_day(bar.start),
        };
        html! { text class=(class) x=(x) y=(HEAD + HEIGHT + 20) text-anchor=(anchor) { (text) } }
    }

    fn table(&self, total: Money) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label=(self.label) {
                table.plain {
                    thead {
                        tr {
                            th scope="col" { "From" }
                            th.n scope="col" { (self.series.0) }
                            @if let Some(second) = self.series.1 { th.n scope="col" { (second) } th.n scope="col" { "Together" } }
                        }
                    }
                    tbody {
                        @for bar in self.bars {
                            tr {
                                th { (self.name(bar.start)) }
                                td { (amount(bar.first, self.currency)) }
                                @if self.series.1.is_some() { td { (amount(bar.second, self.currency)) } td { (amount(bar.first + bar.second, self.currency)) } }
                            }
                        }
                    }
                    tfoot {
                        tr {
                            th { "In all" }
                            @if self.series.1.is_some() {
                                td { (amount(self.bars.iter().map(|bar| bar.first).sum(), self.currency)) }
                                td { (amount(self.bars.iter().map(|bar| bar.second).sum(), self.currency)) }
                            }
                            td { (amount(total, self.currency)) }
                        }
                    }
                }
            }
        }
    }
}

/// `Nov`, with its year where one begins.
fn month(start: NaiveDate, first: bool) -> String {
    if first || start.month() == 1 { start.format("%b %Y").to_string() } else { start.format("%b").to_string() }
}
