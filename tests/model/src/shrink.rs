//! A failing history made small: steps are taken away as long as it still fails, in some order of turns.

use crate::{history::History, random::Random, run::Outcome};

/// Histories run at most while one is made smaller.
const RUNS_MAX: u32 = 4_000;
/// Orders of turns that a smaller history is tried in: a race may need another one than before.
const ORDERS: u32 = 12;

/// What is tried, and how often still.
pub struct Shrinker<'a> {
    run: &'a dyn Fn(&History) -> Outcome,
    left: u32,
}

impl<'a> Shrinker<'a> {
    /// Makes histories smaller that fail when run so.
    #[must_use]
    pub const fn new(run: &'a dyn Fn(&History) -> Outcome) -> Self {
        Self { run, left: RUNS_MAX }
    }

    /// The smallest failing history found; the same one where it does not fail at all.
    #[must_use]
    pub fn shrink(&mut self, history: &History) -> History {
        let mut small = history.clone();
        let mut chunk = small.steps.len().div_ceil(2);
        while chunk > 0 {
            let mut from = 0;
            let mut removed = false;
            while from < small.steps.len() {
                let mut candidate = small.clone();
                candidate.steps.drain(from..(from + chunk).min(small.steps.len()));
                match self.fails(&candidate) {
                    Some(failing) => (small, removed) = (failing, true),
                    None => from += chunk,
                }
            }
            if !removed || chunk > 1 {
                chunk /= 2;
            }
        }
        self.calm(small)
    }

    /// Takes away what is not needed of the weather, and of the crowd.
    fn calm(&mut self, mut small: History) -> History {
        let calmer: [fn(&mut History); 10] = [
            |history| history.weather.stall = 0,
            |history| history.weather.slow = 0,
            |history| history.weather.store = 0,
            |history| history.weather.queue = 0,
            |history| history.weather.crash = 0,
            |history| history.weather.twice = 0,
            |history| history.weather.rail = 0,
            |history| history.weather.outage = 0,
            |history| history.weather.behind = 0,
            |history| history.width = 2,
        ];
        for calm in calmer {
            let mut candidate = small.clone();
            calm(&mut candidate);
            if candidate != small
                && let Some(failing) = self.fails(&candidate)
            {
                small = failing;
            }
        }
        small
    }

    /// The history with an order of turns in which it fails.
    fn fails(&mut self, candidate: &History) -> Option<History> {
        if candidate.steps.is_empty() {
            return None;
        }
        let mut orders = Random::new(candidate.order);
        let mut candidate = candidate.clone();
        for _ in 0..ORDERS {
            self.left = self.left.checked_sub(1)?;
            if !(self.run)(&candidate).violations.is_empty() {
                return Some(candidate);
            }
            candidate.order = orders.word();
        }
        None
    }
}
