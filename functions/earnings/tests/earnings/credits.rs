//! `GET /platform/accounts/{id}/credits`.

use crate::support::{now, rich};
use edge::http::{Call, Method};
use serde_json::json;

#[tokio::test]
async fn the_platform_reads_anybody_s_credits_and_nobody_else_does() {
    let world = rich().await;
    let call = |id: &str, groups: &[&str]| {
        let token = world.issuer.token("machine", groups, None, now());
        Call::builder(Method::GET, "/platform/accounts/{id}/credits", now()).param("id", id).bearer(&token).build()
    };
    let alice = json!({"currency": "USD", "purchased": "6.00", "referral": "25.50", "rental": "7.00"});
    assert_eq!(world.answer(call("alice", &["platform"])).await, (200, alice));
    // 600.00 are left of what was bought after the refund.
    let bob = json!({"currency": "USD", "purchased": "600.00", "referral": "0.00", "rental": "0.00"});
    assert_eq!(world.answer(call("bob", &["finance", "platform"])).await, (200, bob));
    let nobody = json!({"currency": "USD", "purchased": "0.00", "referral": "0.00", "rental": "0.00"});
    assert_eq!(world.answer(call("nobody-yet", &["platform"])).await, (200, nobody));
    for (id, groups, status) in [
        ("alice", [].as_slice(), 403),
        ("machine", &[], 403),
        ("alice", &["finance"], 403),
        ("a b", &["platform"], 404),
        ("\u{e9}", &["platform"], 404),
        ("../alice", &["platform"], 404),
        ("a\u{0}", &["platform"], 404),
        ("", &["platform"], 404),
        (&"x".repeat(129), &["platform"], 404),
        (&"x".repeat(513), &["platform"], 400),
    ] {
        assert_eq!(world.answer(call(id, groups)).await.0, status, "{id:.20} {groups:?}");
    }
}
