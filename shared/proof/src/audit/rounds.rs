//! After the pass: looks at what did not agree, round after round, and the end.

use super::{Audit, LOOKS_AT_ONCE, NAMED_MAX, Phase, Progress, State, sketches::Sketches, suspects::Closed};
use crate::{
    entries::{Entry, Owner},
    looks::{self, Who},
    report::Span,
};
use chrono::{DateTime, Utc};
use store::{Store, StoreError};

impl Audit {
    /// All items are seen: whatever the sketches hold differs.
    pub(super) fn close_pass(&mut self) {
        let (books, dated) = self.state.sketches.take();
        self.state.phase = Phase::Looks { round: 1, after: None };
        if !(books.all && dated.all) {
            // Those that it could name are named again, each in its part.
            self.state.parts.extend(self.state.sketches.slice().parts());
            return;
        }
        let accounts = books.names.iter().filter_map(|name| match Owner::named(name) {
            Some(Owner::Account(id)) => Some(Who::Account(id)),
            Some(Owner::Day(_)) | None => None,
        });
        self.state.suspects.extend(accounts);
        dated.names.iter().filter_map(|name| Owner::named(name)).for_each(|owner| self.dated_differs(&owner));
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
    pub(super) async fn looks(
        &mut self,
        store: &Store,
        now: DateTime<Utc>,
        round: u32,
        after: Option<Who>,
    ) -> Result<Progress, StoreError> {
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
