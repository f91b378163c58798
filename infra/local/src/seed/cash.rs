//! Payouts of the sample people: accounts on each rail, requests at the ends of months, finance's decisions, and what
//! can become of them: paid, refused by the rail, bounced weeks later, back in part, a lost answer.

use super::plan;
use crate::demo::{Answer, FrontDoor, Wrong};
use futures::future::try_join_all;
use ledger::Money;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Those who are paid, in the order in which they ask.
const PAYEES: [&str; 3] = ["alice", "bob", "hana"];
/// The rails take up to an hour.
const RAILS_TAKE: Duration = Duration::from_secs(2 * 3600);
/// The last month.
const LAST: u64 = plan::DAYS / 28 - 1;
/// The least that is asked for.
const LEAST: &str = "20";

/// Payout accounts and billing details of those who share links.
pub(super) async fn set_up(door: &FrontDoor<'_>) -> Result<(), Wrong> {
    account(door, "alice", "wise", json!({ "recipient_id": "40000001", "currency": "USD" })).await?;
    account(door, "alice", "paypal", json!({ "email": "alice@example.com", "default": true })).await?;
    let path = "/payout-accounts/stripe_connect/onboarding";
    let link = door.send("alice", Method::POST, path, &[], &json!({})).await?.expect(200, "the onboarding link")?;
    door.fill_in(&link.text("/url"), &[("step", "finish")]).await?;
    account(door, "bob", "paypal", json!({ "email": "bob@example.com", "default": true })).await?;
    account(door, "hana", "wise", json!({ "recipient_id": "40000002", "currency": "EUR", "default": true })).await?;
    for (name, details) in [
        (
            "alice",
            json!({ "name": "Alice Moreau", "address": ["12 rue des Lilas", "69003 Lyon"], "country": "FR", "tax_id": "FR40303265045" }),
        ),
        (
            "hana",
            json!({ "name": "Hana Computing s.r.o.", "address": ["Vinohradská 48", "120 00 Praha 2"], "country": "CZ", "tax_id": "CZ27082440" }),
        ),
    ] {
        door.send(name, Method::PUT, "/billing", &[], &details).await?.expect(200, "the billing details")?;
    }
    Ok(())
}

async fn account(door: &FrontDoor<'_>, name: &str, rail: &str, body: Value) -> Result<(), Wrong> {
    door.send(name, Method::PUT, &format!("/payout-accounts/{rail}"), &[], &body).await?.expect(200, "a payout account").map(drop)
}

/// The end of a month: those who can ask for cash, finance approves and runs, the rails pay.
pub(super) async fn month_end(door: &FrontDoor<'_>, number: u64) -> Result<(), Wrong> {
    let rail = ["paypal", "wise", "stripe_connect"].get(usize::try_from(number % 3).unwrap_or(0)).copied().unwrap_or("paypal");
    make_default(door, "alice", rail).await?;
    // The last ones leave something to ask for today.
    let (key, share) = (format!("sample-{number}"), if number == LAST { 400 } else { 1000 });
    let asked = try_join_all(PAYEES.map(|name| ask(door, name, &key, share))).await?;
    if number == 18
        && let Some(Some(payout)) = asked.first()
    {
        door.send("alice", Method::POST, &format!("/payouts/{payout}/cancel"), &[], &json!({})).await?.expect(200, "a cancel")?;
    }
    if number == 20 {
        door.local("/rails/wise/faults", &json!({ "kind": "timeout_after_commit", "times": 1, "at": "fund" })).await?;
    }
    approve_all(door, number == 15).await?;
    let key = format!("sample-run-{number}");
    let body = json!({ "dry_run": false });
    let run = door.send("fin2", Method::POST, "/finance/payout-runs", &[("idempotency-key", &key)], &body).await?;
    if run.status.as_u16() != 202 && run.status.as_u16() != 422 {
        return Err(format!("the run: {} {}", run.status, run.body).into());
    }
    door.drain_due().await?;
    door.stack().clock().advance(RAILS_TAKE).await?;
    // The sweep closes the run. What found a payout in other hands comes once more, when the clock moves on.
    door.stack().run_schedule("payout-worker").await?;
    door.drain_due().await?;
    after(door, number).await
}

/// What happens between two months: destinations that behave, and cash that comes back.
async fn after(door: &FrontDoor<'_>, number: u64) -> Result<(), Wrong> {
    let wise = |digits: &str| json!({ "recipient_id": digits, "currency": "EUR", "default": true });
    match number {
        9 => account(door, "hana", "wise", wise("40000903")).await,
        11 => account(door, "hana", "wise", wise("40000901")).await,
        10 | 12 => account(door, "hana", "wise", wise("40000002")).await,
        13 => account(door, "bob", "paypal", json!({ "email": "bob.closed@example.com", "default": true })).await,
        14 => account(door, "bob", "paypal", json!({ "email": "bob@example.com", "default": true })).await,
        17 => return_in_part(door).await,
        // What nobody claims is on its way for a month.
        24 => account(door, "hana", "paypal", json!({ "email": "hana.unclaimed@example.com", "default": true })).await,
        _ => Ok(()),
    }
}

