//! What each of Stripe's events tells: one row each.

use crate::support::{NOW, changed, fixture, outcome, told};
use ledger::KeyRing;
use serde_json::{Value, json};

const OBJECT: &str = "/data/object";

/// Our fixture `name` with fields of its object changed.
fn event(name: &str, fields: &[(&str, Value)]) -> Value {
    let pointers: Vec<_> = fields.iter().map(|(field, value)| (format!("{OBJECT}/{field}"), value.clone())).collect();
    let changes: Vec<_> = pointers.iter().map(|(pointer, value)| (pointer.as_str(), Some(value.clone()))).collect();
    changed(fixture("stripe", name), &changes)
}

fn tells(event: &Value) -> Value {
    outcome("stripe", event.to_string().as_bytes())
}

/// Facts of the fixtures' one purchase.
fn facts(facts: &[Value]) -> Value {
    facts.iter().map(|fact| json!({"about": "purchase", "purchase": "stripe:pi_plum", "fact": fact})).collect()
}

fn refund(amount: &str, status: &str) -> Value {
    json!({"type": "refund", "id": "re_plum", "amount": amount, "currency": "USD", "status": status})
}

/// `second` after the minute in which the fixtures happen.
fn dispute(status: &str, second: u32) -> Value {
    json!({"type": "dispute", "id": "dp_plum", "amount": "119.00", "currency": "USD", "status": status, "at": format!("2026-11-18T11:05:{second:02}Z")})
}

/// The digests of the fixtures' card, newest key first.
fn instruments() -> Vec<Value> {
    ["k2:ff0102030405060708090a0b0c0d0e0f", "k1:000102030405060708090a0b0c0d0e0f"]
        .map(|key| json!({"type": "instrument", "digest": KeyRing::parse(key).unwrap().sign("instrument", b"Fp1plumPLUM").to_text()}))
        .to_vec()
}

fn captured(amount: &str, currency: &str) -> Value {
    json!({"type": "captured", "amount": amount, "currency": currency, "at": "2026-11-18T11:05:41Z", "buyer": {"by": "payment", "account": "acct_bob"}})
}

fn with(mut fact: Value, field: &str, value: Value) -> Value {
    fact[field] = value;
    fact
}

fn without(mut fact: Value, field: &str) -> Value {
    fact.as_object_mut().unwrap().remove(field);
    fact
}

#[test]
fn the_payment_intent_is_the_purchase() {
    let intent = |fields: &[(&str, Value)]| tells(&event("payment_intent.succeeded", fields));
    let usd = captured("119.00", "USD");
    for (fields, expected) in [
        (vec![], facts(std::slice::from_ref(&usd))),
        (vec![("amount_received", json!(1))], facts(&[captured("0.01", "USD")])),
        (vec![("currency", json!("jpy"))], facts(&[captured("11900.00", "JPY")])),
        (vec![("currency", json!("kwd"))], facts(&[captured("11.90", "KWD")])),
        (vec![("currency", json!("isk"))], facts(&[captured("119.00", "ISK")])),
        (vec![("currency", json!("ugx"))], facts(&[captured("119.00", "UGX")])),
        (
            vec![("metadata", json!({"account_id": "acct_bob", "credits": "100.00"}))],
            facts(&[with(usd.clone(), "credits", json!("100.00"))]),
        ),
        (vec![("metadata", json!({"account_id": "acct_bob", "credits": "0"}))], facts(&[with(usd.clone(), "credits", json!("0.00"))])),
        (vec![("metadata", json!({"order": "7"}))], facts(&[without(usd.clone(), "buyer")])),
        (vec![("metadata", Value::Null)], facts(&[without(usd.clone(), "buyer")])),
        // Made after the event, so that it can't have been captured at the event's time.
        (vec![("created", json!(NOW))], facts(&[with(usd.clone(), "at", json!("2026-11-18T11:06:40Z"))])),
        (vec![("amount_received", json!(0))], json!("ignored")),
        (vec![("amount_received", json!(0)), ("status", json!("requires_payment_method"))], json!("ignored")),
    ] {
        assert_eq!(intent(&fields), expected, "{fields:?}");
    }
    let bare = changed(
        event("payment_intent.succeeded", &[]),
        &[
            ("/data/object/created", None),
            ("/data/object/status", None),
            ("/data/object/metadata", None),
            ("/api_version", None),
            ("/object", None),
        ],
    );
    assert_eq!(tells(&bare), facts(&[without(usd, "buyer")]), "only the fields used have to be there");
}

