//! Who has the turn: handlers in flight, the next step of the history, the queue, or time itself.
//! One thread, one order, drawn from the seed.

mod receive;
mod rest;

use crate::{
    clock::time,
    history::{Act, History},
    queue::{ModelQueue, Received, SPARED_FROM},
    random::Random,
    tally::Fault,
    telling::Way,
    world::{Done, Work, World},
};
use rest::Rest;
use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

/// Turns after which a history that has not come to rest never will.
const TURNS_MAX: u64 = 60_000;
/// Batches handled at once, as the template says.
const WORKERS_MAX: usize = 4;
/// The functions' timeouts, as the template says, in milliseconds.
const HTTP_TIMEOUT_MS: i64 = 10_000;
const ACCRUAL_TIMEOUT_MS: i64 = 20_000;
const WORKER_TIMEOUT_MS: i64 = 60_000;
/// How long a processor waits before it posts an event again.
const POSTED_AGAIN_MS: i64 = 60_000;

enum Origin {
    Act(Act),
    Batch(Lane, Received),
}

/// Which queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Facts,
    Errands,
}

impl Lane {
    const ALL: [Self; 2] = [Self::Facts, Self::Errands];

    fn queue(self, world: &World) -> &ModelQueue {
        match self {
            Self::Facts => &world.queue,
            Self::Errands => &world.errands,
        }
    }
}

struct Task {
    number: u32,
    name: String,
    origin: Origin,
    work: Work,
    ends_ms: i64,
    /// The turn in which it began.
    began: u64,
    met: u32,
    /// For how many turns of others it is still left aside.
    aside: u32,
}

impl Task {
    /// Whether the model may end it before its time.
    fn is_spared(&self) -> bool {
        matches!(&self.origin, Origin::Batch(_, received) if received.receives >= SPARED_FROM)
    }
}

/// Runs a history to its rest.
pub struct Scheduler<'a> {
    world: &'a mut World,
    random: Random,
    steps: VecDeque<(i64, Act)>,
    tasks: Vec<Task>,
    width: usize,
    numbered: u32,
    last: Option<u32>,
    draining: bool,
    rest: Rest,
}

impl<'a> Scheduler<'a> {
    /// Ready to run.
    #[must_use]
    pub fn new(history: &History, world: &'a mut World, random: Random) -> Self {
        let steps = history.steps.iter().map(|step| (step.at.timestamp_millis(), step.act.clone())).collect();
        let (tasks, width, rest) = (Vec::new(), history.width, Rest::default());
        Self { world, random, steps, tasks, width, numbered: 0, last: None, draining: false, rest }
    }

    /// Runs until nothing is left: no step, no handler, no message. At the end, faults stop.
    pub fn run(&mut self) {
        let mut turns = 0;
        while self.once() || self.bring_to_rest() {
            turns += 1;
            if turns > TURNS_MAX {
                self.world.control.violation("it does not come to rest");
                return;
            }
            if self.steps.is_empty() && !self.draining {
                self.draining = true;
                let mut state = self.world.control.state();
                (state.weather, state.away) = (crate::history::Weather::default(), 0);
                drop(state);
                self.world.control.tell(|| "from here on nothing goes wrong any more".into());
            }
        }
    }

    fn once(&mut self) -> bool {
        let now = self.world.control.clock.millis();
        let can_start = self.tasks.len() < self.width && self.steps.front().is_some_and(|(at, _)| *at <= now);
        let all_aside = self.tasks.iter().all(|task| task.aside > 0);
        let choice = self.random.below(100);
        // Whether there are messages matters now and then, and where nobody is at work.
        let lane = if choice >= 88 || all_aside { self.lane() } else { None };
        let can_receive = lane.is_some();
        if self.tasks.is_empty() && !can_start && !can_receive {
            return self.advance(now);
        }
        if can_start && (choice < 40 || (all_aside && !can_receive)) {
            self.start();
        } else if let Some(lane) = lane {
            self.receive(lane);
        } else if all_aside && !self.tasks.is_empty() && self.random.chance(300) {
            self.wait_for_a_message(now);
        } else if !self.tasks.is_empty() {
            self.give_turn();
        }
        true
    }

