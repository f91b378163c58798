//! Forms: which are refused, and what those that are taken ask of the API.

use crate::{
    sample,
    support::{PUBLIC_URL, World, call, now, post},
};
use edge::http::Method;
use serde_json::json;

type Fields<'a> = &'a [(&'static str, &'static str)];

/// Every form: the page that it is on, where it leads, and what is entered.
fn every() -> Vec<(String, String, Fields<'static>)> {
    let requested = sample::id("requested");
    let rows: [(&str, &str, Fields<'static>); 10] = [
        ("/", "/my/alias", &[("alias", "alice")]),
        ("/", "/theme", &[("theme", "dark"), ("next", "/my/payouts")]),
        ("/", "/logout", &[]),
        ("/my/templates", "/my/templates", &[("name", "A"), ("url", "https://cloud.example.com/t/9")]),
        ("/my/templates", "/my/templates/tpl_a", &[("name", "A"), ("url", "https://cloud.example.com/t/9"), ("public", "on")]),
        ("/my/payouts/new", "/my/payouts/new", &[("amount", "862.50"), ("key", "web_1")]),
        ("/my/account", "/my/account/paypal", &[("destination", "a@example.com")]),
        ("/my/account", "/my/account/stripe_connect/onboarding", &[]),
        ("/my/account", "/my/billing", &[("name", "A"), ("address", "1 Main\r\n\r\nTown"), ("country", "us")]),
        ("/join", "/my/join", &[("receipt", "rcp")]),
    ];
    let mut all: Vec<_> = rows.iter().map(|(page, action, fields)| ((*page).to_owned(), (*action).to_owned(), *fields)).collect();
    all.push((format!("/my/payouts/{requested}"), format!("/my/payouts/{requested}/cancel"), &[][..]));
    all
}

#[tokio::test]
async fn each_form_is_refused_without_its_proof_from_elsewhere_and_after_the_session() {
    for (page, action, fields) in every() {
        let world = World::new();
        if page == "/join" {
            world.api.put("GET /links", 422, json!({ "status": 422, "rule": "not_signed_up" }));
        }
        let proof = world.get(&page).await.proof(&action);
        let other_proof = world.get("/my/account").await.proof("/my/billing");
        let whole: Vec<_> = fields.iter().copied().chain([("csrf", proof.as_str())]).collect();
        let with = |proof| fields.iter().copied().chain([("csrf", proof)]).collect::<Vec<_>>();
        let session = world.session();
        let mut bob = world.session();
        bob.secret = "secret of bob".into();
        let ours = |call: edge::http::CallBuilder| call.header("origin", PUBLIC_URL);
        let forged = if action == "/my/billing" { "x".repeat(43) } else { other_proof };
        let mut rows = vec![
            ("no proof", ours(world.with(&session, post(&action, fields))), 403),
            ("another form's proof", ours(world.with(&session, post(&action, &with(&forged)))), 403),
            ("an empty proof", ours(world.with(&session, post(&action, &with("")))), 403),
            ("another session's proof", ours(world.with(&bob, post(&action, &whole))), 403),
            ("no origin", world.with(&session, post(&action, &whole)), 403),
            ("another site", world.with(&session, post(&action, &whole)).header("origin", "https://evil.example"), 403),
            ("a hidden origin", world.with(&session, post(&action, &whole)).header("origin", "null"), 403),
            (
                "another type",
                ours(world.with(&session, call(Method::POST, &action).header("content-type", "text/plain").body("csrf=x"))),
                415,
            ),
            ("JSON", ours(world.with(&session, call(Method::POST, &action).json(&json!({ "csrf": proof })))), 415),
            ("too much", ours(world.with(&session, post(&action, &[("csrf", &proof), ("x", &"x".repeat(65_536))]))), 413),
        ];
        if action != "/logout" {
            let mut ended = world.session();
            ended.expires_at = now().timestamp();
            rows.push(("an ended session", ours(world.with(&ended, post(&action, &whole))), 401));
            rows.push(("no session", ours(post(&action, &whole)), 401));
        }
        for (what, call, expected) in rows {
            let answer = world.send(call).await;
            assert_eq!(answer.status(), expected, "{action}: {what}");
            assert!(answer.header("content-type").starts_with("text/html"), "{action}: {what} is a page");
        }
        assert_eq!(world.api.changes(), [], "{action}: nothing is sent");
    }
}

#[tokio::test]
async fn what_was_entered_is_not_lost_with_the_session() {
    let world = World::new();
    let proof = world.get("/my/templates").await.proof("/my/templates");
    let mut ended = world.session();
    ended.expires_at = now().timestamp() - 1;
    let fields = [("csrf", proof.as_str()), ("name", "My <b>template</b>"), ("url", "https://cloud.example.com/t/7")];
    let page = world.send(world.with(&ended, post("/my/templates", &fields)).header("origin", PUBLIC_URL)).await;
    assert!(page.html().contains("My &lt;b&gt;template&lt;/b&gt;") && page.html().contains("https://cloud.example.com/t/7"));
    assert!(page.html().contains("href=\"/login?next=%2Fmy%2Ftemplates\"") && !page.html().contains(&proof));
}

#[tokio::test]
async fn each_form_that_is_ours_asks_the_api_for_its_one_thing() {
    let requested = sample::id("requested");
    for (page, action, fields) in every() {
        let world = World::new();
        let (door, answer, expected_body, location) = match action.as_str() {
            "/my/alias" => (
                "PUT /links/alias".to_owned(),
                json!({ "link": "https://x/r/1", "alias": null }),
                json!({ "alias": "alice" }),
                "/?done=alias".to_owned(),
            ),
            "/my/templates" => (
                "POST /templates".into(),
                json!({}),
                json!({ "name": "A", "url": "https://cloud.example.com/t/9", "public": false }),
                "/my/templates?done=made".into(),
            ),
            "/my/templates/tpl_a" => (
                "PUT /templates/tpl_a".into(),
                json!({}),
                json!({ "name": "A", "url": "https://cloud.example.com/t/9", "public": true }),
                "/my/templates?done=changed".into(),
            ),
            "/my/payouts/new" => {
                let made = sample::payout("pay_1", "requested", "paypal");
                ("POST /payouts".into(), made, json!({ "amount": "862.50" }), "/my/payouts/pay_1?done=requested".into())
            }
            "/my/account/paypal" => {
                ("PUT /payout-accounts/paypal".into(), json!({}), json!({ "email": "a@example.com" }), "/my/account?done=account".into())
            }
            "/my/billing" => (
                "PUT /billing".into(),
                json!({}),
                json!({ "name": "A", "address": ["1 Main", "Town"], "country": "US" }),
                "/my/account?done=billing".into(),
            ),
            "/my/join" => {
                world.api.put("GET /links", 422, json!({ "status": 422, "rule": "not_signed_up" }));
                ("POST /signups".into(), json!({}), json!({ "receipt": "rcp" }), "/?done=joined".into())
            }
            "/my/account/stripe_connect/onboarding" => (
                "POST /payout-accounts/stripe_connect/onboarding".into(),
                json!({ "url": "https://connect.stripe.com/setup/1" }),
                json!({}),
                String::new(),
            ),
            "/theme" | "/logout" => continue,
            _ => (format!("POST /payouts/{requested}/cancel"), json!({}), json!({}), format!("/my/payouts/{requested}?done=canceled")),
        };
        world.api.put(&door, 200, answer);
        let taken = world.submit(&page, &action, fields).await;
        let changes = world.api.changes();
        assert_eq!(changes.len(), 1, "{action}");
        assert_eq!(world.api.asked_at(&door)[0].body.as_ref(), Some(&expected_body), "{action}");
        assert_eq!(taken.location(), location, "{action}");
        if location.is_empty() {
            assert!(taken.html().contains("href=\"https://connect.stripe.com/setup/1\""));
        } else {
            assert_eq!(taken.status(), 303, "{action}");
        }
        if action == "/my/payouts/new" {
            assert_eq!(changes[0].headers, [("idempotency-key", "web_1".to_owned())]);
        }
    }
}

#[tokio::test]
async fn a_refusal_of_the_api_is_told_beside_the_form() {
    let rule = |rule: &str, members: serde_json::Value| {
        let mut problem = json!({ "status": 422, "rule": rule, "detail": "The API's own words." });
        problem.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        problem
    };
    for (page, action, fields, door, status, answer, words) in [
        ("/", "/my/alias", vec![("alias", "bob")], "PUT /links/alias", 409, json!({ "status": 409 }), "Somebody else has this word."),
        (
            "/",
            "/my/alias",
            vec![("alias", "admin")],
            "PUT /links/alias",
            422,
            rule("alias_reserved", json!({})),
            "kept for the site itself",
        ),
        (
            "/my/templates",
            "/my/templates",
            vec![("name", "A"), ("url", "https://evil.example")],
            "POST /templates",
            422,
            rule("template_host", json!({})),
            "must be on the platform itself",
        ),
        (
            "/my/payouts/new",
            "/my/payouts/new",
            vec![("amount", "900"), ("key", "k")],
            "POST /payouts",
            422,
            rule("cashable", json!({ "cashable": "862.50" })),
            "more than can be cashed: $862.50.",
        ),
        (
            "/my/payouts/new",
            "/my/payouts/new",
            vec![("amount", "1"), ("key", "k")],
            "POST /payouts",
            422,
            rule("payout_minimum", json!({ "minimum": "25.00" })),
            "$25.00 at least",
        ),
        (
            "/my/payouts/new",
            "/my/payouts/new",
            vec![("amount", "1"), ("key", "k")],
            "POST /payouts",
            422,
            rule("something_new", json!({})),
            "The API's own words.",
        ),
        (
            "/my/account",
            "/my/account/wise",
            vec![("destination", "x")],
            "PUT /payout-accounts/wise",
            400,
            json!({ "status": 400, "field": "recipient_id" }),
            "A Wise recipient is a number",
        ),
        ("/my/account", "/my/billing", vec![("name", "")], "PUT /billing", 422, rule("name", json!({})), "The API's own words."),
    ] {
        let world = World::new();
        world.api.put(door, status, answer);
        let refused = world.submit(page, action, &fields).await;
        assert_eq!(refused.status(), 422, "{action}");
        assert!(refused.text().contains(words), "{action}: {}", refused.text());
        let entered = fields[0].1;
        assert!(entered.is_empty() || refused.html().contains(&format!("value=\"{entered}")), "{action}: what was entered stays");
    }
}

#[tokio::test]
async fn joining_is_done_as_the_persons_own_browser() {
    let world = World::new();
    world.api.put("GET /links", 422, json!({ "status": 422, "rule": "not_signed_up" }));
    world.api.put_with_cookie("POST /signups", json!({}), "__Host-device=AAAA; Path=/; Secure");
    let proof = world.get("/join").await.proof("/my/join");
    let call = post("/my/join", &[("csrf", &proof)]).header("origin", PUBLIC_URL).cookie("__Host-ref", "rcp_1").cookie("other", "x");
    let joined = world.send(world.with(&world.session(), call).source_ip([203, 0, 113, 7].into())).await;
    assert_eq!((joined.status(), joined.location()), (303, "/?done=joined"));
    assert_eq!(joined.0.cookies, ["__Host-device=AAAA; Path=/; Secure"]);
    let headers = &world.api.asked_at("POST /signups")[0].headers;
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    assert_eq!(header("cookie"), Some("__Host-ref=rcp_1"), "what the signup reads, and nothing else: not the session");
    assert!(header("x-referral-visitor").is_some_and(|sealed| sealed.starts_with("test.") && !sealed.contains("203")));
}

#[tokio::test]
async fn colours_are_kept_in_the_browser() {
    let world = World::new();
    let chosen = world.submit("/", "/theme", &[("theme", "dark"), ("next", "//evil.example")]).await;
    assert_eq!(chosen.location(), "/");
    assert!(chosen.0.cookies[0].starts_with("__Host-theme=dark; Max-Age=31536000;"));
    let dark = world.send(world.with(&world.session(), call(Method::GET, "/")).cookie("__Host-theme", "dark")).await;
    assert!(dark.html().contains("data-theme=\"dark\""));
    let odd = world.send(world.with(&world.session(), call(Method::GET, "/")).cookie("__Host-theme", "<b>")).await;
    assert!(odd.html().contains("data-theme=\"system\""));
}
