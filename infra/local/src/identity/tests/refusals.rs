//! What gets no token, and what it gets instead.

use super::{VERIFIER, World, parameter, with, without};

#[tokio::test]
async fn an_unknown_client_or_address_is_told_to_the_person_and_sent_nowhere() {
    let world = World::start().await;
    let port_less = world.origin.rsplit_once(':').unwrap().0.to_owned();
    let mut requests = vec![
        without(world.request(), "client_id"),
        with(world.request(), "client_id", "someone-else"),
        without(world.request(), "redirect_uri"),
    ];
    for uri in [
        "https://evil.example/login/callback".to_owned(),
        format!("{}/elsewhere", world.origin),
        format!("{}/login/callback?next=//evil.example", world.origin),
        format!("{}/login/callback#", world.origin),
        format!("{}@evil.example/login", world.origin),
        format!("{port_less}:1/login"),
    ] {
        requests.push(with(world.request(), "redirect_uri", &uri));
    }
    for request in requests {
        for answer in [world.get("/authorize", &request).await, world.post("/authorize", &with(request.clone(), "name", "alice")).await] {
            assert_eq!(answer.status(), 400, "{request:?}");
            assert!(answer.headers().get("location").is_none(), "{request:?}");
        }
    }
}

#[tokio::test]
async fn a_faulty_request_goes_back_to_the_client_with_its_error() {
    let world = World::start().await;
    let good = || world.request();
    for (request, error) in [
        (without(good(), "code_challenge"), "invalid_request"),
        (without(good(), "code_challenge_method"), "invalid_request"),
        (with(good(), "code_challenge_method", "plain"), "invalid_request"),
        (with(good(), "code_challenge", "short"), "invalid_request"),
        (without(good(), "response_type"), "invalid_request"),
        (with(good(), "response_type", "token"), "unsupported_response_type"),
        (with(good(), "response_type", "code id_token"), "unsupported_response_type"),
        (with(good(), "response_mode", "fragment"), "invalid_request"),
        (without(good(), "scope"), "invalid_scope"),
        (with(good(), "scope", "profile"), "invalid_scope"),
        (with(good(), "prompt", "none"), "login_required"),
        (with(good(), "request", "eyJ"), "request_not_supported"),
        (with(good(), "request_uri", "https://evil.example"), "request_uri_not_supported"),
    ] {
        for answer in [world.get("/authorize", &request).await, world.post("/authorize", &with(request.clone(), "name", "alice")).await] {
            assert_eq!(answer.status(), 303, "{request:?}");
            assert_eq!(parameter(&answer, "error").as_deref(), Some(error), "{request:?}");
            assert_eq!(parameter(&answer, "state").as_deref(), Some("a state & more"));
            assert_eq!(parameter(&answer, "code"), None);
        }
    }
}

#[tokio::test]
async fn a_parameter_given_twice_or_too_long_is_refused() {
    let world = World::start().await;
    let mut twice = world.request();
    twice.push(("redirect_uri", "https://evil.example".to_owned()));
    let long = with(world.request(), "state", &"x".repeat(3000));
    for request in [twice, long] {
        let answer = world.get("/authorize", &request).await;
        assert_eq!(answer.status(), 400);
        assert!(answer.headers().get("location").is_none());
    }
}

#[tokio::test]
async fn hostile_names_come_back_to_the_page() {
    let world = World::start().await;
    let long = "x".repeat(41);
    for name in ["Alice", "a b", "../x", "<script>alert(1)</script>", "a@b.c", "\0", "a..b", "\u{202e}", &long] {
        let answer = world.post("/authorize", &with(world.request(), "name", name)).await;
        assert_eq!(answer.status(), 422, "{name:?}");
        let html = answer.text().await.unwrap();
        assert!(html.contains("A name has 1 to 40"), "{name:?}");
        assert!(!html.contains("<script"), "{name:?}");
    }
}

#[tokio::test]
async fn the_machine_does_not_sign_in_at_a_page() {
    let world = World::start().await;
    let answer = world.post("/authorize", &with(world.request(), "name", "platform")).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.headers().get("location").is_none());
}

#[tokio::test]
async fn state_can_not_split_a_header_or_add_a_parameter() {
    let world = World::start().await;
    let hostile = "x\r\nSet-Cookie: a=b&code=forged#";
    let answer = world.post("/authorize", &with(with(world.request(), "state", hostile), "name", "bob")).await;
    assert_eq!(answer.status(), 303);
    assert!(answer.headers().get("set-cookie").is_none());
    assert_eq!(parameter(&answer, "state").as_deref(), Some(hostile));
    assert_ne!(parameter(&answer, "code").as_deref(), Some("forged"));
}

#[tokio::test]
async fn a_code_is_bound_to_verifier_client_and_address() {
    let world = World::start().await;
    let other = world.origin.clone() + "/login";
    for (name, value, error) in [
        ("code_verifier", "another-verifier-of-enough-length-0123456789", "invalid_grant"),
        ("redirect_uri", other.as_str(), "invalid_grant"),
        ("client_id", "someone-else", "invalid_client"),
        ("code", "unknown", "invalid_grant"),
    ] {
        let code = world.code_for("alice").await;
        assert_eq!(world.token_error(&with(world.exchange(&code), name, value)).await, error, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_verifier_spends_the_code() {
    let world = World::start().await;
    let code = world.code_for("alice").await;
    let wrong = format!("{VERIFIER}x");
    assert_eq!(world.token_error(&with(world.exchange(&code), "code_verifier", &wrong)).await, "invalid_grant");
    assert_eq!(world.token_error(&world.exchange(&code)).await, "invalid_grant");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let world = World::start().await;
    let code = world.code_for("alice").await;
    assert_eq!(world.post("/token", &world.exchange(&code)).await.status(), 200);
    assert_eq!(world.token_error(&world.exchange(&code)).await, "invalid_grant");
}

#[tokio::test]
async fn one_code_sent_many_times_at_once_gives_tokens_once() {
    let world = World::start().await;
    let code = world.code_for("alice").await;
    let exchange = world.exchange(&code);
    let answers = futures::future::join_all((0..8).map(|_| world.post("/token", &exchange))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
}

#[tokio::test]
async fn a_code_expires_after_a_minute() {
    let world = World::start().await;
    let code = world.code_for("alice").await;
    world.move_clock(60_000);
    assert_eq!(world.token_error(&world.exchange(&code)).await, "invalid_grant");
}

#[tokio::test]
async fn an_incomplete_exchange_is_told_what_is_missing() {
    let world = World::start().await;
    for missing in ["grant_type", "redirect_uri", "code", "code_verifier"] {
        let code = world.code_for("alice").await;
        assert_eq!(world.token_error(&without(world.exchange(&code), missing)).await, "invalid_request", "{missing}");
    }
    assert_eq!(world.token_error(&without(world.exchange("x"), "client_id")).await, "invalid_client");
    for grant in ["refresh_token", "password", "client_credentials", "implicit"] {
        assert_eq!(world.token_error(&with(world.exchange("x"), "grant_type", grant)).await, "unsupported_grant_type");
    }
}

#[tokio::test]
async fn the_token_endpoint_takes_forms_of_a_sane_size_only() {
    let world = World::start().await;
    let as_json = world.http.post(world.url("/token")).json(&serde_json::json!({ "code": "x" })).send().await.unwrap();
    assert_eq!(as_json.status(), 400);
    let giant = world.post("/token", &[("code", "x".repeat(20_000))]).await;
    assert_eq!(giant.status(), 413);
    assert_eq!(world.get("/token", &[]).await.status(), 405);
}
