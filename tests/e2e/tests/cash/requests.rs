//! Requests that come at once: together they never take more than is cashable.

use crate::desk::Desk;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

/// The answers of so many requests at once, each under a key of its own.
async fn at_once(desk: &Desk, who: &str, count: usize, amount: &str, round: usize) -> Vec<u16> {
    let body = json!({ "amount": amount });
    let keys: Vec<String> = (0..count).map(|n| format!("round-{round}-{n}")).collect();
    let answers = join_all(keys.iter().map(|key| desk.keyed(who, key, "/payouts", &body))).await;
    let told: Vec<_> = answers.iter().filter(|(status, _)| ![201, 422].contains(status)).collect();
    assert!(told.is_empty(), "each is taken or refused with its reason: {told:?}");
    answers.into_iter().map(|(status, _)| status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_for_the_whole_amount_one_is_taken() {
    let desk = Desk::open("whole").await;
    desk.payee("rita", "300.00", "rita@example.com").await;
    desk.cooled().await;
    for round in 0..5 {
        let mut statuses = at_once(&desk, "rita", 2, "300.00", round).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "round {round}");
        let payouts = desk.must("rita", Method::GET, "/payouts", None, 200).await;
        let open: Vec<_> = payouts["payouts"].as_array().unwrap().iter().filter(|payout| payout["status"] == "requested").collect();
        assert_eq!(open.len(), 1, "{payouts}");
        // Taken back, so that the next two ask for the same again.
        let id = open[0]["payout_id"].as_str().unwrap();
        desk.must("rita", Method::POST, &format!("/payouts/{id}/cancel"), Some(json!({})), 200).await;
    }
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_small_ones_take_what_is_there_and_no_more() {
    let desk = Desk::open("small").await;
    // Fifty times the least payout, and not quite once more.
    desk.payee("sam", "1019.99", "sam@example.com").await;
    desk.cooled().await;
    let statuses = at_once(&desk, "sam", 200, "20.00", 0).await;
    let taken = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(taken, 50, "of 1019.99, 20.00 each");
    let shown = desk.must("sam", Method::GET, "/earnings", None, 200).await;
    assert_eq!(shown["cashable"], "19.99", "{shown}");
    assert_eq!(shown["not_cashable"], json!([{ "amount": "1000.00", "reason": "in_payout" }]), "{shown}");
    // The same keys again: the same answers, nothing more.
    let again = at_once(&desk, "sam", 200, "20.00", 0).await;
    assert_eq!(again.iter().filter(|status| **status == 201).count(), taken);
    desk.close().await;
}
