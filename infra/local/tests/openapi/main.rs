//! `openapi.yaml` against what it describes: the template's routes, the code's words, and the answers of a running stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod door;
mod orders;
mod routes;
mod schema;
mod spec;
mod story;
mod words;

use serde_json::json;
use spec::Spec;

#[test]
fn every_reference_leads_somewhere_and_everything_kept_apart_is_used() {
    let spec = Spec::read();
    let references = spec.references();
    let lost: Vec<_> = references.iter().filter(|reference| spec.at(reference).is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let idle: Vec<_> = spec.components().into_iter().filter(|name| !references.contains(name)).collect();
    assert!(idle.is_empty(), "described, and nobody refers to it: {idle:?}");
    assert_eq!(spec.root()["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_schema_refuses_what_does_not_fit() {
    let spec = Spec::read();
    let payout = json!({ "payout_id": "pay_0123456789ABCDEFGHJKMNPQRS", "status": "requested", "amount": "20.00", "currency": "USD", "rail": "wise",
        "destination": "…34 EUR", "requested_at": "2026-11-21T10:00:00.000Z" });
    let errors = |value: &serde_json::Value| schema::errors(&spec, spec.at("#/components/schemas/Payout").unwrap(), value);
    assert_eq!(errors(&payout), Vec::<String>::new());
    for (member, wrong) in [
        ("payout_id", json!("pay_1")),
        ("status", json!("settled")),
        ("amount", json!(20)),
        ("amount", json!("20")),
        ("amount", json!("2e1")),
        ("currency", json!("usd")),
        ("requested_at", json!("2026-11-21T10:00:00+00:00")),
        ("reason", json!(null)),
        ("unheard_of", json!("x")),
    ] {
        let mut bent = payout.clone();
        bent[member] = wrong;
        assert_eq!(errors(&bent).len(), 1, "{bent}");
    }
    for member in ["payout_id", "amount", "rail"] {
        let mut bent = payout.clone();
        bent.as_object_mut().unwrap().remove(member);
        assert_eq!(errors(&bent).len(), 1, "{bent}");
    }
    let form = spec.at("#/components/schemas/PayoutAccountForm").unwrap();
    for (value, fits) in [
        (json!({ "email": "a@example.com" }), true),
        (json!({ "email": "a@example.com", "default": true }), true),
        (json!({ "email": "a@example.com", "payer_id": "ABCDEFGHIJKLM" }), false),
        (json!({ "default": true }), true),
        (json!({ "recipient_id": 7, "currency": "EUR" }), true),
    ] {
        assert_eq!(schema::errors(&spec, form, &value).is_empty(), fits, "{value}");
    }
}
