//! The books: durable, whole, and each name found.

use super::*;
use crate::rails::{
    WebhookState,
    faults::{Fault, FaultKind},
};

#[tokio::test]
async fn what_was_written_is_there_after_a_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let location = RailsLocation::File(folder.path().join("rails.sqlite"));
    let bench = Bench::at(&location);
    bench.taken(Rail::Paypal, "1", Behaviour::Unclaimed).await;
    bench.go_to(10 * SECOND);
    bench.advance().await;
    let before = bench.payment(Rail::Paypal, "1").await;
    let seed = bench.within(|desk| desk.seed("x")).await;
    // Not closed: as after a kill, the file is all there is.
    drop(bench);
    let again = Bench::at(&location);
    assert_eq!(again.payment(Rail::Paypal, "1").await, before);
    assert_eq!(again.told(Rail::Paypal).await.len(), 3);
    let next = again.within(|desk| desk.seed("x")).await;
    assert!(seed != next && seed.split('/').next() == next.split('/').next(), "{seed} {next}");
    again.go_to(31 * DAY);
    assert_eq!(again.advance().await, 1, "what was planned still comes");
}

#[tokio::test]
async fn work_that_fails_leaves_nothing_and_closed_books_refuse() {
    let bench = Bench::new();
    let failed = bench.books.within(|desk| {
        desk.set_balance(Rail::Wise, "USD", money("1"))?;
        Err::<(), _>(RailsError::Refused("no".into()))
    });
    assert!(matches!(failed.await, Err(RailsError::Refused(_))));
    assert_eq!(bench.within(|desk| desk.balance(Rail::Wise, "USD")).await, money("10000000"));
    bench.books.close();
    assert!(matches!(bench.books.within(|_| Ok(())).await, Err(RailsError::Closed)));
}

#[tokio::test]
async fn a_payment_is_found_by_each_of_its_names() {
    let bench = Bench::new();
    bench.taken(Rail::StripeConnect, "tr_1", Behaviour::Ok).await;
    bench.taken(Rail::StripeConnect, "tr_2", Behaviour::Ok).await;
    for (name, found) in [("tr_1", 1), ("pay_tr_1", 1), ("pay_tr_2", 1), ("pay", 0), ("", 0)] {
        assert_eq!(bench.within(move |desk| desk.payments_named(Rail::StripeConnect, name)).await.len(), found, "{name}");
        assert!(bench.within(move |desk| desk.payments_named(Rail::Wise, name)).await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn faults_of_webhooks_hold_double_and_lose_them() {
    let bench = Bench::new();
    for (kind, states) in [
        (FaultKind::HoldWebhooks, &[WebhookState::Held][..]),
        (FaultKind::DuplicateWebhooks, &[WebhookState::Waiting, WebhookState::Waiting]),
        (FaultKind::LoseWebhooks, &[WebhookState::Lost]),
    ] {
        let name = format!("{kind:?}");
        bench.books.armed().arm(Rail::StripeConnect, Fault::new(kind).of(&format!("pay_{name}"))).unwrap();
        bench.taken(Rail::StripeConnect, "another", Behaviour::Ok).await;
        bench.taken(Rail::StripeConnect, &name, Behaviour::Ok).await;
        let payout = format!("pay_{name}");
        let all = bench.within(|desk| desk.webhooks(Rail::StripeConnect)).await;
        let of: Vec<_> = all.iter().filter(|webhook| webhook.payout.as_ref() == Some(&payout)).map(|webhook| webhook.state).collect();
        assert_eq!(of, states, "{kind:?}");
        bench.within(|desk| desk.forget(&desk.payment(Rail::StripeConnect, "another")?.unwrap())).await;
    }
    assert_eq!(bench.within(|desk| desk.release(Rail::StripeConnect)).await, 1);
    assert_eq!(bench.within(|desk| desk.webhooks_open()).await.1, 0);
}

#[tokio::test]
async fn a_webhook_that_stays_behind_goes_after_the_next_one_or_ten_minutes_later() {
    let due = |bench: &Bench| {
        let books = Arc::clone(&bench.books);
        async move { books.within(|desk| desk.webhooks_due(9)).await.unwrap().0 }
    };
    let bench = Bench::new();
    bench.books.armed().arm(Rail::Paypal, Fault::new(FaultKind::ReorderWebhooks)).unwrap();
    bench.taken(Rail::Paypal, "1", Behaviour::Ok).await;
    bench.taken(Rail::Paypal, "2", Behaviour::Ok).await;
    bench.go_to(2 * SECOND);
    bench.advance().await;
    let second = due(&bench).await;
    assert_eq!(second.len(), 1, "the other one stays behind");
    bench.within(move |desk| desk.delivered(second[0].id)).await;
    assert!(due(&bench).await.is_empty(), "that was another payment's");
    bench.go_to(5 * SECOND);
    bench.advance().await;
    let next = due(&bench).await.into_iter().find(|webhook| webhook.payout.as_deref() == Some("pay_1")).unwrap();
    assert_eq!(next.kind, "PAYMENT.PAYOUTSBATCH.SUCCESS");
    bench.within(move |desk| desk.delivered(next.id)).await;
    assert!(due(&bench).await.iter().any(|webhook| webhook.kind == "PAYMENT.PAYOUTSBATCH.PROCESSING"));

    // Alone, it goes late.
    let bench = Bench::new();
    bench.books.armed().arm(Rail::StripeConnect, Fault::new(FaultKind::ReorderWebhooks)).unwrap();
    bench.taken(Rail::StripeConnect, "1", Behaviour::Ok).await;
    for (at_ms, waiting) in [(0, 0), (10 * MINUTE - 1, 0), (10 * MINUTE, 1)] {
        bench.go_to(at_ms);
        assert_eq!(due(&bench).await.len(), waiting, "{at_ms}");
    }
}
