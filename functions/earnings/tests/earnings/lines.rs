//! `GET /earnings/lines` and `GET /earnings/lines.csv`.

use crate::support::{World, captured, now, refunded, rented, rich, spent};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use earnings::handle;
use edge::http::Method;
use programme::attribution::AttributionStatus;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ALL: &str = "from=2026-10-01&to=2026-12-10";

fn list(answer: &Value) -> Vec<Value> {
    answer["lines"].as_array().unwrap().clone()
}

async fn csv(world: &World, name: &str, query: &str) -> (edge::http::HeaderMap, String) {
    let call = world.call(Method::GET, "/earnings/lines.csv", name).raw_query(query).build();
    let reply = handle(&world.app, call).await.unwrap();
    (reply.headers.clone(), String::from_utf8(reply.body).unwrap())
}

#[tokio::test]
async fn each_line_says_what_it_changed_and_why() {
    let world = rich().await;
    let lines = list(&world.get("alice", "/earnings/lines", ALL).await);
    let told: Vec<(&str, &str, &str, &str)> = lines
        .iter()
        .map(|line| {
            (
                line["at"].as_str().unwrap(),
                line["rule"].as_str().unwrap(),
                line["amount"].as_str().unwrap(),
                line["cause"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("2026-12-08T10:00:01.000Z", "earns", "1.50", "3 % of 50.00 bought by a referred account on 2026-12-08, settings version 0"),
            ("2026-12-03T10:00:01.000Z", "usage", "-4.00", "4.00 of credits spent on 2026-12-03"),
            ("2026-12-01T10:00:01.000Z", "rental", "7.00", "rent of the machine =1+2 on 2026-12-01"),
            (
                "2026-11-28T10:00:00.000Z",
                "earns",
                "-3.00",
                "taken back: a dispute over 100.00 was opened; now 3 % of the 100.00 left of 200.00 bought by a referred account on 2026-11-20, settings version 0"
            ),
            (
                "2026-11-25T10:00:01.000Z",
                "earns",
                "3.00",
                "3 % of 100.00 bought by a referred account on 2026-11-25, settings version 0, in review"
            ),
            ("2026-11-20T10:00:01.000Z", "earns", "6.00", "3 % of 200.00 bought by a referred account on 2026-11-20, settings version 0"),
            (
                "2026-11-05T10:00:00.000Z",
                "earns",
                "-12.00",
                "taken back: a refund of 400.00 went through; now 3 % of the 600.00 left of 1000.00 bought by a referred account on 2026-11-01, settings version 0"
            ),
            ("2026-11-01T10:00:01.000Z", "earns", "30.00", "3 % of 1000.00 bought by a referred account on 2026-11-01, settings version 0"),
        ]
    );
    let mut clawback = lines[6].clone();
    let (line_id, reference) = (clawback["line_id"].take(), clawback["reference"].take());
    assert_eq!(
        clawback,
        json!({
            "line_id": null, "reference": null, "at": "2026-11-05T10:00:00.000Z", "subject": "purchase", "kinds": ["clawback"], "amount": "-12.00", "currency": "USD",
            "cause": told[6].3, "rule": "earns", "rate": "0.03", "settings_version": 0, "earned_on": "2026-11-01", "matures_on": "2026-11-16", "template_id": "tpl_rig"
        })
    );
    assert_eq!(reference, lines[7]["reference"], "one purchase");
    assert_ne!(reference, lines[5]["reference"], "another purchase");
    assert!(reference.as_str().unwrap().starts_with("pur_") && line_id.as_str().unwrap().starts_with("lin_"));
    assert_eq!((&lines[1]["reference"], &lines[2]["reference"], &lines[2]["machine"]), (&json!("use_1"), &json!("ren_1"), &json!("=1+2")));
}

/// A referrer learns neither who bought nor the processor's ids, not even from a cursor.
#[tokio::test]
async fn nothing_tells_who_bought() {
    let world = rich().await;
    let mut texts = vec![csv(&world, "alice", ALL).await.1, world.get("alice", "/earnings", ALL).await.to_string()];
    let mut query = format!("{ALL}&limit=1");
    loop {
        let page = world.get("alice", "/earnings/lines", &query).await;
        texts.push(page.to_string());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        texts.push(String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap());
        query = format!("{ALL}&limit=1&cursor={cursor}");
    }
    assert_eq!(texts.len(), 2 + 8 + 7);
    for text in texts {
        for secret in ["hidden", "pi_", "bob", "carol", "dave", "erin", "stripe", "evt_"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn what_earned_nothing_is_listed_with_its_reason() {
    let world = World::new();
    world.refer("bob", "alice", None, "2026-12-05", AttributionStatus::Attributed).await;
    world.told("2026-12-06T00:00:00Z", "stripe:pi_1", &[captured("bob", "100", "2026-12-04T00:00:00Z")]).await;
    let lines = list(&world.get("alice", "/earnings/lines", ALL).await);
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["amount"], &lines[0]["rule"], &lines[0]["kinds"], &lines[0]["rate"]),
        (&json!("0.00"), &json!("before_click"), &json!([]), &Value::Null)
    );
    assert_eq!(lines[0]["cause"], "earns nothing: it was bought before the click that is credited");
    assert_eq!(lines[0]["currency"], "USD");
}

#[tokio::test]
async fn what_a_referee_s_usage_earns_tells_its_rule_and_why_it_does_not_grow() {
    let world = World::new();
    world.by_usage();
    world.refer("bob", "alice", Some("tpl_rig"), "2026-11-01", AttributionStatus::Attributed).await;
    world.told("2026-12-01T00:00:00Z", "stripe:pi_hidden", &[captured("bob", "100", "2026-12-01T00:00:00Z")]).await;
    world.single("2026-12-02T00:00:00Z", spent("use_hidden_1", "bob", "80", "2026-12-02T00:00:00Z")).await;
    world.told("2026-12-03T00:00:00Z", "stripe:pi_hidden", &[refunded("re_hidden", "70")]).await;
    world.single("2026-12-04T00:00:00Z", spent("use_hidden_2", "bob", "5", "2026-12-04T00:00:00Z")).await;
    let answer = world.get("alice", "/earnings/lines", ALL).await;
    assert!(!answer.to_string().contains("hidden") && !answer.to_string().contains("bob"), "{answer}");
    let rules = "settings version 3 as at the signup";
    let told: Vec<(String, String)> =
        list(&answer).iter().map(|line| (line["amount"].as_str().unwrap().into(), line["cause"].as_str().unwrap().into())).collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(amount, cause)| (amount.as_str(), cause.as_str())).collect();
    let purchase = "earns nothing: this referral earns from credits spent, up to those bought";
    assert_eq!(
        told,
        [
            (
                "0.00",
                format!("5.00 of credits spent on 2026-12-04; the reward stays, since no more than what was bought earns; now 3 % of 30.00 bought by a referred account, which spent 85.00, {rules}").as_str()
            ),
            (
                "-1.50",
                format!("taken back: 70.00 less of credits bought; now 3 % of 30.00 bought by a referred account, which spent 80.00, {rules}").as_str()
            ),
            ("0.00", format!("a refund of 70.00 went through; now {purchase}").as_str()),
            (
                "2.40",
                format!("80.00 of credits spent on 2026-12-02; now 3 % of 80.00 spent by a referred account, of 100.00 bought, {rules}").as_str()
            ),
            (
                "0.00",
                format!("100.00 more of credits bought; the reward stays, since only what is spent earns; now 3 % of 0.00 spent by a referred account, of 100.00 bought, {rules}").as_str()
            ),
            ("0.00", purchase),
        ]
    );
    let mut reward = list(&answer)[3].clone();
    let (line_id, reference) = (reward["line_id"].take(), reward["reference"].take());
    assert_eq!(
        reward,
        json!({
            "line_id": null, "reference": null, "at": "2026-12-02T00:00:00.000Z", "subject": "usage_reward", "kinds": ["reward"], "amount": "2.40",
            "currency": "USD", "cause": told[3].1, "rule": "by_usage", "rate": "0.03", "settings_version": 3, "earned_on": "2026-12-02", "template_id": "tpl_rig"
        })
    );
    assert!(line_id.as_str().unwrap().starts_with("lin_") && reference.as_str().unwrap().starts_with("ref_"));
    assert_eq!(reference, list(&answer)[0]["reference"], "one referred account");
    // Bob sees what he spent, and nothing of what it earns alice.
    let own = list(&world.get("bob", "/earnings/lines", ALL).await);
    let seen: Vec<(&str, &str)> = own.iter().map(|line| (line["rule"].as_str().unwrap(), line["amount"].as_str().unwrap())).collect();
    assert_eq!(seen, [("usage", "-5.00"), ("usage", "-80.00")]);
}

/// Many lines of one moment, and some of others.
async fn busy() -> World {
    let world = World::new();
    world.refer("bob", "alice", None, "2026-11-01", AttributionStatus::Attributed).await;
    for number in 0..9 {
        let time = if number < 7 { "2026-12-01T10:00:00.500Z".to_owned() } else { format!("2026-12-0{}T10:00:00Z", number - 4) };
        world.told(&time, &format!("stripe:pi_{number}"), &[captured("bob", "10", "2026-12-01T09:00:00Z")]).await;
    }
    for number in 0..7 {
        world.told("2026-12-01T10:00:00.500Z", &format!("stripe:pi_{number}"), &[refunded("re_1", "1")]).await;
    }
    world
}

#[tokio::test]
async fn pages_of_any_size_walk_every_line_once() {
    let world = busy().await;
    let ids = |page: &Value| list(page).iter().map(|line| line["line_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let whole = ids(&world.get("alice", "/earnings/lines", &format!("{ALL}&limit=100")).await);
    assert_eq!((whole.len(), whole.iter().collect::<BTreeSet<_>>().len()), (16, 16));
    for limit in [1, 2, 3, 5, 7, 8, 15, 16, 17] {
        let (mut walked, mut query) = (Vec::new(), format!("{ALL}&limit={limit}"));
        loop {
            let page = world.get("alice", "/earnings/lines", &query).await;
            walked.extend(ids(&page));
            match page["next_cursor"].as_str() {
                Some(cursor) => query = format!("{ALL}&limit={limit}&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(walked, whole, "limit {limit}");
    }
}

#[tokio::test]
async fn a_cursor_in_another_range_stays_in_that_range() {
    let world = busy().await;
    let first = world.get("alice", "/earnings/lines", &format!("{ALL}&limit=1")).await;
    assert_eq!(first["lines"][0]["at"], "2026-12-04T10:00:00.000Z");
    let cursor = first["next_cursor"].as_str().unwrap();
    let earlier = list(&world.get("alice", "/earnings/lines", &format!("from=2026-12-01&to=2026-12-03&cursor={cursor}")).await);
    assert_eq!((earlier.len(), &earlier[0]["at"]), (15, &json!("2026-12-03T10:00:00.000Z")));
    let later = world.get("alice", "/earnings/lines", &format!("from=2026-12-05&to=2026-12-10&cursor={cursor}")).await;
    assert_eq!(later, json!({"lines": []}));
}

/// The line that a cursor stands on is nowhere: an index that lags must not make the walk skip or repeat.
#[tokio::test]
async fn a_cursor_whose_line_is_not_there_yet_asks_to_come_again() {
    let (world, empty) = (busy().await, World::new());
    let page = world.get("alice", "/earnings/lines", &format!("{ALL}&limit=10")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let call =
        |world: &World| world.call(Method::GET, "/earnings/lines", "alice").raw_query(&format!("{ALL}&limit=10&cursor={cursor}")).build();
    assert_eq!(world.answer(call(&world)).await.0, 200);
    assert_eq!(empty.answer(call(&empty)).await.0, 503);
}

/// A reader of the format's own grammar: rows of cells.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => cell.extend(characters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\r', false) if characters.peek() == Some(&'\n') => {
                characters.next();
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            (other, _) => cell.push(other),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "the last row ends as the others do");
    rows
}

#[tokio::test]
async fn the_table_has_the_lines_of_the_list_and_no_formula() {
    let world = rich().await;
    world
        .single("2026-12-09T10:00:00Z", rented("ren_2", "alice", "=HYPERLINK(\"https://evil.test\",\"x\")", "1", "2026-12-09T09:00:00Z"))
        .await;
    let (headers, text) = csv(&world, "alice", ALL).await;
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"lines-2026-10-01-2026-12-10.csv\"");
    let mut rows = rows(&text);
    let header = rows.remove(0);
    let lines = list(&world.get("alice", "/earnings/lines", ALL).await);
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row.len(), header.len());
        let cells: BTreeMap<&str, &str> = header.iter().map(String::as_str).zip(row.iter().map(String::as_str)).collect();
        for name in [
            "line_id",
            "at",
            "subject",
            "reference",
            "amount",
            "currency",
            "cause",
            "rule",
            "rate",
            "earned_on",
            "matures_on",
            "template_id",
        ] {
            assert_eq!(cells[name], line[name].as_str().unwrap_or_default(), "{name}");
        }
        let kinds: Vec<&str> = line["kinds"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
        assert_eq!(cells["kinds"], kinds.join(" "));
        for (name, cell) in cells {
            let number = name == "amount";
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t']), "{name}: {cell}");
        }
    }
    assert!(
        text.contains(",'=1+2\r\n")
            && text.contains(",\"'=HYPERLINK(\"\"https://evil.test\"\",\"\"x\"\")\"\r\n")
            && text.contains(",-12.00,")
    );
}

#[tokio::test]
async fn a_table_longer_than_a_page_is_whole() {
    let world = World::new();
    for number in 0..230 {
        let time = now().to_rfc3339();
        world.single(&time, rented(&format!("ren_{number:03}"), "hana", "m1", "1", "2026-12-09T09:00:00Z")).await;
    }
    let rows = rows(&csv(&world, "hana", "from=2026-12-10").await.1);
    let references: BTreeSet<&String> = rows.iter().skip(1).map(|row| &row[3]).collect();
    assert_eq!((rows.len(), references.len()), (231, 230));
    assert_eq!(self::rows(&csv(&world, "nobody", "").await.1).len(), 1, "the header alone");
}
