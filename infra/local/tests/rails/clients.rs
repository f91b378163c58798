//! The system's own clients of the rails against the stand-ins: they understand each other, and nothing is paid twice.

use crate::bench::{Bench, DAY, HOUR};
use edge::config::Env;
use ledger::{AccountId, Currency, Rail};
use local::rails::{Fault, FaultKind, Operation};
use programme::payout::{Destination, PayoutId, Sighting};
use rails::{NewAccount, Order, RailError, Rails, testing::Always};
use std::{sync::Arc, time::Duration};

const PAYOUT: &str = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";

fn clients(bench: &Bench) -> Rails {
    let (id, secret) = bench.secrets.paypal_client();
    let env = Env::from_pairs([
        ("STRIPE_API_URL", format!("{}/stripe", bench.url)),
        ("STRIPE_API_KEY", bench.secrets.stripe_api_key().to_owned()),
        ("PAYPAL_API_URL", format!("{}/paypal", bench.url)),
        ("PAYPAL_CLIENT_ID", id.to_owned()),
        ("PAYPAL_CLIENT_SECRET", secret.to_owned()),
        ("WISE_API_URL", format!("{}/wise", bench.url)),
        ("WISE_API_TOKEN", bench.secrets.wise_api_token().to_owned()),
        ("WISE_PROFILE_ID", crate::bench::PROFILE.to_string()),
    ]);
    Rails::from_env(&env, Arc::new(edge::ids::SystemIds)).unwrap()
}

fn destination(rail: Rail, word: &str, digits: i64) -> Destination {
    match rail {
        Rail::StripeConnect => Destination::stripe(&format!("acct_1{word}")),
        Rail::Paypal => Destination::paypal_email(&format!("ann.{word}@example.com")),
        Rail::Wise => Destination::wise(&(40_000_000 + digits).to_string(), Currency::try_new("USD").unwrap()),
    }
    .unwrap()
}

/// An order to a destination that behaves.
fn order(bench: &Bench, destination: Destination) -> Order {
    let now = chrono::DateTime::from_timestamp_millis(bench.clock.now_ms()).unwrap();
    Order {
        payout: PayoutId::try_new(PAYOUT).unwrap(),
        account: AccountId::try_new("alice").unwrap(),
        amount: "22.50".parse().unwrap(),
        currency: Currency::try_new("USD").unwrap(),
        destination,
        key: format!("key-{PAYOUT}"),
        intended_at: now,
        now,
        reference: None,
        attempted: false,
    }
}

/// The same later, after one attempt.
fn again(bench: &Bench, order: &Order, reference: Option<String>) -> Order {
    let now = chrono::DateTime::from_timestamp_millis(bench.clock.now_ms()).unwrap();
    Order { now, reference, attempted: true, ..order.clone() }
}

/// In one word.
fn word(sighting: &Sighting) -> &'static str {
    match sighting {
        Sighting::Absent => "absent",
        Sighting::Underway { .. } => "underway",
        Sighting::Paid { returned, .. } if returned.is_positive() => "paid in part",
        Sighting::Paid { .. } => "paid",
        Sighting::Returned { .. } => "returned",
        Sighting::Failed { .. } => "failed",
    }
}

/// What becomes of an order to a destination: at once, two hours later, and after a year.
async fn becomes(rail: Rail, name: &str, digits: i64) -> [&'static str; 3] {
    let bench = Bench::start().await;
    let clients = clients(&bench);
    let client = clients.get(rail).unwrap();
    let order = order(&bench, destination(rail, name, digits));
    let first = client.submit(&order, &Always).await.unwrap();
    let reference = first.reference().map(str::to_owned);
    let mut words = [word(&first); 3];
    for (place, time) in [(1, 2 * HOUR), (2, 365 * DAY)] {
        bench.pass(time).await;
        if reference.is_some() {
            words[place] = word(&client.look_up(&again(&bench, &order, reference.clone())).await.unwrap());
        }
    }
    assert!(bench.books(rail).await.payments.iter().all(|payment| payment.movements <= 1), "{rail} {name}");
    words
}

#[tokio::test]
async fn a_client_sees_what_becomes_of_each_destination() {
    for (rail, name, digits, words) in [
        (Rail::StripeConnect, "plain", 0, ["paid", "paid", "paid"]),
        (Rail::StripeConnect, "partly", 0, ["paid", "paid", "paid in part"]),
        (Rail::StripeConnect, "bounced", 0, ["paid", "paid", "returned"]),
        (Rail::StripeConnect, "closed", 0, ["failed", "failed", "failed"]),
        (Rail::StripeConnect, "insufficient", 0, ["failed", "failed", "failed"]),
        (Rail::Paypal, "plain", 0, ["underway", "paid", "paid"]),
        (Rail::Paypal, "closed", 0, ["underway", "failed", "failed"]),
        (Rail::Paypal, "denied", 0, ["underway", "failed", "failed"]),
        (Rail::Paypal, "unclaimed", 0, ["underway", "underway", "returned"]),
        (Rail::Paypal, "onhold", 0, ["underway", "underway", "paid"]),
        (Rail::Paypal, "bounced", 0, ["underway", "paid", "returned"]),
        (Rail::Paypal, "insufficient", 0, ["failed", "failed", "failed"]),
        (Rail::Wise, "", 0, ["underway", "paid", "paid"]),
        (Rail::Wise, "", 901, ["failed", "failed", "failed"]),
        (Rail::Wise, "", 902, ["failed", "failed", "failed"]),
        (Rail::Wise, "", 903, ["underway", "paid", "returned"]),
        (Rail::Wise, "", 904, ["underway", "underway", "paid"]),
        (Rail::Wise, "", 908, ["underway", "returned", "returned"]),
    ] {
        assert_eq!(becomes(rail, name, digits).await, words, "{rail} {name}{digits}");
    }
}

