//! From the boxes of the queue over the bill to the run.

use crate::{
    desk_forms::{bill, changes},
    desk_sample::{self as sample, RUN, id},
    support::{Page, World},
};
use serde_json::json;

/// The list and the key that the order form on a bill has.
fn order(page: &Page) -> (String, String) {
    let form = page.html().split("action=\"/desk/runs\"").nth(1).unwrap();
    let value = |name: &str| form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    (value("payouts"), value("key"))
}

#[tokio::test]
async fn what_is_ordered_is_what_the_bill_showed() {
    let world = World::new();
    let shown = bill(&world).await;
    assert_eq!(world.api.asked_at("POST /finance/payout-runs")[0].body, Some(json!({ "payout_ids": [id(0), id(1)], "dry_run": true })));
    let text = shown.text();
    for words in [
        "$12,354.36",
        "Stripe 2 $1,020.00",
        "PayPal 3 $1,334.36",
        "In all 6",
        "1 payout of $20.00 will be canceled",
        "The rewards behind it were taken back.",
        "It waits in another run.",
        "Order: $12,354.36 to 6 payouts",
    ] {
        assert!(text.contains(words), "`{words}` is not in {text}");
    }
    let (list, key) = order(&shown);
    let all: Vec<String> = (0..6).map(id).collect();
    assert_eq!(list, all.join(" "), "the bill's list, not the boxes'");
    let every = world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[("all", "yes")]).await;
    assert_eq!(world.api.asked_at("POST /finance/payout-runs")[1].body, Some(json!({ "dry_run": true })));
    let (list, other) = order(&every);
    assert!(list == all.join(" ") && key != other, "an order has a key of its own");
    world.api.put("POST /finance/payout-runs", 202, sample::ordered());
    let proof = shown.proof("/desk/runs");
    let ordered = world.desk_post("/desk/runs", &[("csrf", &proof), ("key", &key), ("payouts", &list)]).await;
    assert_eq!(ordered.location(), format!("/desk/runs/{RUN}?done=ordered"));
    let asked = changes(&world);
    assert_eq!((asked.len(), asked[0].headers.as_slice()), (1, [("idempotency-key", key)].as_slice()));
    assert_eq!(asked[0].body, Some(json!({ "payout_ids": all, "dry_run": false })));
}

#[tokio::test]
async fn a_refused_order_keeps_its_key_and_its_list() {
    let world = World::new();
    let shown = bill(&world).await;
    let (list, key) = order(&shown);
    let proof = shown.proof("/desk/runs");
    // The dry run is answered, the order is not.
    world.api.put_for(
        "POST /finance/payout-runs",
        |body| body["dry_run"] == false,
        422,
        json!({ "status": 422, "rule": "payouts_disabled" }),
    );
    let refused = world.desk_post("/desk/runs", &[("csrf", &proof), ("key", &key), ("payouts", &list)]).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().contains("Payouts are stopped"), "{}", refused.text());
    assert_eq!(order(&refused), (list.clone(), key.clone()), "the same order may be sent again");
    // Not even the bill can be made again: one of the list is no longer approved.
    world.api.put(
        "POST /finance/payout-runs",
        409,
        json!({ "status": 409, "detail": "A payout of the list is not approved.", "payout_id": id(1) }),
    );
    world.api.put_for(
        "POST /finance/payout-runs",
        |_| true,
        409,
        json!({ "status": 409, "detail": "A payout of the list is not approved.", "payout_id": id(1) }),
    );
    let gone = world.desk_post("/desk/runs", &[("csrf", &proof), ("key", &key), ("payouts", &list)]).await;
    assert_eq!(gone.status(), 409);
    assert!(
        gone.text().contains("not approved")
            && gone.html().contains(&format!("href=\"/desk/payouts/{}\"", id(1)))
            && !gone.html().contains("action=\"/desk/runs\"")
    );
    for (key, list) in [("", list.as_str()), ("a b", &list), (&"x".repeat(65), &list), ("web_1", "")] {
        assert_eq!(world.desk_post("/desk/runs", &[("csrf", &proof), ("key", key), ("payouts", list)]).await.status(), 403);
    }
}

#[tokio::test]
async fn a_bill_of_nothing_is_no_question() {
    let world = World::new();
    let none = world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[]).await;
    assert!(none.status() == 422 && none.text().contains("No payout was chosen") && world.api.changes().is_empty());
    let mut empty = sample::bill();
    empty["payouts"] = json!([]);
    empty["count"] = json!(0);
    world.api.put("POST /finance/payout-runs", 200, empty);
    let bill = world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[("all", "yes")]).await;
    assert!(bill.text().contains("nothing that was chosen can go out") && !bill.html().contains("action=\"/desk/runs\""));
}

#[tokio::test]
async fn a_run_of_as_many_as_there_may_be_fits_into_its_form() {
    let world = World::new();
    let mut bill = sample::bill();
    bill["payouts"] = (0..2_000)
        .map(|place| {
            let mut entry = bill["payouts"][0].clone();
            entry["payout_id"] = json!(format!("pay_{place:026}"));
            entry
        })
        .collect();
    world.api.put("POST /finance/payout-runs", 200, bill);
    let shown = world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[("all", "yes")]).await;
    assert!(shown.text().contains("And 1,700 more"));
    let (list, key) = order(&shown);
    world.api.put("POST /finance/payout-runs", 202, sample::ordered());
    let ordered = world.desk_post("/desk/runs", &[("csrf", &shown.proof("/desk/runs")), ("key", &key), ("payouts", &list)]).await;
    assert_eq!(ordered.status(), 303);
    assert_eq!(changes(&world)[0].body.as_ref().unwrap()["payout_ids"].as_array().unwrap().len(), 2_000);
}
