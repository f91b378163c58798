//! Payouts of the sample people: accounts on each rail, requests at the ends of months, finance's decisions, and what
//! can become of them: paid, refused by the rail, bounced weeks later, back in part, a lost answer.

use crate::demo::{FrontDoor, Wrong};
use ledger::Money;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Those who are paid, in the order in which they ask.
const PAYEES: [&str; 3] = ["alice", "bob", "hana"];
/// The rails take up to an hour.
const RAILS_TAKE: Duration = Duration::from_secs(2 * 3600);
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
    let mut asked = Vec::new();
    for name in PAYEES {
        asked.extend(ask(door, name, &format!("sample-{number}"), 1000).await?);
    }
    if number == 18
        && let Some(payout) = asked.first()
    {
        door.send("alice", Method::POST, &format!("/payouts/{payout}/cancel"), &[], &json!({})).await?.expect(200, "a cancel")?;
    }
    if number == 20 {
        door.local("/rails/wise/faults", &json!({ "kind": "timeout_after_commit", "times": 1, "at": "fund" })).await?;
    }
    approve_all(door, number == 7).await?;
    let key = format!("sample-run-{number}");
    let body = json!({ "dry_run": false });
    let run = door.send("fin2", Method::POST, "/finance/payout-runs", &[("idempotency-key", &key)], &body).await?;
    if run.status.as_u16() != 202 && run.status.as_u16() != 422 {
        return Err(format!("the run: {} {}", run.status, run.body).into());
    }
    for _ in 0..2 {
        door.stack().clock().advance(RAILS_TAKE)?;
        door.drain_due().await?;
        door.stack().run_schedule("payout-worker").await?;
        door.drain_due().await?;
    }
    after(door, number).await
}

/// What happens between two months: destinations that behave, and cash that comes back.
async fn after(door: &FrontDoor<'_>, number: u64) -> Result<(), Wrong> {
    let wise = |digits: &str| json!({ "recipient_id": digits, "currency": "EUR", "default": true });
    match number {
        9 => account(door, "hana", "wise", wise("40000903")).await,
        10 => account(door, "hana", "wise", wise("40000002")).await,
        13 => account(door, "bob", "paypal", json!({ "email": "bob.closed@example.com", "default": true })).await,
        14 => account(door, "bob", "paypal", json!({ "email": "bob@example.com", "default": true })).await,
        17 => return_in_part(door).await,
        24 => account(door, "bob", "paypal", json!({ "email": "bob.unclaimed@example.com", "default": true })).await,
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
    let open = async || Ok::<_, Wrong>(door.get("fin1", "/finance/payouts?status=requested").await?.expect(200, "the queue")?.body);
    let payouts = |body: Value| body["payouts"].as_array().cloned().unwrap_or_default();
    let mut refused = !refuse_one;
    for by in ["fin1", "fin2"] {
        for payout in payouts(open().await?) {
            let id = payout["payout_id"].as_str().unwrap_or_default();
            if !refused && payout["account_id"] == "acct_bob" {
                refused = true;
                let body =
                    json!({ "version": payout["version"], "reason": "The name on the PayPal account is another one; please check it." });
                door.send(by, Method::POST, &format!("/finance/payouts/{id}/reject"), &[], &body).await?.expect(200, "a rejection")?;
                continue;
            }
            let body = json!({ "version": payout["version"] });
            let answer = door.send(by, Method::POST, &format!("/finance/payouts/{id}/approve"), &[], &body).await?;
            if ![200, 409, 422].contains(&answer.status.as_u16()) {
                return Err(format!("an approval: {} {}", answer.status, answer.body).into());
            }
        }
    }
    Ok(())
}
