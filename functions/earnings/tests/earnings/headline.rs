//! `GET /earnings`.

use crate::support::{World, captured, now, rich};
use chrono::{Datelike, NaiveDate};
use ledger::Money;
use programme::attribution::AttributionStatus;
use serde_json::{Value, json};
use store::records::month::Series;

fn money(value: &Value) -> Money {
    value.as_str().unwrap().parse().unwrap()
}

fn sum(points: &Value, name: &str) -> Money {
    points.as_array().unwrap().iter().map(|point| money(&point[name])).sum()
}

/// R = 18.00 + 3.00 + 3.00 + 1.50, of which 3.00 in review and 1.50 on hold; E = 7.00; 6.00 of purchased credits left.
/// `0.75 × 21.00 = 15.75` would be cashable, were the purchased credits spent.
#[tokio::test]
async fn a_rich_account() {
    let world = rich().await;
    let answer = world.get("alice", "/earnings", "from=2026-10-15&to=2026-12-10&group=month").await;
    let expected = json!({
        "currency": "USD",
        "current_balance": "32.50",
        "total_earnings": "32.50",
        "total_referral_earnings": "25.50",
        "total_rental_earnings": "7.00",
        "referral_count": 4,
        "cashable": "7.00",
        "not_cashable": [
            {"reason": "review", "amount": "3.00"},
            {"reason": "hold", "amount": "1.50", "until": "2026-12-23"},
            {"reason": "share", "amount": "5.25"},
            {"reason": "purchased_credits", "amount": "15.75", "spend_first": "6.00"}
        ],
        "chart": [
            {"start": "2026-10-01", "referral": "0.00", "rental": "0.00"},
            {"start": "2026-11-01", "referral": "24.00", "rental": "0.00"},
            {"start": "2026-12-01", "referral": "1.50", "rental": "7.00"}
        ],
        "templates": [
            {"template_id": null, "name": "Plain link", "clicks": 3, "signups": 2, "total": "6.00", "chart": [
                {"start": "2026-10-01", "amount": "0.00", "clicks": 0, "signups": 0},
                {"start": "2026-11-01", "amount": "6.00", "clicks": 3, "signups": 2},
                {"start": "2026-12-01", "amount": "0.00", "clicks": 0, "signups": 0}
            ]},
            {"template_id": "tpl_rig", "name": "My rig \u{202e}", "clicks": 7, "signups": 1, "total": "18.00", "chart": [
                {"start": "2026-10-01", "amount": "0.00", "clicks": 5, "signups": 1},
                {"start": "2026-11-01", "amount": "18.00", "clicks": 2, "signups": 0},
                {"start": "2026-12-01", "amount": "0.00", "clicks": 0, "signups": 0}
            ]},
            {"template_id": "tpl_theirs", "name": "Zoe's", "clicks": 0, "signups": 1, "total": "1.50", "chart": [
                {"start": "2026-10-01", "amount": "0.00", "clicks": 0, "signups": 0},
                {"start": "2026-11-01", "amount": "0.00", "clicks": 0, "signups": 0},
                {"start": "2026-12-01", "amount": "1.50", "clicks": 0, "signups": 1}
            ]}
        ]
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn cashable_and_the_reasons_add_up_to_the_balance() {
    let answer = rich().await.get("alice", "/earnings", "").await;
    assert_eq!(money(&answer["cashable"]) + sum(&answer["not_cashable"], "amount"), money(&answer["current_balance"]));
}

/// Whatever the grouping: the chart, the templates and the ledger lines of the same days have one sum.
#[tokio::test]
async fn charts_templates_and_lines_add_up() {
    let world = rich().await;
    let lines = world.get("alice", "/earnings/lines", "from=2026-10-01&to=2026-12-10&limit=100").await;
    for (from, to) in
        [("2026-10-15", "2026-12-10"), ("2026-11-01", "2026-11-20"), ("2026-11-02", "2026-11-19"), ("2026-12-01", "2026-12-08")]
    {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let earned = |line: &&Value| line["earned_on"].as_str().is_some_and(|on| (day(from)..=day(to)).contains(&day(on)));
        let of = |subject: &'static str| {
            lines["lines"]
                .as_array()
                .unwrap()
                .iter()
                .filter(earned)
                .filter(move |line| line["subject"] == subject)
                .map(|line| money(&line["amount"]))
        };
        let (rewards, rent): (Money, Money) = (of("purchase").sum(), of("rental").sum());
        for group in ["day", "week", "month"] {
            let answer = world.get("alice", "/earnings", &format!("from={from}&to={to}&group={group}")).await;
            assert_eq!((sum(&answer["chart"], "referral"), sum(&answer["chart"], "rental")), (rewards, rent), "{from} {to} {group}");
            assert_eq!(sum(&answer["templates"], "total"), rewards, "{from} {to} {group}");
            for template in answer["templates"].as_array().unwrap() {
                assert_eq!(sum(&template["chart"], "amount"), money(&template["total"]));
            }
        }
    }
}

#[tokio::test]
async fn weeks_begin_on_monday_and_days_are_all_there() {
    let world = rich().await;
    let starts = |answer: &Value| {
        answer["chart"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["start"].as_str().unwrap().parse().unwrap())
            .collect::<Vec<NaiveDate>>()
    };
    let weeks = starts(&world.get("alice", "/earnings", "from=2026-11-01&to=2026-12-10&group=week").await);
    assert!(weeks.iter().all(|start| start.weekday() == chrono::Weekday::Mon) && weeks.len() == 7, "{weeks:?}");
    let days = starts(&world.get("alice", "/earnings", "").await);
    assert_eq!((days.len(), days.last().copied()), (30, Some(now().date_naive())));
}

#[tokio::test]
async fn an_account_that_nothing_is_known_of_has_zeros() {
    let answer = World::new().get("nobody", "/earnings", "from=2026-12-10&to=2026-12-10").await;
    let expected = json!({
        "currency": "USD", "current_balance": "0.00", "total_earnings": "0.00", "total_referral_earnings": "0.00", "total_rental_earnings": "0.00",
        "referral_count": 0, "cashable": "0.00", "not_cashable": [],
        "chart": [{"start": "2026-12-10", "referral": "0.00", "rental": "0.00"}],
        "templates": [{"template_id": null, "name": "Plain link", "clicks": 0, "signups": 0, "total": "0.00", "chart": [{"start": "2026-12-10", "amount": "0.00", "clicks": 0, "signups": 0}]}]
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn one_account_sees_nothing_of_another() {
    let world = rich().await;
    for stranger in ["zoe", "bob"] {
        // Neither a parameter nor the wish of a caller names another account.
        let answer = world.get(stranger, "/earnings", "from=2026-10-01&to=2026-12-10&account_id=alice&id=alice").await;
        assert_eq!((answer["total_earnings"].as_str(), answer["templates"].as_array().unwrap().len()), (Some("0.00"), 1), "{stranger}");
        let lines = world.get(stranger, "/earnings/lines", "from=2026-10-01&to=2026-12-10").await;
        assert_eq!(lines, json!({"lines": []}), "{stranger}");
        assert_eq!(world.get("zoe", "/templates", "").await["templates"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn another_s_template_that_became_private_keeps_its_name() {
    let world = rich().await;
    let mut theirs =
        world.store.own_template(&crate::support::id("zoe"), &crate::support::template_id("tpl_theirs")).await.unwrap().unwrap();
    theirs.public = false;
    world.store.change_template(&theirs).await.unwrap();
    let answer = world.get("alice", "/earnings", "").await;
    let theirs = answer["templates"].as_array().unwrap().iter().find(|template| template["template_id"] == "tpl_theirs");
    assert_eq!(theirs.map(|template| &template["name"]), Some(&json!("tpl_theirs")));
}

/// Anybody can share an account's code with any public template: that must not swell its page without end.
#[tokio::test]
async fn many_templates_are_summed_up_beyond_the_best() {
    let world = World::new();
    world.sign_up("alice", "AAAAAAAA").await;
    for number in 0..210 {
        world.count("alice", Series::Clicks, Some(&format!("tpl_{number:03}")), "2026-12-09", 1 + i64::from(number % 7)).await;
    }
    world.refer("bob", "alice", Some("tpl_000"), "2026-12-01", AttributionStatus::Attributed).await;
    world.told("2026-12-08T10:00:01Z", "stripe:pi_1", &[captured("bob", "100", "2026-12-08T10:00:00Z")]).await;
    for (query, shown) in [("", 200), ("from=2021-12-11&to=2026-12-10", 27), ("from=2021-12-11&to=2026-12-10&group=month", 200)] {
        let answer = world.get("alice", "/earnings", query).await;
        let templates = answer["templates"].as_array().unwrap();
        assert_eq!(templates.len(), 1 + shown + 1, "{query}");
        let last = templates.last().unwrap();
        assert_eq!(
            (&templates[1]["template_id"], &last["template_id"], &last["name"]),
            (&json!("tpl_000"), &json!("other"), &json!("Other templates"))
        );
        let clicks: u64 = templates.iter().map(|template| template["clicks"].as_u64().unwrap()).sum();
        assert_eq!(clicks, (0..210).map(|number| 1 + number % 7).sum::<u64>());
        assert_eq!(sum(&answer["templates"], "total").to_string(), "3.00");
        assert!(answer.to_string().len() < 5_000_000, "{query}");
    }
}
