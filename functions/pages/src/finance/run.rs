//! `GET /desk/runs/{id}`: a run as it goes on. The page loads itself again until nothing of it is open any more.

use super::{
    desk::{self, Place, View},
    shapes::{Run, RunEntry},
    words::{self, STATUSES},
};
use crate::{
    api::path,
    context::Context,
    fault::Fault,
    format::{count, money, time_of},
    ui::{self, Tone},
    words::rail,
};
use chrono::{DateTime, Utc};
use edge::http::Reply;
use maud::{Markup, html};

/// Payouts of a run that are listed on its page; its table has all of them.
const SHOWN: usize = 300;
/// How soon the page loads itself again: while payouts are handed over and a rail may answer any moment, and later.
const SOON_SECONDS: u32 = 3;
const LATER_SECONDS: u32 = 30;
/// For so long after the order a rail's answer is worth waiting for with the page open.
const FRESH_MINUTES: i64 = 3;

pub(super) async fn show(cx: &Context<'_>, id: &str) -> Result<Reply, Fault> {
    let api = cx.api()?;
    let at = path(&["finance", "payout-runs", id], &[]);
    let (found, switch): (Option<Run>, _) = tokio::try_join!(api.find(&at), desk::switch(&api))?;
    let run = found.ok_or(Fault::NotFound("run"))?;
    let live = cx.query("live") != "off";
    let stopped = switch.as_ref().is_some_and(|switch| !switch.is_on());
    let refresh = refresh(&run, cx.call.now).map(|seconds| if stopped { LATER_SECONDS } else { seconds });
    let here = path(&["desk", "runs", id], &[]);
    let body = html! {
        p.back { a href="/desk/runs" { "← All runs" } }
        (ui::head("Run", None, html! {
            div.actions { a.button href=(path(&["finance", "payout-runs", id, "export.csv"], &[])) download { "Download CSV" } }
        }))
        section.card {
            div.card-head {
                div {
                    p.big { (money(run.amount, &run.currency)) }
                    p.muted { (words::counted(run.count, "payout")) @if let (Some(by), Some(at)) = (&run.by, run.at) { ", ordered by " bdi { (by) } " on " (time_of(at)) " UTC" } }
                }
                (state(&run))
            }
            (bar(&run))
            p.muted.small {
                code { (id) }
                @if refresh.is_some() {
                    @if live { " · The page looks again by itself. " a href=(format!("{here}?live=off")) { "Hold it still" } }
                    @else { " · The page is held still. " a href=(here) { "Go on looking" } }
                }
            }
        }
        section.card { h2 { "Payouts" } (entries(&run)) }
        (left_out(&run))
    };
    let done = ui::done(cx, &[("ordered", "The run is ordered.")]);
    desk::page(cx, switch.as_ref(), View::new(Place::Runs, body).title("Run").done(done).refresh(refresh.filter(|_| live)))
}

fn of(run: &Run, status: &str) -> u64 {
    run.progress.get(status).copied().unwrap_or_default()
}

/// None where nothing of it moves by itself soon.
fn refresh(run: &Run, now: DateTime<Utc>) -> Option<u32> {
    let fresh = run.at.is_some_and(|at| (now - at).num_minutes() < FRESH_MINUTES);
    match (of(run, "approved") + of(run, "submitting"), of(run, "unknown") + of(run, "submitted")) {
        (0, 0) => None,
        (0, 1..) if !fresh => Some(LATER_SECONDS),
        (0, 1..) | (1.., _) => Some(SOON_SECONDS),
    }
}

fn state(run: &Run) -> Markup {
    let (tone, words) = match (of(run, "approved") + of(run, "submitting"), of(run, "unknown"), of(run, "submitted")) {
        (1.., _, _) => (Tone::Busy, "Under way"),
        (0, 1.., _) => (Tone::Warn, "Waits for a clear answer"),
        (0, 0, 1..) => (Tone::Busy, "At the rails"),
        (0, 0, 0) => (Tone::Good, "Done"),
    };
    ui::badge(tone, words)
}

/// One bar for all of the run, with a part for each state, and the same in words.
fn bar(run: &Run) -> Markup {
    let parts: Vec<(&str, u64)> = STATUSES.iter().map(|status| (*status, of(run, status))).filter(|(_, count)| *count > 0).collect();
    let all: u64 = parts.iter().map(|(_, count)| count).sum();
    let widths = widths(&parts.iter().map(|(_, count)| *count).collect::<Vec<_>>());
    let starts = widths.iter().scan(0, |end, width| {
        *end += width;
        Some(*end - width)
    });
    html! {
        @if all > 0 {
            svg.progress viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" {
                @for (((status, _), x), width) in parts.iter().zip(starts).zip(&widths) {
                    rect class=(words::status(status).0.class()) x=(x) y="0" width=(width) height="12" {}
                }
            }
            ul.legend-list {
                @for (status, number) in &parts {
                    @let (tone, name) = words::status(status);
                    li { (ui::badge(tone, name)) strong { (count(*number)) } }
                }
            }
        }
    }
}

