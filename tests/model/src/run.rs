//! One history from its data to its verdict.

use crate::{
    apps::keys, bugs::LayerBug, clock::time, control::Control, history::History, oracle, random::Random, scheduler::Scheduler,
    tally::Tally, world::World,
};
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use store::{Store, backend::Table};

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
    for letter in world.queue.dead() {
        if !letter.contains("\"nothing\"") {
            control.violation(format!("a message died: {letter}"));
        }
    }
    let now = time(control.clock.millis());
    let store = Store::new(world.memory.clone(), keys());
    match at_once(proof::audit(&store, now)) {
        Ok(report) => {
            for (name, figure) in report.figures.iter().filter(|(_, figure)| figure.violations > 0) {
                control.violation(format!("the checker's {name}: {} violations: {}", figure.violations, figure.examples.join("; ")));
            }
        }
        Err(error) => control.violation(format!("the checker can't read the tables: {error}")),
    }
    let items = world.memory.dump();
    for wrong in oracle::check(history, &world.signups, &items, now) {
        control.violation(wrong);
    }
    let lines = items.iter().filter(|(table, item)| *table == Table::Ledger && item.contains_key("seal")).count();
    control.state().tally.lines = u64::try_from(lines).unwrap_or(0);
    tell_books(world, &items);
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
