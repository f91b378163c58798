//! Runs of payouts.

use super::{ListPage, Store, lists::Part};
use crate::{
    CommitError, Lost, StoreError,
    backend::{Index, Query, Table, Write},
    keys,
    records::run::{RUN_MAX, Run, RunHead},
};
use chrono::{DateTime, Utc};
use programme::{payout::RunId, plan::Plan};

/// What became of ordering a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunOrdered {
    /// It stands, with its frozen list.
    Created,
    /// One stands under this id already: the same request where the digests are equal, else another.
    Exists(Box<Run>),
}

impl Store {
    /// Writes a run with its list, and `beside` (the act's trail) with it, where none stands under its id.
    ///
    /// # Errors
    /// [`CommitError::Lost`] for something of `beside`, with its place there; busy; a list that is too long is rejected.
    pub async fn create_run(&self, run: &Run, beside: &[Write]) -> Result<RunOrdered, CommitError> {
        if run.payouts.len() > RUN_MAX || run.left_out.len() > RUN_MAX {
            return Err(CommitError::Rejected(format!("more than {RUN_MAX} payouts in a run")));
        }
        if self.seal_keys.is_none() {
            return Err(CommitError::Rejected("no key to seal a run with".into()));
        }
        let mut writes = beside.to_vec();
        writes.extend(run.create(&self.seal_keys));
        match self.commit_with(&Plan::default(), &writes).await {
            Ok(()) => Ok(RunOrdered::Created),
            Err(CommitError::Lost(lost)) if lost.iter().any(|lost| matches!(lost, Lost::Beside(place) if *place >= beside.len())) => {
                match self.run(&run.head.id).await {
                    Ok(Some(found)) => Ok(RunOrdered::Exists(Box::new(found))),
                    Ok(None) => Err(CommitError::Busy("a run that stands is not found".into())),
                    Err(StoreError::Unavailable(reason)) => Err(CommitError::Busy(reason)),
                    Err(error @ (StoreError::Corrupt { .. } | StoreError::Rejected(_))) => Err(CommitError::Rejected(error.to_string())),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// A run with its list, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, StoreError> {
        let mut query = Query {
            table: Table::Ledger,
            index: None,
            pk: keys::run_partition(id),
            from: "head".into(),
            to: keys::LAST.into(),
            backward: false,
            limit: 100,
            after: None,
            consistent: true,
        };
        let mut items = Vec::new();
        loop {
            let page = self.backend.query(&query).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Run::read(&items),
            }
        }
    }

    /// Who ordered a run and whether it is done, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_head(&self, id: &RunId) -> Result<Option<RunHead>, StoreError> {
        self.backend.get(&keys::run(id), true).await?.as_ref().map(RunHead::read).transpose()
    }

    /// The runs that are open, or those that are done, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn runs(&self, open: bool, before: Option<&str>, limit: u32) -> Result<ListPage<RunHead>, StoreError> {
        let pk = if open { keys::RUNS_OPEN } else { keys::RUNS_CLOSED };
        self.page(&Part { index: Index::ByStatus, pk, from: "0", to: keys::LAST, before, limit }, RunHead::read).await
    }

    /// Closes a run; false where it was closed before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn close_run(&self, run: &RunHead, at: DateTime<Utc>) -> Result<bool, StoreError> {
        if self.seal_keys.is_none() {
            return Err(StoreError::Rejected("no key to seal a run with".into()));
        }
        self.stood(run.close(at, &self.seal_keys)).await
    }
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