/// Stripe reverses a part of Alice's newest transfer.
async fn return_in_part(door: &FrontDoor<'_>) -> Result<(), Wrong> {
    let to = today(door);
    let from = to - chrono::Days::new(120);
    let shown = door.get("alice", &format!("/payouts?from={from}&to={to}")).await?.expect(200, "the payouts")?;
    let payouts = shown.body["payouts"].as_array().cloned().unwrap_or_default();
    let transfer = payouts.iter().find(|payout| payout["rail"] == "stripe_connect" && payout["status"] == "paid");
    if let Some(id) = transfer.and_then(|payout| payout["payout_id"].as_str()) {
        door.local(&format!("/rails/stripe_connect/payments/{id}/return"), &json!({ "amount": "12.50" })).await?;
        door.drain_due().await?;
    }
    Ok(())
}

fn today(door: &FrontDoor<'_>) -> chrono::NaiveDate {
    chrono::DateTime::from_timestamp_millis(door.stack().clock().now_ms()).unwrap_or_default().date_naive()
}

/// What waits today: two requests of Alice's, one of Hana's that is approved and not run.
pub(super) async fn now(door: &FrontDoor<'_>) -> Result<(), Wrong> {
    make_default(door, "alice", "paypal").await?;
    account(door, "hana", "wise", json!({ "recipient_id": "40000002", "currency": "EUR", "default": true })).await?;
    ask(door, "hana", "sample-now", 700).await?;
    approve_all(door, false).await?;
    ask(door, "alice", "sample-now-1", 550).await?;
    ask(door, "alice", "sample-now-2", 900).await?;
    ask(door, "hana", "sample-now-2", 900).await?;
    Ok(())
}

/// Asks for so many thousandths of what can be cashed, where it is enough.
async fn ask(door: &FrontDoor<'_>, name: &str, key: &str, per_mille: u64) -> Result<Option<String>, Wrong> {
    let shown = door.get(name, "/earnings").await?.expect(200, "the earnings")?;
    let cashable: Money = shown.text("/cashable").parse()?;
    let share: ledger::Rate = format!("0.{:03}", per_mille.min(999)).parse()?;
    let amount = if per_mille >= 1000 { cashable.floor_to(2) } else { cashable.share(share).floor_to(2) };
    if amount < LEAST.parse()? {
        return Ok(None);
    }
    let asked = door.send(name, Method::POST, "/payouts", &[("idempotency-key", key)], &json!({ "amount": amount.to_string() })).await?;
    match asked.status.as_u16() {
        201 => Ok(Some(asked.text("/payout_id"))),
        // In review, on hold, too young an account: the rules hold for sample people, too.
        422 => Ok(None),
        _ => Err(format!("a payout of {name}'s: {} {}", asked.status, asked.body).into()),
    }
}

/// Makes a rail the default one of somebody who has an account there.
async fn make_default(door: &FrontDoor<'_>, name: &str, rail: &str) -> Result<(), Wrong> {
    let body = match rail {
        "paypal" => json!({ "email": "alice@example.com", "default": true }),
        "wise" => json!({ "recipient_id": "40000001", "currency": "USD", "default": true }),
        _ => json!({ "default": true }),
    };
    account(door, name, rail, body).await
}

/// Finance approves what waits: one person, and a second one where two are needed; one of them may be refused.
async fn approve_all(door: &FrontDoor<'_>, refuse_one: bool) -> Result<(), Wrong> {
    for by in ["fin1", "fin2"] {
        let open = door.get(by, "/finance/payouts?status=requested").await?.expect(200, "the queue")?;
        let mut payouts = open.body["payouts"].as_array().cloned().unwrap_or_default();
        if refuse_one && by == "fin1" {
            let refused = payouts.iter().position(|payout| payout["account_id"] == "acct_bob").unwrap_or(0);
            if refused < payouts.len() {
                let payout = payouts.remove(refused);
                let reason = "The name on the payout account is another one; please check it.";
                let body = json!({ "version": payout["version"], "reason": reason });
                decide(door, by, &payout, "reject", &body).await?.expect(200, "a rejection")?;
            }
        }
        try_join_all(payouts.iter().map(|payout| approve(door, by, payout))).await?;
    }
    Ok(())
}

/// One approval. Who may not, or comes too late, is told so: the rules hold for sample people, too.
async fn approve(door: &FrontDoor<'_>, by: &str, payout: &Value) -> Result<(), Wrong> {
    let answer = decide(door, by, payout, "approve", &json!({ "version": payout["version"] })).await?;
    if [200, 409, 422].contains(&answer.status.as_u16()) {
        Ok(())
    } else {
        Err(format!("an approval: {} {}", answer.status, answer.body).into())
    }
}

async fn decide(door: &FrontDoor<'_>, by: &str, payout: &Value, what: &str, body: &Value) -> Result<Answer, Wrong> {
    let id = payout["payout_id"].as_str().unwrap_or_default();
    door.send(by, Method::POST, &format!("/finance/payouts/{id}/{what}"), &[], body).await
}
