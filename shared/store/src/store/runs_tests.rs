#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::records::{
    act::{Act, ActKind},
    run::{LeftOut, RunEntry},
    seal,
};
use ledger::{AccountId, KeyRing, Rail};
use programme::payout::{IdempotencyKey, PayoutId};

fn keys_of_seals() -> KeyRing {
    KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap()
}
fn fin() -> AccountId {
    "fin1".parse().unwrap()
}
fn at(hour: u32) -> DateTime<Utc> {
    format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap()
}

/// A run of so many payouts, with ids and addresses of the greatest length, and as many left out.
fn run(key: &str, count: usize, hour: u32) -> Run {
    let payee: AccountId = "p".repeat(128).parse().unwrap();
    let id = |number: usize| PayoutId::of_request(&payee, &IdempotencyKey::try_new(&number.to_string()).unwrap());
    let entry = |number| RunEntry {
        payout: id(number),
        account: payee.clone(),
        amount: "20.5".parse().unwrap(),
        rail: Rail::Wise,
        destination: "x".repeat(260),
        version: 3,
    };
    let left = |number| LeftOut { payout: id(number + 10_000), reason: "destination_changed".into() };
    let payouts: Vec<RunEntry> = (0..count).map(entry).collect();
    let head = RunHead {
        id: RunId::of_request(&fin(), &IdempotencyKey::try_new(key).unwrap()),
        by: fin(),
        at: at(hour),
        request: "digest".into(),
        count: u32::try_from(count).unwrap(),
        amount: payouts.iter().map(|entry| entry.amount).sum(),
        currency: "USD".parse().unwrap(),
        closed_at: None,
    };
    Run { head, payouts, left_out: (0..count).map(left).collect() }
}

fn act(run: &Run) -> Act {
    let (at, by, subject) = (run.head.at, fin(), run.head.id.to_string());
    Act { at, by, kind: ActKind::PayoutRunOrdered, subject, version: 1, reason: None, details: serde_json::json!({}) }
}

async fn listed(store: &Store, open: bool) -> Vec<RunId> {
    store.runs(open, None, 10).await.unwrap().entries.into_iter().map(|listed| listed.entry.id).collect()
}

#[tokio::test]
async fn a_run_is_frozen_whole_made_once_and_closed_once() {
    let (store, memory) = Store::in_memory(keys_of_seals());
    for (key, count, hour) in [("none", 0, 1), ("one", 1, 2), ("part", 400, 3), ("most", RUN_MAX, 4)] {
        let ordered = run(key, count, hour);
        assert_eq!(store.run(&ordered.head.id).await.unwrap(), None);
        assert_eq!(store.create_run(&ordered, &[act(&ordered).write()]).await, Ok(RunOrdered::Created), "{key}");
        assert_eq!(store.run(&ordered.head.id).await.unwrap().as_ref(), Some(&ordered));
        let other = Run { head: RunHead { request: "another".into(), ..run(key, 2, hour + 1).head }, ..run(key, 2, hour + 1) };
        let exists = Ok(RunOrdered::Exists(Box::new(ordered.clone())));
        assert_eq!(store.create_run(&other, &[act(&other).write()]).await, exists, "the first one stands");
        assert_eq!(store.run_head(&ordered.head.id).await.unwrap().as_ref(), Some(&ordered.head));
    }
    assert_eq!(store.acts("2026-11-21".parse().unwrap(), "2026-11-21".parse().unwrap(), None, 10).await.unwrap().entries.len(), 4);
    let (newest, oldest) = (run("most", RUN_MAX, 4), run("none", 0, 1));
    assert_eq!(listed(&store, true).await.first(), Some(&newest.head.id));
    assert!(store.close_run(&newest.head, at(6)).await.unwrap());
    assert!(!store.close_run(&newest.head, at(7)).await.unwrap());
    let closed = store.run(&newest.head.id).await.unwrap().unwrap();
    assert_eq!(closed, Run { head: RunHead { closed_at: Some(at(6)), ..newest.head.clone() }, ..newest.clone() });
    assert_eq!(listed(&store, false).await, [newest.head.id]);
    assert!(!listed(&store, true).await.is_empty() && listed(&store, true).await.contains(&oldest.head.id));
    let of_runs = memory.dump().into_iter().filter(|(_, item)| item["pk"].as_text().is_some_and(|pk| pk.starts_with("run#")));
    for (_, item) in of_runs {
        assert!(seal::holds(&item, &keys_of_seals()));
        let bytes = item.values().filter_map(|value| value.as_text()).map(str::len).sum::<usize>();
        assert!(bytes < 350_000, "{bytes} bytes in one item");
    }
}

#[tokio::test]
async fn what_can_not_be_kept_is_refused() {
    let (store, memory) = Store::in_memory(keys_of_seals());
    assert!(matches!(store.create_run(&run("many", RUN_MAX + 1, 1), &[]).await, Err(CommitError::Rejected(_))));
    let (sealless, _) = Store::in_memory(KeyRing::none());
    assert!(matches!(sealless.create_run(&run("r", 1, 1), &[]).await, Err(CommitError::Rejected(_))));
    assert!(sealless.close_run(&run("r", 1, 1).head, at(2)).await.is_err());
    assert!(memory.dump().is_empty());
    let taken = run("r", 1, 1);
    store.backend().write(&[act(&taken).write()]).await.unwrap();
    let lost = store.create_run(&taken, &[act(&taken).write()]).await;
    assert_eq!(lost, Err(CommitError::Lost([Lost::Beside(0)].into())), "its act stands already, and it does not");
    store.create_run(&run("r", 401, 2), &[]).await.unwrap();
    memory.tamper(&keys::run_part(&taken.head.id, 1), |item| *item = None);
    assert!(matches!(store.run(&taken.head.id).await, Err(StoreError::Corrupt { .. })), "a part of its list is missing");
}
