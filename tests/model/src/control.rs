//! What all parts of a running history share: its faults, its counts, its story, and who has the turn.

use crate::{
    bugs::LayerBug,
    clock::Clock,
    history::Weather,
    random::Random,
    switch::Switch,
    tally::{Fault, Tally},
};
use std::{
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// The whole.
#[derive(Debug)]
pub struct Control {
    /// The one clock.
    pub clock: Clock,
    state: Mutex<State>,
}

/// What changes.
#[derive(Debug)]
pub struct State {
    /// Draws faults.
    pub random: Random,
    /// How often.
    pub weather: Weather,
    /// Counts.
    pub tally: Tally,
    /// Violations, each a sentence.
    pub violations: Vec<String>,
    /// The story so far, where one is told.
    pub story: Option<Vec<String>>,
    /// Whose turn it is, for the story.
    pub turn: String,
    /// Which handler it is that has the turn, and since which turn it is at work.
    pub task: (u32, u64),
    /// Faults that met the handler whose turn it is.
    pub met: u32,
    /// Whether sends must not fail now: a message that is about to be given up is being sent anew.
    pub sends_hold: bool,
    /// Store calls for which the store is still away.
    pub away: u64,
    /// A deliberate bug in the layers below the functions.
    pub bug: Option<LayerBug>,
    /// The kill switch.
    pub switch: Switch,
}

impl Control {
    /// Everything in order, and counting.
    #[must_use]
    pub fn new(start_ms: i64, random: Random, weather: Weather, told: bool, bug: Option<LayerBug>) -> Self {
        let state = State {
            random,
            weather,
            tally: Tally::default(),
            violations: Vec::new(),
            story: told.then(Vec::new),
            turn: String::new(),
            task: (0, 0),
            met: 0,
            sends_hold: false,
            away: 0,
            bug,
            switch: Switch::default(),
        };
        Self { clock: Clock::at(start_ms), state: Mutex::new(state) }
    }

    /// What changes.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line to the story, where one is told.
    pub fn tell(&self, line: impl FnOnce() -> String) {
        let mut state = self.state();
        if state.story.is_none() {
            return;
        }
        let told = format!("{}  {:<14} {}", crate::clock::time(self.clock.millis()).format("%Y-%m-%d %H:%M:%S%.3f"), state.turn, line());
        if let Some(story) = &mut state.story {
            story.push(told);
        }
    }

    /// Notes a violation.
    pub fn violation(&self, what: impl Into<String>) {
        let what = what.into();
        self.tell(|| format!("VIOLATION: {what}"));
        self.state().violations.push(what);
    }

    /// A fault of a store's call, if it meets one.
    pub fn store_fault(&self, write: bool) -> Option<Fault> {
        let mut state = self.state();
        state.tally.store_calls += 1;
        let weather = state.weather;
        if state.away == 0 && weather.outage > 0 && state.random.chance(weather.outage) {
            state.away = 5 + state.random.below(60);
            state.tally.fault(Fault::Outage);
        }
        let fault = if state.away > 0 {
            state.away -= 1;
            Some(if write { Fault::WriteFails } else { Fault::ReadFails })
        } else if weather.store > 0 && state.random.chance(weather.store) {
            let kinds = [Fault::WriteFails, Fault::Conflict, Fault::Throttle, Fault::AnswerLost, Fault::AnswerLost];
            Some(if write { state.random.pick(&kinds, Fault::WriteFails) } else { Fault::ReadFails })
        } else {
            None
        };
        state.meet(fault);
        fault
    }

    /// A fault of a send, if it meets one.
    pub fn queue_fault(&self) -> Option<Fault> {
        let mut state = self.state();
        state.tally.queue_calls += 1;
        let often = state.weather.queue;
        let kinds = [Fault::SendFails, Fault::SendPartly, Fault::SendAnswerLost];
        let fault = (!state.sends_hold && often > 0 && state.random.chance(often)).then(|| state.random.pick(&kinds, Fault::SendFails));
        state.meet(fault);
        fault
    }
}

impl Control {
    /// Whether the handler whose turn it is may send a payout.
    pub fn may_send(&self) -> bool {
        let mut state = self.state();
        let (task, began) = state.task;
        state.switch.may_send(task, began)
    }
}

impl State {
    /// Counts a fault that the handler whose turn it is meets.
    pub fn meet(&mut self, fault: Option<Fault>) {
        if let Some(fault) = fault {
            self.tally.fault(fault);
            self.met += 1;
        }
    }
}

/// Gives the others a turn, once.
pub(crate) async fn turn() {
    struct Turn(bool);
    impl Future for Turn {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if self.0 {
                return Poll::Ready(());
            }
            self.0 = true;
            // Whoever gathers futures polls only those that called.
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Turn(false).await;
}