    /// Nothing can be done now: on to the next step or message. False at the very end.
    fn advance(&mut self, now: i64) -> bool {
        let step = self.steps.front().map(|(at, _)| *at);
        let message = self.next_visible_ms();
        if let Some(at) = step.and_then(|step| self.sweep_before(now, step)) {
            self.world.control.clock.reach(at);
            return true;
        }
        // Sometimes the queue stands still while life goes on.
        let next = match (step, message) {
            (Some(step), Some(message)) if !self.random.chance(150) => Some(step.min(message)),
            (Some(step), _) => Some(step),
            (None, message) => message,
        };
        let Some(next) = next else { return false };
        self.world.control.clock.reach(next.max(now));
        true
    }

    /// Every handler is left aside: some seconds go by, until a message that was kept back can be had.
    fn wait_for_a_message(&self, now: i64) {
        let soon = self.next_visible_ms().filter(|at| *at - now < HTTP_TIMEOUT_MS);
        if let Some(at) = soon {
            self.world.control.clock.reach(at);
        }
    }

    fn skew(&mut self) -> i64 {
        if self.random.chance(500) { 0 } else { self.random.between(-2_000, 2_000) }
    }

    fn start(&mut self) {
        let Some((_, act)) = self.steps.pop_front() else { return };
        let clock = self.world.control.clock.millis();
        let now = time(clock + self.skew());
        self.numbered += 1;
        let told = self.world.control.state().story.is_some();
        let name = if told { format!("#{} {}", self.numbered, short(&act)) } else { String::new() };
        self.take_turn(&name, (self.numbered, 0), (0, false));
        self.world.control.tell(|| act.to_string());
        self.world.control.state().tally.operation(act.kind());
        if let Some(work) = self.world.begin(&act, now) {
            let timeout = if act == Act::Sweep { WORKER_TIMEOUT_MS } else { HTTP_TIMEOUT_MS };
            self.tasks.push(Task {
                number: self.numbered,
                name,
                origin: Origin::Act(act),
                work,
                ends_ms: clock + timeout,
                began: self.world.control.state().tally.turns,
                met: 0,
                aside: 0,
            });
        }
    }

    fn take_turn(&self, name: &str, task: (u32, u64), (met, sends_hold): (u32, bool)) {
        let mut state = self.world.control.state();
        if state.story.is_some() {
            name.clone_into(&mut state.turn);
        }
        (state.task, state.met, state.sends_hold) = (task, met, sends_hold);
    }

    /// One of those that are not left aside; now and then it is left aside after its turn.
    fn whose_turn(&mut self) -> usize {
        let awake: Vec<usize> = self.tasks.iter().enumerate().filter(|(_, task)| task.aside == 0).map(|(place, _)| place).collect();
        let place = if awake.is_empty() { self.random.index(self.tasks.len()) } else { self.random.pick(&awake, 0) };
        self.tasks.iter_mut().for_each(|task| task.aside = task.aside.saturating_sub(1));
        let stall = self.world.control.state().weather.stall;
        if stall > 0
            && self.random.chance(stall)
            && let Some(task) = self.tasks.get_mut(place)
        {
            task.aside = 5 + u32::try_from(self.random.below(60)).unwrap_or(0);
        }
        place
    }

