//! Plans and answers. The proxy itself is tested with a stack.
#![allow(clippy::unwrap_used)]

use super::*;
use axum::body::to_bytes;
use bytes::Bytes;

fn call<'c>(operation: &'c str, function: &'c str) -> Call<'c> {
    Call { service: Service::Dynamodb, operation, function, copy: 1 }
}

fn rule(when: When, fault: Fault) -> Rule {
    Rule { service: Service::Dynamodb, operation: None, function: None, when, fault }
}

#[test]
fn a_plan_reads_as_it_is_written() {
    let text = r#"{"seed":7,"rules":[
        {"service":"dynamodb","operation":"TransactWriteItems","function":"accrual","when":{"calls":[1,3]},"fault":"conflict"},
        {"service":"sqs","when":{"per_mille":100},"fault":{"delay_ms":5}}]}"#;
    let plan: Plan = serde_json::from_str(text).unwrap();
    assert_eq!(plan.rules[0].when, When::Calls(vec![1, 3]));
    assert_eq!(plan.rules[1].fault, Fault::DelayMs(5));
    assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).unwrap()).unwrap(), plan);
    assert!(serde_json::from_str::<Plan>(r#"{"rules":[],"sed":1}"#).is_err());
}

#[test]
fn numbered_calls_are_those_that_the_rule_is_about() {
    let faults = Faults::default();
    let about = Rule { function: Some("accrual".into()), operation: Some("PutItem".into()), ..rule(When::Calls(vec![2]), Fault::Throttle) };
    faults.set(Plan { seed: 0, rules: vec![about] });
    let struck: Vec<bool> =
        [("PutItem", "accrual"), ("GetItem", "accrual"), ("PutItem", "click"), ("PutItem", "accrual"), ("PutItem", "accrual")]
            .map(|(operation, function)| faults.strike(&call(operation, function)).is_some())
            .into();
    assert_eq!(struck, [false, false, false, true, false]);
    assert_eq!(faults.counts(), [Counts { calls: 3, faults: 1 }]);
    let seen: Vec<_> = faults.calls().into_iter().map(|seen| (seen.operation, seen.function, seen.fault)).collect();
    let came = |operation: &str, function: &str, fault| (operation.to_owned(), function.to_owned(), fault);
    assert_eq!(seen[2..4], [came("PutItem", "click", None), came("PutItem", "accrual", Some(Fault::Throttle))]);
    assert_eq!(seen.len(), 5);
    faults.set(Plan::default());
    assert!(faults.calls().is_empty());
}

#[test]
fn only_the_latest_calls_are_remembered() {
    let faults = Faults::default();
    for _ in 0..CALLS_MAX {
        faults.strike(&call("GetItem", "click"));
    }
    faults.strike(&call("PutItem", "click"));
    let seen = faults.calls();
    assert_eq!((seen.len(), seen[CALLS_MAX - 1].operation.as_str()), (CALLS_MAX, "PutItem"));
}

#[test]
fn chances_come_from_the_seed_alone() {
    let strikes = |seed| -> Vec<bool> {
        let faults = Faults::default();
        faults.set(Plan { seed, rules: vec![rule(When::PerMille(200), Fault::Throttle)] });
        (0..1000).map(|_| faults.strike(&call("GetItem", "click")).is_some()).collect()
    };
    assert_eq!(strikes(1), strikes(1));
    assert_ne!(strikes(1), strikes(2));
    let count = strikes(1).iter().filter(|struck| **struck).count();
    assert!((150..250).contains(&count), "{count} of 1000 at 200 per mille");
}

#[tokio::test]
async fn a_conflict_has_a_reason_for_every_slot() {
    let request = Bytes::from(r#"{"TransactItems":[{},{},{}]}"#);
    let body = to_bytes(answers::conflict(Service::Dynamodb, &request, 4).into_body(), 4096).await.unwrap();
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let codes: Vec<&str> = value["CancellationReasons"].as_array().unwrap().iter().map(|reason| reason["Code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["None", "TransactionConflict", "None"]);
}