/// How wide each part of a bar of a thousand is: nothing is too narrow to see, and the widest gives what that takes.
fn widths(counts: &[u64]) -> Vec<u64> {
    const NARROWEST: u64 = 8;
    let all: u64 = counts.iter().sum();
    let mut widths: Vec<u64> = counts.iter().map(|count| (count * 1_000).checked_div(all).unwrap_or_default().max(NARROWEST)).collect();
    let taken: u64 = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max() {
        *widest = (*widest + 1_000).saturating_sub(taken);
    }
    widths
}

/// What somebody should look at first, then the rest as it was ordered.
fn rank(entry: &RunEntry) -> u8 {
    match (entry.status.as_deref(), &entry.expected) {
        (Some("failed" | "unknown" | "returned"), _) => 0,
        (Some("canceled" | "rejected"), _) | (_, Some(_)) => 1,
        _ => 2,
    }
}

/// The list of a run, or of what would be one.
pub(super) fn entries(run: &Run) -> Markup {
    let mut sorted: Vec<&RunEntry> = run.payouts.iter().collect();
    sorted.sort_by_key(|entry| rank(entry));
    let with_status = sorted.iter().any(|entry| entry.status.is_some());
    let more = sorted.len().saturating_sub(SHOWN);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Payouts" {
            table.queue {
                thead { tr { th scope="col" { "Payee" } th scope="col" { "To" } th.n scope="col" { "Amount" } @if with_status { th scope="col" { "Where it is" } } } }
                tbody { @for entry in sorted.iter().take(SHOWN) { (line(entry, &run.currency, with_status)) } }
            }
        }
        @if more > 0 { p.muted { "And " (count(more.try_into().unwrap_or(u64::MAX))) " more, which the CSV file has." } }
    }
}

fn line(entry: &RunEntry, currency: &str, with_status: bool) -> Markup {
    let why = entry.expected.as_deref().or_else(|| entry.reason.as_deref().filter(|_| rank(entry) < 2));
    html! {
        tr {
            th scope="row" {
                a href=(path(&["desk", "payouts", &entry.payout_id], &[])) data-row { bdi { (entry.account_id) } }
                @if entry.expected.is_some() { small.wrong { "Will be canceled" } }
                @if let Some(why) = why { small.wrap { bdi title=(why) { (words::canceled(why)) } } }
            }
            td.wrap data-label="To" { div { (rail(&entry.rail)) " " span.muted { bdi { (entry.destination) } } } }
            td.n.strong.sum data-label="Amount" { (money(entry.amount, currency)) }
            @if with_status { td data-label="Where it is" { @if let Some(status) = &entry.status { @let (tone, name) = words::status(status); (ui::badge(tone, name)) } } }
        }
    }
}

/// Who is not in it, and why.
pub(super) fn left_out(run: &Run) -> Markup {
    html! {
        @if !run.left_out.is_empty() {
            section.card {
                h2 { "Left out" }
                ul.rows {
                    @for left in run.left_out.iter().take(SHOWN) {
                        li { div.what { a href=(path(&["desk", "payouts", &left.payout_id], &[])) { code.small { (left.payout_id) } } small { (words::left_out(&left.reason)) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(progress: &[(&str, u64)]) -> Run {
        let progress = progress.iter().map(|(status, count)| ((*status).to_owned(), *count)).collect();
        Run {
            run_id: None,
            by: None,
            at: None,
            count: 0,
            amount: ledger::Money::default(),
            currency: String::new(),
            by_rail: Vec::new(),
            payouts: Vec::new(),
            left_out: Vec::new(),
            progress,
            payouts_enabled: None,
            expected_canceled: None,
        }
    }

    #[test]
    fn a_page_looks_again_as_long_as_something_moves() {
        for (progress, seconds) in [
            (&[("approved", 1), ("paid", 9)][..], Some(SOON_SECONDS)),
            (&[("submitting", 1)], Some(SOON_SECONDS)),
            (&[("unknown", 1), ("paid", 1)], Some(LATER_SECONDS)),
            (&[("submitted", 1)], Some(LATER_SECONDS)),
            (&[("paid", 2), ("failed", 1), ("returned", 1), ("canceled", 1)], None),
            (&[], None),
        ] {
            let (mut run, now) = (run(progress), DateTime::UNIX_EPOCH);
            assert_eq!(refresh(&run, now), seconds, "{progress:?}");
            run.at = Some(now);
            assert_eq!(refresh(&run, now), seconds.map(|_| SOON_SECONDS), "{progress:?}, just ordered");
        }
    }

    #[test]
    fn every_part_of_the_bar_can_be_seen() {
        for (counts, expected) in [(&[1_999, 1][..], &[992, 8][..]), (&[1, 1, 1], &[333, 333, 334]), (&[7], &[1_000]), (&[], &[])] {
            assert_eq!(widths(counts), expected);
        }
        let drawn = bar(&run(&[("paid", 3), ("failed", 1)])).into_string();
        assert!(drawn.contains("class=\"good\" x=\"0\"") && drawn.contains("class=\"bad\" x=\"750\" y=\"0\" width=\"250\""), "{drawn}");
        assert!(bar(&run(&[])).into_string().is_empty());
    }
}
