//! What each of PayPal's events tells: one row each.

use crate::support::{changed, fixture, outcome, told};
use programme::{
    fact::{FactBody, PurchaseFact},
    purchase::PurchaseState,
};
use serde_json::{Value, json};

const AT: &str = "2026-11-18T11:05:40Z";
const CAPTURE: &str = "8PLUM1647XV020574";

/// Our fixture `name` with fields of its resource changed; `Null` takes the field away.
fn event(name: &str, fields: &[(&str, Value)]) -> Value {
    let pointers: Vec<_> = fields.iter().map(|(field, value)| (format!("/resource/{field}"), value.clone())).collect();
    let changes: Vec<_> = pointers.iter().map(|(pointer, value)| (pointer.as_str(), (!value.is_null()).then(|| value.clone()))).collect();
    changed(fixture("paypal", name), &changes)
}

fn tells(event: &Value) -> Value {
    outcome("paypal", event.to_string().as_bytes())
}

fn facts(facts: &[Value]) -> Value {
    facts.iter().map(|fact| json!({"about": "purchase", "purchase": format!("paypal:{CAPTURE}"), "fact": fact})).collect()
}

fn captured() -> Value {
    json!({"type": "captured", "amount": "100.00", "currency": "USD", "at": AT, "buyer": {"by": "payment", "account": "acct_bob"}})
}

fn refund(status: &str) -> Value {
    json!({"type": "refund", "id": "1PLUM7995YT783435", "amount": "40.00", "currency": "USD", "status": status})
}

fn reversal(status: &str) -> Value {
    json!({"type": "refund", "id": "0PLUM1677NS257044", "amount": "25.50", "currency": "USD", "status": status})
}

fn dispute(status: &str, second: u8) -> Value {
    let at = format!("2026-11-18T11:05:{second}Z");
    json!({"type": "dispute", "id": "PP-D-PLUM", "amount": "100.00", "currency": "USD", "status": status, "at": at})
}

#[test]
fn a_completed_capture_is_the_purchase() {
    let without = |field: &str| {
        let mut fact = captured();
        fact.as_object_mut().unwrap().remove(field);
        fact
    };
    let with = |field: &str, value: Value| {
        let mut fact = captured();
        fact[field] = value;
        fact
    };
    let yen = json!({"currency_code": "JPY", "value": "11900"});
    for (fields, expected) in [
        (vec![], facts(&[captured()])),
        (vec![("custom_id", Value::Null)], facts(&[without("buyer")])),
        (vec![("status", json!("PARTIALLY_REFUNDED"))], facts(&[captured()])),
        (vec![("status", json!("REFUNDED"))], facts(&[captured()])),
        (vec![("status", Value::Null)], facts(&[captured()])),
        // Not when it was last touched.
        (vec![("update_time", json!("2026-11-19T00:00:00Z"))], facts(&[captured()])),
        (vec![("create_time", json!("2026-11-18T04:05:40-07:00"))], facts(&[captured()])),
        (
            vec![("amount", yen)],
            facts(&[json!({"type": "captured", "amount": "11900.00", "currency": "JPY", "at": AT, "buyer": captured()["buyer"]})]),
        ),
        (vec![("amount", json!({"currency_code": "USD", "value": "0.01"}))], facts(&[with("amount", json!("0.01"))])),
        (vec![("amount", json!({"currency_code": "USD", "value": "0.00"}))], json!("ignored")),
    ] {
        assert_eq!(tells(&event("PAYMENT.CAPTURE.COMPLETED", &fields)), expected, "{fields:?}");
    }
    let told = told("paypal", event("PAYMENT.CAPTURE.COMPLETED", &[]).to_string().as_bytes()).unwrap();
    assert_eq!(told.event, "WH-PLUM000000000000-PLUM0000000000000");
}

