//! The alarms of the project's template: one that watches a figure which nobody counts would never be heard.
#![allow(clippy::unwrap_used)]

use edge::telemetry::metrics;
use serde_yaml_ng::Value;
use std::collections::BTreeSet;

const PROJECT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));

fn text<'a>(alarm: &'a Value, key: &str) -> &'a str {
    alarm[key].as_str().unwrap_or_default()
}

/// The properties of every alarm on a figure of ours, by the alarm's logical id.
fn own_alarms(template: &Value) -> Vec<(&str, &Value)> {
    let resources = template["Resources"].as_mapping().unwrap().iter();
    let alarms = resources.filter(|(_, resource)| text(resource, "Type") == "AWS::CloudWatch::Alarm");
    let named = alarms.map(|(id, resource)| (id.as_str().unwrap(), &resource["Properties"]));
    named.filter(|(_, alarm)| !text(alarm, "Namespace").starts_with("AWS/")).collect()
}

#[test]
fn every_alarm_on_a_figure_watches_one_that_is_counted() {
    let template: Value = serde_yaml_ng::from_str(PROJECT).unwrap();
    let alarms = own_alarms(&template);
    for (id, alarm) in &alarms {
        assert_eq!(text(alarm, "Namespace"), metrics::NAMESPACE, "{id}");
        let name = text(alarm, "MetricName");
        assert!(metrics::ALL.iter().any(|metric| metric.name == name), "{id}: nothing counts `{name}`");
        // Any other dimension would be a metric for each of its values, and an alarm sees one metric alone.
        let dimensions: Vec<&str> = alarm["Dimensions"].as_sequence().unwrap().iter().map(|dimension| text(dimension, "Name")).collect();
        assert_eq!(dimensions, [metrics::FUNCTION], "{id}");
    }
    let watched: BTreeSet<&str> = alarms.iter().map(|(_, alarm)| text(alarm, "MetricName")).collect();
    assert_eq!(watched, metrics::ALL.iter().map(|metric| metric.name).collect(), "every figure has its alarm");
}

#[test]
fn an_audit_that_does_not_run_is_heard() {
    let template: Value = serde_yaml_ng::from_str(PROJECT).unwrap();
    let silent = own_alarms(&template).into_iter().filter(|(_, alarm)| text(alarm, "TreatMissingData") == "breaching");
    let hours: Vec<u64> = silent
        .filter(|(_, alarm)| text(alarm, "MetricName") == metrics::AUDIT_VIOLATIONS.name && text(alarm, "Statistic") == "SampleCount")
        .map(|(_, alarm)| alarm["Period"].as_u64().unwrap() * alarm["EvaluationPeriods"].as_u64().unwrap() / 3600)
        .collect();
    assert_eq!(hours, [48]);
}
