//! `GET /me`.

use crate::support::{World, now};
use edge::http::{Call, Method};
use serde_json::json;

#[tokio::test]
async fn whoever_calls_learns_who_that_is() {
    let world = World::new();
    world.sign_up("alice", "ALICE234").await;
    let me = |claims: serde_json::Value| Call::builder(Method::GET, "/me", now()).bearer(&world.issuer.sign(&claims)).build();
    let mut alice = world.issuer.claims("alice", now());
    assert_eq!(world.answer(me(alice.clone())).await, (200, json!({ "account_id": "alice", "groups": [], "signed_up": true })));
    (alice["name"], alice["groups"]) = (json!("Alice"), json!(["finance", "a"]));
    let known = json!({ "account_id": "alice", "name": "Alice", "groups": ["a", "finance"], "signed_up": true });
    assert_eq!(world.answer(me(alice)).await, (200, known));
    let nobody = json!({ "account_id": "nobody", "groups": [], "signed_up": false });
    assert_eq!(world.answer(me(world.issuer.claims("nobody", now()))).await, (200, nobody));
}
