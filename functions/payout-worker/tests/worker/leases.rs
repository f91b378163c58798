//! A worker that slept through its lease: a machine was suspended, and somebody else has taken the payout over.

use crate::support::World;
use chrono::{DateTime, Duration, Utc};
use futures::future::BoxFuture;

use programme::payout::{Errand, PayoutStatus, Sighting};
use rails::{
    GoAhead, Listed, Order, Rail, RailError, Rails,
    testing::{FakeRail, Op},
};
use std::sync::Arc;
use store::{Store, backend::faulty::Fault};

/// Wise, whose client sleeps for longer than the lease lasts before it makes the call that moves money.
struct Asleep {
    wise: Arc<FakeRail>,
    store: Store,
    lease: Duration,
}

impl Asleep {
    async fn sleep(&self, order: &Order, go: &dyn GoAhead) -> Result<Sighting, RailError> {
        let later = order.now + self.lease;
        let taken_over = self.store.take_lease(&order.payout, "another", later, later + Duration::seconds(120)).await.unwrap();
        assert!(taken_over.is_some(), "the lease has run out");
        self.wise.submit(order, go).await
    }
}

impl Rail for Asleep {
    fn rail(&self) -> ledger::Rail {
        ledger::Rail::Wise
    }

    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.sleep(order, go))
    }

    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>> {
        self.wise.look_up(order)
    }

    fn can_look_up(&self, order: &Order) -> bool {
        self.wise.can_look_up(order)
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        self.wise.list(from, to, cursor)
    }
}

#[tokio::test]
async fn who_lost_the_lease_moves_no_money() {
    let mut world = World::new();
    let payout = world.approved("alice", ledger::Rail::Wise, "30").await;
    let run = world.order(std::slice::from_ref(&payout)).await;
    let awake = world.app.rails.clone();
    let asleep = Asleep { wise: world.wise.clone(), store: world.store.clone(), lease: world.app.lease };
    world.app.rails = Rails::of(vec![Arc::new(asleep)]);
    let errand = [Errand::Pay { run, payout: payout.id.clone() }];
    assert_eq!(world.hand(&errand).await, [true], "it is somebody else's work");
    assert_eq!((world.wise.calls(Op::Submit), world.head(&payout).await.status), (0, PayoutStatus::Submitting));
    // Whoever has it now finds that nothing was sent, and sends it.
    world.app.rails = awake;
    world.now += Duration::minutes(10);
    assert_eq!(world.look(&payout).await.status, PayoutStatus::Submitted);
    assert_eq!((world.wise.calls(Op::Submit), world.wise.books().len()), (1, 1));
}

/// Where it can't be told whose work it is, nothing is sent either: at some call to the tables the intent stands, and no rail was called.
#[tokio::test]
async fn nobody_moves_money_while_the_lease_can_not_be_read() {
    let mut held = 0;
    for call in 0.. {
        let mut world = World::new();
        let payout = world.approved("alice", ledger::Rail::Wise, "30").await;
        let run = world.order(std::slice::from_ref(&payout)).await;
        world.faulty.fail_after(call, Fault::FailBefore);
        let errand = [Errand::Pay { run, payout: payout.id.clone() }];
        let done = world.hand(&errand).await[0];
        if world.faulty.is_pending() {
            break;
        }
        if !done && world.head(&payout).await.status == PayoutStatus::Submitting && world.wise.calls(Op::Submit) == 0 {
            held += 1;
        }
        world.now += Duration::minutes(10);
        world.hand(&errand).await;
        assert_eq!((world.head(&payout).await.status, world.wise.books().len()), (PayoutStatus::Submitted, 1), "call {call}");
    }
    assert!(held > 0, "some call of these was the last look");
}
