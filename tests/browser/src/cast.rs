//! People whose payouts are in every state that there is, made by the doors that everybody uses.

use crate::stage::{POLL, Stage, until};
use e2e::captured;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// A changed payout account can be paid to after this.
const COOL_DOWN: Duration = Duration::from_secs(73 * 3_600);
/// How long each rail takes until it has paid, and a little more.
const UNTIL_PAID: Duration = Duration::from_secs(2 * 3_600);

/// Whom a payout belongs to, and its id, by its status.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    pub payouts: BTreeMap<String, (String, String)>,
    /// A run of finance's.
    pub run: String,
}

/// How often a status is looked at before the clock is moved on.
const LOOKS: usize = 40;

/// Somebody with money to be paid out, and where to.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("nina", "paypal", "nina@example.com"),
    ("omar", "paypal", "omar.closed@example.com"),
    ("pia", "paypal", "pia.unclaimed@example.com"),
    ("rob", "wise", "40000001"),
    ("sara", "paypal", "sara.instant@example.com"),
    ("tom", "wise", "40000002"),
];

impl Cast {
    /// Brings a payout into each state. The clock goes on by some days.
    pub async fn of(stage: &Stage) -> Self {
        stage.stack.rest_schedules(true);
        for (name, rail, destination) in PEOPLE {
            earns(stage, name, rail, destination).await;
        }
        for_finance(stage).await;
        stage.drain().await;
        stage.advance(COOL_DOWN).await;
        let mut cast = Self::default();
        cast.decided(stage).await;
        cast.sent(stage).await;
        for schedule in ["rollup", "reconcile", "audit"] {
            stage.stack.run_schedule(schedule).await.unwrap_or_else(|error| panic!("{schedule}: {error}"));
        }
        cast.lost(stage).await;
        cast.look(stage).await;
        cast
    }

    /// What finance and payees make of it: nothing is sent.
    async fn decided(&mut self, stage: &Stage) {
        ask(stage, "nina", "84.20").await;
        let approved = ask(stage, "nina", "61.00").await;
        approve(stage, "fin1", &approved).await;
        let rejected = ask(stage, "nina", "30.00").await;
        let why = json!({ "version": version(stage, &rejected).await, "reason": "The card behind these purchases is yours. Write to us if it is not." });
        stage.send("fin1", Method::POST, &format!("/finance/payouts/{rejected}/reject"), &why, 200).await;
        let canceled = ask(stage, "nina", "25.34").await;
        stage.send("nina", Method::POST, &format!("/payouts/{canceled}/cancel"), &json!({}), 200).await;
    }

    /// What rails make of it.
    async fn sent(&mut self, stage: &Stage) {
        let mut list = Vec::new();
        for (name, amount) in [("tom", "140.00"), ("sara", "95.50"), ("omar", "55.00"), ("pia", "42.00")] {
            let payout = ask(stage, name, amount).await;
            approve(stage, "fin1", &payout).await;
            list.push(payout);
        }
        let body = json!({ "payout_ids": list, "dry_run": false });
        let run = stage.post_once("fin2", "/finance/payout-runs", "cast-run", &body, 202).await;
        self.run = run["run_id"].as_str().expect("a run").to_owned();
        for ((name, status), payout) in [("tom", "paid"), ("sara", "paid"), ("omar", "failed"), ("pia", "submitted")].iter().zip(&list) {
            self.settle(stage, name, payout, status).await;
        }
        stage.local(&format!("/rails/paypal/payments/{}/return", list[1]), &json!({})).await;
        self.settle(stage, "sara", &list[1], "returned").await;
    }

    /// Nothing is heard of one, nor of any question about it.
    async fn lost(&self, stage: &Stage) {
        let fault = |at: &str, times: u32| json!({ "kind": "timeout_after_commit", "times": times, "at": at });
        stage.local("/rails/wise/faults", &fault("fund", 1)).await;
        stage.local("/rails/wise/faults", &fault("look_up", 1_000)).await;
        let unknown = pay(stage, "rob", "77.00").await;
        until("a payout of which nothing is heard", async || (status(stage, "rob", &unknown).await == "unknown").then_some(())).await;
    }

    /// Waits for a status; lets the rail take its time where it does not come by itself.
    async fn settle(&self, stage: &Stage, name: &str, payout: &str, wanted: &str) {
        for _ in 0..6 {
            for _ in 0..LOOKS {
                if status(stage, name, payout).await == wanted {
                    return;
                }
                tokio::time::sleep(POLL).await;
            }
            stage.advance(UNTIL_PAID).await;
            stage.stack.run_schedule("payout-worker").await.expect("the sweep");
        }
        panic!("{payout} of {name} is {}, not {wanted}", status(stage, name, payout).await);
    }

