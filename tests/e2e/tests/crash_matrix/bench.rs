//! The stacks that cells are played on.

use crate::{effect::Snapshot, stage::Stage};
use local::stack::{Stack, StackOptions, TemplateSource};
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};

/// A stack with proxies before its stores, and one process for each function, so that a kill leaves none.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    http: Client,
    cells: AtomicU32,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        let options = StackOptions {
            faults: true,
            copies_max: 1,
            template: TemplateSource::Text(template()),
            stage: "crash".into(),
            ..StackOptions::new(e2e::functions_dir())
        };
        let stack = Stack::start(options).await.expect("the stack starts");
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
        Self { stack, http, cells: AtomicU32::new(0) }
    }

    /// A tag for the names of one cell: in no other name, and in no digest.
    pub(crate) fn tag(&self) -> String {
        format!("x{:04}x", self.cells.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) const fn stage<'a>(&'a self, tag: &'a str) -> Stage<'a> {
        Stage { stack: &self.stack, http: &self.http, tag }
    }

    pub(crate) async fn snapshot(&self) -> Snapshot {
        Snapshot::take(&self.stack).await
    }

    /// The invariants that do not hold.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let request = self.http.post(format!("{}/_local/audit", self.stack.url())).header("x-local-token", self.stack.run_token());
        let report: Value = request.send().await.expect("an answer").json().await.expect("a report");
        let figures = report["figures"].as_object().unwrap_or_else(|| panic!("no figures: {report}"));
        figures.iter().filter(|(_, figure)| figure["violations"] != 0).map(|(name, figure)| format!("{name}: {figure}")).collect()
    }
}

/// The project's template, but for what would make a measurement depend on the moment: schedules fire when a cell says so, and a
/// batch does not wait for a second message.
fn template() -> String {
    let mut pieces = TemplateSource::Project.text().split("Schedule: rate(");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_, rest) = piece.split_once(')').expect("a rate ends");
        text.push_str("Schedule: rate(3650 days)");
        text.push_str(rest);
    }
    let (batch, window) = ("BatchSize: 100", "MaximumBatchingWindowInSeconds: 1");
    assert!(text.contains(batch) && text.contains(window), "the template says something else of batches now");
    text.replace(batch, "BatchSize: 10").replace(window, "MaximumBatchingWindowInSeconds: 0")
}
