//! Signed bytes of any kind end as facts, as nothing, or in the quarantine; unsigned ones end at the door.

use crate::{
    authority::Transmission,
    support::{bare, fixture, sources, told},
};
use futures::executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

const EVENTS: [(&str, &str); 26] = [
    ("stripe", "payment_intent.succeeded"),
    ("stripe", "checkout.session.completed"),
    ("stripe", "charge.succeeded"),
    ("stripe", "charge.refunded"),
    ("stripe", "refund.created"),
    ("stripe", "refund.failed"),
    ("stripe", "charge.dispute.created"),
    ("stripe", "charge.dispute.closed"),
    ("stripe", "invoice.paid"),
    ("stripe", "transfer.reversed"),
    ("stripe", "account.updated"),
    ("paypal", "PAYMENT.PAYOUTS-ITEM.UNCLAIMED"),
    ("paypal", "PAYMENT.PAYOUTSBATCH.SUCCESS"),
    ("wise", "transfers.state-change"),
    ("wise", "transfers.payout-failure"),
    ("paypal", "PAYMENT.CAPTURE.COMPLETED"),
    ("paypal", "PAYMENT.CAPTURE.REFUNDED"),
    ("paypal", "PAYMENT.CAPTURE.REVERSED"),
    ("paypal", "CUSTOMER.DISPUTE.CREATED"),
    ("paypal", "CUSTOMER.DISPUTE.RESOLVED"),
    ("platform", "purchase.captured"),
    ("platform", "purchase.refunded"),
    ("platform", "purchase.disputed"),
    ("platform", "credits.spent"),
    ("platform", "rental.earned"),
    ("platform", "account.closed"),
];

/// Values that readers stumble over.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        Just(json!("")),
        Just(json!(true)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<u64>().prop_map(|number| json!(number)),
        Just(json!(1e300)),
        Just(json!("99999999999999999999999999999")),
        Just(json!("9".repeat(400))),
        any::<String>().prop_map(|text| json!(text)),
    ]
}

/// Every place of a value, by JSON pointer.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    for (key, inner) in value.as_object().into_iter().flatten() {
        let place = format!("{here}/{key}");
        places(inner, &place, found);
        found.push(place);
    }
}

/// Facts leave in a form that the accrual reads back, with amounts that are none too large; errands in one that the worker does.
fn check(source: &str, body: &[u8]) -> Result<(), TestCaseError> {
    match told(source, body) {
        Err(reason) => prop_assert!(reason.to_string().len() < 500),
        Ok(told) => {
            for errand in told.errands {
                let text = serde_json::to_string(&errand).unwrap();
                prop_assert!(text.len() < 1000);
                prop_assert_eq!(serde_json::from_str::<programme::payout::Errand>(&text).unwrap(), errand);
            }
            for body in told.facts {
                let fact = programme::fact::Fact { source: programme::fact::Source::Stripe, event: told.event.clone(), body };
                let text = serde_json::to_string(&fact).unwrap();
                prop_assert_eq!(serde_json::from_str::<programme::fact::Fact>(&text).unwrap(), fact);
                prop_assert!(!text.contains("\"amount\":\"-") && !text.contains("\"credits\":\"-"), "{}", text);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for source in ["stripe", "paypal", "platform", "wise"] {
            check(source, &bytes)?;
        }
    }

    #[test]
    fn events_with_some_bytes_changed(event in proptest::sample::select(&EVENTS[..]), edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = fixture(event.0, event.1).to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(event.0, &bytes)?;
    }

    #[test]
    fn events_with_a_value_changed(event in proptest::sample::select(&EVENTS[..]), at in any::<prop::sample::Index>(), value in odd()) {
        let mut body = fixture(event.0, event.1);
        let mut found = Vec::new();
        places(&body, "", &mut found);
        *body.pointer_mut(&found[at.index(found.len())]).unwrap() = value;
        check(event.0, body.to_string().as_bytes())?;
    }

    #[test]
    fn any_header_is_refused(first in "[ -~]{0,120}", id in "[ -~]{1,40}", seconds in "[0-9+-]{0,14}", last in "(v1,)?[ -~]{0,80}") {
        let refused = |source: &str, call: &edge::http::Call| block_on(sources().named(source).unwrap().verify(call)).is_err();
        for header in [first.clone(), format!("t=1795000000,v1={first}"), format!("t=1795000000,v1={}", "0".repeat(64))] {
            let stripe = bare("stripe", b"{}").header("stripe-signature", &header).build();
            prop_assert!(refused("stripe", &stripe), "{}", header);
        }
        for stamp in [seconds.as_str(), "1795000000"] {
            let platform = bare("platform", b"{}").header("webhook-id", &id).header("webhook-timestamp", stamp).header("webhook-signature", &last).build();
            prop_assert!(refused("platform", &platform));
        }
        for header in [&first, &last, &id] {
            prop_assert!(refused("wise", &bare("wise", b"{}").header("x-signature-sha256", header).build()), "{}", header);
        }
        let real = Transmission::default();
        for (time, url) in [(real.time.as_str(), real.url.as_str()), (&first, &real.url), (&real.time, &first), (&seconds, &last)] {
            let sent = Transmission { id: id.clone(), time: time.to_owned(), url: url.to_owned(), ..real.clone() };
            prop_assert!(refused("paypal", &sent.with_signature(&last, b"{}")), "{} {}", time, url);
        }
    }
}
