//! Bad input, and what it gets.

use crate::support::{PUBLIC_URL, World, app_over, now, rich};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::Duration;
use earnings::handle;
use edge::{
    http::{Call, Method},
    problem::Problem,
    testing::TestIssuer,
};
use futures::future::BoxFuture;
use ledger::KeyRing;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{
    Store, StoreError,
    backend::{Backend, Item, Key, Page, Query, Scan, Write, WriteError},
    keys,
};

/// Every door: method, route and a value for its braces.
fn doors() -> Vec<(Method, &'static str)> {
    vec![
        (Method::GET, "/earnings"),
        (Method::GET, "/earnings/lines"),
        (Method::GET, "/earnings/lines.csv"),
        (Method::GET, "/templates"),
        (Method::POST, "/templates"),
        (Method::PUT, "/templates/{id}"),
        (Method::GET, "/links"),
        (Method::PUT, "/links/alias"),
        (Method::GET, "/me"),
        (Method::GET, "/platform/accounts/{id}/credits"),
    ]
}

fn bad_tokens(issuer: &TestIssuer) -> Vec<(&'static str, Option<String>)> {
    let claims = |change: fn(&mut Value)| {
        let mut claims = issuer.claims("alice", now());
        change(&mut claims);
        Some(issuer.sign(&claims))
    };
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str, signature: &str| {
        Some(format!("{}.{}.{signature}", part(&json!({"alg": alg, "typ": "at+jwt", "kid": "test"})), part(&issuer.claims("alice", now()))))
    };
    let hour = Duration::hours(2);
    vec![
        ("none at all", None),
        ("no token", Some("x".into())),
        ("alg none", unsigned("none", "")),
        ("alg none in capitals", unsigned("None", "")),
        ("HS confusion", unsigned("HS256", "c2lnbmVk")),
        ("RS confusion", unsigned("RS256", "c2lnbmVk")),
        ("expired", Some(issuer.sign(&issuer.claims("alice", now() - hour)))),
        ("from the future", Some(issuer.sign(&issuer.claims("alice", now() + hour)))),
        ("wrong issuer", claims(|claims| claims["iss"] = json!("https://evil.test"))),
        ("wrong audience", claims(|claims| claims["aud"] = json!("another"))),
        ("no subject", claims(|claims| claims["sub"] = json!(""))),
        ("a subject that is no account", claims(|claims| claims["sub"] = json!("a b"))),
        ("another issuer's key", Some(TestIssuer::new("https://id.example.com", "referral").token("alice", &[], None, now()))),
    ]
}

