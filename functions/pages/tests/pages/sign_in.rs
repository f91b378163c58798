//! Sign-in and sign-out.

use crate::support::{ISSUER, PUBLIC_URL, Page, World, call, now, post};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use edge::{auth::Session, http::Method, testing::TestIssuer};
use pages::oidc::Tokens;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::Url;

/// What the browser has after it was sent to the issuer.
struct Sent {
    cookie: String,
    query: BTreeMap<String, String>,
}

async fn sent(world: &World, path: &str) -> Sent {
    let page = world.visit(path).await;
    assert_eq!(page.status(), 303);
    let url = Url::parse(page.location()).unwrap();
    assert_eq!(format!("{}{}", url.origin().ascii_serialization(), url.path()), format!("{ISSUER}/authorize"));
    let cookie = page.0.cookies[0].strip_prefix("__Host-login=").unwrap().split(';').next().unwrap().to_owned();
    Sent { cookie, query: url.query_pairs().into_owned().collect() }
}

fn id_claims(nonce: &str) -> Value {
    json!({ "iss": ISSUER, "aud": "web", "sub": "acct_alice", "iat": now().timestamp(), "exp": now().timestamp() + 300, "nonce": nonce, "name": "Alice" })
}

fn tokens(world: &World, claims: &Value) -> Tokens {
    Tokens { access_token: world.issuer.token("acct_alice", &["finance"], None, now()), id_token: world.issuer.sign_identity(claims) }
}

async fn back(world: &World, sent: &Sent, query: &str) -> Page {
    let path = format!("/login/callback?code=c&iss=https%3A%2F%2Fid.example.com&{query}");
    world.send(call(Method::GET, &path).cookie("__Host-login", &sent.cookie)).await
}

fn session_of(page: &Page) -> Option<Session> {
    let cookie = page.0.cookies.iter().find_map(|cookie| cookie.strip_prefix("__Host-session="))?;
    Session::open(&TestIssuer::session_keys(), cookie.split(';').next().unwrap())
}

#[tokio::test]
async fn somebody_signs_in_and_is_where_they_were() {
    let world = World::new();
    let sent = sent(&world, "/login?next=%2Fmy%2Fpayouts%3Frange%3D7d").await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "web"),
        ("redirect_uri", "https://referral.example.com/login/callback"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sent.query[name], value);
    }
    *world.exchange.tokens.lock().unwrap() = Some(tokens(&world, &id_claims(&sent.query["nonce"])));
    let page = back(&world, &sent, &format!("state={}", sent.query["state"])).await;
    assert_eq!((page.status(), page.location()), (303, "/my/payouts?range=7d"));
    let session = session_of(&page).unwrap();
    assert_eq!((session.account.as_str(), session.name.as_deref()), ("acct_alice", Some("Alice")));
    assert!(session.groups.contains("finance") && session.expires_at == now().timestamp() + 3_600);
    for cookie in &page.0.cookies {
        for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Domain"));
    }
    assert!(page.0.cookies.iter().any(|cookie| cookie.starts_with("__Host-login=; Max-Age=0")), "the sign-in is over");
    let form: BTreeMap<String, String> =
        url::form_urlencoded::parse(world.exchange.forms.lock().unwrap()[0].as_bytes()).into_owned().collect();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])), sent.query["code_challenge"]);
    assert!(!sent.cookie.contains(&form["code_verifier"]), "the browser can't read it");
}

#[tokio::test]
async fn each_sign_in_that_does_not_fit_together_is_refused() {
    type Spoil = fn(&mut Value);
    let rows: [(&str, Spoil); 5] = [
        ("another nonce", |claims| claims["nonce"] = json!("other")),
        ("another client", |claims| claims["aud"] = json!("other")),
        ("another issuer", |claims| claims["iss"] = json!("https://evil.example")),
        ("another person than the access token's", |claims| claims["sub"] = json!("acct_bob")),
        ("an old token", |claims| claims["exp"] = json!(now().timestamp() - 120)),
    ];
    for (what, spoil) in rows {
        let world = World::new();
        let sent = sent(&world, "/login").await;
        let mut claims = id_claims(&sent.query["nonce"]);
        spoil(&mut claims);
        *world.exchange.tokens.lock().unwrap() = Some(tokens(&world, &claims));
        let page = back(&world, &sent, &format!("state={}", sent.query["state"])).await;
        assert_eq!((page.status(), session_of(&page)), (400, None), "{what}");
    }
}

