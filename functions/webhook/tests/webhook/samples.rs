//! Stripe's own shapes, where a copy of them lies beside the checkout: each event with an account, one
//! payment intent, an amount and times set must tell what our own fixtures tell.

use crate::support::{NOW, changed, outcome};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const OBJECT: &str = "/data/object";

/// `REFERRAL_SAMPLES`, or `samples` in a folder `shared` beside the workspace.
#[allow(clippy::disallowed_methods, reason = "a test may be told where its data are")]
fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let root = std::env::var_os("REFERRAL_SAMPLES").map_or(beside, PathBuf::from);
    Some(root.join("stripe-2026")).filter(|folder| folder.is_dir())
}

/// The sample as one event of one story: times, mode, account, intent, and what `fields` sets.
fn story(folder: &Path, name: &str, fields: &[(&str, Value)]) -> Value {
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let event: Value = serde_json::from_str(&text).unwrap();
    let pointers: Vec<_> = fields.iter().map(|(field, value)| (format!("{OBJECT}/{field}"), Some(value.clone()))).collect();
    let mut changes = vec![("/created", Some(json!(NOW - 60))), ("/livemode", Some(json!(false)))];
    changes.extend(pointers.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())));
    changed(event, &changes)
}

#[test]
fn samples_tell_the_same_story() {
    let Some(folder) = folder() else {
        println!("skipped: no samples beside the checkout, nor where REFERRAL_SAMPLES says");
        return;
    };
    let at = "2026-11-18T11:05:40Z";
    let intent = ("payment_intent", json!("pi_plum"));
    let buyer = |by: &str| json!({"by": by, "account": "acct_bob"});
    let refund = |status: &str| json!({"type": "refund", "id": "re_plum", "amount": "1.00", "currency": "USD", "status": status});
    let dispute =
        |status: &str| json!({"type": "dispute", "id": "dp_plum", "amount": "10.00", "currency": "USD", "status": status, "at": at});
    let paid = [
        ("id", json!("pi_plum")),
        ("amount_received", json!(1099)),
        ("status", json!("succeeded")),
        ("metadata", json!({"account_id": "acct_bob"})),
    ];
    let checkout = [intent.clone(), ("client_reference_id", json!("acct_bob"))];
    let refunded = [intent.clone(), ("id", json!("re_plum"))];
    let disputed = [intent.clone(), ("id", json!("dp_plum"))];
    let named = json!({"type": "named", "buyer": buyer("checkout")});
    for (name, fields, expected) in [
        (
            "payment_intent.succeeded",
            &paid[..],
            vec![json!({"type": "captured", "amount": "10.99", "currency": "USD", "at": at, "buyer": buyer("payment")})],
        ),
        ("checkout.session.completed", &checkout, vec![named.clone()]),
        ("checkout.session.async_payment_succeeded", &checkout, vec![named]),
        ("refund.created", &refunded, vec![refund("succeeded")]),
        ("refund.updated", &refunded, vec![refund("succeeded")]),
        ("refund.failed", &refunded, vec![refund("failed")]),
        ("charge.dispute.created", &disputed, vec![dispute("inquiry")]),
        ("charge.dispute.closed", &disputed, vec![dispute("won")]),
    ] {
        let expected: Value =
            expected.iter().map(|fact| json!({"about": "purchase", "purchase": "stripe:pi_plum", "fact": fact})).collect();
        assert_eq!(outcome("stripe", story(&folder, name, fields).to_string().as_bytes()), expected, "{name}");
    }
    for (name, kinds) in
        [("charge.succeeded", &["instrument", "instrument"][..]), ("charge.refunded", &["refunded_total", "instrument", "instrument"])]
    {
        let told = outcome("stripe", story(&folder, name, std::slice::from_ref(&intent)).to_string().as_bytes());
        let told: Vec<_> = told.as_array().unwrap().iter().map(|fact| fact["fact"]["type"].as_str().unwrap()).collect();
        assert_eq!(told, kinds, "{name}");
    }
    for name in [
        "invoice.paid",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
        "account.updated",
        "payout.paid",
        "payout.failed",
        "transfer.created",
        "transfer.reversed",
    ] {
        assert_eq!(outcome("stripe", story(&folder, name, &[]).to_string().as_bytes()), json!("ignored"), "{name}");
    }
    // As they are they tell of nothing: amounts of 0, and no intent to join by.
    for name in ["payment_intent.succeeded", "charge.succeeded", "charge.refunded", "refund.created", "charge.dispute.created"] {
        assert_eq!(outcome("stripe", story(&folder, name, &[]).to_string().as_bytes()), json!("ignored"), "{name} as it is");
    }
}
