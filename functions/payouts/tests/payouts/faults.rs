//! Every fault of the store at every call of every door that writes: told to come back, the caller
//! does, and both the answer and the tables end as they do without a fault.

use crate::support::{Ask, PAYPAL, World};
use edge::http::Method;
use serde_json::{Value as Json, json};
use store::backend::{Item, Table, faulty::Fault};

/// More calls than any door makes.
const CALLS_MAX: u32 = 24;

async fn told(world: &World, ask: impl Fn() -> Ask<'static>) -> (u16, Json) {
    let first = world.send("alice", ask()).await;
    if first.0 == 503 { world.send("alice", ask()).await } else { first }
}

async fn run(
    prepared: impl AsyncFn() -> World,
    ask: impl Fn() -> Ask<'static>,
    fault: Option<(Fault, u32)>,
) -> ((u16, Json), Vec<(Table, Item)>, bool) {
    let world = prepared().await;
    if let Some((fault, calls)) = fault {
        world.faulty.fail_after(calls, fault);
    }
    let answer = told(&world, ask).await;
    (answer, world.memory.dump(), world.faulty.is_pending())
}

async fn each_fault(name: &str, prepared: impl AsyncFn() -> World, ask: impl Fn() -> Ask<'static>) {
    let (answer, tables, _) = run(&prepared, &ask, None).await;
    assert!(answer.0 < 300, "{name}: {answer:?}");
    let mut met = 0;
    for fault in Fault::ALL {
        for calls in 0..CALLS_MAX {
            let (faulted, after, pending) = run(&prepared, &ask, Some((fault, calls))).await;
            if pending {
                break;
            }
            met += 1;
            assert_eq!(faulted, answer, "{name}: {fault:?} after {calls} calls");
            assert!(after == tables, "{name}: {fault:?} after {calls} calls: the tables differ");
        }
    }
    assert!(met >= 8, "{name}: only {met} faults were met");
}

const PAYOUT: &str = "pay_4YGQGXK5VRGSQN7XQD252HFMW1"; // Of alice under the key k.

async fn with_payout() -> World {
    let world = World::with_alice("100").await;
    let (status, body) = world.send("alice", Ask::payout("k", "50")).await;
    assert_eq!((status, body["payout_id"].as_str()), (201, Some(PAYOUT)));
    world
}

#[tokio::test]
async fn a_request() {
    each_fault("request", async || World::with_alice("100").await, || Ask::payout("k", "50")).await;
}

#[tokio::test]
async fn a_cancellation() {
    each_fault("cancel", with_payout, || Ask { method: Method::POST, params: &[("id", PAYOUT)], ..Ask::get("/payouts/{id}/cancel") }).await;
}

#[tokio::test]
async fn a_new_destination() {
    each_fault("destination", with_payout, || Ask::account(PAYPAL, json!({ "email": "new@example.com" }))).await;
}