#[tokio::test]
async fn each_way_back_that_is_not_the_way_out_is_refused() {
    let world = World::new();
    let (one, other) = (sent(&world, "/login").await, sent(&world, "/login").await);
    *world.exchange.tokens.lock().unwrap() = Some(tokens(&world, &id_claims(&one.query["nonce"])));
    let state = &one.query["state"];
    let late = now() + chrono::TimeDelta::minutes(15);
    let at = |path: String| call(Method::GET, &path);
    let rows = [
        ("no cookie", at(format!("/login/callback?code=c&state={state}"))),
        ("another sign-in's cookie", at(format!("/login/callback?code=c&state={state}")).cookie("__Host-login", &other.cookie)),
        (
            "two cookies",
            at(format!("/login/callback?code=c&state={state}")).cookie("__Host-login", &one.cookie).cookie("__Host-login", &other.cookie),
        ),
        ("a made-up cookie", at(format!("/login/callback?code=c&state={state}")).cookie("__Host-login", "test.AAAA")),
        ("a session as a sign-in", world.with(&world.session(), at(format!("/login/callback?code=c&state={state}")))),
        ("no state", at("/login/callback?code=c".into()).cookie("__Host-login", &one.cookie)),
        ("two states", at(format!("/login/callback?code=c&state={state}&state={state}")).cookie("__Host-login", &one.cookie)),
        (
            "another issuer's answer",
            at(format!("/login/callback?code=c&state={state}&iss=https%3A%2F%2Fevil.example")).cookie("__Host-login", &one.cookie),
        ),
        ("an error", at(format!("/login/callback?error=access_denied&state={state}")).cookie("__Host-login", &one.cookie)),
        (
            "too late",
            edge::http::Call::builder(Method::GET, "/login/callback", late)
                .raw_query(&format!("code=c&state={state}"))
                .cookie("__Host-login", &one.cookie),
        ),
    ];
    for (what, call) in rows {
        let page = world.send(call).await;
        assert_eq!((page.status(), session_of(&page)), (400, None), "{what}");
    }
    assert!(world.exchange.forms.lock().unwrap().is_empty(), "no code is spent");
    *world.exchange.tokens.lock().unwrap() = None;
    assert_eq!(back(&world, &one, &format!("state={state}")).await.status(), 400, "a code that the issuer refuses");
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    for next in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)", "%2Flogin"] {
        let world = World::new();
        let sent = sent(&world, &format!("/login?next={next}")).await;
        *world.exchange.tokens.lock().unwrap() = Some(tokens(&world, &id_claims(&sent.query["nonce"])));
        let page = back(&world, &sent, &format!("state={}", sent.query["state"])).await;
        assert_eq!((page.status(), page.location()), (303, "/"), "{next}");
    }
}

#[tokio::test]
async fn pages_of_ones_own_lead_to_the_sign_in_and_back() {
    let world = World::new();
    for path in ["/my/payouts?range=7d", "/my/payouts/new", "/my/account", "/my/templates", "/my/lines"] {
        let page = world.visit(path).await;
        let next = url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
        assert_eq!((page.status(), page.location()), (303, format!("/login?next={next}").as_str()));
    }
    assert!(world.api.asked.lock().unwrap().is_empty());
    let mut ended = world.session();
    ended.expires_at = now().timestamp();
    let page = world.send(world.with(&ended, call(Method::GET, "/my/payouts"))).await;
    assert_eq!(page.status(), 401);
    assert!(page.text().contains("Your session has ended") && page.html().contains("href=\"/login?next=%2Fmy%2Fpayouts\""));
    let two = world.with(&world.session(), world.with(&world.session(), call(Method::GET, "/my/payouts")));
    assert_eq!(world.send(two).await.status(), 303, "of two sessions neither counts");
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_issuer() {
    let world = World::new();
    let page = world.submit("/logout", "/logout", &[]).await;
    assert_eq!(page.status(), 303);
    assert_eq!(page.location(), "https://id.example.com/end?client_id=web&post_logout_redirect_uri=https%3A%2F%2Freferral.example.com%2F");
    assert!(page.0.cookies[0].starts_with("__Host-session=; Max-Age=0"));
    let stale = world.send(post("/logout", &[]).header("origin", PUBLIC_URL)).await;
    assert_eq!(stale.status(), 303, "nothing is left to end");
    assert_eq!(world.visit("/logout").await.location(), "/");
}
