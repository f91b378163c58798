//! What stands on the pages.

use crate::{
    sample::{self, STATUSES},
    support::{Page, World, now},
};
use chrono::Days;
use serde_json::json;

/// Pages are also written to `target/pages`, to be looked at.
fn keep(name: &str, page: &Page) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/pages");
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(format!("{folder}/{name}.html"), page.html()).unwrap();
}

#[tokio::test]
async fn the_earnings_page_has_its_figures_in_order() {
    let world = World::new();
    let page = world.get("/").await;
    keep("earnings", &page);
    let text = page.text();
    let parts = [
        "Share your link",
        "Current balance $1,284.37",
        "Cashable now $862.50",
        "Request payout",
        "Total earnings $3,911.02",
        "$2,626.65 paid out or spent",
        "Referrals 148",
        "Not cashable yet $421.87",
        "Stays as credit",
        "On hold",
        "24 Nov 2026",
        "In review",
        "Today",
        "Template performance",
        "Stable Diffusion 640 38",
        "Recent",
        "3 % of $50.00 bought by a referred account",
        "from the moment that the buyer follows your link",
        "minus $0.60",
        "Payouts",
        "INV-2026-000042",
    ];
    let mut rest = text.as_str();
    for part in parts {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("`{part}` is not there, or too early: {text}")).1;
    }
    assert!(page.html().contains("title=\"$862.5025\""), "the exact figure on hover");
    assert!(!text.contains("Rental earnings"), "of hosts alone");
    let asked = world.api.asked_at("GET /earnings");
    assert!(asked.iter().any(|ask| ask.path == "/earnings?from=2026-10-24&to=2026-11-22&group=day"), "{asked:?}");
    assert!(world.api.asked.lock().unwrap().iter().all(|ask| ask.token == "token"));
}

#[tokio::test]
async fn a_host_sees_both_kinds_and_the_table_equals_the_figures() {
    let world = World::new();
    world.api.put("GET /earnings", 200, sample::earnings(30, 1, true));
    let page = world.get("/").await;
    keep("earnings-host", &page);
    assert!(page.text().contains("Rental earnings $1,199.40") && page.text().contains("Referral earnings $2,711.62"));
    let table =
        page.html().split("aria-label=\"Earnings over time\"><table class=\"plain\">").nth(1).unwrap().split("</table>").next().unwrap();
    let bars = sample::chart(30, 1, true);
    let cents = |text: &str| -> i64 {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let size: i64 = digits.parse().unwrap();
        if text.contains(['-', '\u{2212}']) { -size } else { size }
    };
    let rows: Vec<Vec<i64>> = table
        .split("<td>")
        .skip(1)
        .map(|cell| cents(cell.split('<').next().unwrap()))
        .collect::<Vec<_>>()
        .chunks(3)
        .map(<[i64]>::to_vec)
        .collect();
    let (all, sums) = (&rows[..30], &rows[30]);
    for (row, bar) in all.iter().zip(&bars) {
        let (referral, rental) = (cents(bar["referral"].as_str().unwrap()), cents(bar["rental"].as_str().unwrap()));
        assert_eq!(row, &[referral, rental, referral + rental], "{bar}");
    }
    for column in 0..3 {
        assert_eq!(sums[column], all.iter().map(|row| row[column]).sum::<i64>());
    }
    assert_eq!(page.html().matches("<rect class=\"h\"").count(), 30, "as many bars as rows");
}

