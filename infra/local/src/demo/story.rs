//! The steps. Alice shares her link; Bob comes by it and buys; things happen to his purchases; Alice
//! asks for cash and finance approves.

mod by_usage;
mod cash;

use super::{
    Wrong,
    client::{Answer, FrontDoor},
    events,
};
use crate::{signing::Source, stack::Stack};
use proof::Report;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;

/// The steps before the audit, in their order.
pub(super) const STEPS: [&str; 20] = [
    "click",
    "signup",
    "purchase",
    "accrual",
    "duplicate_delivery",
    "refund_before_purchase",
    "partial_refund",
    "dispute_won",
    "self_referral_refused",
    "earnings",
    "payout_requested",
    "payout_approved",
    "paid:paypal",
    "four_eyes_enforced",
    "paid:wise",
    "paid:stripe_connect",
    "rail_timeout_reconciled",
    "returned_credited_back",
    "invoice",
    "reward_by_usage",
];

/// Purchases in the story are given in cents; these are what it adds up to.
const FIRST_PURCHASE: i64 = 200_000;

pub(super) struct Story<'a> {
    door: FrontDoor<'a>,
    alice_code: String,
    receipt: String,
    alice: String,
    bob: String,
    payout: String,
    payout_version: u64,
    /// The event of the first purchase: the very same one comes again.
    bought: serde_json::Value,
    /// What Hana and Ivan asked for.
    hanas: String,
    ivans: String,
}

impl<'a> Story<'a> {
    pub(super) fn new(stack: &'a Stack) -> Self {
        let nothing = String::new;
        Self {
            door: FrontDoor::new(stack),
            alice_code: nothing(),
            receipt: nothing(),
            alice: nothing(),
            bob: nothing(),
            payout: nothing(),
            payout_version: 0,
            bought: serde_json::Value::Null,
            hanas: nothing(),
            ivans: nothing(),
        }
    }

    pub(super) async fn step(&mut self, name: &str) -> Result<String, Wrong> {
        match name {
            "click" => self.click().await,
            "signup" => self.signup().await,
            "purchase" => self.purchase().await,
            "accrual" => self.accrual().await,
            "duplicate_delivery" => self.duplicate_delivery().await,
            "refund_before_purchase" => self.refund_before_purchase().await,
            "partial_refund" => self.partial_refund().await,
            "dispute_won" => self.dispute_won().await,
            "self_referral_refused" => self.self_referral_refused().await,
            "earnings" => self.earnings().await,
            "payout_requested" => self.payout_requested().await,
            "payout_approved" => self.payout_approved().await,
            "paid:paypal" => self.paid_paypal().await,
            "four_eyes_enforced" => self.four_eyes_enforced().await,
            "paid:wise" => self.paid_wise().await,
            "paid:stripe_connect" => self.paid_stripe_connect().await,
            "rail_timeout_reconciled" => self.rail_timeout_reconciled().await,
            "returned_credited_back" => self.returned_credited_back().await,
            "invoice" => self.invoice().await,
            "reward_by_usage" => self.reward_by_usage().await,
            other => Err(format!("no step {other}").into()),
        }
    }

    /// The checker's word over HTTP, as finance asks for it.
    pub(super) async fn audit(&self) -> Result<Report, Wrong> {
        self.door.drain().await?;
        let answer = self.door.get("fin1", "/finance/audit").await?.expect(200, "the audit")?;
        Ok(serde_json::from_value(answer.body)?)
    }

    fn now(&self) -> i64 {
        self.door.stack().clock().now_ms() / 1000
    }

    async fn sign_up(&self, name: &str, receipt: Option<&str>) -> Result<Answer, Wrong> {
        let body = receipt.map_or_else(|| json!({}), |receipt| json!({ "receipt": receipt }));
        self.door.send(name, Method::POST, "/signups", &[], &body).await?.expect(201, "the signup")
    }

    async fn post(&self, event: &serde_json::Value) -> Result<(), Wrong> {
        self.door.post_event(Source::Stripe, event).await?.expect(200, "the webhook").map(drop)
    }

    /// What Alice's earnings page says of one figure.
    async fn figure(&self, name: &str) -> Result<String, Wrong> {
        Ok(self.door.get("alice", "/earnings").await?.expect(200, "the earnings")?.text(&format!("/{name}")))
    }

    async fn rewards_are(&self, expected: &str) -> Result<(), Wrong> {
        self.door.drain().await?;
        let rewards = self.figure("total_referral_earnings").await?;
        if rewards == expected { Ok(()) } else { Err(format!("the rewards are {rewards}, they should be {expected}").into()) }
    }

