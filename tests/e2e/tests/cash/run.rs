//! A run of a thousand payouts: followed while it goes on, a bad destination beside good ones, clicked twice.

use crate::desk::Desk;
use futures::stream::{self, StreamExt};
use ledger::Rail;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PAYEES: usize = 100;
const EACH: usize = 10;
const PAYOUTS: usize = PAYEES * EACH;
/// Requests under way at a time.
const AT_ONCE: usize = 8;
/// The payee whose account was closed at the rail.
const CLOSED: usize = 17;
/// Between two looks at a run, as a page that shows its progress takes them.
const LOOK: Duration = Duration::from_millis(200);
/// Looks until a run must be over: generous, since nobody knows how busy a machine is.
const LOOKS_MAX: usize = 3000;
/// The rails take up to an hour.
const RAILS_TAKE: Duration = Duration::from_secs(2 * 3600);

fn name(payee: usize) -> String {
    format!("payee{payee}")
}

fn email(payee: usize) -> String {
    if payee == CLOSED { "payee.closed@example.com".into() } else { format!("payee{payee}@example.com") }
}

/// Has a thousand payouts requested, and approved.
async fn approved(desk: &Desk) {
    let made = (0..PAYEES).map(|payee| async move { desk.payee(&name(payee), "200.00", &email(payee)).await });
    stream::iter(made).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    desk.cooled().await;
    let asked = (0..PAYOUTS).map(|n| async move {
        let (status, payout) = desk.keyed(&name(n / EACH), &format!("key-{n}"), "/payouts", &json!({ "amount": "20.00" })).await;
        assert_eq!(status, 201, "{payout}");
        let id = payout["payout_id"].as_str().unwrap();
        desk.must("fin1", Method::POST, &format!("/finance/payouts/{id}/approve"), Some(json!({ "version": 1 })), 200).await;
    });
    stream::iter(asked).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

fn standing(run: &Value, status: &str) -> u64 {
    run["progress"][status].as_u64().unwrap()
}

/// Looks at a run until none of its payouts waits to be sent; answers how many waited at each look.
async fn follow(desk: &Desk, path: &str) -> Vec<u64> {
    let mut waited = Vec::new();
    for _ in 0..LOOKS_MAX {
        let run = desk.must("fin1", Method::GET, path, None, 200).await;
        let all: u64 = run["progress"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        assert_eq!(usize::try_from(all).unwrap(), PAYOUTS, "every payout stands somewhere: {}", run["progress"]);
        waited.push(standing(&run, "approved") + standing(&run, "submitting"));
        if waited.last() == Some(&0) {
            return waited;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("the run is never over: {waited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_payouts_are_run_once() {
    let desk = Desk::open("thousand").await;
    approved(&desk).await;

    let dry = desk.must("fin2", Method::POST, "/finance/payout-runs", Some(json!({ "dry_run": true })), 200).await;
    assert_eq!((dry["count"].clone(), dry["amount"].clone()), (json!(PAYOUTS), json!("20000.00")), "the dry run is the bill");

    let order = json!({ "dry_run": false });
    // Two clicks at once, under the one key of the form.
    let click = || desk.keyed("fin2", "run-of-all", "/finance/payout-runs", &order);
    let ((status, run), (twice, same)) = futures::join!(click(), click());
    assert_eq!((status, twice), (202, 202), "{run} {same}");
    assert_eq!(run["run_id"], same["run_id"], "a second click makes no second run");
    // Somebody else orders the same: all of them are in a run, so there is nothing to send.
    let (other, refused) = desk.keyed("fin1", "run-of-somebody-else", "/finance/payout-runs", &order).await;
    assert_eq!(other, 422, "{refused}");

    let path = format!("/finance/payout-runs/{}", run["run_id"].as_str().unwrap());
    let waited = follow(&desk, &path).await;
    assert!(waited.windows(2).all(|pair| pair[1] <= pair[0]), "it only goes forward: {waited:?}");
    println!("waiting at each look: {waited:?}");

    desk.stack.clock().advance(RAILS_TAKE).await.unwrap();
    for _ in 0..2 {
        desk.stack.run_schedule("payout-worker").await.unwrap();
        desk.rest().await;
    }
    let ended = desk.must("fin1", Method::GET, &path, None, 200).await;
    let (paid, failed) = (standing(&ended, "paid"), standing(&ended, "failed"));
    assert_eq!((usize::try_from(paid).unwrap(), usize::try_from(failed).unwrap()), (PAYOUTS - EACH, EACH), "{}", ended["progress"]);

    // The rail's own books: each once, and of the bad destination none.
    let books = desk.stack.rails().books(Rail::Paypal, None).await.unwrap().payments;
    let moved: Vec<_> = books.iter().filter(|payment| payment.movements > 0 && !payment.left().is_zero()).collect();
    let named: std::collections::BTreeSet<_> = moved.iter().map(|payment| payment.payout.clone()).collect();
    assert_eq!((moved.len(), named.len()), (PAYOUTS - EACH, PAYOUTS - EACH));
    assert!(moved.iter().all(|payment| payment.movements == 1));
    // What failed is the payee's again.
    let closed = desk.must(&name(CLOSED), Method::GET, "/earnings", None, 200).await;
    assert_eq!(closed["current_balance"], "200.00", "{closed}");
    let good = desk.must(&name(0), Method::GET, "/earnings", None, 200).await;
    assert_eq!(good["current_balance"], "0.00", "{good}");
    desk.close().await;
}
