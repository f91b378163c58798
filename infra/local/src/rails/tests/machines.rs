//! Each destination's way, by the clock: state, money back, and how often money went.

use super::*;

/// What a payment is from a time on: its state, what has come back, how often it took money.
type Row = (i64, &'static str, &'static str, u32);

async fn walks(rail: Rail, behaviour: Behaviour, rows: &[Row]) {
    let bench = Bench::new();
    bench.taken(rail, "1", behaviour).await;
    for (place, (at_ms, state, returned, movements)) in rows.iter().copied().enumerate() {
        // Right before its time it is what it was.
        if let Some((_, before, ..)) = place.checked_sub(1).and_then(|before| rows.get(before)) {
            bench.go_to(at_ms - 1);
            bench.advance().await;
            assert_eq!(bench.payment(rail, "1").await.unwrap().state.as_str(), *before, "{behaviour:?} before {at_ms}");
        }
        bench.go_to(at_ms);
        bench.advance().await;
        let now = bench.payment(rail, "1").await.unwrap();
        assert_eq!((now.state.as_str(), now.returned, now.movements), (state, money(returned), movements), "{behaviour:?} at {at_ms}");
        assert_eq!(now.changed_ms, START + at_ms, "{behaviour:?}: at its own time");
    }
    // Nothing comes after.
    bench.go_to(1000 * DAY);
    assert_eq!(bench.advance().await, 0, "{behaviour:?}");
    let last = bench.payment(rail, "1").await.unwrap();
    let spent = if last.movements > 0 { last.left() + last.fee } else { Money::ZERO };
    let balance = bench.within(move |desk| desk.balance(rail, "USD")).await;
    assert_eq!(balance, money("10000000") - spent, "{behaviour:?}: the platform's money");
    // The whole way at once ends the same.
    let bench = Bench::new();
    bench.taken(rail, "1", behaviour).await;
    bench.go_to(1000 * DAY);
    bench.advance().await;
    let jumped = bench.payment(rail, "1").await.unwrap();
    assert_eq!((jumped.history, jumped.returned, jumped.changed_ms), (last.history, last.returned, last.changed_ms), "{behaviour:?}");
}

#[tokio::test]
async fn stripe() {
    for (behaviour, rows) in [
        (Behaviour::Ok, &[(0, "succeeded", "0", 1), (2 * DAY, "paid_out", "0", 1)][..]),
        (Behaviour::PayoutFails, &[(0, "succeeded", "0", 1), (2 * DAY, "payout_failed", "0", 1)]),
        (Behaviour::Partly, &[(0, "succeeded", "0", 1), (2 * DAY, "paid_out", "0", 1), (7 * DAY, "paid_out", "40", 1)]),
        (Behaviour::Bounced, &[(0, "succeeded", "0", 1), (2 * DAY, "paid_out", "0", 1), (14 * DAY, "reversed", "100", 1)]),
        (Behaviour::Reversed, &[(0, "succeeded", "0", 1), (2 * DAY, "paid_out", "0", 1), (14 * DAY, "reversed", "100", 1)]),
    ] {
        walks(Rail::StripeConnect, behaviour, rows).await;
    }
}

#[tokio::test]
async fn paypal() {
    let done = 5 * SECOND;
    for (behaviour, last) in [
        (Behaviour::Ok, &[(done, "SUCCESS", "0", 1)][..]),
        (Behaviour::Closed, &[(done, "FAILED", "0", 0)]),
        (Behaviour::Restricted, &[(done, "BLOCKED", "0", 0)]),
        (Behaviour::Denied, &[(done, "DENIED", "0", 0)]),
        (Behaviour::Unclaimed, &[(done, "UNCLAIMED", "0", 1), (done + 30 * DAY, "RETURNED", "100", 1)]),
        (Behaviour::Claimed, &[(done, "UNCLAIMED", "0", 1), (done + 3 * DAY, "SUCCESS", "0", 1)]),
        (Behaviour::OnHold, &[(done, "ONHOLD", "0", 1), (done + 7 * DAY, "SUCCESS", "0", 1)]),
        (Behaviour::Bounced, &[(done, "SUCCESS", "0", 1), (done + 14 * DAY, "REFUNDED", "100", 1)]),
        (Behaviour::Reversed, &[(done, "SUCCESS", "0", 1), (done + 21 * DAY, "REVERSED", "100", 1)]),
    ] {
        let rows = [&[(0, "PENDING", "0", 0), (2 * SECOND, "PROCESSING", "0", 0)], last].concat();
        walks(Rail::Paypal, behaviour, &rows).await;
    }
    walks(Rail::Paypal, Behaviour::Instant, &[(0, "SUCCESS", "0", 1)]).await;
}

