//! Tokens without a sign-in, for the command line.

use super::{AUDIENCE, World};
use crate::identity::{IdentityError, TokenAnswer};
use serde_json::{Value, json};

async fn ask(world: &World, body: String) -> reqwest::Response {
    world.http.post(format!("{}/_local/token", world.origin)).body(body).send().await.unwrap()
}

#[tokio::test]
async fn a_token_for_a_person_for_a_machine_and_for_a_new_name() {
    let world = World::start().await;
    for (name, groups) in [("hana", json!([])), ("fin2", json!(["finance"])), ("platform", json!(["platform"])), ("zoe.99", json!([]))] {
        let answer = ask(&world, json!({ "name": name }).to_string()).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let answer: TokenAnswer = answer.json().await.unwrap();
        assert_eq!(answer.expires_in, 3600);
        let (header, claims) = world.verify(&answer.token, AUDIENCE).await;
        assert_eq!(header.typ.as_deref(), Some("at+jwt"));
        assert_eq!(claims["sub"], format!("acct_{name}"));
        assert_eq!(claims["email"], format!("{name}@example.com"));
        assert_eq!(claims["groups"], groups);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    }
}

#[tokio::test]
async fn two_tokens_are_never_the_same() {
    let world = World::start().await;
    assert_ne!(world.issuer.token_for("alice", 60).unwrap(), world.issuer.token_for("alice", 60).unwrap());
}

#[tokio::test]
async fn a_lifetime_can_be_chosen_up_to_thirty_days() {
    let world = World::start().await;
    let month = 30 * 86_400;
    let answer: TokenAnswer = ask(&world, json!({ "name": "bob", "ttl_seconds": month }).to_string()).await.json().await.unwrap();
    let (_, claims) = world.verify(&answer.token, AUDIENCE).await;
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), month);
    for ttl_seconds in [0, 30 * 86_400 + 1, u32::MAX] {
        assert!(matches!(world.issuer.token_for("bob", ttl_seconds), Err(IdentityError::Lifetime { .. })));
        assert_eq!(ask(&world, json!({ "name": "bob", "ttl_seconds": ttl_seconds }).to_string()).await.status(), 422);
    }
}

#[tokio::test]
async fn bad_requests_get_a_sentence_and_no_token() {
    let world = World::start().await;
    for (body, status) in [
        (json!({ "name": "Alice" }).to_string(), 422),
        (json!({ "name": "" }).to_string(), 422),
        (json!({ "name": "a\u{0}" }).to_string(), 422),
        (json!({ "name": "x".repeat(41) }).to_string(), 422),
        (json!({ "name": "alice", "groups": ["finance"] }).to_string(), 400),
        (json!({ "name": 7 }).to_string(), 400),
        (json!({ "name": "alice", "ttl_seconds": -1 }).to_string(), 400),
        (json!({}).to_string(), 400),
        ("[".repeat(1000), 400),
        (String::new(), 400),
    ] {
        let answer = ask(&world, body.clone()).await;
        assert_eq!(answer.status(), status, "{body}");
        let said: Value = answer.json().await.unwrap();
        assert!(!said["error"].as_str().unwrap().is_empty());
        assert!(said.get("token").is_none());
    }
}

#[tokio::test]
async fn the_sample_people_are_named_with_their_accounts() {
    let world = World::start().await;
    let people = world.issuer.people();
    let names: Vec<&str> = people.keys().map(String::as_str).collect();
    assert_eq!(names, ["alice", "bob", "fin1", "fin2", "hana"]);
    assert_eq!(people["alice"], "acct_alice");
}
