//! Every fault of the store at every call: nothing lost, nothing doubled.

use crate::support::{World, at, batch, captured, id, now, refund, world_with};
use futures::future::BoxFuture;
use programme::settings::{History, Version};
use programme::{
    account::Total,
    fact::{Fact, RefundStatus},
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use store::{
    StoreError,
    backend::{Backend, Item, Key, Page, Query, Reason, Scan, Write, WriteError, memory::Memory},
    keys, records,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    FailBefore,
    LoseAnswer,
    Conflict,
    Throttle,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [Self::FailBefore, Self::LoseAnswer, Self::Conflict, Self::Throttle];
}

/// Tables that fail at the numbered calls.
struct Faulty {
    inner: Arc<Memory>,
    calls: AtomicU64,
    fault: Fault,
    /// Which calls fail: those from here …
    from: u64,
    /// … up to here.
    to: u64,
}

impl Faulty {
    fn hits(&self) -> bool {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        (self.from..self.to).contains(&call)
    }
    fn away() -> StoreError {
        StoreError::Unavailable("a fault".into())
    }
}

impl Backend for Faulty {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        if self.hits() { Box::pin(async { Err(Self::away()) }) } else { self.inner.get(key, consistent) }
    }
    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        if self.hits() { Box::pin(async { Err(Self::away()) }) } else { self.inner.get_many(keys, consistent) }
    }
    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        if self.hits() { Box::pin(async { Err(Self::away()) }) } else { self.inner.query(query) }
    }
    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        if !self.hits() {
            return self.inner.write(writes);
        }
        Box::pin(async move {
            let reasons = |reason: Reason| Err(WriteError::Canceled(writes.iter().map(|_| reason.clone()).collect()));
            match self.fault {
                Fault::FailBefore => Err(WriteError::Unavailable("a fault".into())),
                Fault::Conflict => reasons(Reason::Conflict),
                Fault::Throttle => reasons(Reason::Throttled),
                Fault::LoseAnswer => {
                    self.inner.write(writes).await?;
                    Err(WriteError::Unavailable("the answer is lost".into()))
                }
            }
        })
    }
    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        self.inner.scan(scan)
    }
}

fn story() -> Vec<Fact> {
    vec![
        captured("pi_1", "bob", "100"),
        refund("pi_1", "re_1", "40", RefundStatus::Succeeded),
        captured("pi_2", "carol", "50"),
        captured("pi_3", "dave", "7"),
    ]
}

/// A world whose tables fail at the calls `from` up to `to`.
pub(crate) fn faulty(fault: Fault, from: u64, to: u64) -> World {
    world_with(|inner| Arc::new(Faulty { inner, calls: AtomicU64::new(0), fault, from, to }))
}

async fn world(fault: Fault, from: u64, to: u64) -> World {
    let world = faulty(fault, from, to);
    for (referee, referrer) in [("bob", Some("alice")), ("carol", Some("alice")), ("dave", None)] {
        world.sign_up(referee, referrer).await;
    }
    world
}

async fn ended_well(world: &World, name: &str) {
    assert_eq!(world.total("alice", Total::Rewards).await, "3.30", "{name}");
    assert_eq!(world.total("dave", Total::Purchased).await, "7.00", "{name}");
    world.audit().await;
}

#[tokio::test]
async fn one_fault_at_each_call() {
    for fault in Fault::ALL {
        for call in 0..14 {
            let world = world(fault, call, call + 1).await;
            let failed = world.deliver(&story()).await;
            assert!(failed.is_empty(), "{fault:?} at {call} is got over within the invocation");
            ended_well(&world, &format!("{fault:?} at {call}")).await;
        }
    }
}

#[tokio::test]
async fn a_referrer_that_could_not_be_read_is_read_again() {
    for call in 0..8 {
        let world = world(Fault::FailBefore, call, call + 1).await;
        let own = History::from_versions(vec![Version { number: 1, from: at("2026-01-01T00:00:00Z"), value: "0.05".parse().unwrap() }]);
        world.memory.write(&[Write::put(keys::rates(&id("alice")), records::settings::write_rates(&own))]).await.unwrap();
        assert!(world.deliver(&story()).await.is_empty(), "at {call}");
        assert_eq!(world.total("alice", Total::Rewards).await, "5.50", "5 % whatever failed at {call}");
        world.audit().await;
    }
}

#[tokio::test]
async fn a_lasting_outage_gives_all_back_and_nothing_is_lost() {
    for fault in [Fault::FailBefore, Fault::LoseAnswer, Fault::Conflict] {
        for from in 0..6 {
            let world = world(fault, from, from + 60).await;
            let mut rest = story();
            for _ in 0..20 {
                let failed = accrual::handle(&world.app, batch(&rest, now(), 1)).await;
                rest = rest
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| failed.contains(&format!("m{place}")))
                    .map(|(_, fact)| fact.clone())
                    .collect();
                if rest.is_empty() {
                    break;
                }
            }
            assert!(rest.is_empty(), "{fault:?} from {from}");
            ended_well(&world, &format!("{fault:?} from {from}")).await;
        }
    }
}

#[tokio::test]
async fn an_outage_that_lasts_sends_the_message_anew_instead_of_among_the_dead() {
    let world = world(Fault::FailBefore, 0, 10_000).await;
    let failed = accrual::handle(&world.app, batch(&story(), now(), 3)).await;
    assert_eq!(failed.len(), 4, "the queue still has patience");
    let failed = accrual::handle(&world.app, batch(&story(), now(), 4)).await;
    assert!(failed.is_empty());
    assert_eq!(world.queue.taken().len(), 4, "each is on the queue again");
}
