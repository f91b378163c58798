//! What each of the platform's events tells: one row each.

use crate::support::{changed, fixture, outcome, told};
use serde_json::{Value, json};

const AT: &str = "2026-11-18T11:05:40Z";

/// Our fixture `name` with fields of its data changed; `Null` takes the field away.
fn event(name: &str, fields: &[(&str, Value)]) -> Value {
    let pointers: Vec<_> = fields.iter().map(|(field, value)| (format!("/data/{field}"), value.clone())).collect();
    let changes: Vec<_> = pointers.iter().map(|(pointer, value)| (pointer.as_str(), (!value.is_null()).then(|| value.clone()))).collect();
    changed(fixture("platform", name), &changes)
}

fn tells(event: &Value) -> Value {
    outcome("platform", event.to_string().as_bytes())
}

fn purchase(id: &str, fact: &Value) -> Value {
    json!([{"about": "purchase", "purchase": id, "fact": fact}])
}

#[test]
fn each_type_tells_its_fact() {
    let captured =
        json!({"type": "captured", "amount": "100.00", "currency": "USD", "at": AT, "buyer": {"by": "payment", "account": "acct_bob"}});
    let refund = |status: &str| json!({"type": "refund", "id": "rf_plum", "amount": "40.00", "currency": "USD", "status": status});
    let dispute =
        |status: &str| json!({"type": "dispute", "id": "ds_plum", "amount": "100.00", "currency": "USD", "status": status, "at": AT});
    let stripes = [("processor", json!("stripe")), ("purchase_id", json!("pi_plum"))];
    for (name, fields, expected) in [
        ("purchase.captured", vec![], purchase("platform:ord_plum", &captured)),
        ("purchase.captured", stripes.to_vec(), purchase("stripe:pi_plum", &captured)),
        ("purchase.refunded", vec![], purchase("platform:ord_plum", &refund("succeeded"))),
        ("purchase.refunded", stripes.to_vec(), purchase("stripe:pi_plum", &refund("succeeded"))),
        ("purchase.refunded", vec![("status", json!("pending"))], purchase("platform:ord_plum", &refund("pending"))),
        ("purchase.refunded", vec![("status", json!("failed"))], purchase("platform:ord_plum", &refund("failed"))),
        ("purchase.refunded", vec![("status", json!("canceled"))], purchase("platform:ord_plum", &refund("canceled"))),
        ("purchase.disputed", vec![], purchase("platform:ord_plum", &dispute("open"))),
        ("purchase.disputed", vec![("status", json!("won"))], purchase("platform:ord_plum", &dispute("won"))),
        ("purchase.disputed", [&stripes[..], &[("status", json!("lost"))]].concat(), purchase("stripe:pi_plum", &dispute("lost"))),
        (
            "credits.spent",
            vec![],
            json!([{"about": "spent", "usage": "use_plum", "account": "acct_bob", "amount": "0.0125", "currency": "USD", "at": AT}]),
        ),
        (
            "rental.earned",
            vec![],
            json!([{"about": "rental", "earning": "ern_plum", "account": "acct_hana", "machine": "gpu_plum", "amount": "3.50", "currency": "USD", "at": AT}]),
        ),
        ("account.closed", vec![], json!([{"about": "closed", "account": "acct_bob", "at": AT}])),
    ] {
        assert_eq!(tells(&event(name, &fields)), expected, "{name} {fields:?}");
    }
    let told = told("platform", event("account.closed", &[]).to_string().as_bytes()).unwrap();
    assert_eq!(told.event, "msg_plum", "the trail is the id that was signed");
}

#[test]
fn times_are_kept_in_utc_with_their_fractions() {
    for (at, kept) in [
        ("2026-11-18T11:05:40Z", Some("2026-11-18T11:05:40Z")),
        ("2026-11-18T11:05:40.25Z", Some("2026-11-18T11:05:40.250Z")),
        ("2026-11-18T12:05:40+01:00", Some("2026-11-18T11:05:40Z")),
        ("2026-11-18T11:11:40Z", Some("2026-11-18T11:11:40Z")),
        ("2026-11-18T11:11:40.001Z", None),
        ("2026-11-18T11:05:40", None),
        ("2026-11-18T11:05:40 +0000", None),
        ("2026-11-18T1:5:40Z", None),
        ("2026-11-18", None),
        ("2026-02-30T00:00:00Z", None),
        ("1795000000", None),
        ("", None),
    ] {
        let told = tells(&event("credits.spent", &[("at", json!(at))]));
        assert_eq!(told[0]["at"].as_str(), kept, "{at}: {told}");
        assert_eq!(told["quarantined"].is_string(), kept.is_none(), "{at}: {told}");
    }
}

