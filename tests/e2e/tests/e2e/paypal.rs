//! PayPal's events through the real function: its certificate comes from this machine, and nothing else is believed.

use e2e::{World, assert_audit, stack};
use local::{
    signing::{Header, PayPalKey, paypal_headers},
    stack::Stack,
};
use serde_json::{Value, json};

const CAPTURE: &str = "8PLUM1647XV020574";

fn event(kind: &str, resource: Value) -> Value {
    json!({ "id": format!("WH-{kind}"), "event_version": "1.0", "event_type": kind, "resource": resource })
}

/// 100.00, of which 40.00 was refunded and 25.50 reversed, disputed in between: 0.03 × 34.50 is left.
fn story(account: &str, at: &str) -> (Vec<Value>, &'static str) {
    let amount = |value: &str| json!({ "currency_code": "USD", "value": value });
    let up = json!([{ "rel": "up", "href": format!("https://api.paypal.com/v2/payments/captures/{CAPTURE}"), "method": "GET" }]);
    let back = |id: &str, value: &str| json!({ "id": id, "status": "COMPLETED", "amount": amount(value), "links": up });
    let dispute = |status: &str, update_time: &str| {
        json!({
            "dispute_id": "PP-D-PLUM", "status": status, "dispute_life_cycle_stage": "CHARGEBACK", "dispute_amount": amount("100.00"),
            "disputed_transactions": [{ "seller_transaction_id": CAPTURE }], "create_time": at, "update_time": update_time,
        })
    };
    let later = at.replace('Z', ".500Z");
    let events = vec![
        event("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", &later)),
        event("PAYMENT.CAPTURE.REFUNDED", back("1PLUM7995YT783435", "40.00")),
        event(
            "PAYMENT.CAPTURE.COMPLETED",
            json!({ "id": CAPTURE, "status": "COMPLETED", "amount": amount("100.00"), "custom_id": account, "create_time": at }),
        ),
        event("CUSTOMER.DISPUTE.CREATED", dispute("OPEN", at)),
        event("PAYMENT.CAPTURE.REVERSED", back("0PLUM1677NS257044", "25.50")),
    ];
    (events, "1.035")
}

async fn post(stack: &Stack, headers: &[Header], body: Vec<u8>) -> u16 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(format!("{}/webhooks/paypal", stack.url()));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
    request.body(body).send().await.unwrap().status().as_u16()
}

async fn signed(stack: &Stack, key: &PayPalKey, event: &Value) -> u16 {
    let body = serde_json::to_vec(event).unwrap();
    post(stack, &paypal_headers(key, &body, stack.clock().now_ms() / 1000).unwrap(), body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_by_paypal_earns_what_is_left_of_it() {
    let stack = stack("paypal").await;
    let world = World::of(&stack);
    let (alice, bob) = (stack.token_for("alice").unwrap(), stack.token_for("bob").unwrap());
    let code = world.sign_up(&alice, None).await["code"].as_str().unwrap().to_owned();
    let receipt = world.click(&code).await;
    assert_eq!(world.sign_up(&bob, Some(&receipt)).await["referral"]["status"], "attributed");
    let at = chrono::DateTime::from_timestamp(stack.clock().now_ms() / 1000, 0).unwrap();
    let (events, expected) = story("acct_bob", &at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let key = stack.paypal().key();

    let elsewhere = PayPalKey { certificate_url: "https://evil.example/_local/paypal/cert.pem".into(), ..key.clone() };
    let not_there = PayPalKey { certificate_url: "https://api.paypal.com/_local/paypal/other.pem".into(), ..key.clone() };
    let not_ours = PayPalKey { webhook_id: "OTHERWEBHOOK".into(), ..key.clone() };
    for refused in [elsewhere, not_there, not_ours] {
        assert_eq!(signed(&stack, &refused, &events[2]).await, 401, "{} {}", refused.certificate_url, refused.webhook_id);
    }
    let body = serde_json::to_vec(&events[2]).unwrap();
    let headers = paypal_headers(&key, &body, stack.clock().now_ms() / 1000).unwrap();
    let tampered = String::from_utf8(body).unwrap().replace("100.00", "900.00").into_bytes();
    assert_eq!(post(&stack, &headers, tampered).await, 401);

    for event in events.iter().chain(events.iter().rev()) {
        assert_eq!(signed(&stack, &key, event).await, 200, "{event}");
    }
    assert_audit(&stack).await;
    assert_eq!(world.earnings(&alice).await["total_referral_earnings"], expected);
    // The certificate outlives a clock that is moved by years.
    stack.clock().advance(std::time::Duration::from_secs(9 * 365 * 86_400)).await.unwrap();
    assert_eq!(signed(&stack, &key, &events[0]).await, 200);
    stack.stop().await;
}
