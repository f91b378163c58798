//! An audit as a row of steps: the pass over all items, then looks at what did not agree at first sight.

mod compare;
mod limits;
mod page;
mod pass;
mod rounds;
mod rows;
mod sketches;
mod suspects;

pub use limits::{Limits, Patience};

use crate::{
    checks::{self, attributions::Referral},
    known::Known,
    looks::Who,
    report::Report,
    sketch::Secret,
};
use chrono::{DateTime, NaiveDate, Utc};
use programme::settings::Programme;
use rows::Rows;
use serde::{Deserialize, Serialize};
use sketches::{Sketches, Slice};
use store::{
    Store, StoreError,
    backend::{Key, Table},
};
use suspects::Suspects;

/// Looks made at once.
const LOOKS_AT_ONCE: usize = 8;

/// Violations after which no further part of the books is gone through for names alone.
const NAMED_MAX: u64 = 1_000;

/// What is to be done after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The next step.
    More,
    /// The next step, after a pause in which what is under way comes to its end.
    Wait,
    /// Nothing: the report is ready.
    Done,
}

/// How much an audit holds in memory: each part has a bound, whatever the size of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Numbers of the sketches, of 8 bytes each.
    pub numbers: usize,
    /// Accounts, and referrals of accounts.
    pub accounts: usize,
    /// Items of a partition whose end has not come.
    pub items: usize,
    /// Those that are to be looked at again.
    pub suspects: usize,
}

/// Where an audit stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Phase {
    /// In the pass, at this table of [`Table::ALL`] and after this item of it.
    Pass {
        table: usize,
        after: Option<(String, String)>,
    },
    /// Looking again, in this round and after this one.
    Looks {
        round: u32,
        after: Option<Who>,
    },
    Done,
}

/// What of an audit outlives a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    began: DateTime<Utc>,
    limits: Limits,
    patience: Patience,
    phase: Phase,
    secret: Secret,
    sketches: Sketches,
    /// Parts of the books that are still to be gone through, since one sketch could not name all that differs.
    parts: Vec<Slice>,
    suspects: Suspects,
    report: Report,
    items: u64,
    looked_again: u64,
}

/// What of an audit is read anew in each process.
#[derive(Debug, Default)]
struct Working {
    known: Known,
    programme: Option<Programme>,
    rows: Rows,
    referrals: Vec<Referral>,
}

/// An audit under way. After an error it is to be dropped: one goes on from where it was kept last.
#[derive(Debug)]
pub struct Audit {
    state: State,
    working: Working,
}

impl Audit {
    /// Begins an audit at `now`.
    #[must_use]
    pub fn begin(store: &Store, now: DateTime<Utc>, limits: Limits, patience: Patience) -> Self {
        let secret = Secret::of(&store.seal_keys().sign("audit-sketch", now.to_rfc3339().as_bytes()).mac);
        let sketches = Sketches::new(secret, limits.width, Slice::WHOLE, patience.dated_before(now));
        let state = State {
            began: now,
            limits,
            patience,
            phase: Phase::Pass { table: 0, after: None },
            secret,
            sketches,
            parts: Vec::new(),
            suspects: Suspects::default(),
            report: checks::blank(),
            items: 0,
            looked_again: 0,
        };
        Self { state, working: Working::default() }
    }

    /// When it began.
    #[must_use]
    pub const fn began(&self) -> DateTime<Utc> {
        self.state.began
    }

    /// How much it holds.
    #[must_use]
    pub fn held(&self) -> Held {
        Held {
            numbers: self.state.sketches.numbers(),
            accounts: self.working.known.len() + self.working.referrals.len(),
            items: self.working.rows.held(),
            suspects: self.state.suspects.len(),
        }
    }

    /// The report, once a step was [`Progress::Done`]; before that what has been found so far.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.state.report
    }

    /// Everything that another process needs to go on, as one text.
    ///
    /// # Errors
    /// [`StoreError`] where what is half seen can't be brought to its end.
    pub async fn keep(&mut self, store: &Store) -> Result<String, StoreError> {
        self.compare_referrals(store).await?;
        let mut state = self.state.clone();
        if let Phase::Pass { table, after } = &mut state.phase
            && Table::ALL.get(*table) == Some(&Table::Ledger)
        {
            // A partition that is only half seen is read again from its first item.
            *after = self.working.rows.done_up_to().map(|key| (key.pk.clone(), key.sk.clone()));
            state.items = state.items.saturating_sub(u64::try_from(self.working.rows.held()).unwrap_or(0));
        }
        serde_json::to_string(&state).map_err(|error| StoreError::Rejected(error.to_string()))
    }

    /// Goes on from a kept text.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it does not read.
    pub fn resume(text: &str) -> Result<Self, StoreError> {
        let corrupt = |error: serde_json::Error| StoreError::Corrupt { key: "audit".into(), reason: error.to_string() };
        let state: State = serde_json::from_str(text).map_err(corrupt)?;
        let mut working = Working::default();
        if let Phase::Pass { table, after: Some((pk, sk)) } = &state.phase
            && Table::ALL.get(*table) == Some(&Table::Ledger)
        {
            working.rows.resume(Some(Key { table: Table::Ledger, pk: pk.clone(), sk: sk.clone() }));
        }
        Ok(Self { state, working })
    }

    /// One step: a page of items, or a few looks.
    ///
    /// # Errors
    /// [`StoreError`] where the tables can't be read.
    pub async fn step(&mut self, store: &Store, now: DateTime<Utc>) -> Result<Progress, StoreError> {
        match self.state.phase.clone() {
            Phase::Pass { table, after } => self.page(store, table, after).await.map(|()| Progress::More),
            Phase::Looks { round, after } => self.looks(store, now, round, after).await,
            Phase::Done => Ok(Progress::Done),
        }
    }

    fn today(&self) -> NaiveDate {
        self.state.began.date_naive()
    }
}
