//! Reconciliations with the rails.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::{Index, Query, Table},
    keys,
    records::{
        reconciliation::{Reconciliation, ReconciliationHead},
        time,
    },
};
use chrono::NaiveDate;

impl Store {
    /// Keeps what a reconciliation found, in the place of an earlier one of the same day. The same again changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]: then the one before still stands.
    pub async fn put_reconciliation(&self, found: &Reconciliation) -> Result<(), StoreError> {
        for write in found.writes() {
            self.backend.write(&[write]).await?;
        }
        Ok(())
    }

    /// What the reconciliation of a day found, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reconciliation(&self, day: NaiveDate) -> Result<Option<Reconciliation>, StoreError> {
        let day = day.to_string();
        let Some(item) = self.backend.get(&keys::reconciliation(&day), true).await? else { return Ok(None) };
        let head = ReconciliationHead::read(&item)?;
        let at = time(head.ran_at);
        let mut query = Query {
            table: Table::Ledger,
            index: None,
            pk: keys::reconciliation_partition(&day),
            from: format!("{at}#"),
            to: format!("{at}#{}", keys::LAST),
            backward: false,
            limit: 100,
            after: None,
            consistent: true,
        };
        let mut parts = Vec::new();
        loop {
            let page = self.backend.query(&query).await?;
            parts.extend(page.items);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Reconciliation::read(head, &parts).map(Some),
            }
        }
    }

    /// The days that were reconciled, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reconciliations(&self, before: Option<&str>, limit: u32) -> Result<ListPage<ReconciliationHead>, StoreError> {
        let part = Part { index: Index::ByStatus, pk: keys::RECONCILIATIONS, from: "0", to: keys::LAST, before, limit };
        self.page(&part, ReconciliationHead::read).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::records::reconciliation::{Finding, FindingKind};
    use ledger::{KeyRing, Rail};

    fn found(count: usize, hour: u32) -> Reconciliation {
        let finding = |number: usize| Finding {
            kind: FindingKind::ALL[number % FindingKind::ALL.len()],
            rail: Rail::ALL[number % Rail::ALL.len()],
            payout_id: number.is_multiple_of(2).then(|| "pay_4YGQGXK5VRGSQN7XQD252HFMW1".parse().unwrap()),
            reference: number.is_multiple_of(3).then(|| format!("tr_{number}")),
            detail: "é".repeat(number),
        };
        let ran_at = format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap();
        Reconciliation::new("2026-11-21".parse().unwrap(), ran_at, (1000, 999), (0..count).map(finding).collect())
    }

    #[tokio::test]
    async fn a_report_of_any_length_reads_back_and_a_later_one_takes_its_place() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let day = "2026-11-21".parse().unwrap();
        assert_eq!(store.reconciliation(day).await.unwrap(), None);
        for (count, hour) in [(950, 1), (400, 2), (0, 3)] {
            let report = found(count, hour);
            for _ in 0..2 {
                store.put_reconciliation(&report).await.unwrap();
            }
            assert_eq!(store.reconciliation(day).await.unwrap(), Some(report.clone()), "{count}");
            let listed = store.reconciliations(None, 10).await.unwrap();
            assert_eq!(listed.entries.into_iter().map(|listed| listed.entry).collect::<Vec<_>>(), [report.head]);
        }
        assert_eq!(memory.dump().len(), 5, "three parts, one part and one head");
        let cut = found(950, 1).findings.into_iter().map(|finding| finding.detail.chars().count()).max();
        assert_eq!(cut, Some(300));
    }

    #[tokio::test]
    async fn what_is_not_whole_is_not_read() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let report = found(401, 1);
        store.put_reconciliation(&report).await.unwrap();
        memory.tamper(&keys::reconciliation_part("2026-11-21", &time(report.head.ran_at), 1), |item| *item = None);
        assert!(matches!(store.reconciliation(report.head.day).await, Err(StoreError::Corrupt { .. })));
    }
}