#[test]
fn a_zero_and_an_unknown_type_have_no_effect() {
    for name in ["purchase.captured", "purchase.refunded", "purchase.disputed", "credits.spent", "rental.earned"] {
        for zero in ["0", "0.00", "0.000000"] {
            assert_eq!(tells(&event(name, &[("amount", json!(zero))])), json!("ignored"), "{name} {zero}");
        }
    }
    for kind in ["machine.rented", "purchase.Captured", ""] {
        assert_eq!(tells(&changed(event("purchase.captured", &[]), &[("/type", Some(json!(kind)))])), json!("ignored"), "{kind}");
    }
    assert_eq!(outcome("platform", br#"{"type":"ping"}"#), json!("ignored"));
}

#[test]
fn what_cannot_be_believed_is_kept_apart() {
    for (name, field, values) in [
        (
            "purchase.captured",
            "amount",
            vec![
                json!(100),
                json!(100.5),
                json!("-1"),
                json!("1e2"),
                json!("1,000"),
                json!("NaN"),
                json!(""),
                json!("0.0000001"),
                json!("1000000000.01"),
                json!(["1"]),
                Value::Null,
            ],
        ),
        ("purchase.captured", "currency", vec![json!("usd"), json!("US"), json!("USDT"), json!(840), Value::Null]),
        (
            "purchase.captured",
            "account_id",
            vec![json!(""), json!("acct bob"), json!("acct\u{e9}"), json!("x".repeat(129)), json!(7), Value::Null],
        ),
        ("purchase.captured", "purchase_id", vec![json!(""), json!("a b"), json!("x".repeat(256)), json!(7), Value::Null]),
        ("purchase.captured", "processor", vec![json!(""), json!("Stripe"), json!("a:b"), json!(7)]),
        ("purchase.captured", "at", vec![Value::Null, json!(1_795_000_000)]),
        ("purchase.refunded", "status", vec![json!("refunded"), json!("Pending"), json!(1), Value::Null]),
        ("purchase.refunded", "refund_id", vec![json!(""), Value::Null]),
        ("purchase.refunded", "amount", vec![json!("-40")]),
        ("purchase.disputed", "status", vec![json!("inquiry"), json!("closed"), Value::Null]),
        ("purchase.disputed", "dispute_id", vec![json!(""), Value::Null]),
        ("purchase.disputed", "amount", vec![json!("-40")]),
        ("credits.spent", "usage_id", vec![json!(""), Value::Null]),
        ("credits.spent", "amount", vec![json!("-40")]),
        ("rental.earned", "earning_id", vec![json!(""), Value::Null]),
        ("rental.earned", "machine_id", vec![json!(""), Value::Null]),
        ("rental.earned", "amount", vec![json!("-40")]),
        ("account.closed", "account_id", vec![json!(""), Value::Null]),
        ("account.closed", "at", vec![json!("2026-11-18T11:11:41Z"), Value::Null]),
    ] {
        for value in values {
            let told = tells(&event(name, &[(field, value.clone())]));
            let reason = told["quarantined"].as_str().unwrap_or_else(|| panic!("{name} {field} {value}: {told}"));
            let text = value.as_str().unwrap_or_default();
            assert!(text.len() < 3 || ["inquiry", "closed"].contains(&text) || !reason.contains(text), "{value} is quoted: {reason}");
        }
    }
    for body in ["", "[]", "{}", "{\"type\":null}", "{\"type\":\"credits.spent\"}", "{\"type\":\"credits.spent\",\"data\":null}", "\u{0}"] {
        assert!(outcome("platform", body.as_bytes())["quarantined"].is_string(), "{body}");
    }
    let twice = r#"{"type":"account.closed","data":{"account_id":"acct_bob","at":"2026-11-18T11:05:40Z","account_id":"acct_eve"}}"#;
    assert_eq!(outcome("platform", twice.as_bytes()), json!({"quarantined": "The body has the same key twice in one object."}));
}
