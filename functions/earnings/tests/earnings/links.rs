//! `GET /links`, `PUT /links/alias`.

use crate::support::{PUBLIC_URL, World, id};
use edge::http::Method;
use serde_json::{Value, json};

async fn choose(world: &World, name: &str, alias: impl Into<Value>) -> (u16, Value) {
    let body = json!({"alias": alias.into()});
    world.answer(world.call(Method::PUT, "/links/alias", name).json(&body).build()).await
}

async fn two() -> World {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    world.sign_up("zoe", "ZZZZZZZZ").await;
    world
}

#[tokio::test]
async fn the_links_of_an_account() {
    let world = two().await;
    world.template("alice", "tpl_rig", "My rig", true).await;
    let template = json!({"template_id": "tpl_rig", "name": "My rig", "url": "https://example.com/t", "public": true, "created_at": "2026-10-02T00:00:00.000Z",
        "link": format!("{PUBLIC_URL}/r/AAAAAAAA/t/tpl_rig")});
    let links =
        |alias: Value| json!({"code": "AAAAAAAA", "link": format!("{PUBLIC_URL}/r/AAAAAAAA"), "alias": alias, "templates": [template]});
    assert_eq!(world.get("alice", "/links", "").await, links(Value::Null));
    let chosen = links(json!({"alias": "best-rigs", "link": format!("{PUBLIC_URL}/r/best-rigs")}));
    assert_eq!(choose(&world, "alice", "Best-Rigs").await, (200, chosen.clone()));
    assert_eq!(world.get("alice", "/links", "").await, chosen);
    assert_eq!(choose(&world, "alice", "best-rigs").await, (200, chosen), "the same again");
    let code = world.store.code("best-rigs").await.unwrap().unwrap();
    assert_eq!((code.account, code.alias), (id("alice"), true));
}

#[tokio::test]
async fn an_older_alias_keeps_working_and_is_nobody_else_s() {
    let world = two().await;
    assert_eq!(choose(&world, "alice", "first-one").await.0, 200);
    assert_eq!(choose(&world, "alice", "second-one").await.1["alias"]["alias"], "second-one");
    assert_eq!(world.store.code("first-one").await.unwrap().map(|code| code.account), Some(id("alice")));
    assert_eq!(choose(&world, "zoe", "first-one").await.0, 409);
    assert_eq!(choose(&world, "zoe", "second-one").await.0, 409);
    assert_eq!(choose(&world, "alice", "first-one").await.1["alias"]["alias"], "first-one", "and back");
    assert_eq!(world.get("zoe", "/links", "").await["alias"], Value::Null);
}

#[tokio::test]
async fn each_rule_of_an_alias() {
    let world = two().await;
    for (alias, status, rule) in [
        (json!("abc"), 200, None),
        (json!("ab"), 422, Some("alias")),
        (json!("x".repeat(33)), 422, Some("alias")),
        (json!(""), 422, Some("alias")),
        (json!("a b"), 422, Some("alias")),
        (json!("-abc"), 422, Some("alias")),
        (json!("../admin"), 422, Some("alias")),
        (json!("caf\u{e9}"), 422, Some("alias")),
        (json!("zzzzzzzz"), 422, Some("alias")),
        (json!("ADMIN"), 422, Some("alias_reserved")),
        (json!("support"), 422, Some("alias_reserved")),
        (json!(7), 400, None),
        (Value::Null, 400, None),
    ] {
        let answer = choose(&world, "alice", alias.clone()).await;
        assert_eq!((answer.0, answer.1["rule"].as_str()), (status, rule), "{alias}");
    }
    let more = json!({"alias": "fine-one", "account_id": "zoe"});
    assert_eq!(world.answer(world.call(Method::PUT, "/links/alias", "alice").json(&more).build()).await.0, 400);
    assert_eq!(world.get("alice", "/links", "").await["alias"]["alias"], "abc", "a refused one changes nothing");
}

#[tokio::test]
async fn nobody_takes_every_good_word() {
    let world = two().await;
    for number in 0..10 {
        assert_eq!(choose(&world, "alice", format!("word-{number}")).await.0, 200);
    }
    let (status, body) = choose(&world, "alice", "word-10").await;
    assert_eq!((status, body["rule"].as_str()), (422, Some("too_many_aliases")));
    assert_eq!(choose(&world, "alice", "word-3").await.0, 200, "its own older ones can still be chosen");
}

#[tokio::test]
async fn of_two_who_want_one_alias_at_once_one_gets_it() {
    let world = two().await;
    let (one, other) = futures::join!(choose(&world, "alice", "wanted"), choose(&world, "zoe", "wanted"));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let owner = world.store.code("wanted").await.unwrap().unwrap().account;
    assert_eq!(owner == id("alice"), one.0 == 200);
}

#[tokio::test]
async fn who_has_not_signed_up_has_no_links() {
    let world = World::new();
    let (status, body) = world.answer(world.call(Method::GET, "/links", "nobody").build()).await;
    assert_eq!((status, body["rule"].as_str()), (422, Some("not_signed_up")));
    assert_eq!(choose(&world, "nobody", "my-alias").await.1["rule"], "not_signed_up");
    assert_eq!(world.store.code("my-alias").await.unwrap(), None);
}
