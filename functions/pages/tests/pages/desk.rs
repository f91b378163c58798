//! What stands in the console of finance.

use crate::{
    desk_sample::{self as sample, RUN, id},
    support::{Page, World},
};
use serde_json::json;

/// Every page of the console.
pub(crate) fn paths() -> Vec<String> {
    let fixed = [
        "/finance",
        "/finance?status=approved",
        "/finance?status=paid",
        "/desk/runs",
        "/desk/runs?state=closed",
        "/desk/switch",
        "/desk/reviews",
        "/desk/flags",
        "/desk/quarantine",
        "/desk/audit",
        "/desk/settings",
        "/desk/accounts",
        "/desk/accounts/acct_maria",
        "/desk/accounts/nobody",
        "/desk/reconciliation",
        "/desk/acts",
        "/desk/exports",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).into();
    all.push(format!("/desk/runs/{RUN}"));
    all.extend((0..10).map(|place| format!("/desk/payouts/{}", id(place))));
    all
}

/// Pages are also written to `target/pages`, to be looked at.
fn keep(path: &str, page: &Page) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/pages");
    std::fs::create_dir_all(folder).unwrap();
    let name: String =
        path.trim_start_matches('/').chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    std::fs::write(format!("{folder}/fin-{name}.html"), page.html()).unwrap();
}

#[tokio::test]
async fn every_page_of_the_console_is_there_for_finance_and_for_nobody_else() {
    let world = World::new();
    for path in paths() {
        let page = world.desk(&path).await;
        keep(&path, &page);
        let expected = if path.ends_with("/nobody") { 404 } else { 200 };
        assert_eq!(page.status(), expected, "{path}: {}", page.text());
        let customer = world.get(&path).await;
        assert_eq!(customer.status(), 403, "{path}");
        assert!(customer.text().contains("This is not for your account") && !customer.html().contains("Kill switch"), "{path}");
        let visitor = world.visit(&path).await;
        assert_eq!(visitor.status(), 303, "{path}");
        assert!(visitor.location().starts_with("/login?next=%2F"), "{path}: {}", visitor.location());
    }
}

#[tokio::test]
async fn the_api_decides_even_where_the_session_says_finance() {
    let world = World::new();
    world.api.put("GET /finance/payouts", 403, json!({ "status": 403, "detail": "Not yours." }));
    assert_eq!(world.desk("/finance").await.status(), 403);
}

fn in_order(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("`{part}` is not there, or too early: {text}")).1;
    }
}

#[tokio::test]
async fn the_queue_has_totals_then_rows_with_what_a_decision_needs() {
    let world = World::new();
    let page = world.desk("/finance").await;
    in_order(
        &page.text(),
        &[
            "Payouts go out",
            "To decide 3 $1,851.99",
            "To send 8",
            "Unclear 1",
            "Delivered 214",
            "acct_maria",
            "PayPal m…a@example.com",
            "$50.00",
            "10 months",
            "4.12 %",
            "First payout New account",
            "21 Nov 2026",
            "Approve the payout of acct_maria",
            "acct_jonas",
            "$1,284.37",
        ],
    );
    let asked = &world.api.asked_at("GET /finance/payouts")[0].path;
    assert_eq!(asked, "/finance/payouts?status=requested&payees=true&limit=25");
    assert!(page.html().contains("href=\"/finance?status=requested&amp;cursor=n\""));
    let own = page.html().split("data-row><bdi>acct_fin1</bdi>").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(own.contains("Your own") && !own.contains("<form"), "{own}");
    assert_eq!(world.desk("/finance?status=settled%22%3E").await.status(), 200, "what is no state is the first one");
}

