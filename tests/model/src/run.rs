//! One history from its data to its verdict.

use crate::{
    apps::keys, bank::Settled, bugs::LayerBug, clock::time, control::Control, history::History, oracle, random::Random, reconciled,
    scheduler::Scheduler, tally::Tally, world::World,
};
use proof::{Limits, Patience, RailTransfer};
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use store::{Store, backend::Table};

/// A history has few accounts.
const LIMITS: Limits = Limits { width: 24, accounts: 1_000, page: 1_000 };

/// What came of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Everything that is wrong, a sentence each.
    pub violations: Vec<String>,
    /// Counts.
    pub tally: Tally,
    /// The story, where it was to be told.
    pub story: Vec<String>,
}

/// Runs a history. With `told`, its story is told; with a bug, its tables or its queue have it.
#[must_use]
pub fn run(history: &History, told: bool, bug: Option<LayerBug>) -> Outcome {
    run_in(history, told, bug, |work| work())
}

/// Runs a history while a deliberate bug is in the rules. The checks at the end have none.
#[cfg(feature = "bugs")]
#[must_use]
pub fn run_with_rules(history: &History, told: bool, bug: programme::bug::Bug) -> Outcome {
    run_in(history, told, None, |work| programme::bug::with(Some(bug), work))
}

fn run_in(history: &History, told: bool, bug: Option<LayerBug>, rules: impl FnOnce(&mut dyn FnMut())) -> Outcome {
    let mut random = Random::new(history.order);
    let start = history.steps.first().map_or(0, |step| step.at.timestamp_millis());
    let control = Arc::new(Control::new(start, random.fork(), history.weather, told, bug));
    let Some(mut world) = World::new(history, Arc::clone(&control)) else {
        return Outcome { violations: vec!["the model's own secrets do not read".into()], ..Outcome::default() };
    };
    let mut scheduler = Scheduler::new(history, &mut world, random);
    rules(&mut || scheduler.run());
    judge(history, &world);
    let mut state = control.state();
    state.tally.histories = 1;
    Outcome {
        violations: std::mem::take(&mut state.violations),
        tally: std::mem::take(&mut state.tally),
        story: state.story.take().unwrap_or_default(),
    }
}

/// Everything at rest: the checker, the oracle, the dead letters.
fn judge(history: &History, world: &World) {
    let control = &world.control;
    "the end".clone_into(&mut control.state().turn);
    for letter in world.queue.dead().into_iter().chain(world.errands.dead()) {
        if !letter.contains("\"nothing\"") {
            control.violation(format!("a message died: {letter}"));
        }
    }
    let now = time(control.clock.millis());
    let store = Store::new(world.memory.clone(), keys());
    let payments = world.bank.books();
    let audit = async || {
        let mut report = proof::run(&store, now, LIMITS, Patience::AT_REST, async || {}).await?;
        proof::one_transfer_per_payout(&store, &transfers(&payments), &mut report).await.map(|()| report)
    };
    match at_once(audit()) {
        Ok(report) => {
            for (name, figure) in report.figures.iter().filter(|(_, figure)| figure.violations > 0) {
                control.violation(format!("the checker's {name}: {} violations: {}", figure.violations, figure.examples.join("; ")));
            }
        }
        Err(error) => control.violation(format!("the checker can't read the tables: {error}")),
    }
    let items = world.memory.dump();
    if world.bank.was_called() {
        at_once(reconciled::check(world, now)).into_iter().for_each(|wrong| control.violation(wrong));
    }
    for wrong in oracle::check(history, &world.signups, &payments, &items, now) {
        control.violation(wrong);
    }
    let lines = || items.iter().filter(|(table, item)| *table == Table::Ledger && item.contains_key("seal"));
    let by_usage = lines().filter(|(_, item)| item.contains_key("counted")).count();
    control.state().tally.lines = u64::try_from(lines().count()).unwrap_or(0);
    control.state().tally.usage_rewards = u64::try_from(by_usage).unwrap_or(0);
    count_payouts(world, &items, payments.len());
    tell_books(world, &items);
}

/// The rails' books, as the checker takes them.
fn transfers(payments: &[Settled]) -> Vec<RailTransfer> {
    let transfer = |settled: &Settled| RailTransfer {
        rail: settled.rail,
        payout: settled.payment.payout.clone(),
        key: Some(settled.payment.key.clone()),
        amount: Some((settled.payment.amount, settled.payment.currency.clone())),
        reference: Some(settled.payment.reference.clone()),
    };
    payments.iter().map(transfer).collect()
}

/// Counts where payouts stand.
fn count_payouts(world: &World, items: &[(Table, store::backend::Item)], payments: usize) {
    let mut state = world.control.state();
    state.tally.payments = u64::try_from(payments).unwrap_or(0);
    for (_, head) in items.iter().filter(|(table, item)| *table == Table::Ledger && item.contains_key("dver")) {
        let status = head.get("st").and_then(store::backend::Value::as_text).unwrap_or_default();
        *state.tally.payouts.entry(status.to_owned()).or_default() += 1;
    }
}

/// What the books say at the end, for the story.
fn tell_books(world: &World, items: &[(Table, store::backend::Item)]) {
    if world.control.state().story.is_none() {
        return;
    }
    let text =
        |item: &store::backend::Item, name: &str| item.get(name).and_then(store::backend::Value::as_text).unwrap_or_default().to_owned();
    for (_, item) in items.iter().filter(|(table, item)| *table == Table::Accounts && text(item, "sk") == "n") {
        let numbers = item.iter().filter_map(|(name, value)| value.as_number().map(|number| format!("{name} {number}")));
        let attribution = text(item, "att");
        let numbers = numbers.collect::<Vec<_>>().join(", ");
        world.control.tell(|| format!("{}: {numbers} {attribution}", text(item, "pk")));
    }
}

/// Drives what waits for nothing.
fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}