    async fn click(&mut self) -> Result<String, Wrong> {
        let signup = self.sign_up("alice", None).await?;
        (self.alice, self.alice_code) = (signup.text("/account_id"), signup.text("/code"));
        let path = format!("/r/{}", self.alice_code);
        let visit = self.door.visit(&path).await?.expect(302, "the link")?;
        let location = visit.location.unwrap_or_default();
        let receipt =
            url::Url::parse(&location)?.query_pairs().find(|(name, _)| name == "receipt").map(|(_, receipt)| receipt.into_owned());
        self.receipt = receipt.ok_or_else(|| format!("no receipt in {location}"))?;
        let cookie = visit.cookies.iter().any(|cookie| cookie.starts_with("__Host-") && cookie.contains(&self.receipt));
        if !cookie {
            return Err("no cookie with the receipt".into());
        }
        Ok(format!("{path} answers 302 to the landing page, with a signed receipt in address and cookie"))
    }

    async fn signup(&mut self) -> Result<String, Wrong> {
        let first = self.sign_up("bob", Some(&self.receipt)).await?;
        self.bob = first.text("/account_id");
        if first.text("/referral/status") != "attributed" {
            return Err(format!("bob is not attributed: {}", first.body).into());
        }
        let again = self
            .door
            .send("bob", Method::POST, "/signups", &[], &json!({ "receipt": self.receipt }))
            .await?
            .expect(200, "the signup again")?;
        if again.body != first.body {
            return Err(format!("the same call answers otherwise: {}", again.body).into());
        }
        Ok("bob signs up by alice's link: attributed; the same call again answers the same".into())
    }

    async fn purchase(&mut self) -> Result<String, Wrong> {
        self.bought = events::captured("pi_demo_1", &self.bob, FIRST_PURCHASE, self.now());
        self.post(&self.bought).await?;
        Ok("bob buys credits for 2000.00; the signed event is answered 200 once the queue has it".into())
    }

    async fn accrual(&mut self) -> Result<String, Wrong> {
        self.rewards_are("60.00").await?;
        Ok("alice has 3 % of it: 60.00".into())
    }

    async fn duplicate_delivery(&mut self) -> Result<String, Wrong> {
        let deliveries = (0..8).map(|_| self.post(&self.bought));
        for delivery in futures::future::join_all(deliveries).await {
            delivery?;
        }
        self.rewards_are("60.00").await?;
        Ok("the same event 8 times at once: still 60.00".into())
    }

    async fn refund_before_purchase(&mut self) -> Result<String, Wrong> {
        self.post(&events::refunded("pi_demo_2", "re_demo_2", 2_500, self.now())).await?;
        self.rewards_are("60.00").await?;
        self.post(&events::captured("pi_demo_2", &self.bob, 10_000, self.now())).await?;
        self.rewards_are("62.25").await?;
        Ok("a refund of 25.00 arrives before its purchase of 100.00: together they earn 3 % of 75.00".into())
    }

    async fn partial_refund(&mut self) -> Result<String, Wrong> {
        self.post(&events::captured("pi_demo_3", &self.bob, 10_000, self.now())).await?;
        self.post(&events::refunded("pi_demo_3", "re_demo_3", 4_000, self.now())).await?;
        self.rewards_are("64.05").await?;
        Ok("40.00 of 100.00 refunded: 1.80 stay of 3.00".into())
    }

    async fn dispute_won(&mut self) -> Result<String, Wrong> {
        let now = self.now();
        self.post(&events::captured("pi_demo_4", &self.bob, 5_000, now)).await?;
        self.post(&events::disputed("created", "pi_demo_4", "dp_demo_4", 5_000, "needs_response", now)).await?;
        self.rewards_are("64.05").await?;
        self.post(&events::disputed("closed", "pi_demo_4", "dp_demo_4", 5_000, "won", now + 1)).await?;
        self.rewards_are("65.55").await?;
        Ok("a dispute takes the 1.50 of a purchase back; won, it gives them again".into())
    }

    /// The receipt that a visitor by somebody's link gets.
    async fn receipt_of(&self, code: &str) -> Result<String, Wrong> {
        let visit = self.door.visit(&format!("/r/{code}")).await?.expect(302, "the link")?;
        let location = visit.location.unwrap_or_default();
        let receipt =
            url::Url::parse(&location)?.query_pairs().find(|(name, _)| name == "receipt").map(|(_, receipt)| receipt.into_owned());
        receipt.ok_or_else(|| format!("no receipt in {location}").into())
    }

