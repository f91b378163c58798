//! What Stripe and PayPal tell as rails: that somebody should look, and nothing of amounts, states or destinations.

use crate::{
    door::{accepted, door, ignored, outcome as answered, quarantined},
    support::{changed, fixture, outcome, signed, sources},
};
use programme::payout::Errand;
use serde_json::{Value, json};

const PAYOUT: &str = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";

fn tells(source: &str, name: &str, changes: &[(&str, Option<Value>)]) -> Value {
    outcome(source, changed(fixture(source, name), changes).to_string().as_bytes())
}

fn look() -> Value {
    json!([{ "type": "look", "payout": PAYOUT }])
}

#[test]
fn stripe_tells_of_transfers_and_of_accounts() {
    let (group, account) =
        ("/data/object/transfer_group", json!([{ "type": "account", "rail": "stripe_connect", "account": "acct_plum1" }]));
    let hint = json!([{ "type": "hint", "rail": "stripe_connect", "reference": "tr_plum" }]);
    for (name, change, expected) in [
        ("transfer.created", None, look()),
        ("transfer.updated", None, look()),
        ("transfer.reversed", None, look()),
        ("transfer.reversed", Some((group, Some(json!(null)))), hint.clone()),
        ("transfer.created", Some((group, Some(json!("ORDER100")))), hint.clone()),
        ("transfer.created", Some((group, Some(json!("pay_1")))), hint.clone()),
        ("transfer.created", Some((group, None)), hint),
        // What it says of the money is not looked at.
        ("transfer.reversed", Some(("/data/object/amount_reversed", Some(json!("much")))), look()),
        ("transfer.created", Some(("/data/object/destination", Some(json!("acct_thief")))), look()),
        // A transfer of a connected account is its owner's, whatever it names.
        ("transfer.created", Some(("/account", Some(json!("acct_plum1")))), json!("ignored")),
        ("account.updated", None, account.clone()),
        ("account.updated", Some(("/account", None)), account.clone()),
        ("account.updated", Some(("/data/object/capabilities", Some(json!({ "transfers": "inactive" })))), account),
        // The way to the owner's bank.
        ("payout.failed", None, json!("ignored")),
        ("payout.failed", Some(("/type", Some(json!("payout.paid")))), json!("ignored")),
        ("payout.failed", Some(("/account", None)), json!("ignored")),
    ] {
        let changes: Vec<_> = change.into_iter().collect();
        assert_eq!(tells("stripe", name, &changes), expected, "{name} {changes:?}");
    }
}

#[test]
fn an_event_of_a_connected_account_still_tells_no_purchase() {
    for name in ["payment_intent.succeeded", "checkout.session.completed", "charge.succeeded", "charge.refunded", "refund.created"] {
        let connected = [("/account", Some(json!("acct_plum1")))];
        assert_eq!(tells("stripe", name, &connected), json!("ignored"), "{name}");
    }
}

