//! A page of the pass.

use super::{
    Audit, Phase, State, Working,
    pass::{self, Desk, Found},
    sketches::Slice,
};
use crate::checks;
use programme::settings::Programme;
use store::{
    Store, StoreError,
    backend::{Item, Key, Scan, Table},
    records::line,
};

impl Audit {
    /// Whether this pass checks everything: one over a part of the books only names what differs in them.
    fn is_first(&self) -> bool {
        self.state.sketches.slice() == Slice::WHOLE
    }

    /// Reads a page of a table and checks what is on it.
    pub(super) async fn page(&mut self, store: &Store, index: usize, after: Option<(String, String)>) -> Result<(), StoreError> {
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

    pub(super) async fn programme(&mut self, store: &Store) -> Result<Programme, StoreError> {
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
}
