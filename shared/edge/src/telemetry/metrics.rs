//! Figures for CloudWatch, as log lines in its embedded metric format: no call, no client, no waiting.
//!
//! Each figure is counted twice: for its function as a whole, which is what an alarm watches, and apart by one more
//! dimension, which tells where to look.

use super::mask::mask_text;
use crate::{clock, config::Env};
use serde_json::{Map, Value, json};
use std::{
    io::Write,
    sync::{LazyLock, atomic::Ordering},
};

/// Where CloudWatch keeps all of them.
pub const NAMESPACE: &str = "Referral";

/// The dimension that every figure has. A function's name holds its stage, so that the stages of one account stay apart.
pub const FUNCTION: &str = "FunctionName";

/// A figure that an alarm of the template watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metric {
    /// Its name in CloudWatch.
    pub name: &'static str,
    /// What it is told apart by: few values, since each makes a metric of its own.
    pub by: &'static str,
}

/// Places where an invariant does not hold. An audit that came to its end counts every invariant, most of them 0.
pub const AUDIT_VIOLATIONS: Metric = Metric { name: "audit_violations", by: "invariant" };

/// Signed bodies that could not be read.
pub const WEBHOOK_QUARANTINED: Metric = Metric { name: "webhook_quarantined", by: "source" };

/// Messages that the facts queue gave up, and facts that the accrual can't post.
pub const FACTS_QUARANTINED: Metric = Metric { name: "facts_quarantined", by: "cause" };

/// Messages that the payouts queue gave up.
pub const PAYOUTS_QUARANTINED: Metric = Metric { name: "payouts_quarantined", by: "cause" };

/// Payouts of which a rail says what can't be, by the ledger.
pub const PAYOUT_CONTRADICTIONS: Metric = Metric { name: "payout_contradictions", by: "rail" };

/// Payouts that a rail could not be asked about at all: no access, no such rail, too late.
pub const RAIL_ERRORS: Metric = Metric { name: "rail_errors", by: "rail" };

/// Differences that the reconciliation of a day found.
pub const RECONCILIATION_FINDINGS: Metric = Metric { name: "reconciliation_findings", by: "kind" };

/// Every figure.
pub const ALL: [Metric; 7] = [
    AUDIT_VIOLATIONS,
    WEBHOOK_QUARANTINED,
    FACTS_QUARANTINED,
    PAYOUTS_QUARANTINED,
    PAYOUT_CONTRADICTIONS,
    RAIL_ERRORS,
    RECONCILIATION_FINDINGS,
];

/// This function, as Lambda names it.
static OWN_NAME: LazyLock<String> =
    LazyLock::new(|| Env::process().optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "unnamed".to_owned()));

impl Metric {
    /// Counts `value` for `part`, which is one of what the figure is told apart by. The note stands in the line for
    /// whoever looks the figure up, and is masked as any log text. Nothing is told before [`super::init`].
    pub fn count(self, value: u64, part: &str, note: Option<&str>) {
        if !super::TOLD.load(Ordering::Relaxed) {
            return;
        }
        let line = self.line(value, part, note, &OWN_NAME, clock::wall_millis());
        // Standard output that is closed leaves nobody to tell.
        drop(writeln!(std::io::stdout().lock(), "{line}"));
    }

    fn line(self, value: u64, part: &str, note: Option<&str>, function: &str, wall_millis: u64) -> Value {
        let dimensions = json!([[FUNCTION], [FUNCTION, self.by]]);
        let metrics = json!([{ "Name": self.name, "Unit": "Count" }]);
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics });
        let mut line = Map::new();
        line.insert("_aws".to_owned(), json!({ "Timestamp": wall_millis, "CloudWatchMetrics": [directive] }));
        line.insert(FUNCTION.to_owned(), function.into());
        line.insert(self.by.to_owned(), mask_text(part).into());
        line.extend(note.map(|note| ("note".to_owned(), mask_text(note).into())));
        line.insert(self.name.to_owned(), value.into());
        Value::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let line = WEBHOOK_QUARANTINED.line(2, "stripe", Some("from ann@example.com"), "referral-dev-webhook", 5);
        let expected = json!({
            "_aws": { "Timestamp": 5, "CloudWatchMetrics": [{
                "Namespace": "Referral",
                "Dimensions": [["FunctionName"], ["FunctionName", "source"]],
                "Metrics": [{ "Name": "webhook_quarantined", "Unit": "Count" }],
            }] },
            "FunctionName": "referral-dev-webhook", "source": "stripe", "note": "from ***", "webhook_quarantined": 2,
        });
        assert_eq!(line, expected);
        // Nobody hears the first one.
        AUDIT_VIOLATIONS.count(0, "untold", None);
        super::super::TOLD.store(true, Ordering::Relaxed);
        AUDIT_VIOLATIONS.count(0, "tested", None);
    }

    #[test]
    fn no_two_figures_have_one_name() {
        let mut names = ALL.map(|metric| metric.name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