#[test]
fn a_refund_and_a_reversal_name_the_capture_one_step_up() {
    for (name, status, expected) in [
        ("PAYMENT.CAPTURE.REFUNDED", json!("COMPLETED"), facts(&[refund("succeeded")])),
        ("PAYMENT.CAPTURE.REFUNDED", json!("PENDING"), facts(&[refund("pending")])),
        ("PAYMENT.CAPTURE.REFUNDED", json!("CANCELLED"), facts(&[refund("canceled")])),
        ("PAYMENT.CAPTURE.REFUNDED", json!("FAILED"), facts(&[refund("failed")])),
        ("PAYMENT.CAPTURE.REFUNDED", json!("completed"), json!({"quarantined": "status is no state of a refund"})),
        ("PAYMENT.CAPTURE.REFUNDED", Value::Null, json!({"quarantined": "status is no state of a refund"})),
        ("PAYMENT.CAPTURE.REVERSED", json!("COMPLETED"), facts(&[reversal("succeeded")])),
        ("PAYMENT.CAPTURE.REVERSED", Value::Null, facts(&[reversal("succeeded")])),
        ("PAYMENT.CAPTURE.REVERSED", json!("FAILED"), facts(&[reversal("failed")])),
        ("PAYMENT.CAPTURE.REVERSED", json!("REVERSED"), json!({"quarantined": "status is no state of a refund"})),
    ] {
        assert_eq!(tells(&event(name, &[("status", status.clone())])), expected, "{name} {status}");
    }
    let up =
        |href: &str| json!([{"rel": "self", "href": "https://api.paypal.com/v2/payments/captures/OTHER"}, {"rel": "up", "href": href}]);
    let here = format!("https://api.sandbox.paypal.com/v2/payments/captures/{CAPTURE}");
    let none = json!({"quarantined": "links name no capture"});
    for (links, expected) in [
        (up(&here), facts(&[refund("succeeded")])),
        (up(&format!("{here}?fields=all")), facts(&[refund("succeeded")])),
        (up(&format!("{here}#top")), facts(&[refund("succeeded")])),
        (up("https://api.paypal.com/v2/payments/authorizations/24B76447NN600461P"), none.clone()),
        (up("https://api.paypal.com/v2/payments/captures/"), json!({"quarantined": "links: no capture's id"})),
        (up("captures"), none.clone()),
        (up(""), none.clone()),
        (json!([]), none.clone()),
        (Value::Null, none),
    ] {
        assert_eq!(tells(&event("PAYMENT.CAPTURE.REFUNDED", &[("links", links.clone())])), expected, "{links}");
    }
    let zero = ("amount", json!({"currency_code": "USD", "value": "0"}));
    assert_eq!(tells(&event("PAYMENT.CAPTURE.REFUNDED", &[zero])), json!("ignored"));
}

