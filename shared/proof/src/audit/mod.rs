//! An audit as a row of steps: the pass over all items, then looks at what did not agree at first sight.

mod limits;
mod pass;
mod rows;
mod sketches;
mod suspects;

pub use limits::{Limits, Patience};

use crate::{
    checks::{self, attributions::Referral, rewards, usage},
    entries::{Entry, Owner},
    known::Known,
    looks::{self, Who},
    report::{Report, Span},
    sketch::Secret,
};
use chrono::{DateTime, NaiveDate, Utc};
use pass::{Desk, Found};
use programme::{
    plan::{Line, Subject},
    settings::Programme,
};
use rows::Rows;
use serde::{Deserialize, Serialize};
use sketches::{Sketches, Slice};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Store, StoreError,
    backend::{Item, Key, Scan, Table},
    keys,
    records::line,
};
use suspects::{Closed, Suspects};

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
            Phase::Pass { table, after } => self.page(store, table, after).await.map(|()| self.progress(now)),
            Phase::Looks { round, after } => self.looks(store, now, round, after).await,
            Phase::Done => Ok(Progress::Done),
        }
    }

    fn today(&self) -> NaiveDate {
        self.state.began.date_naive()
    }

    const fn progress(&self, _now: DateTime<Utc>) -> Progress {
        match self.state.phase {
            Phase::Pass { .. } | Phase::Looks { .. } => Progress::More,
            Phase::Done => Progress::Done,
        }
    }

    /// Whether this pass checks everything: one over a part of the books only names what differs in them.
    fn is_first(&self) -> bool {
        self.state.sketches.slice() == Slice::WHOLE
    }

    /// Reads a page of a table and checks what is on it.
    async fn page(&mut self, store: &Store, index: usize, after: Option<(String, String)>) -> Result<(), StoreError> {
        let Some(table) = Table::ALL.get(index).copied() else { return Ok(()) };
        if after.is_none() {
            self.working.programme = None;
            if table == Table::Accounts {
                self.working.known.begin();
            }
        }
        let programme = self.programme(store).await?;
        let after = after.map(|(pk, sk)| Key { table, pk, sk });
        let (items, next) = store.backend().scan(&Scan { table, after, limit: self.state.limits.page }).await?;
        self.state.items += u64::try_from(items.len()).unwrap_or(0);
        let found = self.check(store, &programme, (table, items, next.is_none())).await?;
        self.take_in(store, &programme, found).await?;
        self.state.phase = Phase::Pass { table: index, after: next.as_ref().map(|key| (key.pk.clone(), key.sk.clone())) };
        if next.is_none() {
            if table == Table::Accounts {
                self.working.known.end();
                self.compare_referrals(store).await?;
            }
            self.state.phase = Phase::Pass { table: index + 1, after: None };
            if index + 1 == Table::ALL.len() {
                self.close_pass();
            }
        }
        Ok(())
    }

    async fn programme(&mut self, store: &Store) -> Result<Programme, StoreError> {
        if let Some(programme) = &self.working.programme {
            return Ok(programme.clone());
        }
        let programme = store.programme_fresh().await?;
        self.working.programme = Some(programme.clone());
        Ok(programme)
    }

    async fn check(
        &mut self,
        store: &Store,
        programme: &Programme,
        (table, items, is_last): (Table, Vec<Item>, bool),
    ) -> Result<Found, StoreError> {
        let (mut found, today) = (Found::default(), self.today());
        let Working { known, rows, .. } = &mut self.working;
        let (seal_keys, began) = (store.seal_keys(), self.state.began);
        let State { limits, sketches, .. } = &mut self.state;
        let mut desk = Desk { seal_keys, programme, today, began, limits, sketches, known, found: &mut found };
        match table {
            Table::Accounts => items.iter().for_each(|item| desk.account(item)),
            Table::Referrals => {
                for item in &items {
                    checks::records::stays(table, item, &mut desk.found.report);
                    checks::records::of_referrals(item, &mut desk.found.report);
                }
            }
            Table::Ledger => {
                let mut ended = Vec::new();
                items.into_iter().for_each(|item| ended.extend(rows.take(item)));
                ended.extend(is_last.then(|| rows.close()).flatten());
                let mut opened = Vec::new();
                for partition in ended {
                    match line::subject(&partition.pk) {
                        Some(subject) => opened.push(desk.open(subject, partition)),
                        None => partition.items.iter().for_each(|item| {
                            checks::records::stays(table, item, &mut desk.found.report);
                            desk.marker(item);
                        }),
                    }
                }
                pass::read_before(store, &mut opened).await?;
                opened.into_iter().for_each(|one| desk.take(one));
            }
        }
        Ok(found)
    }

    /// Takes in what a page showed. Of a pass over a part of the books, only the sketches count.
    async fn take_in(&mut self, store: &Store, programme: &Programme, found: Found) -> Result<(), StoreError> {
        if !self.is_first() {
            return Ok(());
        }
        self.state.report.merge(found.report);
        self.state.suspects.extend(found.suspects);
        checks::sending::compare(store, &found.bound, &mut self.state.report).await?;
        self.working.referrals.extend(found.referrals);
        if self.working.referrals.len() > self.state.limits.accounts {
            self.compare_referrals(store).await?;
        }
        self.compare_rewards(store, programme, &found.newest).await?;
        self.compare_usage(store, programme, &found.newest).await
    }

    /// The newest lines of usages and of rewards by usage against the attributions of those who spent.
    async fn compare_usage(&mut self, store: &Store, programme: &Programme, lines: &[Line]) -> Result<(), StoreError> {
        lines.iter().for_each(|line| usage::looked(line, &mut self.state.report));
        let newest: Vec<_> = lines.iter().filter_map(|line| usage::Newest::of(line, programme)).collect();
        let most = self.state.limits.accounts;
        let known = &mut self.working.known;
        let accounts = usage::accounts(&newest);
        known.load(store, accounts.clone(), most).await?;
        let referrers: Vec<_> = newest.iter().filter_map(|one| one.referrer(known).cloned()).collect();
        known.load(store, accounts.into_iter().chain(&referrers).collect(), most).await?;
        let wrong = newest.iter().filter(|one| !one.faults(known, programme).is_empty());
        let suspects = wrong.filter_map(|one| match &one.line.subject {
            Subject::Usage(id) => Some(Who::Usage(id.clone())),
            Subject::UsageReward(id) => Some(Who::UsageReward(id.clone())),
            Subject::Purchase(_) | Subject::Rental(_) | Subject::Payout(_) => None,
        });
        self.state.suspects.extend(suspects);
        Ok(())
    }

    /// The newest lines of purchases against the attributions of their buyers.
    async fn compare_rewards(&mut self, store: &Store, programme: &Programme, lines: &[Line]) -> Result<(), StoreError> {
        let most = self.state.limits.accounts;
        let known = &mut self.working.known;
        let newest: Vec<_> = lines.iter().filter_map(rewards::Newest::of).collect();
        let buyers: BTreeSet<_> = newest.iter().filter_map(|one| one.state.buyer()).collect();
        known.load(store, buyers.clone(), most).await?;
        let credited = |id| known.attribution(id).and_then(|made| made.earning()).map(|credit| credit.referrer.clone());
        let referrers: Vec<_> = buyers.iter().filter_map(|id| credited(id)).collect();
        known.load(store, buyers.into_iter().chain(&referrers).collect(), most).await?;
        let mut flagged = Vec::new();
        for one in newest {
            rewards::looked(&one.line.subject, &mut self.state.report);
            let Subject::Purchase(purchase) = &one.line.subject else { continue };
            if !one.faults(&one.target(known, programme)).is_empty() {
                self.state.suspects.extend([Who::Purchase(purchase.clone())]);
            } else if one.is_flagged(programme) {
                flagged.push((keys::flag(purchase), purchase.clone()));
            }
        }
        // Purchases with contradicting facts are few: their markers are read by key.
        for flagged in flagged.chunks(100) {
            let wanted: Vec<Key> = flagged.iter().map(|(key, _)| key.clone()).collect();
            let marked: BTreeMap<Key, Item> = store.backend().get_many(&wanted, true).await?.into_iter().collect();
            let unmarked = flagged.iter().filter(|(key, _)| !marked.contains_key(key));
            self.state.suspects.extend(unmarked.map(|(_, purchase)| Who::Purchase(purchase.clone())));
        }
        Ok(())
    }

    /// Referrals against the signups of their referrers.
    async fn compare_referrals(&mut self, store: &Store) -> Result<(), StoreError> {
        let Working { known, referrals, .. } = &mut self.working;
        for referrals in std::mem::take(referrals).chunks(100) {
            known.load(store, referrals.iter().map(|referral| &referral.referrer).collect(), self.state.limits.accounts).await?;
            let out_of_order = referrals.iter().filter(|referral| !referral.is_in_order(known.attribution(&referral.referrer)));
            self.state.suspects.extend(out_of_order.map(|referral| Who::Referral(referral.referee.clone())));
        }
        Ok(())
    }

    /// All items are seen: whatever the sketches hold differs.
    fn close_pass(&mut self) {
        let (books, dated) = self.state.sketches.take();
        let all = books.all && dated.all;
        for owner in books.names.iter().filter_map(|name| Owner::named(name)) {
            if let Owner::Account(id) = owner {
                self.state.suspects.extend([Who::Account(id)]);
            }
        }
        for owner in dated.names.iter().filter_map(|name| Owner::named(name)) {
            self.dated_differs(&owner);
        }
        if !all {
            self.state.parts.extend(self.state.sketches.slice().parts());
        }
        self.state.phase = Phase::Looks { round: 1, after: None };
    }

    /// What bears a date stood still while it was read, so that nothing has to be looked at again.
    fn dated_differs(&mut self, owner: &Owner) {
        let report = &mut self.state.report;
        match owner {
            Owner::Account(id) => {
                let fault = "the signups in its months are not those of the accounts that it is credited with";
                report.violation(Entry::Referrals.invariant(), &format!("account#{id}/n"), fault);
            }
            Owner::Day(day) => {
                let fault = "it is not the sum of what was approved in lines of that day";
                report.violation(Entry::Approved.invariant(), &format!("approved#{day}/-"), fault);
            }
        }
    }

    /// Looks at a few of those whose items did not agree at first sight.
    async fn looks(&mut self, store: &Store, now: DateTime<Utc>, round: u32, after: Option<Who>) -> Result<Progress, StoreError> {
        if after.is_none() {
            self.working.programme = None;
        }
        let programme = self.programme(store).await?;
        let few = self.state.suspects.after(after.as_ref(), LOOKS_AT_ONCE);
        let Some(last) = few.last().cloned() else { return Ok(self.end_round(now, round)) };
        let looks = few.iter().map(|who| looks::look(store, &programme, who, now.date_naive()));
        let verdicts = futures::future::try_join_all(looks).await?;
        for (who, verdict) in few.into_iter().zip(verdicts) {
            self.state.looked_again += 1;
            if let Some(convicted) = self.state.suspects.judge(&who, verdict, &self.state.patience) {
                self.state.report.merge(convicted);
            }
        }
        self.state.phase = Phase::Looks { round, after: Some(last) };
        Ok(Progress::More)
    }

    fn end_round(&mut self, now: DateTime<Utc>, round: u32) -> Progress {
        if self.state.suspects.are_to_be_seen_again(round, &self.state.patience) {
            self.state.phase = Phase::Looks { round: round + 1, after: None };
            return Progress::Wait;
        }
        let Closed { not_checked } = self.state.suspects.close();
        self.state.report.not_checked.extend(not_checked);
        match self.state.parts.pop() {
            Some(part) if self.state.report.violations() < NAMED_MAX => {
                let before = self.state.patience.dated_before(self.state.began);
                self.state.sketches = Sketches::new(self.state.secret, self.state.limits.width, part, before);
                self.state.phase = Phase::Pass { table: 0, after: None };
                self.working.rows.resume(None);
                Progress::More
            }
            unnamed => {
                if unnamed.is_some() {
                    self.state.report.not_checked.insert("differences_beyond_these".into(), "more differ than one audit names".into());
                }
                self.end(now);
                Progress::Done
            }
        }
    }

    fn end(&mut self, now: DateTime<Utc>) {
        let State { began, items, looked_again, .. } = self.state;
        self.state.report.span = Some(Span { from: began, until: now.max(began), items, looked_again });
        self.state.phase = Phase::Done;
    }
}
