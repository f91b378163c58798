//! `GET|POST /templates`, `PUT /templates/{id}`.

use crate::support::{PUBLIC_URL, World, id};
use edge::http::Method;
use serde_json::{Value, json};

async fn post(world: &World, name: &str, body: Value) -> (u16, Value) {
    world.answer(world.call(Method::POST, "/templates", name).json(&body).build()).await
}

async fn put(world: &World, name: &str, template: &str, body: Value) -> (u16, Value) {
    world.answer(world.call(Method::PUT, "/templates/{id}", name).param("id", template).json(&body).build()).await
}

fn good() -> Value {
    json!({"name": "My rig", "url": "https://example.com/rig", "public": true})
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut body = good();
    body[name] = value.into();
    body
}

#[tokio::test]
async fn a_template_is_made_listed_and_changed_by_its_owner() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    world.sign_up("zoe", "ZZZZZZZZ").await;
    assert_eq!(world.get("alice", "/templates", "").await, json!({"templates": []}));
    let (status, made) = post(&world, "alice", good()).await;
    let template = made["template_id"].as_str().unwrap().to_owned();
    let view = |name: &str, public: bool| {
        json!({"template_id": template, "name": name, "url": "https://example.com/rig", "public": public, "created_at": "2026-12-10T12:00:00.000Z",
            "link": format!("{PUBLIC_URL}/r/AAAAAAAA/t/{template}")})
    };
    assert_eq!((status, &made), (201, &view("My rig", true)));
    assert!(template.starts_with("tpl_") && template.len() == 30, "{template}");
    assert_eq!(world.get("alice", "/templates", "").await, json!({"templates": [view("My rig", true)]}));
    assert_eq!(world.get("zoe", "/templates", "").await, json!({"templates": []}));

    let other = json!({"name": "Renamed", "url": "https://example.com/rig", "public": false});
    assert_eq!(put(&world, "zoe", &template, other.clone()).await.0, 404, "another's");
    assert_eq!(put(&world, "alice", &template, other).await, (200, view("Renamed", false)));
    assert_eq!(world.get("alice", "/templates", "").await, json!({"templates": [view("Renamed", false)]}));
    let stored = world.store.template(&template.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.public, stored.account), ("Renamed", false, id("alice")));
}

#[tokio::test]
async fn each_rule_of_a_template() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    let made = post(&world, "alice", good()).await.1["template_id"].as_str().unwrap().to_owned();
    let long_url = |bytes: usize| format!("https://example.com/{}", "x".repeat(bytes - "https://example.com/".len()));
    let cases: Vec<(Value, u16, Option<&str>)> = vec![
        (with("name", "x".repeat(80)), 201, None),
        (with("name", "\u{e9}".repeat(80)), 201, None),
        (with("name", "\u{5e9}\u{202e}\u{200f} =1+2 <b>"), 201, None),
        (with("url", long_url(2048)), 201, None),
        (with("url", "http://127.0.0.1:8080/rig?a=b#c"), 201, None),
        (with("name", ""), 422, Some("template_name")),
        (with("name", "  "), 422, Some("template_name")),
        (with("name", "x".repeat(81)), 422, Some("template_name")),
        (with("name", "a\nb"), 422, Some("template_name")),
        (with("name", "a\u{7}b"), 422, Some("template_name")),
        (with("url", ""), 422, Some("template_url")),
        (with("url", "http://example.com/"), 422, Some("template_url")),
        (with("url", "javascript:alert(1)"), 422, Some("template_url")),
        (with("url", "https://user:secret@example.com/"), 422, Some("template_url")),
        (with("url", "https://example.com@evil.test/"), 422, Some("template_url")),
        (with("url", "https://example.com\\@evil.test/"), 422, Some("template_url")),
        (with("url", "https://example.com/\r\nset-cookie: a=b"), 422, Some("template_url")),
        (with("url", long_url(2049)), 422, Some("template_url")),
        (with("url", "https://evil.test/"), 422, Some("template_host")),
        (with("url", "https://example.com.evil.test/"), 422, Some("template_host")),
        (with("url", "https://sub.example.com/"), 422, Some("template_host")),
        (with("public", "yes"), 400, None),
        (with("name", 7), 400, None),
        (with("account_id", "zoe"), 400, None),
        (json!({"name": "x", "url": "https://example.com/"}), 400, None),
        (json!({}), 400, None),
        (json!([]), 400, None),
    ];
    for (body, status, rule) in cases {
        let answer = post(&world, "alice", body.clone()).await;
        assert_eq!((answer.0, answer.1["rule"].as_str()), (status, rule), "POST {body:.90}");
        let answer = put(&world, "alice", &made, body.clone()).await;
        let status = if status == 201 { 200 } else { status };
        assert_eq!((answer.0, answer.1["rule"].as_str()), (status, rule), "PUT {body:.90}");
    }
}