#[test]
fn checkout_names_the_buyer_once_it_is_paid() {
    let named = |account: &str| json!({"type": "named", "buyer": {"by": "checkout", "account": account}});
    let bob = facts(&[named("acct_bob")]);
    let (completed, later) = ("checkout.session.completed", "checkout.session.async_payment_succeeded");
    for (name, fields, expected) in [
        (completed, vec![], bob.clone()),
        (later, vec![], bob.clone()),
        (later, vec![("payment_status", json!("unpaid"))], bob.clone()),
        (completed, vec![("payment_status", json!("unpaid"))], json!("ignored")),
        (completed, vec![("payment_status", json!("no_payment_required"))], json!("ignored")),
        (completed, vec![("payment_status", Value::Null)], json!("ignored")),
        (completed, vec![("payment_intent", Value::Null)], json!("ignored")),
        (completed, vec![("payment_intent", json!({"id": "pi_plum", "object": "payment_intent", "amount": 5}))], bob),
        (completed, vec![("client_reference_id", Value::Null)], json!("ignored")),
        (
            completed,
            vec![("client_reference_id", Value::Null), ("metadata", json!({"account_id": "acct_eve"}))],
            facts(&[named("acct_eve")]),
        ),
        (
            completed,
            vec![("metadata", json!({"account_id": "acct_eve", "credits": "100"}))],
            facts(&[with(named("acct_bob"), "credits", json!("100.00"))]),
        ),
        (
            completed,
            vec![("client_reference_id", Value::Null), ("metadata", json!({"credits": "100"}))],
            facts(&[json!({"type": "named", "credits": "100.00"})]),
        ),
    ] {
        assert_eq!(tells(&event(name, &fields)), expected, "{name} {fields:?}");
    }
}

#[test]
fn refunds_are_known_by_their_id_and_state() {
    for (name, status, expected) in [
        ("refund.created", "pending", facts(&[refund("40.00", "pending")])),
        ("refund.created", "requires_action", facts(&[refund("40.00", "pending")])),
        ("refund.updated", "succeeded", facts(&[refund("40.00", "succeeded")])),
        ("refund.updated", "canceled", facts(&[refund("40.00", "canceled")])),
        ("refund.failed", "failed", facts(&[refund("40.00", "failed")])),
        ("refund.updated", "lost", json!({"quarantined": "status is no state of a refund"})),
    ] {
        let told = event(name, &[("status", json!(status))]);
        assert_eq!(tells(&told), expected, "{name} {status}");
        let legacy = changed(told, &[("/type", Some(json!("charge.refund.updated")))]);
        assert_eq!(tells(&legacy), expected, "charge.refund.updated {status}");
    }
    for (fields, expected) in [
        (vec![("payment_intent", Value::Null)], json!("ignored")),
        (vec![("payment_intent", json!({"id": "pi_plum"}))], facts(&[refund("40.00", "succeeded")])),
        (vec![("amount", json!(0))], json!("ignored")),
        (vec![("status", Value::Null)], json!({"quarantined": "status is no state of a refund"})),
        (vec![("id", json!("re plum"))], json!({"quarantined": "id of the refund is not 1 to 255 visible ASCII characters"})),
    ] {
        assert_eq!(tells(&event("refund.updated", &fields)), expected, "{fields:?}");
    }
}

