//! The door: one row for each kind of request.

use crate::support::{PUBLIC, door, now, receipt, signed, told};
use edge::{
    http::{Call, CallBuilder, Method},
    testing::TestIssuer,
};
use programme::visit::{DEVICE_COOKIE, RECEIPT_COOKIE, device_id, is_device_id};
use serde_json::json;

#[tokio::test]
async fn a_signup_answers_account_code_link_and_referral() {
    let door = door();
    let code = door.member("alice", None).await;
    let (status, body) = door.answer(door.call("bob", None).json(&json!({ "receipt": signed(&receipt(&code, 5)) }))).await;
    let own = body["code"].as_str().unwrap();
    assert_eq!(own.len(), 8);
    let expected = json!({ "account_id": "bob", "code": own, "link": format!("{PUBLIC}/r/{own}"), "referral": { "status": "attributed" } });
    assert_eq!((status, &body), (201, &expected));
    assert_ne!(own, code);
}

fn session_of(issuer: &TestIssuer, account: &str) -> String {
    TestIssuer::session(&issuer.token(account, &[], None, now()), account, &[], now())
}

/// Each body that is none of ours, and each caller that is nobody.
#[tokio::test]
async fn each_bad_request_gets_its_status_and_leaves_nothing() {
    let door = door();
    let raw = |content_type: &str, body: Vec<u8>| door.call("bob", None).header("content-type", content_type).body(body);
    let json_body = |body: &str| raw("application/json", body.as_bytes().to_vec());
    let unproved = || Call::builder(Method::POST, "/signups", now());
    let session = |builder: CallBuilder| builder.cookie("__Host-session", &session_of(&door.issuer, "bob"));
    let deep = format!("{{\"receipt\":{}{}}}", "[".repeat(1000), "]".repeat(1000));
    let rows = [
        ("no token", unproved(), 401),
        ("a forged token", unproved().bearer("a.b.c"), 401),
        (
            "an expired token",
            Call::builder(Method::POST, "/signups", now()).bearer(&door.issuer.token("bob", &[], None, now() - chrono::Duration::days(1))),
            401,
        ),
        ("a foreign page's session", session(unproved()).header("origin", "https://evil.test"), 403),
        ("a session without its page", session(unproved()), 403),
        ("role", json_body(r#"{"role":"finance"}"#), 400),
        ("referrer_id", json_body(r#"{"referrer_id":"alice"}"#), 400),
        ("receipt is no text", json_body(r#"{"receipt":1}"#), 400),
        ("depth 1000", json_body(&deep), 400),
        ("duplicate keys", json_body(r#"{"receipt":"a","receipt":"b"}"#), 400),
        ("bad UTF-8", raw("application/json", b"{\"receipt\":\"\xff\"}".to_vec()), 400),
        ("NUL", json_body("{\"receipt\":\"\\u0000\"}"), 400),
        ("a list", json_body("[]"), 400),
        ("half a body", json_body("{\"receipt\":"), 400),
        ("10 MB", json_body(&format!("{{\"receipt\":\"{}\"}}", "x".repeat(10_000_000))), 413),
        ("a form", raw("application/x-www-form-urlencoded", b"receipt=a".to_vec()), 415),
        ("no type", door.call("bob", None).body("{}"), 415),
    ];
    for (name, call, status) in rows {
        assert_eq!(door.answer(call).await.0, status, "{name}");
        assert!(door.tables.memory.dump().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_valid_receipt_is_no_receipt() {
    let door = door();
    let code = door.member("alice", None).await;
    let forged = receipt(&code, 5).to_text(&crate::support::keys_of("k1:ff0102030405060708090a0b0c0d0e0f"));
    let window = 60 * 24 * 60;
    let rows = [
        ("none", json!({}), "none"),
        ("null", json!({ "receipt": null }), "none"),
        ("garbage", json!({ "receipt": "x".repeat(5_000) }), "none"),
        ("forged", json!({ "receipt": forged }), "none"),
        ("an unknown code", json!({ "receipt": signed(&receipt("ZZZZZZZZ", 5)) }), "none"),
        ("just outside the window", json!({ "receipt": signed(&receipt(&code, window + 1)) }), "none"),
        ("just inside", json!({ "receipt": signed(&receipt(&code, window)) }), "attributed"),
        ("from the future", json!({ "receipt": signed(&receipt(&code, -1)) }), "none"),
    ];
    for (place, (name, body, referral)) in rows.into_iter().enumerate() {
        assert_eq!(door.referral(door.call(&format!("bob{place}"), None).json(&body)).await, referral, "{name}");
    }
    assert_eq!(door.referral(door.call("carol", None)).await, "none", "no body at all");
}

#[tokio::test]
async fn the_same_call_answers_the_same() {
    let door = door();
    let code = door.member("alice", None).await;
    let first = door.answer(door.call("bob", None).json(&json!({ "receipt": signed(&receipt(&code, 5)) }))).await;
    let before = door.tables.memory.dump();
    for again in [
        door.call("bob", None).json(&json!({ "receipt": signed(&receipt(&code, 5)) })),
        door.call("bob", None),
        door.call("bob", Some("x@example.com")),
    ] {
        assert_eq!(door.answer(again).await, (200, first.1.clone()));
    }
    assert_eq!((first.0, told(&first.1).as_str()), (201, "attributed"));
    assert!(door.tables.memory.dump() == before, "nothing is written twice");
}

#[tokio::test]
async fn a_page_signs_up_with_its_session_and_its_cookies() {
    let door = door();
    let code = door.member("alice", None).await;
    let call = Call::builder(Method::POST, "/signups", now())
        .cookie("__Host-session", &session_of(&door.issuer, "bob"))
        .header("origin", PUBLIC)
        .cookie(RECEIPT_COOKIE, "garbage")
        .cookie(RECEIPT_COOKIE, &signed(&receipt(&code, 5)));
    assert_eq!(door.referral(call).await, "attributed");
}

#[tokio::test]
async fn staff_are_customers_like_anyone() {
    let door = door();
    for group in ["finance", "platform"] {
        let token = door.issuer.token(group, &[group], None, now());
        assert_eq!(door.answer(Call::builder(Method::POST, "/signups", now()).bearer(&token)).await.0, 201);
    }
}

#[tokio::test]
async fn a_browser_is_given_a_device_cookie_once() {
    let door = door();
    let reply = signup::handle(&door.app, door.call("alice", None).build()).await.unwrap();
    let id = reply.cookies[0].strip_prefix("__Host-device=").unwrap().split(';').next().unwrap().to_owned();
    assert!(is_device_id(&id));
    for (cookie, given) in [(id, 0), (device_id([9; 16]), 0), ("not ours".to_owned(), 1)] {
        let reply = signup::handle(&door.app, door.call("alice", None).cookie(DEVICE_COOKIE, &cookie).build()).await.unwrap();
        assert_eq!(reply.cookies.len(), given, "{cookie}");
    }
}
