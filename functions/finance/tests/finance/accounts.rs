use crate::support::{Ask, World};
use serde_json::json;

#[tokio::test]
async fn an_account_is_shown_with_all_that_a_decision_needs() {
    let world = World::new();
    world.figures("alice", &[("R", "100"), ("E", "10"), ("G", "0.5")]).await;
    let payout = world.payout("alice", "50").await;
    let (status, shown) = world.send("fin1", Ask { params: vec![("id", "alice")], ..Ask::get("/finance/accounts/{id}") }).await;
    assert_eq!(status, 200);
    let figures = json!({
        "purchased": "0.00", "spent": "0.00", "rewards": "100.00", "rewards_in_review": "0.00", "referral_cash": "50.00",
        "rental": "10.00", "rental_cash": "0.00", "paid": "0.00", "generated": "0.50", "generated_in_review": "0.00",
    });
    assert_eq!(shown["figures"], figures);
    let balance = json!({
        "current_balance": "110.00", "total_earnings": "110.00", "cashable": "35.00", "in_payout": "50.00",
        "not_cashable": [{ "reason": "share", "amount": "25.00" }, { "reason": "in_payout", "amount": "50.00" }],
    });
    assert_eq!(shown["balance"], balance);
    assert_eq!((&shown["rate"], &shown["attribution"], &shown["referral_count"]), (&json!("0.03"), &json!(null), &json!(0)));
    assert_eq!((&shown["payouts"]["open"], &shown["payouts"]["requested_today"]), (&json!(1), &json!("50.00")));
    assert_eq!(shown["payouts"]["latest"][0]["payout_id"], payout.id.as_str());
    let account = &shown["payout_accounts"][0];
    assert_eq!(
        (&account["destination"], &account["rail"], &account["changed_by"]),
        (&json!("s…@example.com"), &json!("paypal"), &json!("alice"))
    );
    assert!(!shown.to_string().contains("someone@"), "masked everywhere");
}