#[test]
fn a_charge_gives_the_sum_of_refunds_and_the_card_but_no_purchase() {
    let total = json!({"type": "refunded_total", "amount": "40.00", "currency": "USD"});
    let all = [vec![total.clone()], instruments()].concat();
    let listed = json!({"data": [
        {"id": "re_plum", "amount": 4000, "currency": "usd", "status": "succeeded", "payment_intent": null},
        {"id": "re_ancient", "amount": 1, "currency": "usd"},
    ], "has_more": false});
    for (name, fields, expected) in [
        ("charge.succeeded", vec![], facts(&instruments())),
        ("charge.succeeded", vec![("payment_intent", Value::Null)], json!("ignored")),
        ("charge.succeeded", vec![("payment_method_details", json!({"type": "us_bank_account", "us_bank_account": {}}))], json!("ignored")),
        ("charge.succeeded", vec![("payment_method_details", Value::Null)], json!("ignored")),
        ("charge.refunded", vec![], facts(&all)),
        ("charge.refunded", vec![("refunds", json!({"data": []}))], facts(&all)),
        ("charge.refunded", vec![("refunds", Value::Null)], facts(&all)),
        ("charge.refunded", vec![("refunds", listed)], facts(&[all.clone(), vec![refund("40.00", "succeeded")]].concat())),
        ("charge.refunded", vec![("payment_intent", json!({"id": "pi_plum"})), ("payment_method_details", Value::Null)], facts(&[total])),
        ("charge.refunded", vec![("amount_refunded", json!(0))], facts(&instruments())),
        ("charge.refunded", vec![("payment_intent", Value::Null)], json!("ignored")),
        ("charge.refunded", vec![("amount_refunded", Value::Null)], json!({"quarantined": "amount_refunded or currency is missing"})),
    ] {
        assert_eq!(tells(&event(name, &fields)), expected, "{name} {fields:?}");
    }
    let body = fixture("stripe", "charge.succeeded").to_string();
    assert!(!format!("{:?}", told("stripe", body.as_bytes())).contains("Fp1plumPLUM"), "the fingerprint itself stays here");
}

