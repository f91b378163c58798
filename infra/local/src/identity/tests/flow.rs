//! What goes right: from discovery to verified tokens.

use super::{AUDIENCE, START_MS, World, parameter, with, without};
use serde_json::{Value, json};

#[tokio::test]
async fn discovery_names_the_mounted_endpoints() {
    let world = World::start().await;
    let answer = world.http.get(world.url("/.well-known/openid-configuration")).send().await.unwrap();
    let document: Value = answer.json().await.unwrap();
    assert_eq!(document["issuer"], format!("{}/_local/oidc", world.origin));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    for endpoint in ["jwks_uri", "authorization_endpoint", "end_session_endpoint"] {
        let found = world.http.get(document[endpoint].as_str().unwrap()).send().await.unwrap();
        assert_ne!(found.status(), 404, "{endpoint}");
    }
    let token = world.http.post(document["token_endpoint"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(token.status(), 400);
}

#[tokio::test]
async fn the_issuers_own_address_tells_people_who_there_is() {
    let world = World::start().await;
    let page = world.http.get(world.issuer.url()).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("cargo run -- token alice"));
}

#[tokio::test]
async fn the_key_set_holds_public_halves_only() {
    let world = World::start().await;
    let keys: Value = world.http.get(world.url("/jwks")).send().await.unwrap().json().await.unwrap();
    let key = keys["keys"][0].as_object().unwrap();
    let names: Vec<&str> = key.keys().map(String::as_str).collect();
    for name in ["kty", "crv", "x", "y", "kid", "alg", "use"] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    assert!(!names.contains(&"d"), "the private half is published");
}

#[tokio::test]
async fn a_code_becomes_an_access_token_and_an_id_token() {
    let world = World::start().await;

    let page = world.get("/authorize", &world.request()).await;
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(page.headers()["cache-control"], "no-store");
    let html = page.text().await.unwrap();
    assert!(html.contains("value=\"alice\"") && html.contains("value=\"a state &amp; more\""));

    let mut form = world.request();
    form.push(("name", "alice".to_owned()));
    let back = world.post("/authorize", &form).await;
    assert_eq!(back.status(), 303);
    assert!(back.headers()["location"].to_str().unwrap().starts_with(&world.redirect_uri()));
    assert_eq!(parameter(&back, "state").as_deref(), Some("a state & more"));
    assert_eq!(parameter(&back, "iss").as_deref(), Some(world.issuer.url()));
    let code = parameter(&back, "code").unwrap();

    world.move_clock(59_000);
    let answer = world.post("/token", &world.exchange(&code)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["scope"], "openid profile");

    let signed_in_at = START_MS / 1000;
    let issued_at = (START_MS + 59_000) / 1000;
    let (header, mut claims) = world.verify(tokens["access_token"].as_str().unwrap(), AUDIENCE).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert!(claims["jti"].take().as_str().unwrap().len() >= 20);
    assert_eq!(
        claims,
        json!({
            "iss": world.issuer.url(), "aud": AUDIENCE, "sub": "acct_alice", "iat": issued_at,
            "exp": issued_at + 3600, "jti": null, "client_id": "referral-web", "scope": "openid profile",
            "email": "alice@example.com", "email_verified": true, "name": "Alice", "groups": []
        })
    );

    let (header, claims) = world.verify(tokens["id_token"].as_str().unwrap(), "referral-web").await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!(
        claims,
        json!({
            "iss": world.issuer.url(), "aud": "referral-web", "sub": "acct_alice", "iat": issued_at,
            "exp": issued_at + 3600, "auth_time": signed_in_at, "nonce": "a nonce",
            "email": "alice@example.com", "email_verified": true, "name": "Alice", "groups": []
        })
    );
}

#[tokio::test]
async fn finance_people_carry_their_group_and_new_names_are_customers() {
    let world = World::start().await;
    for (name, sub, groups) in
        [("fin1", "acct_fin1", json!(["finance"])), ("new-customer", "acct_new-customer", json!([])), (" bob ", "acct_bob", json!([]))]
    {
        let code = world.code_for(name).await;
        let tokens: Value = world.post("/token", &world.exchange(&code)).await.json().await.unwrap();
        let (_, claims) = world.verify(tokens["access_token"].as_str().unwrap(), AUDIENCE).await;
        assert_eq!(claims["sub"], sub);
        assert_eq!(claims["groups"], groups);
    }
}

#[tokio::test]
async fn state_and_nonce_are_the_clients_choice() {
    let world = World::start().await;
    let mut form = without(without(world.request(), "state"), "nonce");
    form.push(("name", "bob".to_owned()));
    let back = world.post("/authorize", &form).await;
    assert_eq!(parameter(&back, "state"), None);
    let code = parameter(&back, "code").unwrap();
    let tokens: Value = world.post("/token", &world.exchange(&code)).await.json().await.unwrap();
    let (_, claims) = world.verify(tokens["id_token"].as_str().unwrap(), "referral-web").await;
    assert!(claims.get("nonce").is_none());
}

#[tokio::test]
async fn a_posted_request_without_a_name_shows_the_page() {
    let world = World::start().await;
    let page = world.post("/authorize", &world.request()).await;
    assert_eq!(page.status(), 200);
    let empty = world.post("/authorize", &with(world.request(), "name", "")).await;
    assert_eq!(empty.status(), 200);
}

#[tokio::test]
async fn signing_out_leads_back_to_a_listed_address_only() {
    let world = World::start().await;
    let to = |uri: String| vec![("post_logout_redirect_uri", uri), ("state", "s".to_owned())];

    let home = world.get("/end_session", &to(format!("{}/", world.origin))).await;
    assert_eq!(home.status(), 303);
    assert_eq!(home.headers()["location"], format!("{}/?state=s", world.origin));
    assert_eq!(world.post("/end_session", &to(format!("{}/login", world.origin))).await.status(), 303);

    for uri in ["https://evil.example/".to_owned(), format!("{}//evil.example", world.origin), format!("{}@evil.example/", world.origin)] {
        let refused = world.get("/end_session", &to(uri)).await;
        assert_eq!(refused.status(), 400);
        assert!(refused.headers().get("location").is_none());
    }
    assert_eq!(world.get("/end_session", &[]).await.status(), 200);
}
