//! Stripe's and PayPal's own shapes, where a copy of them lies beside the checkout: each event with an account, one
//! payment, an amount and times set must tell what our own fixtures tell.

use crate::{
    paypal::{state_in_any_order, told_of},
    support::{NOW, changed, outcome},
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const OBJECT: &str = "/data/object";

/// `REFERRAL_SAMPLES`, or `samples` in a folder `shared` beside the workspace.
#[allow(clippy::disallowed_methods, reason = "a test may be told where its data are")]
fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    let root = std::env::var_os("REFERRAL_SAMPLES").map_or(beside, PathBuf::from);
    let folder = Some(root.join(name)).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("skipped: no samples beside the checkout, nor where REFERRAL_SAMPLES says");
    }
    folder
}

fn sample(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// The sample as one event of one story: times, mode, account, intent, and what `fields` sets.
fn story(folder: &Path, name: &str, fields: &[(&str, Value)]) -> Value {
    let pointers: Vec<_> = fields.iter().map(|(field, value)| (format!("{OBJECT}/{field}"), Some(value.clone()))).collect();
    let mut changes = vec![("/created", Some(json!(NOW - 60))), ("/livemode", Some(json!(false)))];
    changes.extend(pointers.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())));
    changed(sample(folder, name), &changes)
}

#[test]
fn samples_tell_the_same_story() {
    let Some(folder) = folder("stripe-2026") else { return };
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
    for name in ["invoice.paid", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", "payout.paid", "payout.failed"] {
        assert_eq!(outcome("stripe", story(&folder, name, &[]).to_string().as_bytes()), json!("ignored"), "{name}");
    }
    let (payout, account) = ("pay_4YGQGXK5VRGSQN7XQD252HFMW1", "acct_1PgafTB7WZ01zgkW");
    let ours = [("transfer_group", json!(payout))];
    let foreign = json!([{"type": "hint", "rail": "stripe_connect", "reference": "tr_1Pgc7BB7WZ01zgkWVJfE40RX"}]);
    for (name, fields, expected) in [
        ("transfer.created", &ours[..], json!([{"type": "look", "payout": payout}])),
        ("transfer.reversed", &ours, json!([{"type": "look", "payout": payout}])),
        ("transfer.created", &[], foreign.clone()),
        ("transfer.reversed", &[], foreign),
        ("account.updated", &[], json!([{"type": "account", "rail": "stripe_connect", "account": account}])),
    ] {
        assert_eq!(outcome("stripe", story(&folder, name, fields).to_string().as_bytes()), expected, "{name}");
    }
    // As they are they tell of nothing: amounts of 0, and no intent to join by.
    for name in ["payment_intent.succeeded", "charge.succeeded", "charge.refunded", "refund.created", "charge.dispute.created"] {
        assert_eq!(outcome("stripe", story(&folder, name, &[]).to_string().as_bytes()), json!("ignored"), "{name} as it is");
    }
}

#[test]
fn paypals_samples_tell_one_purchase_in_any_order() {
    let Some(folder) = folder("paypal") else { return };
    let up = json!([{"rel": "up", "href": "https://api.paypal.com/v2/payments/captures/8PLUM1647XV020574", "method": "GET"}]);
    let linked = |name: &str, changes: &[(&str, Value)]| {
        let changes: Vec<_> = changes.iter().map(|(pointer, value)| (*pointer, Some(value.clone()))).collect();
        changed(sample(&folder, &format!("PAYMENT.CAPTURE.{name}")), &changes)
    };
    let captured = linked(
        "COMPLETED",
        &[
            ("/resource/id", json!("8PLUM1647XV020574")),
            ("/resource/custom_id", json!("acct_bob")),
            ("/resource/create_time", json!("2026-11-18T11:05:40Z")),
        ],
    );
    let (refunded, reversed) = (linked("REFUNDED", &[("/resource/links", up.clone())]), linked("REVERSED", &[("/resource/links", up)]));
    let purchase = "paypal:8PLUM1647XV020574";
    assert_eq!(
        outcome("paypal", captured.to_string().as_bytes()),
        json!([{"about": "purchase", "purchase": purchase, "fact": {
            "type": "captured", "amount": "57.00", "currency": "USD", "at": "2026-11-18T11:05:40Z", "buyer": {"by": "payment", "account": "acct_bob"},
        }}])
    );
    for (event, id, amount) in [(&refunded, "1Y107995YT783435V", "0.99"), (&reversed, "09E71677NS257044M", "2.51")] {
        assert_eq!(
            outcome("paypal", event.to_string().as_bytes()),
            json!([{"about": "purchase", "purchase": purchase, "fact": {"type": "refund", "id": id, "amount": amount, "currency": "USD", "status": "succeeded"}}])
        );
    }
    let failed = changed(refunded.clone(), &[("/resource/status", Some(json!("FAILED")))]);
    let net = |events: &[Value]| state_in_any_order(&told_of(purchase, events)).net_received().to_string();
    assert_eq!(net(&[captured.clone(), refunded.clone(), reversed.clone()]), "53.50");
    assert_eq!(net(&[captured, refunded, reversed, failed]), "54.49", "the refund failed after all");
}

#[test]
fn paypals_samples_as_they_are() {
    let Some(folder) = folder("paypal") else { return };
    // Ids that do not link: three purchases. Nothing came of the others.
    for (name, purchase) in
        [("COMPLETED", "paypal:42311647XV020574X"), ("REFUNDED", "paypal:0JF852973C016714D"), ("REVERSED", "paypal:4L335234718889942")]
    {
        let told = outcome("paypal", sample(&folder, &format!("PAYMENT.CAPTURE.{name}")).to_string().as_bytes());
        assert_eq!((told[0]["purchase"].as_str(), told.as_array().unwrap().len()), (Some(purchase), 1), "{name}");
    }
    for name in ["PENDING", "DECLINED"] {
        let told = outcome("paypal", sample(&folder, &format!("PAYMENT.CAPTURE.{name}")).to_string().as_bytes());
        assert_eq!(told, json!("ignored"), "{name}");
    }
    let asked = sample(&folder, "verify-webhook-signature.request");
    let event = asked.pointer("/verify_webhook_signature/value/webhook_event").unwrap();
    assert_eq!(outcome("paypal", event.to_string().as_bytes()), json!("ignored"), "an authorization");
}
