//! A rail in memory.

use super::{Fault, Op, turn};
use crate::{GoAhead, Listed, Order, Rail, RailError, RailPayment, window};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use ledger::{Currency, Money};
use programme::payout::{PayoutId, RailDoubt, Sighting};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// One payment in the rail's books: cash that left the platform, whatever became of it since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Which payout it was for.
    pub payout: PayoutId,
    /// Under which key it was made.
    pub key: String,
    /// How much.
    pub amount: Money,
    /// In which currency.
    pub currency: Currency,
    /// Where to, as `Destination::identity` spells it.
    pub destination: String,
    /// The rail's id of it.
    pub reference: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What became of it.
    pub state: Sighting,
}

/// What becomes of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is on its way, with the rail's own word for where: `UNCLAIMED`.
    Underway(String),
    /// It was paid.
    Paid,
    /// So much of it has come back, in all.
    Returned(Money),
    /// It was not paid and will not be, with the rail's code for why.
    Failed(String),
}

type Weather = Box<dyn Fn(Op) -> Option<Fault> + Send + Sync>;

/// A rail in memory, as strict as the real ones: idempotent by key alone (another key pays again), deaf to other
/// parameters under a known key, and gone after the window. At Stripe a payout is paid at once; elsewhere it is under
/// way until [`FakeRail::advance`] says what becomes of it. PayPal's can't be looked up before its batch is known.
pub struct FakeRail {
    rail: ledger::Rail,
    state: Mutex<State>,
    weather: Option<Weather>,
}

#[derive(Default)]
struct State {
    books: Vec<Payment>,
    /// Payments that nobody here made.
    strangers: Vec<RailPayment>,
    /// By key: what was asked, and what every repetition is told instead of what became of it.
    keys: BTreeMap<String, Known>,
    faults: BTreeMap<Op, VecDeque<Fault>>,
    calls: BTreeMap<Op, u64>,
    submissions: BTreeMap<PayoutId, u64>,
    made: u32,
    page: usize,
}

struct Known {
    asked: (PayoutId, Money, Currency, String),
    replay: Option<Result<Sighting, RailError>>,
}

impl FakeRail {
    /// A rail without payments or faults.
    #[must_use]
    pub fn new(rail: ledger::Rail) -> Self {
        Self { rail, state: Mutex::new(State { page: 100, ..State::default() }), weather: None }
    }

    /// The same, asking `weather` for the fault of each call that [`FakeRail::fail_next`] left alone.
    #[must_use]
    pub fn with_weather(mut self, weather: impl Fn(Op) -> Option<Fault> + Send + Sync + 'static) -> Self {
        self.weather = Some(Box::new(weather));
        self
    }

