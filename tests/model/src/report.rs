//! What a run tells at its end.

use crate::tally::Tally;
use std::{fmt::Write as _, time::Duration};

/// The counts of a run, for people. `worked` is the time of all workers together.
#[must_use]
pub fn report(tally: &Tally, worked: Duration, lasted: Duration, failed: usize) -> String {
    let mut text = String::new();
    let mut line = |name: &str, count: String| {
        let _ = writeln!(text, "{name:<28}{count:>14}");
    };
    let operations: u64 = tally.operations.values().sum();
    line("histories", tally.histories.to_string());
    line("operations", operations.to_string());
    for (kind, count) in &tally.operations {
        line(&format!("  {kind}"), count.to_string());
    }
    line("store calls", tally.store_calls.to_string());
    line("queue calls", tally.queue_calls.to_string());
    line("rail calls", tally.rail_calls.to_string());
    line("turns", tally.turns.to_string());
    line("interleavings", tally.interleavings.to_string());
    line("faults", tally.faults.values().sum::<u64>().to_string());
    for (kind, count) in &tally.faults {
        line(&format!("  {}", kind.words()), count.to_string());
    }
    line("answers", tally.answers.values().sum::<u64>().to_string());
    for ((kind, status), count) in &tally.answers {
        line(&format!("  {kind} {status}"), count.to_string());
    }
    line("ledger lines", tally.lines.to_string());
    line("  of rewards by usage", tally.usage_rewards.to_string());
    line("payouts", tally.payouts.values().sum::<u64>().to_string());
    for (status, count) in &tally.payouts {
        line(&format!("  {status}"), count.to_string());
    }
    line("payments at rails", tally.payments.to_string());
    line("operations a history", ratio(operations, tally.histories));
    line("interleavings a history", ratio(tally.interleavings, tally.histories));
    let millis = u64::try_from(worked.as_millis()).unwrap_or(u64::MAX);
    line("histories a minute a core", (tally.histories * 60_000).checked_div(millis).unwrap_or(0).to_string());
    line("seconds", format!("{}.{:03}", lasted.as_secs(), lasted.subsec_millis()));
    line("violations", failed.to_string());
    text
}

fn ratio(count: u64, histories: u64) -> String {
    let tenths = (count * 10).checked_div(histories).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}