#[tokio::test]
async fn who_has_not_signed_up_has_no_templates() {
    let world = World::new();
    assert_eq!(post(&world, "nobody", good()).await.1["rule"], "not_signed_up");
    let (status, body) = world.answer(world.call(Method::GET, "/templates", "nobody").build()).await;
    assert_eq!((status, body["rule"].as_str()), (422, Some("not_signed_up")));
}

#[tokio::test]
async fn there_is_a_most_of_templates_also_when_made_at_once() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    for _ in 0..198 {
        assert_eq!(post(&world, "alice", good()).await.0, 201);
    }
    let made = futures::future::join_all((0..4).map(|_| post(&world, "alice", good()))).await;
    let mut statuses: Vec<u16> = made.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 422, 422]);
    assert!(made.iter().filter(|(status, _)| *status == 422).all(|(_, body)| body["rule"] == "too_many_templates"));
    assert_eq!(world.get("alice", "/templates", "").await["templates"].as_array().unwrap().len(), 200);
}

async fn post_under(world: &World, name: &str, keys: &[&str], body: Value) -> (u16, Value) {
    let call = world.call(Method::POST, "/templates", name);
    world.answer(keys.iter().fold(call, |call, key| call.header("idempotency-key", key)).json(&body).build()).await
}

#[tokio::test]
async fn the_same_key_makes_one_template() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    world.sign_up("zoe", "ZZZZZZZZ").await;
    let first = post_under(&world, "alice", &["k1"], good()).await;
    assert_eq!((first.0, first.1["template_id"].as_str().unwrap().len()), (201, 30), "{}", first.1);
    assert_eq!(post_under(&world, "alice", &["k1"], good()).await, first, "the same answer");
    assert_eq!(post_under(&world, "alice", &["k1"], with("name", " My rig ")).await, first, "blanks around a name are none of it");
    let (status, conflict) = post_under(&world, "alice", &["k1"], with("name", "Another")).await;
    assert_eq!((status, &conflict["template_id"]), (409, &first.1["template_id"]), "{conflict}");
    for (name, key) in [("alice", "k2"), ("zoe", "k1")] {
        let other = post_under(&world, name, &[key], good()).await;
        assert!(other.0 == 201 && other.1["template_id"] != first.1["template_id"], "{name} {key}: {}", other.1);
    }
    assert_eq!(world.get("alice", "/templates", "").await["templates"].as_array().unwrap().len(), 2);

    let template = first.1["template_id"].as_str().unwrap();
    assert_eq!(put(&world, "alice", template, with("public", false)).await.0, 200);
    assert_eq!(post_under(&world, "alice", &["k1"], good()).await.0, 409, "it was changed since");
    for keys in [&[""][..], &["a b"], &["k1", "k1"], &["\u{e9}"], &["x".repeat(256).as_str()]] {
        assert_eq!(post_under(&world, "alice", keys, good()).await.0, 400, "{keys:?}");
    }
    assert_eq!(world.get("alice", "/templates", "").await["templates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_key_at_once_makes_one_template_also_at_the_last() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    for _ in 0..199 {
        assert_eq!(post(&world, "alice", good()).await.0, 201);
    }
    let made = futures::future::join_all((0..4).map(|_| post_under(&world, "alice", &["k"], good()))).await;
    assert!(made.iter().all(|answer| answer.0 == 201 && *answer == made[0]), "{made:?}");
    assert_eq!(post_under(&world, "alice", &["k"], good()).await, made[0], "though there is room for no other");
    assert_eq!(post_under(&world, "alice", &["k2"], good()).await.1["rule"], "too_many_templates");
}