#[tokio::test]
async fn whatever_answer_is_lost_sending_again_pays_once() {
    let rows = [
        (Rail::StripeConnect, Operation::Create),
        (Rail::Paypal, Operation::Create),
        (Rail::Wise, Operation::Create),
        (Rail::Wise, Operation::Fund),
    ];
    for (rail, operation) in rows {
        for kind in [FaultKind::TimeoutAfterCommit, FaultKind::GarbageAnswer] {
            let bench = Bench::start().await;
            let clients = clients(&bench);
            let client = clients.get(rail).unwrap();
            let order = order(&bench, destination(rail, "plain", 0));
            bench.rails.arm(rail, Fault::new(kind).at(operation).of(PAYOUT)).unwrap();
            let lost = client.submit(&order, &Always).await;
            assert!(matches!(lost, Err(RailError::Unknown(_))), "{rail} {operation:?} {kind:?}: {lost:?}");
            assert!(bench.rails.armed(rail).is_empty(), "{rail} {operation:?}: it struck");
            let found = client.submit(&again(&bench, &order, None), &Always).await.unwrap();
            bench.pass(2 * HOUR).await;
            let reference = found.reference().map(str::to_owned);
            assert_eq!(word(&client.look_up(&again(&bench, &order, reference)).await.unwrap()), "paid", "{rail} {operation:?} {kind:?}");
            let only = bench.only(rail).await;
            assert_eq!((only.movements, only.amount.to_string().as_str()), (1, "22.50"), "{rail} {operation:?} {kind:?}");
        }
    }
}

#[tokio::test]
async fn a_500_that_stripe_repeats_is_settled_by_looking() {
    let bench = Bench::start().await;
    let clients = clients(&bench);
    let client = clients.get(Rail::StripeConnect).unwrap();
    let order = order(&bench, destination(Rail::StripeConnect, "plain", 0));
    bench.rails.arm(Rail::StripeConnect, Fault::new(FaultKind::Error500Replayed)).unwrap();
    for _ in 0..2 {
        assert!(matches!(client.submit(&order, &Always).await, Err(RailError::Unknown(_))));
    }
    assert_eq!(word(&client.look_up(&again(&bench, &order, None)).await.unwrap()), "paid");
    assert_eq!(bench.only(Rail::StripeConnect).await.movements, 1);
}

#[tokio::test]
async fn a_batch_of_another_amount_is_never_adopted() {
    let bench = Bench::start().await;
    let clients = clients(&bench);
    let order = order(&bench, destination(Rail::Paypal, "plain", 0));
    let amount = Some("1.00".parse().unwrap());
    bench.rails.arm(Rail::Paypal, Fault { amount, ..Fault::new(FaultKind::DuplicateBatch) }).unwrap();
    assert_eq!(clients.get(Rail::Paypal).unwrap().submit(&order, &Always).await, Err(RailError::Conflict));
}

#[tokio::test]
async fn a_listing_has_what_was_paid_under_our_mark() {
    for rail in Rail::ALL {
        let bench = Bench::start().await;
        let clients = clients(&bench);
        let client = clients.get(rail).unwrap();
        let order = order(&bench, destination(rail, "plain", 0));
        client.submit(&order, &Always).await.unwrap();
        bench.pass(4 * HOUR).await;
        let now = again(&bench, &order, None).now;
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = client.list(order.intended_at - Duration::from_secs(60), now, cursor.as_deref()).await.unwrap();
            found.extend(page.payments);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found.len(), 1, "{rail}");
        assert_eq!(found[0].payout, Some(client.mark(&order.payout)), "{rail}");
        assert_eq!((found[0].amount, word(&found[0].state)), (order.amount, "paid"), "{rail}");
    }
}

#[tokio::test]
async fn a_payee_is_onboarded_by_the_client() {
    let bench = Bench::start().await;
    let clients = clients(&bench);
    let stripe = clients.onboarding().unwrap();
    let alice = AccountId::try_new("alice").unwrap();
    let made = stripe.onboard(NewAccount { account: &alice, email: Some("ann@example.com"), country: None }).await.unwrap();
    assert!(!stripe.capabilities(&made).await.unwrap().usable());
    let link = stripe.account_link(&made, "https://example.com/again", "https://example.com/back").await.unwrap();
    let form = bench.http.post(&link.url).header("content-type", "application/x-www-form-urlencoded").body("step=finish");
    assert_eq!(form.send().await.unwrap().headers()["location"], "https://example.com/back");
    assert!(stripe.capabilities(&made).await.unwrap().usable());
}
