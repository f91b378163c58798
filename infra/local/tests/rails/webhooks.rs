//! Webhooks: signed as the providers sign, at least once, and in whatever order a fault makes of them.

use crate::bench::{Bench, Came, DAY, HOUR, said};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ledger::Rail;
use local::{
    rails::{Fault, FaultKind, Operation, WebhookState},
    signing,
};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject as _};
use serde_json::json;
use std::{sync::atomic::Ordering, time::Duration};

fn header<'c>(came: &'c Came, name: &str) -> &'c str {
    came.headers[name].to_str().unwrap()
}

#[tokio::test]
async fn each_is_signed_at_the_stacks_moved_time() {
    let bench = Bench::start().await;
    bench.clock.advance(100 * DAY).await.unwrap();
    let from = bench.clock.now_ms() / 1000;
    said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    said(bench.batch("pay_2", "instant@example.com", "10.00").await).await;
    said(bench.wise_transfer(3, 40_000_000, 10).await).await;
    bench.rails.advance().await.unwrap();
    let to = bench.clock.now_ms() / 1000;
    let of = |source: &str| bench.front.came().into_iter().find(|came| came.source == source).unwrap();

    let stripe = of("stripe");
    let at: i64 = header(&stripe, "stripe-signature").strip_prefix("t=").unwrap().split(',').next().unwrap().parse().unwrap();
    assert!((from..=to).contains(&at));
    assert_eq!(header(&stripe, "stripe-signature"), signing::stripe_signature(bench.secrets.stripe(), at, &stripe.body));

    let paypal = of("paypal");
    let at = chrono::DateTime::parse_from_rfc3339(header(&paypal, "paypal-transmission-time")).unwrap().timestamp();
    assert!((from..=to).contains(&at));
    let signed = format!(
        "{}|{}|LOCALWEBHOOK|{}",
        header(&paypal, "paypal-transmission-id"),
        header(&paypal, "paypal-transmission-time"),
        crc32fast::hash(&paypal.body)
    );
    let certificate = CertificateDer::from_pem_slice(bench.paypal.certificate().as_bytes()).unwrap();
    let signature = STANDARD.decode(header(&paypal, "paypal-transmission-sig")).unwrap();
    let key = key_of(&certificate);
    assert!(key.verify_sig(signed.as_bytes(), &signature).is_ok());

    let wise = of("wise");
    let public = bench.secrets.get("wise_webhook_key").unwrap();
    let key = SubjectPublicKeyInfoDer::from_pem_slice(public.as_bytes()).unwrap();
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref()).unwrap();
    let signature = STANDARD.decode(header(&wise, "x-signature-sha256")).unwrap();
    assert!(key.verify_sig(&wise.body, &signature).is_ok() && key.verify_sig(b"{}", &signature).is_err());
}

/// The public key of a certificate: its only RSA key of 2,048 bits, found by how such a key begins.
fn key_of(certificate: &CertificateDer<'_>) -> ParsedPublicKey {
    // SEQUENCE of 290 bytes, SEQUENCE of 13: rsaEncryption.
    let begins = [0x30, 0x82, 0x01, 0x22, 0x30, 0x0d, 0x06, 0x09];
    let at = certificate.windows(begins.len()).position(|window| window == begins).unwrap();
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &certificate[at..at + 294]).unwrap()
}

#[tokio::test]
async fn each_says_what_a_look_up_needs() {
    let bench = Bench::start().await;
    let (_, transfer) = said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    said(bench.batch("pay_2", "ann@example.com", "10.00").await).await;
    let (_, wise) = said(bench.wise_transfer(3, 40_000_903, 10).await).await;
    said(bench.fund(&wise["id"])).await;
    bench.pass(20 * DAY).await;
    let of = |kind: &str| bench.front.came().iter().find(|came| came.kind() == kind).unwrap().json();
    let made = of("transfer.created");
    assert_eq!((&made["data"]["object"]["id"], &made["data"]["object"]["transfer_group"]), (&transfer["id"], &json!("pay_1")));
    assert!(made.get("account").is_none(), "it is the platform's own");
    assert_eq!(of("payout.paid")["account"], "acct_1abc");
    let item = of("PAYMENT.PAYOUTS-ITEM.SUCCEEDED")["resource"].clone();
    assert_eq!((&item["payout_item"]["sender_item_id"], &item["sender_batch_id"]), (&json!("pay_2"), &json!("pay_2")));
    let batch = of("PAYMENT.PAYOUTSBATCH.SUCCESS")["resource"]["batch_header"].clone();
    assert_eq!((&batch["sender_batch_header"]["sender_batch_id"], &batch["payout_batch_id"]), (&json!("pay_2"), &item["payout_batch_id"]));
    let change = of("transfers#refund")["data"].clone();
    assert_eq!(
        (&change["resource"]["id"], &change["current_state"], &change["previous_state"]),
        (&wise["id"], &json!("funds_refunded"), &json!("bounced_back"))
    );
    assert_eq!(of("transfers#payout-failure")["data"]["transfer_id"], wise["id"]);
    let states: Vec<_> = bench
        .front
        .came()
        .iter()
        .filter(|came| came.kind() == "transfers#state-change")
        .map(|came| came.json()["data"]["current_state"].clone())
        .collect();
    assert_eq!(states.len(), 6, "{states:?}");
}

