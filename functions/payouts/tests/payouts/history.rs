use crate::support::{Ask, World};
use chrono::Duration;
use edge::http::Method;
use serde_json::{Value as Json, json};

fn ids(list: &Json) -> Vec<String> {
    list["payouts"].as_array().unwrap().iter().map(|payout| payout["payout_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn canceling_gives_everything_back_and_is_the_same_again() {
    let world = World::with_alice("100").await;
    let before = world.account("alice").await;
    let payout = world.send("alice", Ask::payout("k", "50")).await.1["payout_id"].as_str().unwrap().to_owned();
    let params = [("id", payout.as_str())];
    let cancel = || Ask { method: Method::POST, params: &params, ..Ask::get("/payouts/{id}/cancel") };
    let first = world.send("alice", cancel()).await;
    assert_eq!((first.0, first.1["status"].clone(), first.1["reason"].clone()), (200, json!("canceled"), json!("by_account")));
    assert_eq!(world.send("alice", cancel()).await, first);
    let after = world.account("alice").await;
    assert_eq!((after.balance(), after.totals), (before.balance(), before.totals));
    assert_eq!(world.payout_lines().len(), 2, "the second call wrote nothing");
    assert_eq!(world.send("alice", Ask::payout("k2", "75")).await.0, 201, "all of it can be asked for again");
}

#[tokio::test]
async fn the_timeline_tells_each_step_and_nobody_else_sees_it() {
    let mut world = World::with_alice("100").await;
    let payout = world.send("alice", Ask::payout("k", "50")).await.1["payout_id"].as_str().unwrap().to_owned();
    let params = [("id", payout.as_str())];
    world.now += Duration::minutes(5);
    world.send("alice", Ask { method: Method::POST, params: &params, ..Ask::get("/payouts/{id}/cancel") }).await;
    let (status, body) = world.send("alice", Ask { params: &params, ..Ask::get("/payouts/{id}") }).await;
    assert_eq!(status, 200);
    let steps = json!([
        { "at": "2026-03-10T12:00:00.000Z", "step": "requested", "status": "requested", "by": "account" },
        { "at": "2026-03-10T12:05:00.000Z", "step": "canceled", "status": "canceled", "by": "account", "reason": "by_account" },
    ]);
    assert_eq!((&body["timeline"], &body["status"]), (&steps, &json!("canceled")));
    let unknown = world.send("bob", Ask { params: &[("id", "pay_00000000000000000000000000")], ..Ask::get("/payouts/{id}") }).await;
    for (method, route) in [(Method::GET, "/payouts/{id}"), (Method::POST, "/payouts/{id}/cancel")] {
        let foreign = world.send("bob", Ask { method, params: &params, ..Ask::get(route) }).await;
        assert_eq!((foreign.0, &foreign), (404, &unknown), "{route}");
    }
    for odd in ["pay_", "pay_x", "../x", "pay_00000000000000000000000000x"] {
        assert_eq!(world.send("alice", Ask { params: &[("id", odd)], ..Ask::get("/payouts/{id}") }).await.0, 404, "{odd}");
    }
}

#[tokio::test]
async fn history_is_paged_newest_first() {
    let mut world = World::with_alice("10000").await;
    let mut made = Vec::new();
    for number in 0..5 {
        world.now += Duration::minutes(1);
        made.push(world.send("alice", Ask::payout(&format!("k{number}"), "20")).await.1["payout_id"].as_str().unwrap().to_owned());
    }
    made.reverse();
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let (status, page) = world.send("alice", Ask { query: &query, ..Ask::get("/payouts") }).await;
        assert_eq!(status, 200);
        seen.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, made);
    assert!(ids(&world.send("bob", Ask::get("/payouts")).await.1).is_empty());
    assert!(ids(&world.send("alice", Ask { query: "from=2026-01-01&to=2026-03-09", ..Ask::get("/payouts") }).await.1).is_empty());
}

#[tokio::test]
async fn bad_questions_are_400() {
    let mut world = World::with_alice("1000").await;
    for key in ["a", "b"] {
        world.now += Duration::minutes(1);
        assert_eq!(world.send("alice", Ask::payout(key, "20")).await.0, 201);
    }
    let page = world.send("alice", Ask { query: "limit=1", ..Ask::get("/payouts") }).await.1;
    let cursor = page["next_cursor"].as_str().unwrap();
    let foreign = format!("cursor={cursor}");
    assert_eq!(world.send("bob", Ask { query: &foreign, ..Ask::get("/payouts") }).await.0, 400, "alice's cursor");
    for query in [
        "limit=0",
        "limit=1e9",
        "limit=101",
        "cursor=x",
        "from=2026-03-02&to=2026-03-01",
        "from=2020-01-01&to=2026-01-01",
        "from=yesterday",
    ] {
        assert_eq!(world.send("alice", Ask { query, ..Ask::get("/payouts") }).await.0, 400, "{query}");
    }
}