#[test]
fn disputes_take_while_open_or_lost_and_questions_do_not() {
    for (status, expected) in [
        ("warning_needs_response", "inquiry"),
        ("warning_under_review", "inquiry"),
        ("warning_closed", "inquiry"),
        ("prevented", "inquiry"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("won", "won"),
        ("charge_refunded", "won"),
        ("lost", "lost"),
    ] {
        assert_eq!(tells(&event("charge.dispute.created", &[("status", json!(status))])), facts(&[dispute(expected, 49)]), "{status}");
        let updated =
            changed(event("charge.dispute.closed", &[("status", json!(status))]), &[("/type", Some(json!("charge.dispute.updated")))]);
        assert_eq!(tells(&updated), facts(&[dispute(expected, 50)]), "{status}");
    }
    for (fields, expected) in [
        (vec![("status", json!("appealed"))], json!({"quarantined": "status is no state of a dispute"})),
        (vec![("payment_intent", Value::Null)], json!("ignored")),
        (vec![("payment_intent", json!({"id": "pi_plum"}))], facts(&[dispute("won", 50)])),
        (vec![("amount", json!(0))], json!("ignored")),
    ] {
        assert_eq!(tells(&event("charge.dispute.closed", &fields)), expected, "{fields:?}");
    }
}

#[test]
fn what_does_not_concern_the_programme_has_no_effect() {
    for name in ["invoice.paid", "charge.dispute.funds_withdrawn"] {
        assert_eq!(tells(&fixture("stripe", name)), json!("ignored"), "{name}");
    }
    for kind in ["charge.dispute.funds_reinstated", "payment_intent.created", "payout.paid", "v2.core.event", ""] {
        let unknown = changed(fixture("stripe", "payment_intent.succeeded"), &[("/type", Some(json!(kind)))]);
        assert_eq!(tells(&unknown), json!("ignored"), "{kind}");
    }
    let theirs = changed(fixture("stripe", "payment_intent.succeeded"), &[("/account", Some(json!("acct_connected")))]);
    assert_eq!(tells(&theirs), json!("ignored"), "a payment to a connected account is no purchase of the platform's");
    let ours = changed(fixture("stripe", "payment_intent.succeeded"), &[("/account", Some(Value::Null))]);
    assert_eq!(tells(&ours), facts(&[captured("119.00", "USD")]));
}

#[test]
fn what_cannot_be_believed_is_kept_apart() {
    let intent = fixture("stripe", "payment_intent.succeeded").to_string();
    for (found, put, reason) in [
        ("\"amount_received\":11900", "\"amount_received\":-1", "amount_received is negative"),
        ("\"amount_received\":11900", "\"amount_received\":9223372036854775807", "amount_received: out of range"),
        ("\"amount_received\":11900", "\"amount_received\":100000000001", "amount_received is too large"),
        ("\"currency\":\"usd\"", "\"currency\":\"us\"", "not a valid currency: three capital letters"),
        ("\"id\":\"pi_plum\"", "\"id\":\"\"", "payment_intent is no id"),
        ("\"id\":\"evt_plum_1\"", "\"id\":\"\"", "id is not 1 to 255 visible ASCII characters"),
        (
            "\"account_id\":\"acct_bob\"",
            "\"account_id\":\"bob smith\"",
            "metadata.account_id: not a valid account id: 1 to 128 visible ASCII characters",
        ),
        (
            "\"account_id\":\"acct_bob\"",
            "\"account_id\":\"\"",
            "metadata.account_id: not a valid account id: 1 to 128 visible ASCII characters",
        ),
        ("\"account_id\":\"acct_bob\"", "\"credits\":\"1e2\"", "metadata.credits: not a plain decimal number"),
        ("\"account_id\":\"acct_bob\"", "\"credits\":\"0.0000001\"", "metadata.credits: more than 6 decimal places"),
        ("\"account_id\":\"acct_bob\"", "\"credits\":\"-1\"", "metadata.credits is negative"),
        ("\"status\":\"succeeded\"", "\"status\":\"processing\"", "status is not succeeded, though the event's type says so"),
        ("\"livemode\":false", "\"livemode\":true", "livemode is missing or not the mode that is taken here"),
        ("\"livemode\":false", "\"mode\":false", "livemode is missing or not the mode that is taken here"),
        ("\"amount_received\":11900", "\"amount_received\":1,\"amount_received\":11900", "The body has the same key twice in one object."),
        ("\"amount_received\":11900", "\"amount_kept\":11900", "The body does not fit: missing field `amount_received`."),
        ("\"created\":1794999941", "\"created\":1795000301", "it is from the future"),
        ("\"created\":1794999910", "\"created\":1795000301", "it is from the future"),
        ("\"created\":1794999941", "\"created\":9223372036854775807", "created is no time"),
    ] {
        assert!(intent.contains(found), "{found}");
        assert_eq!(outcome("stripe", intent.replace(found, put).as_bytes()), json!({ "quarantined": reason }), "{put}");
    }
    for amount in ["1.5", "10.0", "1e2", "1e400", "\"11900\"", "null", "true", "[11900]", "18446744073709551615", "-0", "011900"] {
        let body = intent.replace("\"amount_received\":11900", &format!("\"amount_received\":{amount}"));
        let told = outcome("stripe", body.as_bytes());
        let reason = told["quarantined"].as_str().unwrap_or_else(|| panic!("{amount}: {told}"));
        assert!(reason.contains("wrong kind") || reason.contains("not JSON"), "{amount}: {reason}");
        assert!(!reason.contains(amount.trim_matches('"')) || amount.len() < 3, "{amount} is quoted: {reason}");
    }
    assert_eq!(
        outcome("stripe", intent.replace("\"created\":1794999941", "\"created\":1795000300").as_bytes())[0]["fact"]["at"],
        "2026-11-18T11:11:40Z"
    );
    for body in ["", "null", "[]", "{}", "{\"id\":\"evt_1\"}", "not json", "\u{feff}{}", "{\"id\":1,\"type\":2}"] {
        assert!(outcome("stripe", body.as_bytes())["quarantined"].is_string(), "{body}");
    }
}
