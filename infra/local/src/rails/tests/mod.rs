//! The machines of the three rails with a moved clock, and the books below them.
#![allow(clippy::unwrap_used, clippy::panic)]

mod books;
mod machines;

use super::{
    behaviour::Behaviour,
    books::{Books, Desk, RailsLocation},
    error::RailsError,
    payment::{Details, New, Payment, State, Step},
    paypal, stripe, timeline, wise,
};
use ledger::{Money, Rail};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
const START: i64 = 1_790_000_000_000;

pub(super) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Books in memory, under a clock that a test moves.
pub(super) struct Bench {
    pub(super) books: Arc<Books>,
    now_ms: Arc<AtomicI64>,
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::at(&RailsLocation::Memory)
    }

    pub(super) fn at(location: &RailsLocation) -> Self {
        let now_ms = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&now_ms);
        let books = Books::open(location, Arc::new(move || clock.load(Ordering::SeqCst))).unwrap();
        Self { books, now_ms }
    }

    /// To so many milliseconds after the start.
    pub(super) fn go_to(&self, after_ms: i64) {
        self.now_ms.store(START + after_ms, Ordering::SeqCst);
    }

    pub(super) async fn within<T: Send + 'static>(&self, work: impl FnOnce(&Desk<'_>) -> Result<T, RailsError> + Send + 'static) -> T {
        self.books.within(work).await.unwrap().0
    }

    pub(super) async fn advance(&self) -> usize {
        self.within(timeline::advance).await.0
    }

    /// A payment of 100.00 that has just been taken (and at Wise funded) by a rail.
    pub(super) async fn taken(&self, rail: Rail, reference: &str, behaviour: Behaviour) {
        let (reference, hundred) = (reference.to_owned(), money("100"));
        self.within(move |desk| {
            let (state, details, plan) = begun(rail, behaviour, hundred);
            let mut made = New {
                rail,
                payout: Some(format!("pay_{reference}")),
                reference,
                idempotency_key: None,
                amount: hundred,
                currency: "USD".into(),
                destination: "x".into(),
                state,
                behaviour,
                details,
                now_ms: desk.now_ms,
            }
            .payment();
            made.plan = plan;
            if rail == Rail::Wise {
                timeline::take(desk, &mut made)?;
            }
            timeline::reach(desk, &mut made, &Step::to(state, desk.now_ms))?;
            desk.insert(&made)
        })
        .await;
    }

    pub(super) async fn payment(&self, rail: Rail, reference: &str) -> Option<Payment> {
        let reference = reference.to_owned();
        self.within(move |desk| desk.payment(rail, &reference)).await
    }

    pub(super) async fn told(&self, rail: Rail) -> Vec<String> {
        self.within(move |desk| desk.webhooks(rail)).await.into_iter().map(|webhook| webhook.kind).collect()
    }
}

fn begun(rail: Rail, behaviour: Behaviour, amount: Money) -> (State, Details, Vec<Step>) {
    match rail {
        Rail::StripeConnect => {
            let details = stripe::Details {
                metadata: BTreeMap::new(),
                description: None,
                source_type: "card".into(),
                destination_payment: "py_1".into(),
                reversals: Vec::new(),
            };
            (State::Stripe(stripe::State::Succeeded), Details::Stripe(details), stripe::plan(behaviour, amount, 2, START))
        }
        Rail::Paypal => {
            let details = paypal::Details {
                sender_batch_id: None,
                email_subject: None,
                sender_item_id: None,
                recipient_type: "EMAIL".into(),
                note: None,
                activity: "A".into(),
            };
            (State::Paypal(paypal::State::Pending), Details::Paypal(details), paypal::plan(behaviour, START))
        }
        Rail::Wise => {
            let details = wise::Details {
                quote: "q".into(),
                target_account: 1,
                target_currency: "USD".into(),
                target_amount: amount,
                rate: money("1"),
                session: "s".into(),
                fundings: Vec::new(),
            };
            (State::Wise(wise::State::Processing), Details::Wise(details), wise::funded_plan(behaviour, START))
        }
    }
}