#[tokio::test]
async fn ranges_are_chosen_and_too_many_bars_are_not_drawn() {
    let world = World::new();
    for (query, expected) in [
        ("?range=7d", "/earnings?from=2026-11-16&to=2026-11-22&group=day"),
        ("?range=90d", "/earnings?from=2026-08-25&to=2026-11-22&group=week"),
        ("?range=90d&group=day", "/earnings?from=2026-08-25&to=2026-11-22&group=day"),
        ("?range=12m", "/earnings?from=2025-11-23&to=2026-11-22&group=month"),
        ("?range=12m&group=day", "/earnings?from=2025-11-23&to=2026-11-22&group=week"),
        ("?from=2024-11-23&to=2026-11-22&group=day", "/earnings?from=2024-11-23&to=2026-11-22&group=month"),
        ("?from=2026-01-01&to=2026-01-31", "/earnings?from=2026-01-01&to=2026-01-31&group=day"),
        ("?from=2026-02-30", "/earnings?from=2026-10-24&to=2026-11-22&group=day"),
        ("?from=2026-03-02&to=2026-03-01", "/earnings?from=2026-10-24&to=2026-11-22&group=day"),
        ("?from=1999-03-02&to=2026-03-01", "/earnings?from=2026-10-24&to=2026-11-22&group=day"),
        ("?range=forever&group=second", "/earnings?from=2026-10-24&to=2026-11-22&group=day"),
    ] {
        world.api.asked.lock().unwrap().clear();
        assert_eq!(world.get(&format!("/{query}")).await.status(), 200);
        let asked = world.api.asked_at("GET /earnings");
        assert!(asked.iter().any(|ask| ask.path == expected), "{query}: {asked:?}");
    }
    assert!(world.get("/?from=2026-03-02&to=2026-03-01").await.text().contains("The range ends before it begins."));
}

#[tokio::test]
async fn two_years_fit_into_sixty_kilobytes() {
    let world = World::new();
    for (bars, days, query) in [
        (90, 1, "range=90d&group=day"),
        (90, 7, "from=2025-03-03&to=2026-11-22&group=week"),
        (25, 30, "from=2024-11-23&to=2026-11-22&group=day"),
    ] {
        world.api.put("GET /earnings", 200, sample::earnings(bars, days, true));
        let payouts: Vec<_> = STATUSES.iter().take(6).map(|status| sample::payout(&sample::id(status), status, "wise")).collect();
        world.api.put("GET /payouts", 200, json!({ "payouts": payouts }));
        let page = world.get(&format!("/?{query}")).await;
        keep(&format!("earnings-{bars}-{days}"), &page);
        assert!(page.html().len() <= 60_000, "{query}: {} bytes", page.html().len());
    }
}

#[tokio::test]
async fn every_state_of_a_payout_tells_what_is_next() {
    let world = World::new();
    for status in STATUSES {
        let page = world.get(&format!("/my/payouts/{}", sample::id(status))).await;
        keep(&format!("payout-{status}"), &page);
        assert_eq!(page.status(), 200, "{status}");
        let text = page.text();
        assert!(text.contains("You requested it") && text.contains("$250.00"), "{status}: {text}");
        assert_eq!(text.contains("Call it off"), matches!(status, "requested" | "approved"), "{status}");
        assert_eq!(text.contains("INV-2026-000042"), matches!(status, "paid" | "returned"), "{status}");
        assert_eq!(
            text.contains("— next"),
            matches!(status, "requested" | "approved" | "submitting" | "submitted" | "unknown"),
            "{status}"
        );
    }
}

#[tokio::test]
async fn the_other_pages_stand_and_offer_their_files() {
    let world = World::new();
    for (path, name, parts) in [
        ("/my/payouts", "payouts", vec!["Payouts", "Waiting for approval", "Delivered", "PayPal"]),
        ("/my/payouts/new", "payout-new", vec!["$862.50", "Still cashable after it $0.00", "a…e@example.com", "Balance after it $421.87"]),
        ("/my/payouts/new?amount=100", "payout-new-100", vec!["$100.00", "Still cashable after it $762.50"]),
        ("/my/payouts/new?amount=1000", "payout-new-much", vec!["That is more than can be cashed now."]),
        ("/my/account", "account", vec!["Stripe", "PayPal", "a…e@example.com", "Waiting time", "Billing details"]),
        ("/my/templates", "templates", vec!["Stable Diffusion", "Public", "Yours alone", "New template"]),
        ("/my/lines", "lines", vec!["Activity", "$12.44", "Show older"]),
        ("/logout", "logout", vec!["Sign out?"]),
    ] {
        let page = world.get(path).await;
        keep(name, &page);
        assert_eq!(page.status(), 200, "{path}");
        for part in parts {
            assert!(page.text().contains(part), "{path} lacks `{part}`: {}", page.text());
        }
    }
    let lines = world.get("/my/lines?range=7d").await;
    assert!(lines.html().contains("href=\"/earnings/lines.csv?from=2026-11-16&amp;to=2026-11-22\""));
    assert!(world.get("/my/payouts").await.html().contains("href=\"/payouts.csv?from="));
}

