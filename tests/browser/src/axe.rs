//! `axe-core` in a page: what of it keeps people out.

use crate::browser::Browser;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Where `.ci/browser` puts it.
const INSTALLED: &str = "target/axe/node_modules/axe-core/axe.min.js";

/// The rules of the WCAG up to 2.2 AA, and those beside them that axe calls serious by itself.
const RUN: &str = "const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations), (error) => done(String(error)));";

/// Its source; none where it is not installed. `AXE_CORE` names another place.
#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
pub fn source() -> Option<String> {
    let path = std::env::var("AXE_CORE").map_or_else(|_| local::binaries::workspace().join(INSTALLED), PathBuf::from);
    std::fs::read_to_string(path).ok()
}

/// What is serious or worse on the page that is shown: rule, why, and where.
pub async fn faults(browser: &Browser, axe: &str) -> Vec<String> {
    browser.run(axe, &json!([])).await;
    let found = browser.run_until_called(RUN, &json!([])).await;
    let Value::Array(violations) = found else { panic!("axe does not run: {found}") };
    let grave = violations.iter().filter(|rule| rule["impact"] == "serious" || rule["impact"] == "critical");
    grave.flat_map(|rule| rule["nodes"].as_array().into_iter().flatten().map(move |node| told(rule, node))).collect()
}

fn told(rule: &Value, node: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let summary = text(&node["failureSummary"]).replace('\n', " ");
    format!("{}: {} at {}: {summary}", text(&rule["id"]), text(&rule["help"]), node["target"])
}
