//! Each deliberate bug, and how many histories it takes to find it.

use crate::{
    batch::{seed_of, with_timer},
    bugs::LayerBug,
    generate::generate,
    history::History,
    run::{Outcome, run},
};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// A bug that is not found in so many histories is not found.
const HISTORIES_MAX: u64 = 10_000;

/// A deliberate bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Below the functions.
    Layer(LayerBug),
    /// In the rules.
    #[cfg(feature = "bugs")]
    Rule(programme::bug::Bug),
}

/// What came of a bug.
#[derive(Debug, Clone)]
pub struct Caught {
    /// Which.
    pub bug: Bug,
    /// After how many histories, by which seed and by what sign; none where it was not found.
    pub found: Option<(u64, u64, String)>,
}

impl Bug {
    /// All that this build has.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let layers = LayerBug::ALL.map(Self::Layer);
        #[cfg(feature = "bugs")]
        let all = layers.into_iter().chain(programme::bug::Bug::ALL.map(Self::Rule)).collect();
        #[cfg(not(feature = "bugs"))]
        let all = layers.into();
        all
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Layer(bug) => bug.words(),
            #[cfg(feature = "bugs")]
            Self::Rule(bug) => bug.words(),
        }
    }

    /// Runs a history with the bug.
    #[must_use]
    pub fn run(self, history: &History, told: bool) -> Outcome {
        match self {
            Self::Layer(bug) => run(history, told, Some(bug)),
            #[cfg(feature = "bugs")]
            Self::Rule(bug) => crate::run::run_with_rules(history, told, bug),
        }
    }

    fn catch(self, seed: u64) -> Caught {
        let found = (0..HISTORIES_MAX).find_map(|place| {
            let seed = seed_of(seed, place);
            let outcome = self.run(&generate(seed), false);
            Some((place + 1, seed, outcome.violations.into_iter().next()?))
        });
        Caught { bug: self, found }
    }
}

/// Runs histories with each bug until it is found; `tell` hears of each as soon as it is.
#[must_use]
pub fn catch_all(bugs: &[Bug], seed: u64, jobs: usize, tell: &(dyn Fn(&Caught) + Sync)) -> Vec<Caught> {
    let (next, caught) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        with_timer(|| {
            while let Some((place, bug)) = Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|place| Some((place, bugs.get(place)?))) {
                let one = bug.catch(seed);
                tell(&one);
                caught.lock().unwrap_or_else(PoisonError::into_inner).push((place, one));
            }
        });
    };
    thread::scope(|scope| (0..jobs.max(1)).for_each(|_| drop(scope.spawn(work))));
    let mut caught = caught.into_inner().unwrap_or_else(PoisonError::into_inner);
    caught.sort_by_key(|(place, _)| *place);
    caught.into_iter().map(|(_, one)| one).collect()
}
