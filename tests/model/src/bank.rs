//! The rails as a history has them: three that can fail, what becomes of the payments in their books, and a
//! witness at every call, who shares no code with the worker that makes it.

mod course;
mod weather;
mod witness;

pub use course::{Course, Turned};

use crate::{bugs::LayerBug, control::Control};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use programme::payout::{PayoutId, RailDoubt, Sighting};
use rails::{
    GoAhead, Held, Listed, Order, Rail, RailError, Rails,
    testing::{FakeRail, Op, Payment},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use store::backend::memory::Memory;

/// The rails, and what was seen at them.
pub struct Bank {
    control: Arc<Control>,
    memory: Arc<Memory>,
    fakes: [FakeRail; 3],
    seen: Mutex<Seen>,
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    /// The key under which each payout was sent first.
    keys: BTreeMap<PayoutId, String>,
    /// About which payouts a rail is being called right now.
    in_hand: BTreeSet<PayoutId>,
    /// Payouts with a payment, in the order in which they were made.
    made: Vec<PayoutId>,
    /// Payouts that a rail has ever called paid.
    paid: BTreeSet<PayoutId>,
}

/// A payment at the end of a history.
#[derive(Debug, Clone)]
pub struct Settled {
    /// By which rail.
    pub rail: ledger::Rail,
    /// What its books say.
    pub payment: Payment,
    /// Whether it was ever paid, whatever became of it since.
    pub was_paid: bool,
}

impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bank").field("seen", &self.seen).finish_non_exhaustive()
    }
}

impl Bank {
    /// Three rails without payments.
    #[must_use]
    pub fn new(control: Arc<Control>, memory: Arc<Memory>) -> Self {
        let fake = |rail| {
            let control = Arc::clone(&control);
            FakeRail::new(rail).with_weather(move |op| control.rail_fault(op))
        };
        Self { fakes: ledger::Rail::ALL.map(fake), control, memory, seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fake(&self, rail: ledger::Rail) -> &FakeRail {
        let [stripe, paypal, wise] = &self.fakes;
        match rail {
            ledger::Rail::StripeConnect => stripe,
            ledger::Rail::Paypal => paypal,
            ledger::Rail::Wise => wise,
        }
    }

    /// The rails as the worker has them.
    #[must_use]
    pub fn rails(self: &Arc<Self>) -> Rails {
        let one = |rail| -> Arc<dyn Rail> { Arc::new(Counter { rail, bank: Arc::clone(self) }) };
        Rails::of(ledger::Rail::ALL.map(one).into())
    }

    /// Everything that the rails have in their books.
    #[must_use]
    pub fn books(&self) -> Vec<Settled> {
        let seen = self.seen();
        let of = |rail| {
            let settled = |payment: Payment| Settled { rail, was_paid: seen.paid.contains(&payment.payout), payment };
            self.fake(rail).books().into_iter().map(settled).collect::<Vec<_>>()
        };
        ledger::Rail::ALL.into_iter().flat_map(of).collect()
    }

    /// Whether any rail was ever asked for a payment.
    #[must_use]
    pub fn was_called(&self) -> bool {
        !self.seen().keys.is_empty()
    }

    /// The payment that a rail has for a payout.
    fn payment(&self, rail: ledger::Rail, payout: &PayoutId) -> Option<Payment> {
        self.fake(rail).books().into_iter().find(|payment| payment.payout == *payout)
    }

    /// Takes in what a call may have made.
    fn took(&self, rail: ledger::Rail, payout: &PayoutId) {
        let Some(payment) = self.payment(rail, payout) else { return };
        let mut seen = self.seen();
        if !seen.made.contains(payout) {
            seen.made.push(payout.clone());
        }
        if matches!(payment.state, Sighting::Paid { .. }) {
            seen.paid.insert(payout.clone());
        }
    }
}

/// Where the worker calls one of them.
struct Counter {
    rail: ledger::Rail,
    bank: Arc<Bank>,
}

/// The worker's go-ahead, and the witness beside it: what was held back is no call.
struct Witnessed<'a> {
    bank: &'a Bank,
    order: &'a Order,
    go: &'a dyn GoAhead,
    /// From the go-ahead on.
    in_hand: Mutex<Option<InHand<'a>>>,
}

impl GoAhead for Witnessed<'_> {
    fn ask(&self) -> BoxFuture<'_, Result<(), Held>> {
        Box::pin(async {
            self.go.ask().await?;
            *self.in_hand.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.bank.begins(self.order, Op::Submit));
            Ok(())
        })
    }
}

/// A call about a payout that is under way: it ends with its answer, or with the worker.
struct InHand<'a>(&'a Bank, PayoutId);

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.seen().in_hand.remove(&self.1);
    }
}

impl Counter {
    /// A call that sends where it has somebody's go-ahead, and else asks.
    async fn call(&self, order: &Order, go: Option<&dyn GoAhead>) -> Result<Sighting, RailError> {
        let bank = &*self.bank;
        let fake = bank.fake(self.rail);
        let answer = match go {
            Some(go) => fake.submit(order, &Witnessed { bank, order, go, in_hand: Mutex::default() }).await,
            None => {
                let _in_hand = bank.begins(order, Op::LookUp);
                fake.look_up(order).await
            }
        };
        bank.took(self.rail, &order.payout);
        let answer = match answer {
            Err(RailError::Unknown(_)) if bank.control.state().bug == Some(LayerBug::DoubtIsFailure) => {
                Ok(Sighting::Failed { reference: None, reason: RailDoubt::NoAnswer.to_string() })
            }
            answer => answer,
        };
        bank.control.tell(|| {
            let asked = if go.is_some() { format!("is sent {} under {}", order.amount, order.key) } else { "is asked".to_owned() };
            format!("{} {asked} for {}: {answer:?}", self.rail, order.payout)
        });
        answer
    }
}

impl Rail for Counter {
    fn rail(&self) -> ledger::Rail {
        self.rail
    }

    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.call(order, Some(go)))
    }

    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.call(order, None))
    }

    fn can_look_up(&self, order: &Order) -> bool {
        self.bank.fake(self.rail).can_look_up(order)
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        self.bank.fake(self.rail).list(from, to, cursor)
    }
}