    /// The newest payout of each state, of all that these people have.
    async fn look(&mut self, stage: &Stage) {
        for (name, ..) in PEOPLE {
            let list = stage.get(name, "/payouts").await;
            for payout in list["payouts"].as_array().expect("payouts") {
                let text = |member: &str| payout[member].as_str().expect("a text").to_owned();
                self.payouts.insert(text("status"), (name.to_owned(), text("payout_id")));
            }
        }
    }
}

/// What somebody of finance has to look at: two accounts of one browser, a purchase in another currency, an event ahead of its time.
async fn for_finance(stage: &Stage) {
    let (world, now) = (&stage.world, stage.now());
    // A browser that has two accounts.
    let (code, device) = stage.sign_up_by("gus", "", "").await;
    let receipt = world.click(&code).await;
    stage.sign_up_by("gwen", &receipt, &device).await;
    let mut foreign = captured("pi_cast_foreign", "acct_bob", 4_000, now);
    foreign["data"]["object"]["currency"] = json!("eur");
    let events =
        [captured("pi_cast_own", "acct_gwen", 9_000, now), foreign, captured("pi_cast_ahead", "acct_bob", 2_500, now + 30 * 86_400)];
    for event in events {
        assert_eq!(world.stripe(&event, now).await, Some(200), "{event}");
    }
    let mut planned = stage.get("fin1", "/finance/programme").await["settings"].take();
    planned["hold_days"] = json!(21);
    let starts = chrono::DateTime::from_timestamp(now + 40 * 86_400, 0).expect("a time").to_rfc3339();
    let body = json!({ "from": starts, "settings": planned, "reason": "More time for refunds before rewards can be cashed." });
    stage.send("fin1", Method::PUT, "/finance/programme", &body, 200).await;
}

/// Signs up, rents machines out for 900.00, and says where to be paid to.
async fn earns(stage: &Stage, name: &str, rail: &str, destination: &str) {
    let token = stage.stack.token_for(name).expect("a token");
    let account = stage.world.sign_up(&token, None).await["account_id"].as_str().expect("an account").to_owned();
    let at = chrono::DateTime::from_timestamp(stage.now(), 0).expect("a time").to_rfc3339();
    let earned = json!({ "earning_id": format!("rent_cast_{name}"), "account_id": account, "machine_id": "m-7", "amount": "900.00", "currency": "USD", "at": at });
    stage.platform("rental.earned", &earned).await;
    let to = match rail {
        "paypal" => json!({ "email": destination, "default": true }),
        _ => json!({ "recipient_id": destination, "currency": "EUR", "default": true }),
    };
    stage.send(name, Method::PUT, &format!("/payout-accounts/{rail}"), &to, 200).await;
    let billing = json!({ "name": format!("{name} & Partners Ltd"), "address": ["12 Harbour Lane", "Bristol BS1 4QA"], "country": "GB", "tax_id": "GB123456789" });
    stage.send(name, Method::PUT, "/billing", &billing, 200).await;
}

async fn ask(stage: &Stage, name: &str, amount: &str) -> String {
    let asked = stage.post_once(name, "/payouts", &format!("cast-{name}-{amount}"), &json!({ "amount": amount }), 201).await;
    asked["payout_id"].as_str().expect("an id").to_owned()
}

async fn version(stage: &Stage, payout: &str) -> Value {
    stage.get("fin1", &format!("/finance/payouts/{payout}")).await["version"].clone()
}

async fn approve(stage: &Stage, by: &str, payout: &str) {
    let body = json!({ "version": version(stage, payout).await });
    stage.send(by, Method::POST, &format!("/finance/payouts/{payout}/approve"), &body, 200).await;
}

/// Asks for it, has it approved and sent.
async fn pay(stage: &Stage, name: &str, amount: &str) -> String {
    let payout = ask(stage, name, amount).await;
    approve(stage, "fin1", &payout).await;
    let body = json!({ "version": version(stage, &payout).await });
    stage.send("fin2", Method::POST, &format!("/finance/payouts/{payout}/pay"), &body, 202).await;
    payout
}

async fn status(stage: &Stage, name: &str, payout: &str) -> String {
    stage.get(name, &format!("/payouts/{payout}")).await["status"].as_str().unwrap_or_default().to_owned()
}