#[tokio::test]
async fn a_payout_has_all_that_a_decision_needs_on_one_page() {
    let world = World::new();
    let page = world.desk(&format!("/desk/payouts/{}", id(0))).await;
    in_order(
        &page.text(),
        &[
            "$50.00 to acct_maria",
            "To decide",
            "Nothing was ever paid to this account.",
            "Approve $50.00",
            "Reject it",
            "What happened",
            "by acct_maria , the payee",
            "Approval — next",
            "Account age",
            "Referrals",
            "4.12 %",
            "Earned in all",
            "acct_alice",
            "Destination",
            "unchanged",
            "the payee",
            "From referrals",
            "$45.00",
        ],
    );
    for (place, words) in [
        (1, vec!["Pay $1,284.37 now", "1 of 2 approvals: acct_fin1 (you)"]),
        (2, vec!["Why: The name on the account differs.", "by acct_fin1"]),
        (3, vec!["The rewards behind it were taken back."]),
        (5, vec!["The rail says: UNCLAIMED", "tr_1QxYzAbCdEf"]),
        (6, vec!["INV-2026-000042", "Delivered"]),
        (7, vec!["The account it was sent to is closed.", "Refused by the rail"]),
        (8, vec!["No clear answer", "timeout"]),
        (9, vec!["Came back: $12.00", "CN-2026-000001"]),
    ] {
        let mut whole = sample::dossier(place, crate::sample::STATUSES[place]);
        if place == 2 {
            whole["reason"] = json!("The name on the account differs.");
        }
        world.api.put(&format!("GET /finance/payouts/{}", id(place)), 200, whole);
        let text = world.desk(&format!("/desk/payouts/{}", id(place))).await.text();
        for words in words {
            assert!(text.contains(words), "{place}: `{words}` is not in {text}");
        }
    }
}

#[tokio::test]
async fn nobody_is_offered_what_is_not_theirs_to_do() {
    let world = World::new();
    for (can, account, there, missing) in [
        (json!([]), "acct_fin1", "It is your own payout", "<form method=\"post\" action=\"/desk/payouts"),
        (json!(["reject"]), "acct_maria", "somebody else has to approve it", "/approve\""),
    ] {
        let mut dossier = sample::dossier(0, "requested");
        dossier["can"] = can;
        dossier["account_id"] = json!(account);
        world.api.put(&format!("GET /finance/payouts/{}", id(0)), 200, dossier);
        let page = world.desk(&format!("/desk/payouts/{}", id(0))).await;
        assert!(page.text().contains(there), "{}", page.text());
        assert!(!page.html().contains(missing), "{account}");
    }
}

#[tokio::test]
async fn a_destination_that_is_not_what_was_asked_for_is_told() {
    let world = World::new();
    let at = format!("GET /finance/payouts/{}", id(0));
    let mut dossier = sample::dossier(0, "requested");
    dossier["payout_account"]["unchanged"] = json!(false);
    dossier["payout_account"]["changed_by"] = json!("acct_mallory");
    world.api.put(&at, 200, dossier.clone());
    let text = world.desk(&format!("/desk/payouts/{}", id(0))).await.text();
    assert!(text.contains("another: PayPal") && text.contains("acct_mallory"), "{text}");
    dossier["payout_account"] = json!(null);
    world.api.put(&at, 200, dossier);
    assert!(world.desk(&format!("/desk/payouts/{}", id(0))).await.text().contains("Now removed"));
}

#[tokio::test]
async fn a_run_shows_where_it_is_and_looks_again_until_it_is_done() {
    let world = World::new();
    let at = format!("GET /finance/payout-runs/{RUN}");
    let place = format!("/desk/runs/{RUN}");
    let page = world.desk(&place).await;
    in_order(
        &page.text(),
        &[
            "$12,354.36",
            "6 payouts, ordered by acct_fin1",
            "Under way",
            "To send 1",
            "Delivered 2",
            "acct_tomas",
            "The account it was sent to is closed.",
            "Failed",
            "Left out",
            "It is your own",
        ],
    );
    assert!(
        page.html().contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>")
            && page.html().contains("data-refresh=\"3\"")
    );
    assert!(page.html().contains(&format!("href=\"/finance/payout-runs/{RUN}/export.csv\"")));
    let still = world.desk(&format!("{place}?live=off")).await;
    assert!(
        !still.html().contains("refresh\" content") && !still.html().contains("data-refresh=\"") && still.text().contains("Go on looking")
    );
    world.api.put(&at, 200, sample::run(&["paid", "failed", "canceled"]));
    let done = world.desk(&place).await;
    assert!(done.text().contains("Done") && !done.html().contains("data-refresh=\""));
    world.api.put(&at, 404, json!({ "status": 404 }));
    assert_eq!(world.desk(&place).await.status(), 404);
}

