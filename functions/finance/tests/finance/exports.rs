//! Tables for spreadsheets.

use crate::{
    support::{Ask, World},
    worker::{failed, paid},
};
use chrono::Duration;
use finance::handle;
use serde_json::json;

async fn table(world: &World, ask: Ask<'_>) -> (String, Vec<Vec<String>>) {
    let reply = handle(&world.app, world.call(Some(("fin1", &["finance"])), &ask)).await.unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8");
    let name = reply.headers["content-disposition"].to_str().unwrap().to_owned();
    let text = String::from_utf8(reply.body).unwrap();
    let rows = text.split_terminator("\r\n").map(|row| row.split(',').map(str::to_owned).collect());
    (name, rows.collect())
}

#[tokio::test]
async fn the_payouts_of_everybody_by_day_of_the_request() {
    let mut world = World::new();
    let mut ids = Vec::new();
    for (name, amount) in [("alice", "50"), ("bob", "40"), ("carol", "30")] {
        ids.push(world.approved(name, amount).await);
        world.now += Duration::days(1);
    }
    let run = world.send("fin1", Ask::run_of_all("k")).await.1["run_id"].as_str().unwrap().parse().unwrap();
    world.sent_in(&run, &ids[0], &[paid("R1", "0"), paid("R1", "1.5")]).await;
    world.sent_in(&run, &ids[1], &[failed("=1+1")]).await;
    let ask = |query| Ask { query, ..Ask::get("/finance/payouts.csv") };
    let (name, rows) = table(&world, ask("from=2026-03-10&to=2026-03-11")).await;
    assert_eq!(name, "attachment; filename=\"payouts-2026-03-10-2026-03-11.csv\"");
    let header = "payout_id,account_id,requested_at,status,amount,currency,from_referral,from_rental,rail,destination,approved_by,run_id,sent_at,\
        paid_at,reference,invoice,returned,credit_notes,reason";
    assert_eq!(rows[0].join(","), header);
    let (id, at) = (&ids[0].id, "2026-03-13T12:00:00.000Z");
    let first = format!(
        "{id},alice,2026-03-10T12:00:00.000Z,returned,50.00,USD,50.00,0.00,paypal,s…@example.com,fin2,{run},{at},{at},R1,INV-2026-000001,1.50,\
        CN-2026-000001,"
    );
    assert_eq!(rows[1].join(","), first);
    let second = &rows[2];
    assert_eq!((second[1].as_str(), second[3].as_str(), second[18].as_str()), ("bob", "failed", "'=1+1"), "no cell is a formula");
    assert_eq!(rows.len(), 3);
    let days = async |query| table(&world, ask(query)).await.1.len() - 1;
    assert_eq!([days("from=2026-03-01&to=2026-03-09").await, days("from=2026-03-12&to=2026-03-12").await, days("").await], [0, 1, 3]);
    assert!(world.trail().await.len() == 4, "reading is no act");
}

#[tokio::test]
async fn a_run_as_a_table_with_what_it_left_out() {
    let world = World::new();
    let (payout, own) = (world.approved("alice", "50").await, world.approved("fin1", "20").await);
    let ordered = world.send("fin1", Ask::run_of_all("k")).await.1;
    let run: programme::payout::RunId = ordered["run_id"].as_str().unwrap().parse().unwrap();
    world.sent_in(&run, &payout, &[paid("R1", "0")]).await;
    let (name, rows) = table(&world, Ask::one("/finance/payout-runs/{id}/export.csv", run.as_str())).await;
    assert_eq!(name, format!("attachment; filename=\"{run}.csv\""));
    let at = "2026-03-10T12:00:00.000Z";
    let sent = format!("{run},{at},fin1,{},alice,50.00,USD,paypal,s…@example.com,paid,{at},{at},R1,INV-2026-000001,0.00,", payout.id);
    assert_eq!(rows[1].join(","), sent);
    assert_eq!(rows[2].join(","), format!("{run},{at},fin1,{},,,,,,left_out,,,,,,own_payout", own.id));
    assert_eq!((rows.len(), rows[0].len(), ordered["left_out"][0]["reason"].clone()), (3, 16, json!("own_payout")));
}