#[test]
fn paypal_tells_of_items_and_of_batches() {
    let (item, batch) = ("PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "PAYMENT.PAYOUTSBATCH.SUCCESS");
    let (item_id, batch_id) = ("/resource/payout_item/sender_item_id", "/resource/sender_batch_id");
    let header_id = "/resource/batch_header/sender_batch_header/sender_batch_id";
    let known = ("/resource/payout_batch_id", None);
    let hint = json!([{ "type": "hint", "rail": "paypal", "reference": "PLUMJG9TZTNN4" }]);
    for (name, changes, expected) in [
        (item, vec![], look()),
        (item, vec![(item_id, Some(json!("1"))), (batch_id, Some(json!(PAYOUT)))], look()),
        (item, vec![("/resource/payout_item", None), (batch_id, Some(json!(PAYOUT)))], look()),
        (item, vec![("/resource/transaction_status", Some(json!("A STATE OF NEXT YEAR")))], look()),
        (item, vec![("/resource/payout_item/receiver", Some(json!("thief@example.com")))], look()),
        (item, vec![("/resource/payout_item/amount", None)], look()),
        (item, vec![(item_id, Some(json!("14Feb_234")))], hint.clone()),
        (item, vec![(item_id, None)], hint.clone()),
        (item, vec![(item_id, Some(json!("14Feb_234"))), known.clone()], json!("ignored")),
        (batch, vec![], look()),
        (batch, vec![(header_id, Some(json!("Payouts_2026")))], hint.clone()),
        (batch, vec![("/resource/batch_header/sender_batch_header", None)], hint),
    ] {
        assert_eq!(tells("paypal", name, &changes), expected, "{name} {changes:?}");
    }
    for end in ["SUCCEEDED", "FAILED", "BLOCKED", "CANCELED", "DENIED", "HELD", "REFUNDED", "RETURNED", "OF-NEXT-YEAR"] {
        let kind = ("/event_type", Some(json!(format!("PAYMENT.PAYOUTS-ITEM.{end}"))));
        assert_eq!(tells("paypal", item, &[kind]), look(), "{end}");
    }
    for end in ["PROCESSING", "DENIED"] {
        let kind = ("/event_type", Some(json!(format!("PAYMENT.PAYOUTSBATCH.{end}"))));
        assert_eq!(tells("paypal", batch, &[kind]), look(), "{end}");
    }
    for other in ["PAYMENT.PAYOUTS", "PAYMENT.PAYOUTSBATCHES.X", "payment.payouts-item.succeeded"] {
        assert_eq!(tells("paypal", item, &[("/event_type", Some(json!(other)))]), json!("ignored"), "{other}");
    }
}

#[test]
fn what_does_not_read_is_quarantined() {
    let (item, batch) = ("PAYMENT.PAYOUTS-ITEM.UNCLAIMED", "PAYMENT.PAYOUTSBATCH.SUCCESS");
    let long = || Some(json!("x".repeat(256)));
    for (source, name, changes) in [
        ("stripe", "transfer.created", vec![("/livemode", Some(json!(true)))]),
        ("stripe", "transfer.created", vec![("/livemode", None)]),
        ("stripe", "account.updated", vec![("/livemode", Some(json!(true)))]),
        ("stripe", "transfer.created", vec![("/data/object/id", None)]),
        ("stripe", "transfer.created", vec![("/data/object/transfer_group", Some(json!(7)))]),
        ("stripe", "transfer.created", vec![("/data/object/transfer_group", None), ("/data/object/id", long())]),
        ("stripe", "account.updated", vec![("/data/object/id", Some(json!("acct plum")))]),
        ("stripe", "account.updated", vec![("/data/object", None)]),
        ("paypal", item, vec![("/resource", None)]),
        ("paypal", item, vec![("/resource", Some(json!({})))]),
        ("paypal", item, vec![("/resource/payout_item", None), ("/resource/payout_batch_id", None)]),
        ("paypal", item, vec![("/resource/payout_item", None), ("/resource/payout_batch_id", long())]),
        ("paypal", batch, vec![("/resource/batch_header", None)]),
        ("paypal", batch, vec![("/resource/batch_header", Some(json!({})))]),
    ] {
        let told = tells(source, name, &changes);
        assert!(told["quarantined"].is_string(), "{source} {name} {changes:?}: {told}");
    }
}

#[tokio::test]
async fn errands_go_to_the_queue_of_payouts_and_nowhere_else() {
    let door = door(sources());
    let events = [
        ("stripe", "transfer.reversed", 1),
        ("stripe", "account.updated", 1),
        ("paypal", "PAYMENT.PAYOUTS-ITEM.UNCLAIMED", 1),
        ("paypal", "PAYMENT.PAYOUTSBATCH.SUCCESS", 1),
        ("wise", "transfers.state-change", 1),
        ("stripe", "payout.failed", 0),
    ];
    for (source, name, errands) in events {
        let body = fixture(source, name).to_string().into_bytes();
        let expected = if errands == 0 { ignored() } else { accepted(errands) };
        assert_eq!(door.answer_apart(signed(source, &body)).await, (expected, 0, errands), "{name}");
    }
    let purchase = fixture("stripe", "payment_intent.succeeded").to_string().into_bytes();
    assert_eq!(door.answer_apart(signed("stripe", &purchase)).await, (accepted(1), 1, 0));

    // No 2xx before the queue has it.
    let body = fixture("wise", "transfers.refund").to_string().into_bytes();
    door.payouts.fail_next(0);
    assert_eq!(door.answer(signed("wise", &body)).await, answered(503, "/problems/unavailable", 0, 0));
    assert_eq!(door.answer(signed("wise", &body)).await, accepted(1));
    // Away are the payouts alone: facts still come in.
    door.payouts.fail_next(0);
    assert_eq!(door.answer(signed("stripe", &purchase)).await, accepted(1));
    assert_eq!(door.answer(signed("wise", &body)).await, answered(503, "/problems/unavailable", 0, 0));

    let live = changed(fixture("stripe", "transfer.created"), &[("/livemode", Some(json!(true)))]);
    assert_eq!(door.answer(signed("stripe", live.to_string().as_bytes())).await, quarantined(), "kept whole");
}

#[tokio::test]
async fn an_errand_travels_as_the_worker_reads_it() {
    let door = door(sources());
    let body = fixture("stripe", "transfer.created").to_string().into_bytes();
    assert_eq!(webhook::handle(&door.app, signed("stripe", &body)).await.unwrap().status, 200);
    let sent = door.payouts.taken();
    assert_eq!((sent.len(), sent[0].delay_seconds), (1, 0));
    let errand: Errand = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(errand, Errand::Look { payout: PAYOUT.parse().unwrap() });
}