#[test]
fn a_dispute_takes_while_it_is_open() {
    for (name, status, stage, expected) in [
        ("CREATED", "OPEN", json!("CHARGEBACK"), facts(&[dispute("open", 44)])),
        ("CREATED", "OPEN", json!("INQUIRY"), facts(&[dispute("inquiry", 44)])),
        ("CREATED", "OPEN", Value::Null, facts(&[dispute("open", 44)])),
        ("UPDATED", "UNDER_REVIEW", json!("PRE_ARBITRATION"), facts(&[dispute("open", 45)])),
        ("UPDATED", "WAITING_FOR_SELLER_RESPONSE", json!("ARBITRATION"), facts(&[dispute("open", 45)])),
        ("UPDATED", "WAITING_FOR_BUYER_RESPONSE", json!("INQUIRY"), facts(&[dispute("inquiry", 45)])),
        ("UPDATED", "OTHER", json!("CHARGEBACK"), facts(&[dispute("open", 45)])),
        ("UPDATED", "RESOLVED", json!("CHARGEBACK"), facts(&[dispute("won", 45)])),
        ("UPDATED", "REOPENED", json!("CHARGEBACK"), json!({"quarantined": "status is no state of a dispute"})),
        // For whomever: what it took comes as a refund or a reversal.
        ("RESOLVED", "RESOLVED", json!("CHARGEBACK"), facts(&[dispute("won", 46)])),
        ("RESOLVED", "RESOLVED", json!("INQUIRY"), facts(&[dispute("won", 46)])),
        ("RESOLVED", "OPEN", Value::Null, json!({"quarantined": "status is not RESOLVED, though the event's type says so"})),
    ] {
        let told = event(&format!("CUSTOMER.DISPUTE.{name}"), &[("status", json!(status)), ("dispute_life_cycle_stage", stage.clone())]);
        assert_eq!(tells(&told), expected, "{name} {status} {stage}");
    }
    let other = json!({"about": "purchase", "purchase": "paypal:9OTHER", "fact": dispute("open", 45)});
    let both = json!([facts(&[dispute("open", 45)])[0], other]);
    for (fields, expected) in [
        (vec![("update_time", Value::Null)], facts(&[dispute("open", 44)])),
        (vec![("disputed_transactions", json!([]))], json!("ignored")),
        (vec![("disputed_transactions", Value::Null)], json!("ignored")),
        (vec![("disputed_transactions", json!([{"buyer_transaction_id": "3BUYER"}]))], json!("ignored")),
        (vec![("disputed_transactions", json!([{"seller_transaction_id": CAPTURE}, {"seller_transaction_id": "9OTHER"}]))], both),
        (
            vec![("disputed_transactions", json!([{"seller_transaction_id": ""}]))],
            json!({"quarantined": "seller_transaction_id: no capture's id"}),
        ),
        (vec![("dispute_amount", json!({"currency_code": "USD", "value": "0.00"}))], json!("ignored")),
        (vec![("dispute_id", json!(""))], json!({"quarantined": "dispute_id is not 1 to 255 visible ASCII characters"})),
    ] {
        assert_eq!(tells(&event("CUSTOMER.DISPUTE.UPDATED", &fields)), expected, "{fields:?}");
    }
}