    /// The same, listing so many payments a page.
    #[must_use]
    pub fn with_pages_of(self, payments: usize) -> Self {
        self.state().page = payments.max(1);
        self
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next submission meets this; told several times, one after the other do.
    pub fn fail_next(&self, fault: Fault) {
        self.fail_next_of(Op::Submit, fault);
    }

    /// The next call of this kind meets this.
    pub fn fail_next_of(&self, op: Op, fault: Fault) {
        self.state().faults.entry(op).or_default().push_back(fault);
    }

    /// Every payment that was made, in the order in which they were.
    #[must_use]
    pub fn books(&self) -> Vec<Payment> {
        self.state().books.clone()
    }

    /// What becomes of the payments of a payout; whether there is one. Nothing keeps a state from rolling back, as it
    /// may at the real ones.
    pub fn advance(&self, payout: &PayoutId, fate: &Fate) -> bool {
        self.alter(payout, |payment| payment.state = payment.after(fate))
    }

    /// Changes the payments of a payout in the rail's books; whether there is one.
    pub fn alter(&self, payout: &PayoutId, change: impl Fn(&mut Payment)) -> bool {
        let mut state = self.state();
        let mut ours = state.books.iter_mut().filter(|payment| payment.payout == *payout).peekable();
        let any = ours.peek().is_some();
        ours.for_each(change);
        any
    }

    /// Lists a payment that nobody made here.
    pub fn stranger(&self, payment: RailPayment) {
        self.state().strangers.push(payment);
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self, op: Op) -> u64 {
        self.state().calls.get(&op).copied().unwrap_or_default()
    }

    /// How often a payout was submitted, whatever came of it.
    #[must_use]
    pub fn submissions(&self, payout: &PayoutId) -> u64 {
        self.state().submissions.get(payout).copied().unwrap_or_default()
    }

    /// Counts a call and says what goes wrong with it.
    fn meet(&self, op: Op) -> Option<Fault> {
        let mut state = self.state();
        *state.calls.entry(op).or_default() += 1;
        let told = state.faults.get_mut(&op).and_then(VecDeque::pop_front);
        drop(state);
        told.or_else(|| self.weather.as_ref().and_then(|weather| weather(op)))
    }

    async fn pay(&self, order: &Order, go: &dyn GoAhead) -> Result<Sighting, RailError> {
        go.ask().await.map_err(RailError::Held)?;
        let fault = self.meet(Op::Submit);
        *self.state().submissions.entry(order.payout.clone()).or_default() += 1;
        turn().await;
        let outcome = self.taken(order, fault.as_ref());
        turn().await;
        outcome
    }

    /// What the rail does and answers, in one step.
    fn taken(&self, order: &Order, fault: Option<&Fault>) -> Result<Sighting, RailError> {
        if order.destination.rail() != self.rail {
            return Err(RailError::Misconfigured("a destination of another rail".to_owned()));
        }
        if !window::is_open(self.rail, order) {
            return Err(RailError::Closed);
        }
        let mut state = self.state();
        let asked = (order.payout.clone(), order.amount, order.currency.clone(), order.destination.identity());
        if let Some(known) = state.keys.get(&order.key) {
            let same = known.asked == asked;
            return match (fault, &known.replay) {
                (Some(Fault::Refused(_)), _) if self.rail == ledger::Rail::Paypal => Err(RailError::Unknown(RailDoubt::NoAnswer)),
                // A rail that knows the key has no other reason to refuse.
                (Some(Fault::Refused(_)) | None, _) if !same => Err(RailError::Conflict),
                (Some(Fault::Refused(_)) | None, Some(replay)) => replay.clone(),
                (Some(Fault::Refused(_)) | None, None) => state.seen(order),
                (Some(fault), _) => Err(fault.told()),
            };
        }
        let outcome = match fault {
            None => Ok(()),
            Some(Fault::Refused(code)) => return state.refuse(self.rail, order, asked, code),
            Some(fault) => Err(fault),
        };
        let sticks = self.rail == ledger::Rail::StripeConnect && matches!(fault, Some(Fault::ServerError { .. }));
        let done = outcome.is_ok() || fault.is_some_and(Fault::does);
        if done || sticks {
            let replay = outcome.err().filter(|_| sticks).map(|fault| Err(fault.told()));
            state.keys.insert(order.key.clone(), Known { asked, replay });
        }
        if done {
            state.make(self.rail, order);
        }
        outcome.map_err(Fault::told)?;
        state.seen(order)
    }

    async fn ask(&self, order: &Order) -> Result<Sighting, RailError> {
        let fault = self.meet(Op::LookUp);
        turn().await;
        let outcome = match fault {
            Some(fault) => Err(fault.told()),
            None if self.can_look_up(order) => self.state().seen(order),
            None => Err(RailError::Unknown(RailDoubt::NoAnswer)),
        };
        turn().await;
        outcome
    }

    async fn listed(&self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&str>) -> Result<Listed, RailError> {
        let fault = self.meet(Op::List);
        turn().await;
        if let Some(fault) = fault {
            return Err(fault.told());
        }
        let malformed = |_| RailError::Misconfigured("not a cursor of a listing".to_owned());
        let offset: usize = cursor.unwrap_or("0").parse().map_err(malformed)?;
        let state = self.state();
        let ours = state.books.iter().map(|payment| payment.listed(self.mark(&payment.payout)));
        let within = |payment: &RailPayment| payment.at >= from && payment.at < to;
        let all: Vec<_> = ours.chain(state.strangers.iter().cloned()).filter(within).collect();
        let end = offset.saturating_add(state.page).min(all.len());
        let payments = all.get(offset..end).unwrap_or_default().to_vec();
        Ok(Listed { payments, next: (end < all.len()).then(|| end.to_string()) })
    }
}

impl State {
    /// What the books say of an order.
    fn seen(&self, order: &Order) -> Result<Sighting, RailError> {
        let mut ours = self.books.iter().filter(|payment| payment.payout == order.payout);
        match (ours.next(), ours.next()) {
            (None, _) => Ok(Sighting::Absent),
            (Some(payment), None) if payment.is_of(order) => Ok(payment.state.clone()),
            (Some(_), _) => Err(RailError::Conflict),
        }
    }