    async fn self_referral_refused(&mut self) -> Result<String, Wrong> {
        let carol = self.sign_up("carol", None).await?;
        let receipt = self.receipt_of(&carol.text("/code")).await?;
        // Carol's second account: another name for the same mailbox.
        let refusal = self.sign_up("carol+second", Some(&receipt)).await?;
        if refusal.text("/referral/status") != "refused" {
            return Err(format!("not refused: {}", refusal.body).into());
        }
        let account = refusal.text("/account_id");
        self.post(&events::captured("pi_demo_5", &account, 10_000, self.now())).await?;
        self.door.drain().await?;
        let earned = self.door.get("carol", "/earnings").await?.expect(200, "carol's earnings")?.text("/total_earnings");
        if earned != "0.00" {
            return Err(format!("carol earned {earned} by herself").into());
        }
        Ok(format!("carol's second account by her own link is refused ({}) and its purchases earn 0.00", refusal.text("/referral/reason")))
    }

    async fn earnings(&mut self) -> Result<String, Wrong> {
        let held = self.figure("cashable").await?;
        if held != "0.00" {
            return Err(format!("{held} is cashable during the hold").into());
        }
        // The hold of 14 days ends at a midnight.
        self.door.stack().clock().advance(Duration::from_secs(15 * 24 * 3600)).await?;
        let page = self.door.get("alice", "/earnings").await?.expect(200, "the earnings")?;
        let seen = ["/current_balance", "/total_earnings", "/cashable"].map(|figure| page.text(figure));
        if seen != ["65.55", "65.55", "49.1625"] {
            return Err(format!("balance, total and cashable are {seen:?}").into());
        }
        let chart = self.door.get("alice", "/earnings/lines?limit=100").await?.expect(200, "the lines")?;
        let lines = chart.body.pointer("/lines").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
        Ok(format!("on hold nothing is cashable; after it 49.1625 of 65.55 is (75 %); {lines} lines tell why"))
    }

    async fn payout_requested(&mut self) -> Result<String, Wrong> {
        self.door
            .send("alice", Method::PUT, "/payout-accounts/paypal", &[], &json!({ "email": "alice@example.com", "default": true }))
            .await?
            .expect(200, "the payout account")?;
        let key = [("idempotency-key", "demo-1")];
        let early = self
            .door
            .send("alice", Method::POST, "/payouts", &key, &json!({ "amount": "49.16" }))
            .await?
            .expect(422, "a payout to a fresh destination")?;
        self.door.stack().clock().advance(Duration::from_secs(73 * 3600)).await?;
        let too_much =
            self.door.send("alice", Method::POST, "/payouts", &[("idempotency-key", "demo-2")], &json!({ "amount": "49.17" })).await?;
        too_much.expect(422, "more than is cashable")?;
        let key = [("idempotency-key", "demo-3")];
        let first =
            self.door.send("alice", Method::POST, "/payouts", &key, &json!({ "amount": "49.16" })).await?.expect(201, "the request")?;
        let again = self
            .door
            .send("alice", Method::POST, "/payouts", &key, &json!({ "amount": "49.16" }))
            .await?
            .expect(201, "the request again")?;
        if again.text("/payout_id") != first.text("/payout_id") {
            return Err("the same key made another payout".into());
        }
        self.payout = first.text("/payout_id");
        let left = self.figure("cashable").await?;
        Ok(format!("a fresh destination is refused ({}), so is 49.17; 49.16 is reserved once, {left} is left", early.text("/rule")))
    }

    async fn payout_approved(&mut self) -> Result<String, Wrong> {
        let path = format!("/finance/payouts/{}/approve", self.payout);
        let open = self.door.get("fin1", "/finance/payouts?status=requested").await?.expect(200, "the queue of finance")?;
        let waiting = open.body.pointer("/payouts").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        let payout = waiting
            .iter()
            .find(|payout| payout["payout_id"] == self.payout.as_str())
            .ok_or_else(|| format!("not in the queue: {}", open.body))?;
        self.payout_version = payout["version"].as_u64().unwrap_or_default();
        let body = json!({ "version": self.payout_version });
        self.door.send("alice", Method::POST, &path, &[], &body).await?.expect(403, "an approval by the payee")?;
        let approved = self.door.send("fin1", Method::POST, &path, &[], &body).await?.expect(200, "the approval")?;
        if approved.text("/status") != "approved" {
            return Err(format!("not approved: {}", approved.body).into());
        }
        self.door.send("fin1", Method::POST, &path, &[], &body).await?.expect(200, "the approval again")?;
        Ok("alice may not approve; fin1 does, once, and no money moves before a run".into())
    }
}
