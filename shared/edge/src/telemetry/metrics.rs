//! Figures for CloudWatch, as log lines in its embedded metric format: no call, no client, no waiting.

use super::mask::mask_text;
use crate::clock;
use serde_json::{Map, Value, json};
use std::io::Write;

const NAMESPACE: &str = "Referral";

/// Counts `value` of `name`, apart by `dimensions` (few values each: every combination is a metric of its own). The note
/// stands in the line for whoever looks the figure up, and is masked as any log text.
pub fn emit(name: &str, value: u64, dimensions: &[(&str, &str)], note: Option<&str>) {
    let line = line(name, value, dimensions, note, clock::wall_millis());
    // Standard output that is closed leaves nobody to tell.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

fn line(name: &str, value: u64, dimensions: &[(&str, &str)], note: Option<&str>, wall_millis: u64) -> Value {
    let names: Vec<_> = dimensions.iter().map(|(name, _)| *name).collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": wall_millis,
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": [{ "Name": name, "Unit": "Count" }] }],
        }),
    );
    line.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), mask_text(value).into())));
    line.extend(note.map(|note| ("note".to_owned(), mask_text(note).into())));
    line.insert(name.to_owned(), value.into());
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_in_the_embedded_metric_format() {
        let line = line("quarantined", 2, &[("source", "stripe")], Some("from ann@example.com"), 5);
        let expected = json!({
            "_aws": { "Timestamp": 5, "CloudWatchMetrics": [{ "Namespace": "Referral", "Dimensions": [["source"]], "Metrics": [{ "Name": "quarantined", "Unit": "Count" }] }] },
            "source": "stripe", "note": "from ***", "quarantined": 2,
        });
        assert_eq!(line, expected);
        emit("tested", 1, &[], None);
    }
}
