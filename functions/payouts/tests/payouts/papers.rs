//! What an account is shown of a payout that was paid, and of what came back of it.

use crate::support::{Ask, World, id};
use edge::http::Reply;
use programme::payout::{Payout, PayoutStatus};
use serde_json::{Value as Json, json};
use store::records::payout as head;

/// A payout of alice's whose head says that it was paid, and how much came back in which parts.
async fn paid(world: &World, returned: &str, credit_notes: &[&str]) -> Payout {
    let made = world.send("alice", Ask::payout("k", "50")).await.1["payout_id"].as_str().unwrap().parse().unwrap();
    let known = world.store.payout(&made).await.unwrap().unwrap();
    let after = Payout {
        status: if credit_notes.is_empty() { PayoutStatus::Paid } else { PayoutStatus::Returned },
        version: known.version + 1,
        reference: Some("=cmd|calc".to_owned()),
        paid_at: Some(world.now),
        invoice: Some("INV-2026-000007".parse().unwrap()),
        returned: returned.parse().unwrap(),
        credit_notes: credit_notes.iter().map(|number| number.parse().unwrap()).collect(),
        ..known
    };
    world.store.backend().write(&[head::write(&after)]).await.unwrap();
    after
}

async fn shown(world: &World, payout: &Payout) -> Json {
    let (status, body) = world.send("alice", Ask { params: &[("id", payout.id.as_str())], ..Ask::get("/payouts/{id}") }).await;
    assert_eq!(status, 200);
    body
}

async fn csv(world: &World, who: &str, query: &str) -> Reply {
    let call = world.call(Some(who), &Ask { query, ..Ask::get("/payouts.csv") });
    payouts::handle(&world.app, call).await.unwrap_or_else(|problem| problem.render("req"))
}

fn lines(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    String::from_utf8(reply.body.clone()).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_is_paid_has_an_invoice_and_what_came_back_its_credit_notes() {
    let world = World::with_alice("100").await;
    let payout = paid(&world, "0", &[]).await;
    let body = shown(&world, &payout).await;
    assert_eq!(body["invoice"], json!({ "number": "INV-2026-000007", "url": format!("/payouts/{}/invoice.pdf", payout.id) }));
    assert!(body.get("returned").is_none() && body.get("credit_notes").is_none(), "{body}");

    let world = World::with_alice("100").await;
    let payout = paid(&world, "30.5", &["CN-2026-000001", "CN-2027-000001"]).await;
    let body = shown(&world, &payout).await;
    let note = |number: &str| json!({ "number": number, "url": format!("/payouts/{}/credit-note.pdf?number={number}", payout.id) });
    assert_eq!((&body["returned"], &body["credit_notes"]), (&json!("30.50"), &json!([note("CN-2026-000001"), note("CN-2027-000001")])));
    let listed = world.send("alice", Ask::get("/payouts")).await.1;
    assert_eq!(listed["payouts"][0]["invoice"], body["invoice"]);
}

#[tokio::test]
async fn what_is_not_paid_says_nothing_of_papers() {
    let world = World::with_alice("100").await;
    let (_, made) = world.send("alice", Ask::payout("k", "50")).await;
    for member in ["returned", "invoice", "credit_notes"] {
        assert!(made.get(member).is_none(), "{made}");
    }
}

#[tokio::test]
async fn the_table_has_a_line_for_each_payout_of_the_range_and_no_formula() {
    let world = World::with_alice("100").await;
    let payout = paid(&world, "30.5", &["CN-2026-000001", "CN-2027-000001"]).await;
    let reply = csv(&world, "alice", "from=2026-03-01&to=2026-03-31").await;
    assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"payouts-2026-03-01-2026-03-31.csv\"");
    let header = "payout_id,requested_at,status,amount,currency,from_referral,from_rental,rail,destination,paid_at,reference,invoice,returned,credit_notes,reason";
    let line = format!(
        "{},2026-03-10T12:00:00.000Z,returned,50.00,USD,50.00,0.00,paypal,a…@example.com,2026-03-10T12:00:00.000Z,'=cmd|calc,INV-2026-000007,30.50,CN-2026-000001 CN-2027-000001,",
        payout.id
    );
    assert_eq!(lines(&reply), [header, line.as_str()]);
    assert_eq!(lines(&csv(&world, "alice", "from=2026-01-01&to=2026-03-09").await), [header]);
    assert_eq!(lines(&csv(&world, "bob", "").await), [header]);
    for query in ["from=yesterday", "from=2026-03-02&to=2026-03-01", "to=2026-13-01"] {
        assert_eq!(csv(&world, "alice", query).await.status.as_u16(), 400, "{query}");
    }
    assert!(world.store.payout(&payout.id).await.unwrap().is_some_and(|known| known.account == id("alice")));
}

#[tokio::test]
async fn the_table_is_whole_over_many_pages() {
    let world = World::with_alice("100").await;
    let first = paid(&world, "0", &[]).await;
    let mut writes = Vec::new();
    for number in 0..230 {
        let key = programme::payout::IdempotencyKey::try_new(&format!("k{number}")).unwrap();
        let payout = Payout { id: programme::payout::PayoutId::of_request(&id("alice"), &key), version: 1, ..first.clone() };
        writes.push(head::write(&payout));
    }
    for part in writes.chunks(50) {
        world.store.backend().write(part).await.unwrap();
    }
    let all = lines(&csv(&world, "alice", "").await);
    let ids: std::collections::BTreeSet<&str> = all.iter().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!((all.len(), ids.len()), (232, 231));
}
