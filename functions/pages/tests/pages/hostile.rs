//! What people write, and what those want who write more than text.

use crate::{sample, support::World};
use serde_json::json;

const SCRIPT: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>";
const TURNED: &str = "abc\u{202e}gpj.exe\u{2066}";

#[tokio::test]
async fn whatever_a_name_is_it_shows_as_text() {
    let long = "W".repeat(10_000);
    for name in [SCRIPT, TURNED, &long, "{{7*7}}", "javascript:alert(1)", "\u{0}\u{1b}[31m"] {
        let world = World::new();
        let mut earnings = sample::earnings(30, 1, true);
        earnings["templates"][1]["name"] = json!(name);
        earnings["currency"] = json!(name.chars().take(20).collect::<String>());
        world.api.put("GET /earnings", 200, earnings);
        world.api.put("GET /links", 200, json!({ "link": "https://x/r/1", "alias": { "alias": name, "link": name } }));
        world.api.put("GET /templates", 200, json!({ "templates": [{ "template_id": name, "name": name, "url": name, "public": true, "created_at": "2026-01-01T00:00:00Z", "link": name }] }));
        world.api.put("GET /earnings/lines", 200, json!({ "lines": [sample::line(1, "1.50", name, name)] }));
        let mut payout = sample::payout(name, name, name);
        payout["destination"] = json!(name);
        payout["reason"] = json!(name);
        payout["steps"] = json!([{ "at": "2026-01-01T00:00:00Z", "step": name, "reason": name, "note": name }]);
        payout["invoice"] = json!(name);
        world.api.put("GET /payouts", 200, json!({ "payouts": [payout] }));
        world.api.put("GET /payouts/pay_1", 200, payout);
        world.api.put("GET /payout-accounts", 200, json!({ "payout_accounts": [{ "rail": "paypal", "destination": name, "default": true, "version": 1, "changed_at": "2026-01-01T00:00:00Z", "usable_from": "2026-01-01T00:00:00Z" }] }));
        world.api.put("GET /billing", 200, json!({ "name": name, "address": [name], "country": name }));
        let mut session = world.session();
        session.name = Some(name.chars().take(80).collect());
        for path in ["/", "/my/templates", "/my/lines", "/my/payouts", "/my/payouts/pay_1", "/my/payouts/new", "/my/account", "/logout"] {
            let call = crate::support::call(edge::http::Method::GET, path);
            let page = world.send(world.with(&session, call)).await;
            assert_eq!(page.status(), 200, "{path}");
            let html = page.html();
            assert!(!html.contains("<script>alert") && !html.contains("<img") && !html.contains("onerror=alert(1)>"), "{path}");
            assert!(!html.contains("href=\"javascript:"), "{path}");
            let scripts = html.matches("<script").count();
            assert_eq!(scripts, 1, "{path}: the page's own alone");
        }
    }
}

#[tokio::test]
async fn whatever_is_in_the_address_is_not_on_the_page() {
    let world = World::new();
    let encoded = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E";
    for path in [
        "/?range={}&group={}",
        "/?from={}&to={}",
        "/?done={}",
        "/my/lines?cursor={}",
        "/my/payouts/new?amount={}",
        "/join?receipt={}",
        "/my/payouts?from={}",
    ] {
        let page = world.get(&path.replace("{}", encoded)).await;
        assert!(!page.html().contains("<script>alert"), "{path}");
    }
    let done = world.get("/?done=Your%20account%20is%20closed").await;
    assert!(!done.text().contains("Your account is closed"));
}

#[tokio::test]
async fn onboarding_leads_to_no_address_that_runs() {
    for (url, taken) in [
        ("https://connect.stripe.com/x", true),
        ("http://127.0.0.1:9/x", true),
        ("javascript:alert(1)", false),
        ("http://evil.example/", false),
        ("data:text/html,x", false),
    ] {
        let world = World::new();
        world.api.put("POST /payout-accounts/stripe_connect/onboarding", 200, json!({ "url": url }));
        let page = world.submit("/my/account", "/my/account/stripe_connect/onboarding", &[]).await;
        assert_eq!((page.status() == 200, page.html().contains(url)), (taken, taken), "{url}");
    }
}