#[test]
fn what_does_not_concern_the_programme_has_no_effect() {
    assert_eq!(tells(&fixture("paypal", "PAYMENT.CAPTURE.PENDING")), json!("ignored"));
    for kind in ["PAYMENT.CAPTURE.DECLINED", "PAYMENT.CAPTURE.DENIED", "PAYMENT.SALE.COMPLETED", "payment.capture.completed", ""] {
        let unknown = changed(fixture("paypal", "PAYMENT.CAPTURE.COMPLETED"), &[("/event_type", Some(json!(kind)))]);
        assert_eq!(tells(&unknown), json!("ignored"), "{kind}");
    }
    assert_eq!(outcome("paypal", br#"{"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED"}"#), json!("ignored"));
}

#[test]
fn what_cannot_be_believed_is_kept_apart() {
    let usd = |value: Value| json!({"currency_code": "USD", "value": value});
    for value in [
        json!(100),
        json!(100.5),
        json!("-1"),
        json!("+1"),
        json!("1e2"),
        json!("1e400"),
        json!("1,000.00"),
        json!("NaN"),
        json!(""),
        json!("0.0000001"),
        json!("1000000000.01"),
        json!("9".repeat(400)),
        json!(["1"]),
        Value::Null,
    ] {
        for (name, field) in [
            ("PAYMENT.CAPTURE.COMPLETED", "amount"),
            ("PAYMENT.CAPTURE.REFUNDED", "amount"),
            ("PAYMENT.CAPTURE.REVERSED", "amount"),
            ("CUSTOMER.DISPUTE.CREATED", "dispute_amount"),
        ] {
            let told = tells(&event(name, &[(field, usd(value.clone()))]));
            assert!(told["quarantined"].is_string(), "{name} {value}: {told}");
        }
    }
    for (name, field, values) in [
        (
            "PAYMENT.CAPTURE.COMPLETED",
            "amount",
            vec![
                json!({"currency_code": "usd", "value": "1"}),
                json!({"currency_code": "US", "value": "1"}),
                json!({"currency": "USD", "total": "1"}),
                json!("100.00"),
                Value::Null,
            ],
        ),
        ("PAYMENT.CAPTURE.COMPLETED", "id", vec![json!(""), json!("a b"), json!("x".repeat(256)), json!(7), Value::Null]),
        ("PAYMENT.CAPTURE.COMPLETED", "status", vec![json!("PENDING"), json!("DECLINED"), json!("FAILED"), json!("")]),
        ("PAYMENT.CAPTURE.COMPLETED", "custom_id", vec![json!(""), json!("acct bob"), json!("x".repeat(129)), json!(7)]),
        (
            "PAYMENT.CAPTURE.COMPLETED",
            "create_time",
            vec![json!("2026-11-18T11:11:41Z"), json!("2026-11-18"), json!(1_795_000_000), Value::Null],
        ),
        ("PAYMENT.CAPTURE.REFUNDED", "id", vec![json!(""), json!("a b"), Value::Null]),
        ("CUSTOMER.DISPUTE.CREATED", "update_time", vec![json!("2026-11-18T11:11:41Z"), json!("yesterday")]),
        ("CUSTOMER.DISPUTE.CREATED", "status", vec![json!("open"), json!(""), Value::Null]),
    ] {
        for value in values {
            let told = tells(&event(name, &[(field, value.clone())]));
            let reason = told["quarantined"].as_str().unwrap_or_else(|| panic!("{name} {field} {value}: {told}"));
            let text = value.as_str().unwrap_or_default();
            assert!(text.len() < 3 || !reason.contains(text), "{value} is quoted: {reason}");
        }
    }
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "{\"id\":\"WH-1\"}",
        "{\"id\":\"WH-1\",\"event_type\":\"PAYMENT.CAPTURE.COMPLETED\"}",
        "{\"id\":\"\",\"event_type\":\"x\"}",
        "\u{0}",
    ] {
        assert!(outcome("paypal", body.as_bytes())["quarantined"].is_string(), "{body}");
    }
}

/// The facts of one purchase that events tell.
pub(crate) fn told_of(purchase: &str, events: &[Value]) -> Vec<PurchaseFact> {
    let told = events.iter().flat_map(|event| told("paypal", event.to_string().as_bytes()).unwrap().facts);
    let fact = |body| {
        let FactBody::Purchase { purchase: of, fact } = body else { panic!("{body:?} is of no purchase") };
        assert_eq!(of.to_string(), purchase);
        fact
    };
    told.map(fact).collect()
}

/// The state that every order of the facts, each told twice, ends in.
pub(crate) fn state_in_any_order(facts: &[PurchaseFact]) -> PurchaseState {
    let mut ends: Vec<PurchaseState> = Vec::new();
    permutations(&mut facts.to_vec(), 0, &mut |order| {
        let mut state = PurchaseState::default();
        order.iter().chain(order.iter().rev()).for_each(|fact| state.merge(fact));
        if !ends.contains(&state) {
            ends.push(state);
        }
    });
    assert_eq!(ends.len(), 1, "{ends:?}");
    ends.remove(0)
}

fn permutations(facts: &mut [PurchaseFact], from: usize, visit: &mut impl FnMut(&[PurchaseFact])) {
    if from == facts.len() {
        return visit(facts);
    }
    for at in from..facts.len() {
        facts.swap(from, at);
        permutations(facts, from + 1, visit);
        facts.swap(from, at);
    }
}

#[test]
fn every_order_of_a_purchases_events_ends_in_the_same_state() {
    let all = ["CAPTURE.COMPLETED", "CAPTURE.REFUNDED", "CAPTURE.REVERSED"].map(|name| fixture("paypal", &format!("PAYMENT.{name}")));
    let disputes = ["CREATED", "UPDATED", "RESOLVED"].map(|name| fixture("paypal", &format!("CUSTOMER.DISPUTE.{name}")));
    let facts = told_of(&format!("paypal:{CAPTURE}"), &[all.to_vec(), disputes.to_vec()].concat());
    assert_eq!(facts.len(), 6);
    // 100.00 less a refund of 40.00 and a reversal of 25.50; the dispute is over.
    assert_eq!(state_in_any_order(&facts).net_received().to_string(), "34.50");
    // While it is open, nothing is left.
    assert_eq!(state_in_any_order(&facts[..5]).net_received().to_string(), "0.00");
}
