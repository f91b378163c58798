//! What a caller was told survives: the books, the keys, what is planned, and the webhooks.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "the child of a test talks to its parent")]

use crate::bench::{Bench, HOUR, said};
use ledger::Rail;
use local::{
    paypal::PayPal,
    rails::{Fault, FaultKind, RailsError, RailsLocation},
    secrets::Secrets,
};
use reqwest::StatusCode;
use serde_json::json;
use std::{io::BufRead as _, path::PathBuf, process::Stdio};

#[tokio::test]
async fn after_a_reopening_everything_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let location = || RailsLocation::File(folder.path().join("rails.sqlite"));
    let open = || (Secrets::open(Some(folder.path())).unwrap(), PayPal::open(Some(folder.path())).unwrap());
    let (secrets, paypal) = open();
    let bench = Bench::at(location(), secrets, paypal).await;
    let (_, stripe) = said(bench.transfer("pay_1", "acct_1abc", "1000")).await;
    bench.rails.arm(Rail::StripeConnect, Fault::new(FaultKind::Error500Replayed)).unwrap();
    said(bench.transfer("pay_2", "acct_1abc", "1000")).await;
    said(bench.batch("pay_3", "ann@example.com", "10.00").await).await;
    let (_, wise) = said(bench.wise_transfer(4, 40_000_000, 10).await).await;
    said(bench.fund(&wise["id"])).await;
    let before = [bench.books(Rail::StripeConnect).await, bench.books(Rail::Paypal).await, bench.books(Rail::Wise).await];
    assert!(bench.front.came().is_empty());
    bench.rails.close();
    assert_eq!(said(bench.transfer("pay_5", "acct_1abc", "1000")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(matches!(bench.rails.advance().await, Err(RailsError::Closed)));

    let (secrets, paypal) = open();
    let bench = Bench::at(location(), secrets, paypal).await;
    for (rail, before) in Rail::ALL.into_iter().zip(&before) {
        let now = bench.books(rail).await;
        assert_eq!((&now.balances, now.payments.len()), (&before.balances, before.payments.len()), "{rail}");
        assert!(now.payments.iter().zip(&before.payments).all(|(now, before)| now.reference == before.reference), "{rail}");
    }
    assert_eq!(said(bench.transfer("pay_1", "acct_1abc", "1000")).await.1, stripe, "the key still knows");
    assert_eq!(said(bench.transfer("pay_2", "acct_1abc", "1000")).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(said(bench.batch("pay_3", "ann@example.com", "10.00").await).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(said(bench.wise_transfer(4, 40_000_000, 10).await).await.1["id"], wise["id"]);
    bench.pass(HOUR).await;
    let states: Vec<_> = [Rail::Paypal, Rail::Wise].into_iter().map(|rail| bench.rails.books(rail, None)).collect();
    let states: Vec<_> =
        futures::future::join_all(states).await.into_iter().map(|books| books.unwrap().payments[0].state.as_str()).collect();
    assert_eq!(states, ["SUCCESS", "outgoing_payment_sent"], "what was planned came");
    let kinds = bench.front.kinds();
    assert_eq!(kinds.iter().filter(|kind| *kind == "transfer.created").count(), 2, "and what was to be told was told: {kinds:?}");
    let (_, other) = said(bench.wise_transfer(5, 40_000_000, 10).await).await;
    assert_ne!(other["id"], json!(wise["id"]), "no number is given twice");
}

const DIR: &str = "RAILS_DIR_OF_A_TEST";

/// Not a test: the process that the test below kills.
#[tokio::test]
#[ignore = "the child of what_was_answered_survives_kill_9"]
async fn rails_that_wait_to_be_killed() {
    let Ok(dir) = std::env::var(DIR).map(PathBuf::from) else { return };
    let location = RailsLocation::File(dir.join("rails.sqlite"));
    let bench = Bench::at(location, Secrets::open(Some(&dir)).unwrap(), PayPal::open(Some(&dir)).unwrap()).await;
    println!("\nready {}", bench.url);
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn what_was_answered_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets::open(Some(folder.path())).unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "durable::rails_that_wait_to_be_killed", "--nocapture"])
        .env(DIR, folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Kept open: the child still prints.
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.find_map(|line| line.strip_prefix("ready ").map(str::to_owned)).unwrap();
    let (http, key) = (crate::bench::client(), secrets.stripe_api_key().to_owned());
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let writer = tokio::spawn(async move {
        let mut answered = Vec::new();
        loop {
            let group = format!("pay_{}", answered.len());
            let body = format!("amount=100&currency=usd&destination=acct_1abc&transfer_group={group}");
            let request = http.post(format!("{url}/stripe/v1/transfers")).bearer_auth(&key).header("idempotency-key", &group);
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
            let answer = match request.send().await {
                Ok(response) => response.json::<serde_json::Value>().await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(answer) => answered.push(answer["id"].as_str().unwrap().to_owned()),
                Err(_) => return answered,
            }
            heard.send(answered.len()).ok();
        }
    });
    while hears.recv().await.unwrap() < 20 {}
    child.kill().unwrap();
    child.wait().unwrap();
    let answered = writer.await.unwrap();

    let location = RailsLocation::File(folder.path().join("rails.sqlite"));
    let bench = Bench::at(location, secrets, PayPal::open(Some(folder.path())).unwrap()).await;
    let books = bench.books(Rail::StripeConnect).await;
    let kept: Vec<&str> = books.payments.iter().map(|one| one.reference.as_str()).collect();
    assert_eq!(kept[..answered.len()], answered[..], "each that was answered");
    assert!(kept.len() <= answered.len() + 1, "and at most the one that was not");
    bench.rails.advance().await.unwrap();
    assert_eq!(bench.front.kinds().iter().filter(|kind| *kind == "transfer.created").count(), kept.len(), "none goes untold");
}

#[tokio::test]
async fn one_stack_at_a_time_has_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let location = || RailsLocation::File(folder.path().join("rails.sqlite"));
    let bench = Bench::at(location(), Secrets::open(None).unwrap(), PayPal::open(None).unwrap()).await;
    let second = local::rails::Rails::open(local::rails::RailsSetting {
        location: location(),
        clock: std::sync::Arc::clone(&bench.clock),
        secrets: bench.secrets.clone(),
        paypal: bench.paypal.key(),
        front: String::new(),
    });
    assert!(matches!(second, Err(RailsError::InUse(_))));
}