#[tokio::test]
async fn one_that_is_not_taken_comes_again_until_it_is() {
    let bench = Bench::start().await;
    bench.front.status.store(503, Ordering::SeqCst);
    said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    let first = bench.rails.advance().await.unwrap();
    assert_eq!((first.delivered, first.failed, first.waiting), (0, 1, 1));
    bench.pass(Duration::from_secs(2)).await;
    bench.front.status.store(200, Ordering::SeqCst);
    bench.pass(HOUR).await;
    bench.pass(HOUR).await;
    let came = bench.front.came();
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|one| one.body == came[0].body), "the same bytes");
    assert_ne!(header(&came[0], "stripe-signature"), header(&came[2], "stripe-signature"), "signed anew");
    let kept = bench.rails.webhooks(Rail::StripeConnect).await.unwrap();
    assert_eq!(kept.iter().map(|one| (one.state, one.attempts)).collect::<Vec<_>>(), [(WebhookState::Delivered, 3)]);
}

#[tokio::test]
async fn one_that_nobody_ever_takes_is_given_up_after_days() {
    let bench = Bench::start().await;
    bench.front.status.store(400, Ordering::SeqCst);
    said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    for _ in 0..30 {
        bench.pass(5 * HOUR).await;
    }
    let kept = bench.rails.webhooks(Rail::StripeConnect).await.unwrap();
    let of_transfer = kept.iter().find(|one| one.kind == "transfer.created").unwrap();
    assert_eq!((of_transfer.state, of_transfer.attempts), (WebhookState::GivenUp, 25));
}

#[tokio::test]
async fn what_is_held_comes_when_it_is_released_newest_first() {
    let bench = Bench::start().await;
    bench.rails.arm(Rail::Wise, Fault::new(FaultKind::HoldWebhooks).times(9)).unwrap();
    let (_, transfer) = said(bench.wise_transfer(1, 40_000_000, 10).await).await;
    said(bench.fund(&transfer["id"])).await;
    bench.pass(HOUR).await;
    assert!(bench.front.came().is_empty());
    assert_eq!(bench.rails.release(Rail::Wise).await.unwrap(), 4);
    // One after the other: else four at once come in any order.
    bench.rails.advance().await.unwrap();
    let mut states: Vec<_> =
        bench.front.came().iter().map(|came| came.json()["data"]["current_state"].as_str().unwrap().to_owned()).collect();
    states.sort();
    assert_eq!(states, ["funds_converted", "incoming_payment_waiting", "outgoing_payment_sent", "processing"]);
}

#[tokio::test]
async fn doubled_lost_and_overtaken() {
    let bench = Bench::start().await;
    for (kind, number) in [(FaultKind::DuplicateWebhooks, 1), (FaultKind::LoseWebhooks, 2)] {
        bench.rails.arm(Rail::StripeConnect, Fault::new(kind).of(&format!("pay_{number}"))).unwrap();
        said(bench.transfer(&format!("pay_{number}"), "acct_1abc", "1000")).await;
    }
    bench.rails.advance().await.unwrap();
    let groups: Vec<_> = bench.front.came().iter().map(|came| came.json()["data"]["object"]["transfer_group"].clone()).collect();
    assert_eq!(groups, ["pay_1", "pay_1"]);

    bench.rails.arm(Rail::Paypal, Fault::new(FaultKind::ReorderWebhooks)).unwrap();
    said(bench.batch("pay_3", "ann@example.com", "10.00").await).await;
    bench.pass(Duration::from_secs(2)).await;
    bench.pass(Duration::from_secs(3)).await;
    let kinds: Vec<_> = bench.front.kinds().into_iter().filter(|kind| kind.starts_with("PAYMENT")).collect();
    assert_eq!(kinds.last().map(String::as_str), Some("PAYMENT.PAYOUTSBATCH.PROCESSING"), "{kinds:?}");
    assert_eq!(kinds.len(), 3);
}

#[tokio::test]
async fn one_may_come_before_the_answer() {
    let bench = Bench::start().await;
    for (rail, source) in [(Rail::StripeConnect, "stripe"), (Rail::Paypal, "paypal"), (Rail::Wise, "wise")] {
        bench.rails.arm(rail, Fault::new(FaultKind::WebhookBeforeAnswer)).unwrap();
        let (status, _) = match rail {
            Rail::StripeConnect => said(bench.transfer("pay_1", "acct_1abc", "1000")).await,
            Rail::Paypal => said(bench.batch("pay_1", "ann@example.com", "10.00").await).await,
            Rail::Wise => said(bench.wise_transfer(1, 40_000_000, 10).await).await,
        };
        assert!(status.is_success());
        // Nobody has advanced anything.
        assert!(bench.front.came().iter().any(|came| came.source == source), "{rail}");
    }
    let transfer = bench.only(Rail::Wise).await.reference.parse::<i64>().unwrap();
    bench.rails.arm(Rail::Wise, Fault::new(FaultKind::WebhookBeforeAnswer).at(Operation::Fund)).unwrap();
    let before = bench.front.came().len();
    said(bench.fund(&json!(transfer))).await;
    assert_eq!(bench.front.came().len(), before + 1);
}
