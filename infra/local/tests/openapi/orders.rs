//! What finance orders, and how it follows that.

use crate::{
    door::{Ask, Door},
    story::key,
};
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Of hana's payouts one is approved, one was rejected and one called off.
pub(crate) async fn orders(door: &Door<'_>, payouts: &[String]) {
    let [one, two, _] = payouts else { panic!("three payouts") };
    let shown = door.ask(Ask::new("showPayoutForFinance").by("fin2").of(&[one]), 200).await;
    assert_eq!(shown["can"], json!(["pay"]));
    door.ask(Ask::new("showPayoutForFinance").by("fin2").of(&["pay_00000000000000000000000000"]), 404).await;
    let rows = door.ask(Ask::new("listPayoutsForFinance").by("fin1").query("?status=approved&payees=true"), 200).await;
    assert_eq!(rows["payouts"][0]["payee"]["account_id"], "acct_hana");
    door.ask(Ask::new("summarizePayouts").by("fin1"), 200).await;

    let turn = |on: bool| Ask::new("turnSwitch").by("fin1").body(json!({ "payouts_enabled": on, "reason": "a look at the rails" }));
    door.ask(turn(false), 200).await;
    assert_eq!(door.ask(Ask::new("showSwitch").by("fin2"), 200).await["turned"]["by"], "acct_fin1");
    let order = |key_text: &str, body: Value| Ask::new("orderRun").by("fin1").headers(key(key_text)).body(body);
    let ordered = [one.as_str()];
    let pay = |version: &Value| Ask::new("payPayout").by("fin1").of(&ordered).body(json!({ "version": version }));
    assert_eq!(door.ask(pay(&shown["version"]), 422).await["rule"], "payouts_disabled");
    assert_eq!(door.ask(order("off", json!({})), 422).await["rule"], "payouts_disabled");
    door.ask(turn(true), 200).await;

    let list = |ids: &[&str]| json!({ "payout_ids": ids });
    door.ask(Ask::new("orderRun").by("fin1").body(json!({})), 400).await;
    door.ask(order("x", list(&["pay_00000000000000000000000000"])), 404).await;
    assert_eq!(door.ask(order("x", list(&[one, two])), 409).await["payout_status"], "rejected");
    let many: Vec<String> = (0..=2000).map(|number| format!("pay_{number:026}")).collect();
    assert_eq!(door.ask(order("x", json!({ "payout_ids": many })), 422).await["maximum"], 2000);
    let bill = door.ask(Ask::new("orderRun").by("fin1").body(json!({ "dry_run": true })), 200).await;
    assert_eq!((&bill["count"], &bill["amount"], &bill["by_rail"][0]["rail"]), (&json!(1), &json!("25.00"), &shown["rail"]), "{bill}");
    let run = door.ask(order("all", json!({})), 202).await;
    assert_eq!(door.ask(order("all", json!({})), 202).await["run_id"], run["run_id"]);
    assert_eq!(door.ask(order("all", list(&[one])), 409).await["run_id"], run["run_id"]);
    let id = [run["run_id"].as_str().unwrap()];
    assert_eq!(door.ask(Ask::new("listRuns").by("fin2"), 200).await["runs"][0]["run_id"], id[0]);
    // The second order's message finds the payout in other hands, and waits.
    assert!(door.stack.drain_due().await.unwrap());
    assert_eq!(door.ask(Ask::new("showRun").by("fin2").of(&id), 200).await["progress"]["approved"], 0);
    door.ask(Ask::new("showRun").by("fin2").of(&["run_00000000000000000000000000"]), 404).await;
    let tables = [Ask::new("exportRun").by("fin2").of(&id), Ask::new("exportAllPayouts").by("fin2")];
    for table in tables {
        let table = door.ask(table, 200).await;
        assert!(table.as_str().unwrap().contains(one.as_str()), "{table}");
    }
    assert_ne!(door.ask(Ask::new("showPayoutForFinance").by("fin1").of(&[one]), 200).await["status"], "approved");
    papers(door, one).await;
    single(door).await;
    door.ask(Ask::new("showReconciliation").by("fin1").query("?day=2026-01-01"), 404).await;
    door.stack.run_schedule("reconcile").await.unwrap();
    let found = door.ask(Ask::new("showReconciliation").by("fin1"), 200).await;
    let day = format!("?day={}", found["day"].as_str().unwrap());
    assert_eq!(door.ask(Ask::new("showReconciliation").by("fin1").query(&day), 200).await, found);
}

/// It arrives, and the bank sends it back.
async fn papers(door: &Door<'_>, payout: &str) {
    let (stack, id) = (door.stack, [payout]);
    stack.clock().advance(HOUR * 2).await.unwrap();
    assert!(stack.drain_due().await.unwrap());
    door.ask(Ask::new("showInvoice").by("hana").of(&id), 200).await;
    let shown = door.ask(Ask::new("showPayoutForFinance").by("fin1").of(&id), 200).await;
    assert!(shown["status"] == "paid" && shown["invoice"]["url"].is_string(), "{shown}");
    let back = format!("{}/_local/rails/wise/payments/{payout}/return", stack.url());
    let http = Client::builder().no_proxy().build().unwrap();
    let returned = http.post(back).header("x-local-token", stack.run_token()).json(&json!({})).send().await.unwrap();
    assert!(returned.status().is_success(), "{}", returned.text().await.unwrap());
    stack.clock().advance(HOUR).await.unwrap();
    assert!(stack.drain_due().await.unwrap());
    door.ask(Ask::new("showCreditNote").by("hana").of(&id), 200).await;
    let shown = door.ask(Ask::new("showPayoutForFinance").by("fin1").of(&id), 200).await;
    assert!(shown["status"] == "returned" && shown["returned"] == shown["amount"], "{shown}");
}

/// A payout that is sent by itself.
async fn single(door: &Door<'_>) {
    let asked = Ask::new("requestPayout").by("hana").headers(key("single")).body(json!({ "amount": "20.00" }));
    let payout = door.ask(asked, 201).await["payout_id"].as_str().unwrap().to_owned();
    let id = [payout.as_str()];
    let pay = |version: u32| Ask::new("payPayout").by("fin1").of(&id).body(json!({ "version": version }));
    assert_eq!(door.ask(pay(1), 409).await["payout_status"], "requested");
    door.ask(Ask::new("approvePayout").by("fin2").of(&id).body(json!({ "version": 1 })), 200).await;
    assert_eq!(door.ask(pay(1), 409).await["version"], 2);
    let ordered = door.ask(pay(2), 202).await;
    assert_eq!(door.ask(pay(2), 202).await["run_id"], ordered["run_id"]);
    assert!(door.stack.drain_due().await.unwrap());
}