    fn give_turn(&mut self) {
        let place = self.whose_turn();
        let Some(task) = self.tasks.get_mut(place) else { return };
        let number = task.number;
        let spared = task.is_spared();
        let (met, began, name) = (task.met, task.began, std::mem::take(&mut task.name));
        self.take_turn(&name, (number, began), (met, spared));
        let last = self.last.replace(number);
        let another = last.is_some_and(|last| last != number && self.tasks.iter().any(|task| task.number == last));
        let crash = {
            let mut state = self.world.control.state();
            state.tally.turns += 1;
            state.tally.interleavings += u64::from(another);
            let often = state.weather.crash;
            !spared && often > 0 && state.random.chance(often)
        };
        let late = !spared && self.world.control.clock.millis() > self.tasks.get(place).map_or(i64::MAX, |task| task.ends_ms);
        if crash || late {
            self.die(place, if crash { Fault::Crash } else { Fault::Timeout });
        } else if let Some(task) = self.tasks.get_mut(place) {
            task.name = name;
            match task.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => task.met = self.world.control.state().met,
                Poll::Ready(done) => self.finish(place, done),
            }
        }
        self.pass_time();
    }

    fn pass_time(&mut self) {
        let slow = self.world.control.state().weather.slow;
        let millis = match self.random.below(1_000) {
            0 if slow > 0 => self.random.between(3_000, 12_000),
            draw if draw < slow => self.random.between(200, 3_000),
            ..400 => self.random.between(0, 30),
            _ => 0,
        };
        self.world.control.clock.pass(millis);
    }

    /// The handler is gone, with all that it knew. Its messages come again; what a processor posted is posted again.
    fn die(&mut self, place: usize, how: Fault) {
        let task = self.tasks.swap_remove(place);
        self.world.control.state().tally.fault(how);
        self.world.control.tell(|| how.words().to_owned());
        if let Origin::Act(act) = task.origin {
            self.again(&act, true);
        }
    }

    fn again(&mut self, act: &Act, crashed: bool) {
        let by_webhook = matches!(act, Act::Tell { way: Way::Stripe | Way::Platform, .. });
        let patient = by_webhook || self.random.chance(if crashed { 400 } else { 600 });
        if patient && (by_webhook || !self.draining) {
            let at = self.world.control.clock.millis() + if by_webhook { POSTED_AGAIN_MS } else { self.random.between(0, 5_000) };
            let place = self.steps.iter().position(|(other, _)| *other > at).unwrap_or(self.steps.len());
            self.steps.insert(place, (at, act.clone()));
        }
    }

    fn finish(&mut self, place: usize, done: Done) {
        let task = self.tasks.swap_remove(place);
        let met = self.world.control.state().met;
        match (task.origin, done) {
            (Origin::Act(act), Done::Reply(status, body, cookies)) => {
                *self.world.control.state().tally.answers.entry((act.kind(), status)).or_default() += 1;
                self.world.control.tell(|| format!("is answered {status} {body}"));
                if let Some(wrong) = self.world.answered(&act, status, &body, &cookies, met) {
                    self.world.control.violation(wrong);
                }
                if status >= 500 {
                    self.again(&act, false);
                }
            }
            (Origin::Batch(lane, received), Done::Batch(failed)) => {
                self.world.control.tell(|| if failed.is_empty() { "all done".into() } else { format!("gives back {}", failed.join(", ")) });
                lane.queue(self.world).acknowledge(&received, &failed);
            }
            (Origin::Act(_), Done::Batch(_)) | (Origin::Batch(..), Done::Reply(..)) => {}
        }
    }
}

fn short(act: &Act) -> &'static str {
    match act {
        Act::Visit { .. } => "click",
        Act::SignUp { .. } => "signup",
        Act::Tell { way: Way::Queue, .. } | Act::Poison { .. } => "queue",
        Act::Tell { .. } => "webhook",
        Act::Destination { .. } | Act::Request { .. } | Act::Cancel { .. } | Act::Billing { .. } => "payouts",
        Act::Approve { .. } | Act::Reject { .. } | Act::Rate { .. } | Act::Programme { .. } | Act::Review { .. } => "finance",
        Act::OrderRun { .. } | Act::PayNow { .. } | Act::Switch { .. } => "finance",
        Act::Sweep => "worker",
        Act::Course { .. } | Act::Hint { .. } => "a rail",
    }
}