/// A payout's steps that moved nothing are on the page of all lines, in the payee's words; the card of the newest has room for six.
#[tokio::test]
async fn the_newest_lines_are_those_that_moved_something() {
    let world = World::new();
    let mut step = sample::line(9, "0.00", "payout", "a step of a payout that moved no money; the payout is approved");
    step["subject"] = json!("payout");
    let lines: Vec<_> =
        std::iter::repeat_n(step, 20).chain((1..9).map(|id| sample::line(id, "1.50", "earns", "3 % of 50.00 bought"))).collect();
    world.api.put("GET /earnings/lines", 200, json!({ "lines": lines }));
    let first = world.get("/").await.text();
    assert!(!first.contains("The payout was approved"), "{first}");
    assert_eq!(first.matches("3 % of $50.00 bought").count(), 6);
    assert_eq!(world.get("/my/lines").await.text().matches("The payout was approved").count(), 20);
}

#[tokio::test]
async fn who_has_nothing_yet_is_told_what_to_do() {
    let world = World::new();
    world.api.put("GET /earnings", 200, json!({
        "currency": "USD", "current_balance": "0.00", "total_earnings": "0.00", "total_referral_earnings": "0.00", "total_rental_earnings": "0.00",
        "referral_count": 0, "cashable": "0.00", "not_cashable": [], "chart": sample::chart(30, 1, false).iter().map(|bar| json!({ "start": bar["start"], "referral": "0.00", "rental": "0.00" })).collect::<Vec<_>>(),
        "templates": [{ "template_id": null, "name": "", "clicks": 0, "signups": 0, "total": "0.00", "chart": [] }],
    }));
    for (door, list) in [
        ("GET /earnings/lines", "lines"),
        ("GET /payouts", "payouts"),
        ("GET /payout-accounts", "payout_accounts"),
        ("GET /templates", "templates"),
    ] {
        world.api.put(door, 200, json!({ list: [] }));
    }
    for (path, name, parts) in [
        ("/", "empty-earnings", vec!["How it works", "Set up payouts", "No payouts yet", "Nothing happened yet", "Make a template link"]),
        ("/my/payouts", "empty-payouts", vec!["No payouts in these days"]),
        ("/my/payouts/new", "empty-payout-new", vec!["Where should it be paid to?"]),
        ("/my/templates", "empty-templates", vec!["No templates yet"]),
        ("/my/lines", "empty-lines", vec!["Nothing in these days"]),
        ("/my/account", "empty-account", vec!["No payout account yet", "Set up with Stripe"]),
    ] {
        let page = world.get(path).await;
        keep(name, &page);
        for part in parts {
            assert!(page.text().contains(part), "{path} lacks `{part}`: {}", page.text());
        }
    }
}

#[tokio::test]
async fn who_has_not_joined_is_asked_to_and_visitors_learn_what_it_is() {
    let world = World::new();
    world.api.put("GET /links", 422, json!({ "status": 422, "rule": "not_signed_up", "detail": "x" }));
    for path in ["/", "/join?receipt=rcp_1"] {
        let page = world.get(path).await;
        keep("welcome", &page);
        assert!(page.text().contains("Join and get my link"), "{path}");
    }
    assert!(world.get("/join?receipt=rcp_1").await.html().contains("name=\"receipt\" value=\"rcp_1\""));
    let visitor = world.visit("/").await;
    keep("visitor", &visitor);
    assert!(visitor.status() == 200 && visitor.text().contains("Sign in to join"));
    let landing = world.visit("/join?receipt=rcp_1").await;
    assert!(landing.text().contains("You came by somebody's link."));
    assert!(landing.html().contains("/login?next=%2Fjoin%3Freceipt%3Drcp_1"));
    let unknown = world.visit("/join").await;
    keep("unknown-link", &unknown);
    assert!(unknown.text().contains("it is not in use any more"));
    assert!(world.api.asked_at("GET /earnings").iter().all(|ask| !ask.token.is_empty()), "nothing is asked for nobody");
}