    fn make(&mut self, rail: ledger::Rail, order: &Order) {
        self.made += 1;
        let number = self.made;
        let (reference, fate) = match rail {
            ledger::Rail::StripeConnect => (format!("tr_{number}"), Fate::Paid),
            ledger::Rail::Paypal => (format!("BATCH{number}"), Fate::Underway("PENDING".to_owned())),
            ledger::Rail::Wise => ((50_000_000 + u64::from(number)).to_string(), Fate::Underway("processing".to_owned())),
        };
        let mut payment = Payment {
            payout: order.payout.clone(),
            key: order.key.clone(),
            amount: order.amount,
            currency: order.currency.clone(),
            destination: order.destination.identity(),
            reference,
            at: order.now,
            state: Sighting::Absent,
        };
        payment.state = payment.after(&fate);
        self.books.push(payment);
    }

    /// Refuses a key that it does not know.
    fn refuse(
        &mut self,
        rail: ledger::Rail,
        order: &Order,
        asked: (PayoutId, Money, Currency, String),
        code: &str,
    ) -> Result<Sighting, RailError> {
        let failed = Sighting::Failed { reference: None, reason: code.to_owned() };
        match rail {
            ledger::Rail::StripeConnect => {
                let replay = Some(Ok(failed.clone()));
                self.keys.insert(order.key.clone(), Known { asked, replay });
                Ok(failed)
            }
            ledger::Rail::Paypal if order.attempted => Err(RailError::Unknown(RailDoubt::NoAnswer)),
            ledger::Rail::Paypal | ledger::Rail::Wise => Ok(failed),
        }
    }
}

impl Payment {
    fn is_of(&self, order: &Order) -> bool {
        self.amount == order.amount && self.currency == order.currency && self.destination == order.destination.identity()
    }

    fn after(&self, fate: &Fate) -> Sighting {
        let reference = self.reference.clone();
        match fate {
            Fate::Underway(note) => Sighting::Underway { reference, note: Some(note.clone()) },
            Fate::Paid => Sighting::Paid { reference, returned: Money::ZERO },
            Fate::Returned(total) if *total < self.amount => Sighting::Paid { reference, returned: *total },
            Fate::Returned(total) => Sighting::Returned { reference, returned: *total, note: None },
            Fate::Failed(reason) => Sighting::Failed { reference: Some(reference), reason: reason.clone() },
        }
    }

    fn listed(&self, mark: String) -> RailPayment {
        RailPayment {
            reference: self.reference.clone(),
            payout: Some(mark),
            amount: self.amount,
            currency: self.currency.clone(),
            at: self.at,
            state: self.state.clone(),
            destination: Some(self.destination.clone()),
        }
    }
}

impl Rail for FakeRail {
    fn rail(&self) -> ledger::Rail {
        self.rail
    }

    fn submit<'a>(&'a self, order: &'a Order, go: &'a dyn GoAhead) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.pay(order, go))
    }

    fn look_up<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Result<Sighting, RailError>> {
        Box::pin(self.ask(order))
    }

    fn can_look_up(&self, order: &Order) -> bool {
        self.rail != ledger::Rail::Paypal || order.reference.is_some() || !window::is_open(self.rail, order)
    }

    fn list<'a>(&'a self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&'a str>) -> BoxFuture<'a, Result<Listed, RailError>> {
        Box::pin(self.listed(from, to, cursor))
    }
}
