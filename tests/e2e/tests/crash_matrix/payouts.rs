//! The payout worker, killed at every call that it makes to the tables, to the queues and to each rail: on the way of a payout that
//! goes well, and on the way of whoever comes after a worker that died with the rail's answer in its hands. Other than behind the other
//! doors the lines of the ledger may differ, since a lost answer is a step of its own. What never differs: the payout is paid, the
//! rail's own books have one payment of it whose money moved once, there is one invoice, and every invariant holds.

use crate::{
    act::{Act, Answer},
    bench::Bench,
    run::{CallName, TRIES},
    stage::Stage,
    table::{Cell, Row},
};
use futures::stream::{self, StreamExt};
use ledger::Rail;
use local::faults::{Fault, Plan, Rule, Service, When};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The function that is killed.
pub(crate) const FUNCTION: &str = "payout-worker";

/// What is asked for.
const AMOUNT: &str = "50.00";

/// Between two sweeps, in seconds: longer than a lease holds, and than a rail takes.
const SWEEP_SECONDS: u64 = 3_900;

/// Sweeps until a payout must be paid.
const SWEEPS_MAX: u32 = 20;

/// Where the kills are.
#[derive(Debug, Clone, Copy)]
struct Road {
    rail: Rail,
    /// Whether a worker died before, when the rail had done what it was asked.
    recovery: bool,
}

/// What came of one payout.
struct Paid {
    calls: Vec<CallName>,
    struck: u64,
    wrong: Vec<String>,
}

/// Every cell of the worker.
pub(crate) async fn rows(at_once: usize) -> Vec<Row> {
    let roads = Rail::ALL.into_iter().flat_map(|rail| [false, true].map(|recovery| Road { rail, recovery }));
    let played = roads.enumerate().map(|(place, road)| async move { (place, tokio::spawn(road.rows()).await.expect("it is played")) });
    let mut played: Vec<(usize, Vec<Row>)> = stream::iter(played).buffer_unordered(at_once).collect().await;
    played.sort_by_key(|(place, _)| *place);
    played.into_iter().flat_map(|(_, rows)| rows).collect()
}