#[tokio::test]
async fn what_is_not_there_yet_is_done_without() {
    let world = World::new();
    for door in ["GET /billing", "GET /me"] {
        world.api.put(door, 405, json!({ "message": "Not Found" }));
    }
    assert_eq!(world.get("/my/account").await.status(), 200);
    let answer = world.submit("/my/account", "/my/account/stripe_connect/onboarding", &[]).await;
    assert!(answer.status() == 422 && answer.text().contains("Stripe is not offered here yet."));
}

#[tokio::test]
async fn what_fails_is_a_page_that_says_so() {
    let world = World::new();
    for (door, status, path, expected, words) in [
        ("GET /earnings", 503, "/", 503, "Not available right now"),
        ("GET /earnings", 500, "/", 503, "Not available right now"),
        ("GET /earnings", 401, "/", 401, "Your session has ended"),
        ("GET /payouts/pay_x", 404, "/my/payouts/pay_x", 404, "Nothing here"),
        ("GET /payouts", 400, "/my/payouts?cursor=x", 400, "That was refused"),
    ] {
        let world = World::new();
        world.api.put(door, status, json!({ "status": status, "detail": "Why." }));
        let page = world.get(path).await;
        keep(&format!("fault-{status}"), &page);
        assert_eq!((page.status(), page.text().contains(words)), (expected, true), "{door}: {}", page.text());
    }
    *world.api.away.lock().unwrap() = true;
    let page = world.get("/").await;
    assert_eq!((page.status(), page.header("retry-after")), (503, "5"));
    let nowhere = world.visit("/nowhere").await;
    keep("fault-nowhere", &nowhere);
    assert_eq!(nowhere.status(), 404);
}

#[tokio::test]
async fn a_payout_account_in_its_waiting_time_is_not_paid_to() {
    let world = World::new();
    let later = now().checked_add_days(Days::new(1)).unwrap();
    world.api.put("GET /payout-accounts", 200, json!({ "payout_accounts": [{ "rail": "wise", "destination": "…4821", "default": true, "version": 2, "changed_at": now(), "usable_from": later }] }));
    let page = world.get("/my/payouts/new").await;
    keep("payout-new-waiting", &page);
    assert!(page.text().contains("23 Nov 2026, 12:00 UTC") && !page.html().contains("name=\"key\""), "{}", page.text());
}

#[tokio::test]
async fn what_became_of_a_payout_is_told_plainly() {
    let world = World::new();
    for (status, members, words, missing) in [
        (
            "failed",
            json!({ "reason": "RECEIVER_UNREGISTERED" }),
            "PayPal knows no confirmed account with this address.",
            "RECEIVER_UNREGISTERED",
        ),
        ("failed", json!({ "reason": "balance_insufficient" }), "It could not be sent from our side at that time.", "insufficient"),
        ("unknown", json!({}), "Nothing is sent twice, and nothing is lost", "no answer came"),
        ("returned", json!({ "returned": "250.00" }), "It came back, and the amount is in your balance again.", "the rest has arrived"),
        (
            "returned",
            json!({ "returned": "12.50", "credit_notes": [{ "number": "CN-2026-000001" }] }),
            "Of it $12.50 came back, and is in your balance again; the rest has arrived.",
            "It came back, and the amount",
        ),
        ("submitted", json!({}), "PayPal waits for you to accept it", "UNCLAIMED"),
    ] {
        let id = sample::id(status);
        let mut payout = sample::payout(&id, status, "paypal");
        payout.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let reason = if status == "unknown" { json!("no answer came") } else { json!(null) };
        let note = if status == "submitted" { json!("UNCLAIMED") } else { json!(null) };
        payout["timeline"] = json!([{ "at": "2026-11-10T09:30:00.000Z", "step": status, "by": "system", "reason": reason, "note": note }]);
        world.api.put(&format!("GET /payouts/{id}"), 200, payout);
        let text = world.get(&format!("/my/payouts/{id}")).await.text();
        assert!(text.contains(words) && !text.contains(missing), "{status}: {text}");
    }
}