#[tokio::test]
async fn wise() {
    let (converted, sent) = ((2 * MINUTE, "funds_converted", "0", 1), (HOUR, "outgoing_payment_sent", "0", 1));
    for (behaviour, last) in [
        (Behaviour::Ok, &[converted, sent][..]),
        (Behaviour::Bounced, &[converted, sent, (14 * DAY, "bounced_back", "0", 1), (15 * DAY, "funds_refunded", "100", 1)]),
        (Behaviour::Reversed, &[converted, sent, (21 * DAY, "charged_back", "100", 1)]),
        (Behaviour::RolledBack, &[converted, sent, (2 * HOUR, "processing", "0", 1), (3 * HOUR, "outgoing_payment_sent", "0", 1)]),
        (Behaviour::Denied, &[(10 * MINUTE, "cancelled", "0", 1), (20 * MINUTE, "funds_refunded", "100", 1)]),
        (Behaviour::OnHold, &[(7 * DAY + 2 * MINUTE, "funds_converted", "0", 1), (7 * DAY + HOUR, "outgoing_payment_sent", "0", 1)]),
    ] {
        let rows = [&[(0, "processing", "0", 1)], last].concat();
        walks(Rail::Wise, behaviour, &rows).await;
    }
    walks(Rail::Wise, Behaviour::Instant, &[(0, "outgoing_payment_sent", "0", 1)]).await;
}

#[tokio::test]
async fn each_state_is_told_of_in_the_provider_s_words() {
    for (rail, behaviour, told) in [
        (Rail::StripeConnect, Behaviour::Partly, &["transfer.created", "payout.paid", "transfer.reversed"][..]),
        (Rail::StripeConnect, Behaviour::PayoutFails, &["transfer.created", "payout.failed"]),
        (
            Rail::Paypal,
            Behaviour::Unclaimed,
            &[
                "PAYMENT.PAYOUTSBATCH.PROCESSING",
                "PAYMENT.PAYOUTSBATCH.SUCCESS",
                "PAYMENT.PAYOUTS-ITEM.UNCLAIMED",
                "PAYMENT.PAYOUTS-ITEM.RETURNED",
            ],
        ),
        (
            Rail::Paypal,
            Behaviour::Reversed,
            &["PAYMENT.PAYOUTSBATCH.PROCESSING", "PAYMENT.PAYOUTSBATCH.SUCCESS", "PAYMENT.PAYOUTS-ITEM.SUCCEEDED"],
        ),
        (
            Rail::Wise,
            Behaviour::Bounced,
            &[
                "transfers#state-change",
                "transfers#state-change",
                "transfers#state-change",
                "transfers#state-change",
                "transfers#payout-failure",
                "transfers#state-change",
                "transfers#refund",
            ],
        ),
    ] {
        let bench = Bench::new();
        bench.taken(rail, "1", behaviour).await;
        bench.go_to(1000 * DAY);
        bench.advance().await;
        assert_eq!(bench.told(rail).await, told, "{behaviour:?}");
    }
}

#[tokio::test]
async fn a_wise_transfer_that_nobody_funds_is_canceled_and_no_money_comes_back_that_never_went() {
    let bench = Bench::new();
    bench.taken(Rail::Wise, "1", Behaviour::Ok).await;
    bench
        .within(|desk| {
            let mut transfer = desk.payment(Rail::Wise, "1")?.unwrap();
            transfer.movements = 0;
            transfer.plan = wise::unfunded_plan(desk.now_ms);
            desk.update(&transfer)
        })
        .await;
    bench.go_to(14 * DAY);
    assert_eq!(bench.advance().await, 1);
    let canceled = bench.payment(Rail::Wise, "1").await.unwrap();
    assert_eq!((canceled.state.as_str(), canceled.returned), ("cancelled", Money::ZERO));
    bench
        .within(|desk| {
            let mut transfer = desk.payment(Rail::Wise, "1")?.unwrap();
            timeline::force(desk, &mut transfer, State::Wise(wise::State::FundsRefunded))?;
            desk.update(&transfer)
        })
        .await;
    assert_eq!(bench.payment(Rail::Wise, "1").await.unwrap().returned, Money::ZERO);
}