#[tokio::test]
async fn the_audit_says_in_words_what_its_colour_says() {
    let world = World::new();
    let text = world.desk("/desk/audit").await.text();
    assert!(
        text.contains("All is well. Each of 5 figures is zero.") && text.contains("Every balance is the sum of the lines that moved it"),
        "{text}"
    );
    assert!(text.contains("Every event that was taken is in a line, a queue or the quarantine the tables do not show queues"));
    let figure = json!({ "violations": 2, "checked": 9, "examples": ["account#alice/n: 5 instead of 4"] });
    world.api.put(
        "GET /finance/audit",
        200,
        json!({ "figures": { "lines_sealed": { "violations": 0, "checked": 1 }, "balances_equal_lines": figure } }),
    );
    let bad = world.desk("/desk/audit").await;
    in_order(
        &bad.text(),
        &[
            "Something does not hold. 1 of 2",
            "Every balance",
            "account#alice/n: 5 instead of 4",
            "2 Broken",
            "Every line still fits",
            "0 Holds",
        ],
    );
    world.api.put("GET /finance/audit", 503, json!({}));
    let away = world.desk("/desk/audit").await;
    assert_eq!(away.status(), 200);
    assert!(away.text().contains("No figures now"));
}

#[tokio::test]
async fn stopped_payouts_are_told_on_every_page() {
    let world = World::new();
    world.api.put("GET /finance/switch", 200, json!({ "payouts_enabled": false, "settings_enabled": true, "version": 4, "turned": { "by": "acct_fin2", "at": "2026-11-22T09:00:00.000Z", "reason": "Wise is down." } }));
    let mut stopped = sample::bill();
    stopped["payouts_enabled"] = json!(false);
    world.api.put("POST /finance/payout-runs", 200, stopped);
    for path in paths() {
        let text = world.desk(&path).await.text();
        assert!(text.contains("Payouts stopped") && text.contains("Wise is down."), "{path}: {text}");
    }
    let bill = world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[("payout", &id(0))]).await;
    assert!(bill.text().contains("nothing can be ordered now") && !bill.html().contains("action=\"/desk/runs\""));
    keep("/bill-stopped", &bill);
    keep("/switch-off", &world.desk("/desk/switch").await);
}

#[tokio::test]
async fn settings_say_what_each_version_changed() {
    let world = World::new();
    let text = world.desk("/desk/settings").await.text();
    in_order(
        &text,
        &[
            "Version 3 is planned, and starts on 1 Dec 2026",
            "Plan this version",
            "In force now",
            "Version 2",
            "3 %",
            "for ever",
            "$10,000.00",
            "Version 3 Planned",
            "Least payout: $20.00 → $25.00",
            "Version 2 In force",
            "Reward rate: 2 % → 3 %",
            "On hold: 7 days → 14 days",
            "Version 1",
            "the first that was set",
        ],
    );
}

#[tokio::test]
async fn a_search_leads_to_the_account_or_says_that_nothing_is_known() {
    let world = World::new();
    assert_eq!(world.desk("/desk/accounts?id=%20acct_maria%20").await.location(), "/desk/accounts/acct_maria");
    assert_eq!(world.desk("/desk/accounts?id=..%2Fx%3Fy").await.location(), "/desk/accounts/..%2Fx%3Fy");
    let unknown = world.desk("/desk/accounts/nobody").await;
    assert!(unknown.status() == 404 && unknown.text().contains("Nothing is known") && unknown.html().contains("value=\"nobody\""));
}

#[tokio::test]
async fn empty_lists_say_what_would_be_there() {
    let world = World::new();
    for (door, answer, path, words) in [
        ("GET /finance/payouts", json!({ "status": "requested", "payouts": [] }), "/finance", "Nothing waits for you"),
        ("GET /finance/payout-runs", json!({ "state": "open", "runs": [] }), "/desk/runs", "No run is open"),
        ("GET /finance/reviews", json!({ "reviews": [] }), "/desk/reviews", "Nothing to review"),
        ("GET /finance/flags", json!({ "flags": [] }), "/desk/flags", "No flags"),
        ("GET /finance/quarantine", json!({ "quarantine": [] }), "/desk/quarantine", "Nothing is kept"),
        ("GET /finance/acts", json!({ "acts": [] }), "/desk/acts", "Nothing in these days"),
    ] {
        world.api.put(door, 200, answer);
        let page = world.desk(path).await;
        assert!(page.text().contains(words), "{path}: {}", page.text());
        keep(&format!("{path}-empty"), &page);
    }
    world.api.put("GET /finance/reconciliation", 404, json!({ "status": 404 }));
    assert!(world.desk("/desk/reconciliation?day=2026-11-01").await.text().contains("No comparison of that day"));
    assert_eq!(world.api.asked_at("GET /finance/reconciliation")[0].path, "/finance/reconciliation?day=2026-11-01");
}
