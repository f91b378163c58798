//! Cash leaves by each rail; a rail's answer is lost; a transfer comes back; the books of the stand-ins have the last word.

use super::{Story, Wrong, events};
use crate::{demo::client::Answer, signing::Source};
use ledger::Rail;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// How long each rail takes from the request to the payment, and a little more.
const UNTIL_PAID: Duration = Duration::from_secs(2 * 3600);
/// How often, and how many times at most, a status is asked for that comes without anybody's doing.
const WAIT: Duration = Duration::from_millis(50);
const WAITS_MAX: u32 = 400;
/// A changed payout account can be paid to after this.
const COOL_DOWN: Duration = Duration::from_secs(73 * 3600);

impl Story<'_> {
    pub(super) async fn paid_paypal(&mut self) -> Result<String, Wrong> {
        let payout = self.payout.clone();
        let ids = json!({ "payout_ids": [payout], "dry_run": true });
        let bill = self.door.send("fin2", Method::POST, "/finance/payout-runs", &[], &ids).await?.expect(200, "the dry run")?;
        let ids = json!({ "payout_ids": [payout], "dry_run": false });
        let key = [("idempotency-key", "demo-run-1")];
        let run = self.door.send("fin2", Method::POST, "/finance/payout-runs", &key, &ids).await?.expect(202, "the run")?;
        let again = self.door.send("fin2", Method::POST, "/finance/payout-runs", &key, &ids).await?.expect(202, "the run again")?;
        if run.text("/run_id") != again.text("/run_id") {
            return Err("a second click made a second run".into());
        }
        self.until_paid("alice", &payout).await?;
        self.one_payment(Rail::Paypal, &payout, "49.16").await?;
        let paid_out = self.door.get("alice", "/earnings").await?.expect(200, "the earnings")?.text("/current_balance");
        if paid_out != "16.39" {
            return Err(format!("the balance is {paid_out} after 49.16 of 65.55 were paid").into());
        }
        Ok(format!("the dry run is a bill of {}; the run, clicked twice, pays 49.16 once; 16.39 are left", bill.text("/amount")))
    }

    /// 600.00 of rental money needs two people of finance.
    pub(super) async fn four_eyes_enforced(&mut self) -> Result<String, Wrong> {
        self.host("hana", "rent_demo_1", "700.00").await?;
        let account = json!({ "recipient_id": "40000001", "currency": "EUR", "default": true });
        self.door.send("hana", Method::PUT, "/payout-accounts/wise", &[], &account).await?.expect(200, "the payout account")?;
        self.door.stack().clock().advance(COOL_DOWN).await?;
        self.hanas = self.ask("hana", "demo-4", "600.00").await?;
        let payout = self.hanas.clone();
        let path = format!("/finance/payouts/{payout}/approve");
        let body = json!({ "version": self.version(&payout).await? });
        let first = self.door.send("fin1", Method::POST, &path, &[], &body).await?.expect(200, "the first approval")?;
        let again = self.door.send("fin1", Method::POST, &path, &[], &body).await?.expect(200, "the same person again")?;
        if first.text("/status") != "requested" || again.text("/status") != "requested" {
            return Err(format!("one person approved 600.00 alone: {}", again.body).into());
        }
        let version = json!({ "version": self.version(&payout).await? });
        let pay = format!("/finance/payouts/{payout}/pay");
        self.door.send("fin1", Method::POST, &pay, &[], &version).await?.expect(409, "a payment before the second approval")?;
        let second = self.door.send("fin2", Method::POST, &path, &[], &version).await?.expect(200, "the second approval")?;
        if second.text("/status") != "approved" {
            return Err(format!("two people do not suffice: {}", second.body).into());
        }
        Ok("fin1 approves 600.00, twice: still requested, and not to be paid; with fin2 it is approved".into())
    }

    pub(super) async fn paid_wise(&mut self) -> Result<String, Wrong> {
        let payout = self.hanas.clone();
        self.pay_now("fin1", &payout).await?;
        self.until_paid("hana", &payout).await?;
        self.one_payment(Rail::Wise, &payout, "600.00").await?;
        Ok("600.00 of rental money reaches hana by Wise, in euros".into())
    }

    pub(super) async fn paid_stripe_connect(&mut self) -> Result<String, Wrong> {
        self.host("ivan", "rent_demo_2", "120.00").await?;
        let path = "/payout-accounts/stripe_connect/onboarding";
        self.door.send("ivan", Method::POST, path, &[], &json!({})).await?.expect(200, "the onboarding link")?;
        self.door.stack().clock().advance(COOL_DOWN).await?;
        let early = self
            .door
            .send("ivan", Method::POST, "/payouts", &[("idempotency-key", "demo-5")], &json!({ "amount": "80.00" }))
            .await?
            .expect(422, "a payout to an account that Stripe does not know well enough")?;
        // A link is good for minutes: Ivan asks for another, and fills Stripe's form in; its webhook tells that he did.
        let link = self.door.send("ivan", Method::POST, path, &[], &json!({})).await?.expect(200, "the onboarding link")?;
        self.door.fill_in(&link.text("/url"), &[("step", "finish")]).await?;
        self.door.drain_due().await?;
        self.ivans = self.ask("ivan", "demo-6", "80.00").await?;
        let payout = self.ivans.clone();
        self.approve("fin1", &payout).await?;
        self.pay_now("fin2", &payout).await?;
        self.until_paid("ivan", &payout).await?;
        self.one_payment(Rail::StripeConnect, &payout, "80.00").await?;
        Ok(format!("before Stripe has ivan's details: {}; after, fin2 pays 80.00 at once", early.text("/rule")))
    }

    /// Wise takes the money, and its answer is lost.
    pub(super) async fn rail_timeout_reconciled(&mut self) -> Result<String, Wrong> {
        let payout = self.ask("hana", "demo-7", "50.00").await?;
        self.approve("fin1", &payout).await?;
        let fault = json!({ "kind": "timeout_after_commit", "times": 1, "at": "fund" });
        self.door.local("/rails/wise/faults", &fault).await?;
        self.pay_now("fin2", &payout).await?;
        self.until("hana", &payout, "unknown").await?;
        self.until_paid("hana", &payout).await?;
        self.one_payment(Rail::Wise, &payout, "50.00").await?;
        Ok("Wise's answer is lost: unknown, the reserve kept; looked up, never sent again: paid once".into())
    }

    pub(super) async fn returned_credited_back(&mut self) -> Result<String, Wrong> {
        let payout = self.ivans.clone();
        let balance =
            async || Ok::<_, Wrong>(self.door.get("ivan", "/earnings").await?.expect(200, "the earnings")?.text("/current_balance"));
        let before = balance().await?;
        let path = format!("/rails/stripe_connect/payments/{payout}/return");
        for _ in 0..2 {
            self.door.local(&path, &json!({ "amount": "15.00" })).await?;
            self.door.drain_due().await?;
        }
        let after = balance().await?;
        if (before.as_str(), after.as_str()) != ("40.00", "70.00") {
            return Err(format!("twice 15.00 came back, and the balance went from {before} to {after}").into());
        }
        let head = self.door.get("ivan", &format!("/payouts/{payout}")).await?.expect(200, "the payout")?;
        let notes = head.body.pointer("/credit_notes").and_then(Value::as_array).map_or(0, Vec::len);
        if head.text("/status") != "returned" || head.text("/returned") != "30.00" || notes != 2 {
            return Err(format!("not as it came back: {}", head.body).into());
        }
        Ok("Stripe reverses 15.00 of 80.00, and 15.00 more: each credited back once, with its credit note".into())
    }

    pub(super) async fn invoice(&mut self) -> Result<String, Wrong> {
        let path = format!("/payouts/{}/invoice.pdf", self.payout);
        let (first, second) = (self.door.download("alice", &path).await?, self.door.download("alice", &path).await?);
        if first.0 != 200 || !first.1.starts_with(b"%PDF-") {
            return Err(format!("no invoice: {}", first.0).into());
        }
        if first != second {
            return Err("two renderings differ".into());
        }
        let foreign = self.door.download("bob", &path).await?.0;
        if foreign != 404 {
            return Err(format!("bob is answered {foreign} when he asks for alice's invoice").into());
        }
        let number = self.door.get("alice", &format!("/payouts/{}", self.payout)).await?.text("/invoice/number");
        Ok(format!("{number}, {} bytes, the same each time; not bob's to see", first.1.len()))
    }

    /// Somebody rents a machine out and earns.
    async fn host(&self, name: &str, earning: &str, amount: &str) -> Result<(), Wrong> {
        let account = self.sign_up(name, None).await?.text("/account_id");
        let event = events::rented(earning, &account, amount, self.now());
        self.door.post_event(Source::Platform, &event).await?.expect(200, "the webhook")?;
        self.door.drain_due().await
    }

    async fn ask(&self, name: &str, key: &str, amount: &str) -> Result<String, Wrong> {
        let body = json!({ "amount": amount });
        let asked = self.door.send(name, Method::POST, "/payouts", &[("idempotency-key", key)], &body).await?.expect(201, "the request")?;
        Ok(asked.text("/payout_id"))
    }

    async fn finances_view(&self, payout: &str) -> Result<Answer, Wrong> {
        self.door.get("fin1", &format!("/finance/payouts/{payout}")).await?.expect(200, "the payout, as finance sees it")
    }

    async fn version(&self, payout: &str) -> Result<u64, Wrong> {
        Ok(self.finances_view(payout).await?.body["version"].as_u64().unwrap_or_default())
    }

    async fn approve(&self, by: &str, payout: &str) -> Result<(), Wrong> {
        let body = json!({ "version": self.version(payout).await? });
        let path = format!("/finance/payouts/{payout}/approve");
        self.door.send(by, Method::POST, &path, &[], &body).await?.expect(200, "the approval").map(drop)
    }

    async fn pay_now(&self, by: &str, payout: &str) -> Result<(), Wrong> {
        let body = json!({ "version": self.version(payout).await? });
        let path = format!("/finance/payouts/{payout}/pay");
        self.door.send(by, Method::POST, &path, &[], &body).await?.expect(202, "pay now").map(drop)
    }

    async fn status(&self, name: &str, payout: &str) -> Result<String, Wrong> {
        Ok(self.door.get(name, &format!("/payouts/{payout}")).await?.expect(200, "the payout")?.text("/status"))
    }

    /// Lets the rails take their time, the sweep look at what is open, and every message arrive.
    async fn until_paid(&self, name: &str, payout: &str) -> Result<(), Wrong> {
        let mut status = String::new();
        for _ in 0..4 {
            self.door.stack().clock().advance(UNTIL_PAID).await?;
            self.door.stack().run_schedule("payout-worker").await?;
            self.door.drain_due().await?;
            status = self.status(name, payout).await?;
            if status == "paid" {
                return Ok(());
            }
        }
        Err(format!("{payout} is {status}, not paid").into())
    }

    /// Waits for a status without moving the clock, nor for the errands that are to be seen later.
    async fn until(&self, name: &str, payout: &str, wanted: &str) -> Result<(), Wrong> {
        for _ in 0..WAITS_MAX {
            if self.status(name, payout).await? == wanted {
                return Ok(());
            }
            tokio::time::sleep(WAIT).await;
        }
        Err(format!("{payout} is {}, not {wanted}", self.status(name, payout).await?).into())
    }

    /// The rail's own books have one payment of this payout, of that amount, for which money moved once.
    async fn one_payment(&self, rail: Rail, payout: &str, amount: &str) -> Result<(), Wrong> {
        let books = self.door.stack().rails().books(rail, Some(payout)).await?;
        match books.payments.as_slice() {
            [payment] if payment.movements == 1 && payment.amount == amount.parse()? => Ok(()),
            other => Err(format!("{rail}'s own books do not say one payment of {amount}: {other:?}").into()),
        }
    }
}