impl Road {
    const fn name(self) -> &'static str {
        match (self.rail, self.recovery) {
            (Rail::StripeConnect, false) => "a payout by Stripe",
            (Rail::StripeConnect, true) => "by Stripe, after another died",
            (Rail::Paypal, false) => "a payout by PayPal",
            (Rail::Paypal, true) => "by PayPal, after another died",
            (Rail::Wise, false) => "a payout by Wise",
            (Rail::Wise, true) => "by Wise, after another died",
        }
    }

    const fn service(self) -> Service {
        match self.rail {
            Rail::StripeConnect => Service::Stripe,
            Rail::Paypal => Service::Paypal,
            Rail::Wise => Service::Wise,
        }
    }

    /// Whether the calls to the tables and the queues are in the matrix too: they are the same for each rail.
    const fn has_all(self) -> bool {
        matches!(self, Self { rail: Rail::Paypal, recovery: false })
    }

    /// The kill that makes somebody else come: the rail has the payment, and nobody has its answer.
    fn first_death(self) -> Option<Rule> {
        let operation = if self.rail == Rail::Wise { "fund" } else { "create" };
        self.recovery.then(|| Rule {
            service: self.service(),
            operation: Some(operation.to_owned()),
            function: Some(FUNCTION.to_owned()),
            when: When::Calls(vec![1]),
            fault: Fault::KillAfter,
        })
    }

    async fn rows(self) -> Vec<Row> {
        let bench = Bench::start().await;
        let plain = self.measure(&bench).await;
        let mut rows = Vec::new();
        for call in plain.into_iter().filter(|call| self.has_all() || call.is_at_a_rail()) {
            let mut cells = [Cell::NotReached, Cell::NotReached];
            for (cell, fault) in cells.iter_mut().zip([Fault::KillBefore, Fault::KillAfter]) {
                *cell = self.cell(&bench, &call, fault).await;
            }
            let [before, after] = cells;
            rows.push(Row { function: FUNCTION, scenario: self.name(), call, before, after });
        }
        bench.stack.stop().await;
        rows
    }

    /// The calls of a payout without a kill but the first, where there is one.
    async fn measure(self, bench: &Bench) -> Vec<CallName> {
        let first_death = self.first_death();
        let plain = self.play(bench, first_death.iter().cloned().collect()).await;
        assert!(plain.wrong.is_empty(), "{}: {:?}", self.name(), plain.wrong);
        assert_eq!(plain.struck, u64::from(self.recovery), "{}: who should die dies", self.name());
        let rails: BTreeSet<_> = plain.calls.iter().filter(|call| call.is_at_a_rail()).map(|call| &call.operation).collect();
        assert!(rails.len() > 1, "{}: the rail is asked: {rails:?}", self.name());
        let Some(death) = first_death else { return plain.calls };
        // What came before it is in the table already.
        let died = plain.calls.iter().position(|call| call.is_of(&death)).expect("it is among the calls");
        plain.calls[died + 1..].to_vec()
    }

    async fn cell(self, bench: &Bench, call: &CallName, fault: Fault) -> Cell {
        let kill = call.rule(FUNCTION, fault);
        let due = 1 + u64::from(self.recovery);
        // On a busy machine a sweep may come a moment later, and a look less is made.
        for _ in 0..TRIES {
            let paid = self.play(bench, self.first_death().into_iter().chain([kill.clone()]).collect()).await;
            if !paid.wrong.is_empty() {
                return Cell::Differs(paid.wrong.join("\n  "));
            }
            if paid.struck >= due {
                return Cell::PaidOnce;
            }
        }
        Cell::NotReached
    }

    async fn play(self, bench: &Bench, rules: Vec<Rule>) -> Paid {
        let tag = bench.tag();
        let stage = bench.stage(&tag);
        let faults = bench.stack.faults().expect("faults");
        let payout = self.approved(&stage).await;
        let before = bench.stack.rails().books(self.rail, None).await.expect("the rail's books").payments.len();
        faults.restart(FUNCTION).await;
        faults.set(Plan { seed: 0, rules });
        stage.must(stage.finance("fin2", &payout, "pay", json!({ "version": 2 }))).await;
        let shown = paid(&stage, &payout).await;
        let calls: Vec<_> = faults.calls().into_iter().filter(|call| call.function == FUNCTION).collect();
        let struck = faults.counts().iter().map(|counts| counts.faults).sum();
        // A kill that was not reached must not meet the next payout.
        faults.set(Plan::default());
        rest(&stage).await;
        let wrong = self.wrong(bench, &stage, before, &shown).await;
        Paid { calls: CallName::all(&calls), struck, wrong }
    }

    /// A payout that finance has approved; answers its id.
    async fn approved(self, stage: &Stage<'_>) -> String {
        stage.sign_up("ref", None).await;
        stage.host("ref", AMOUNT).await;
        match self.rail {
            Rail::StripeConnect => {
                let link = stage.must(stage.onboarding("ref")).await.text("url");
                let filled = stage.http.post(link).header("content-type", "application/x-www-form-urlencoded").body("step=finish");
                let status = filled.send().await.expect("an answer").status().as_u16();
                assert!(status < 400, "Stripe's form: {status}");
            }
            Rail::Paypal => drop(stage.must(stage.payout_account("ref", "")).await),
            Rail::Wise => {
                let account = json!({ "recipient_id": "40000001", "currency": "EUR", "default": true });
                stage.must(Act::call(&stage.name("ref"), Method::PUT, "/payout-accounts/wise", account)).await;
            }
        }
        rest(stage).await;
        // The cool-down of a new payout account is 72 hours.
        stage.advance(4 * 86_400).await;
        rest(stage).await;
        let payout = stage.must(stage.payout("ref", AMOUNT)).await.text("payout_id");
        stage.must(stage.finance("fin1", &payout, "approve", json!({ "version": 1 }))).await;
        payout
    }

    /// What is not as it must be, whatever was killed.
    async fn wrong(self, bench: &Bench, stage: &Stage<'_>, before: usize, shown: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        if shown["status"] != "paid" || shown["invoice"].is_null() {
            wrong.push(format!("not paid, or without an invoice: {shown}"));
        }
        // Whatever it is called there: what is new in the rail's books is this one payment.
        let books = bench.stack.rails().books(self.rail, None).await.expect("the rail's books").payments;
        match books.get(before..) {
            Some([one]) if one.movements == 1 && one.left() == one.amount => {}
            other => wrong.push(format!("new in the rail's books: {other:?}")),
        }
        let earnings = stage.must(Act::get(&stage.name("ref"), "/earnings")).await.body;
        if earnings["current_balance"] != "0.00" {
            wrong.push(format!("the payee's balance is {}", earnings["current_balance"]));
        }
        wrong.extend(bench.violations().await);
        wrong
    }
}

/// Waits until nothing is under way: no message, no webhook of a rail.
async fn rest(stage: &Stage<'_>) {
    stage.settle().await;
    assert!(stage.stack.drain().await.expect("the queues answer"), "{}: the stack comes to rest", stage.tag);
    stage.settle().await;
}

/// Sweeps until the payout is paid; answers what its payee sees then, or at the end.
async fn paid(stage: &Stage<'_>, payout: &str) -> Value {
    let ask = Act::get(&stage.name("ref"), &format!("/payouts/{payout}"));
    for _ in 0..SWEEPS_MAX {
        stage.settle().await;
        let shown: Answer = stage.must(ask.clone()).await;
        if shown.body["status"] == "paid" {
            return shown.body;
        }
        stage.advance(SWEEP_SECONDS).await;
        // A sweep that is killed has failed, and the next one comes.
        stage.perform(&Act::Schedule(FUNCTION)).await;
    }
    stage.must(ask).await.body
}