#[tokio::test]
async fn who_is_not_proved_passes_no_door() {
    let world = rich().await;
    for (what, token) in bad_tokens(&world.issuer) {
        for (method, route) in doors() {
            let builder = Call::builder(method, route, now()).param("id", "alice");
            let call = token.iter().fold(builder, |builder, token| builder.bearer(token)).build();
            assert_eq!(world.answer(call).await.0, 401, "{what} at {route}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_with_a_session() {
    let world = rich().await;
    let session = TestIssuer::session(&world.token("alice"), "alice", &[], now());
    for (method, route) in [(Method::POST, "/templates"), (Method::PUT, "/templates/{id}"), (Method::PUT, "/links/alias")] {
        for (origin, passes) in [(None, false), (Some("https://evil.test"), false), (Some("null"), false), (Some(PUBLIC_URL), true)] {
            let builder =
                Call::builder(method.clone(), route, now()).param("id", "tpl_rig").cookie("__Host-session", &session).json(&json!({}));
            let call = origin.iter().fold(builder, |builder, origin| builder.header("origin", origin)).build();
            assert_eq!(world.answer(call).await.0, if passes { 400 } else { 403 }, "{origin:?} at {route}");
        }
    }
    let reading = Call::builder(Method::GET, "/earnings", now()).cookie("__Host-session", &session).build();
    assert_eq!(world.answer(reading).await.0, 200);
}

#[tokio::test]
async fn queries_that_can_t_be_meant() {
    let world = rich().await;
    let ranges = [
        "from=2026-12-10&to=2026-12-09",
        "from=2021-12-09&to=2026-12-10",
        "from=2026-13-01",
        "to=now",
        "from=",
        "from=2026-12-01&from=2026-12-02",
        "to=2026-12-10%00",
    ];
    for route in ["/earnings", "/earnings/lines", "/earnings/lines.csv"] {
        for query in ranges {
            let (status, body) = world.answer(world.call(Method::GET, route, "alice").raw_query(query).build()).await;
            assert_eq!((status, body["type"].as_str()), (400, Some("/problems/malformed")), "{route}?{query}");
        }
    }
    let foreign = world.get("alice", "/earnings/lines", "from=2026-10-01&limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    let forged = BASE64_URL_SAFE_NO_PAD.encode("k2.00 2026-11-25T10:00:01.000Z lin_1");
    for (name, route, query) in [
        ("alice", "/earnings", "group=year".to_owned()),
        ("alice", "/earnings", "group=".into()),
        ("alice", "/earnings/lines", "limit=1e9".into()),
        ("alice", "/earnings/lines", "limit=0".into()),
        ("alice", "/earnings/lines", "limit=101".into()),
        ("alice", "/earnings/lines", "limit=-1".into()),
        ("alice", "/earnings/lines", "cursor=".into()),
        ("alice", "/earnings/lines", "cursor=%21%21".into()),
        ("alice", "/earnings/lines", format!("cursor={forged}")),
        ("alice", "/earnings/lines", format!("cursor={}x", foreign)),
        ("alice", "/earnings/lines", format!("cursor={}", "A".repeat(10_000))),
        ("zoe", "/earnings/lines", format!("cursor={foreign}")),
    ] {
        let (status, body) = world.answer(world.call(Method::GET, route, name).raw_query(&query).build()).await;
        assert_eq!(status, 400, "{name} {route}?{query:.60}: {body}");
    }
}

#[tokio::test]
async fn ids_that_are_not_the_caller_s_are_404() {
    let world = rich().await;
    let body = json!({"name": "x", "url": "https://example.com/", "public": true});
    for id in ["tpl_theirs", "tpl_unknown", "tpl_", "rig", "tpl_rig\u{0}", "../tpl_rig", "tpl_rig/..", "tpl_rig tpl_rig", ""] {
        let call = world.call(Method::PUT, "/templates/{id}", "alice").param("id", id).json(&body).build();
        assert_eq!(world.answer(call).await.0, 404, "{id:?}");
    }
    for (method, route) in
        [(Method::GET, "/"), (Method::DELETE, "/templates/{id}"), (Method::POST, "/earnings"), (Method::GET, "/earnings/")]
    {
        assert_eq!(world.answer(world.call(method, route, "alice").build()).await.0, 404, "{route}");
    }
}

#[tokio::test]
async fn bodies_that_can_t_be_read() {
    let world = rich().await;
    let deep = format!("{}{}", "{\"a\":".repeat(1000), "}".repeat(1000));
    for (method, route) in [(Method::POST, "/templates"), (Method::PUT, "/templates/{id}"), (Method::PUT, "/links/alias")] {
        for (kind, body, status) in [
            ("application/json", b"".to_vec(), 400),
            ("application/json", b"{".to_vec(), 400),
            ("application/json", b"{\"alias\":\"abc\",\"alias\":\"abd\"}".to_vec(), 400),
            ("application/json", b"{\"alias\":\"\xff\"}".to_vec(), 400),
            ("application/json", b"{\"alias\":\"a\\u0000bc\"}".to_vec(), 400),
            ("application/json", deep.clone().into_bytes(), 400),
            ("text/plain", b"{\"alias\":\"abc\"}".to_vec(), 415),
            ("application/json", vec![b' '; 100_000], 413),
        ] {
            let call =
                world.call(method.clone(), route, "alice").param("id", "tpl_rig").header("content-type", kind).body(body.clone()).build();
            assert_eq!(world.answer(call).await.0, status, "{route} {kind} {} bytes", body.len());
        }
    }
}

/// A store that never answers.
struct Away;

impl Away {
    fn read<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, StoreError>> {
        Box::pin(async { Err(StoreError::Unavailable("ThrottlingException of acct_secret".into())) })
    }
}

impl Backend for Away {
    fn get<'a>(&'a self, _: &'a Key, _: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Self::read()
    }
    fn get_many<'a>(&'a self, _: &'a [Key], _: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Self::read()
    }
    fn query<'a>(&'a self, _: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Self::read()
    }
    fn write<'a>(&'a self, _: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async { Err(WriteError::Unavailable("away".into())) })
    }
    fn scan<'a>(&'a self, _: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        Self::read()
    }
}

/// A good call at every door.
fn good(world: &World, method: Method, route: &str) -> Call {
    let token = world.issuer.token("alice", &["platform"], None, now());
    let id = if route.starts_with("/platform") { "alice" } else { "tpl_rig" };
    let builder = Call::builder(method.clone(), route, now()).bearer(&token).param("id", id).query("from", "2026-10-01");
    match (method, route) {
        (Method::GET, _) => builder.build(),
        (_, "/links/alias") => builder.json(&json!({"alias": "abc"})).build(),
        _ => builder.json(&json!({"name": "x", "url": "https://example.com/", "public": true})).build(),
    }
}

#[tokio::test]
async fn a_store_that_is_away_asks_to_come_again() {
    let world = rich().await;
    let keys = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
    let app = app_over(Store::new(Arc::new(Away), keys), &world.issuer);
    for (method, route) in doors() {
        assert!([200, 201].contains(&world.answer(good(&world, method.clone(), route)).await.0), "{route}, while it is there");
        let problem: Problem = handle(&app, good(&world, method, route)).await.unwrap_err();
        let reply = problem.render("request");
        assert_eq!(reply.status, 503, "{route}");
        assert!(reply.headers.contains_key("retry-after") && !String::from_utf8_lossy(&reply.body).contains("secret"), "{route}");
    }
}

#[tokio::test]
async fn a_record_that_does_not_read_is_our_mistake_and_never_a_figure() {
    let world = rich().await;
    let figures = keys::figures(&"alice".parse().unwrap());
    world.memory.tamper(&figures, |item| drop(item.as_mut().unwrap().insert("R".into(), "9.00".into())));
    let (status, body) = world.answer(world.call(Method::GET, "/earnings", "alice").build()).await;
    assert_eq!((status, body["detail"].as_str()), (500, Some("Something failed on our side.")));
    assert_eq!(world.answer(good(&world, Method::GET, "/platform/accounts/{id}/credits")).await.0, 500);
}
