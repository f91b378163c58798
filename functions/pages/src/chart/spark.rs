//! A line without axes: how something went, beside its figures.

use super::scale::micros;
use ledger::Money;
use maud::{Markup, html};
use std::fmt::Write as _;

const WIDTH: usize = 100;
const HEIGHT: i128 = 30;
/// More points than this can't be told apart.
const POINTS_MAX: usize = 40;

/// The course of amounts, the oldest first. The figures beside it say what it shows, so it is silent for readers.
pub(crate) fn sparkline(values: &[Money]) -> Markup {
    let every = values.len().div_ceil(POINTS_MAX).max(1);
    let points: Vec<i128> = values.chunks(every).map(|chunk| micros(chunk.iter().copied().sum())).collect();
    let (low, high) = points.iter().fold((0, 1), |(low, high): (i128, i128), point| (low.min(*point), high.max(*point)));
    let y = |value: i128| 1 + (high - value) * HEIGHT / (high - low);
    let last = points.len().saturating_sub(1).max(1);
    let mut line = String::new();
    for (place, point) in points.iter().enumerate() {
        // Writing to a text can't fail.
        let _ = write!(line, "{} {} ", place * WIDTH / last, y(*point));
    }
    html! {
        svg.spark viewBox="0 0 100 32" preserveAspectRatio="none" aria-hidden="true" {
            @if points.len() > 1 { polyline points=(line.trim_end()) {} }
        }
    }
}
