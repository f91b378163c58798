//! Purchases whose facts contradict each other: those that nobody has decided about, and each of them.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::Index,
    keys,
    records::flag::{self, Flagged},
};
use programme::fact::PurchaseId;

impl Store {
    /// A flagged purchase, decided or not, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flag(&self, purchase: &PurchaseId) -> Result<Option<Flagged>, StoreError> {
        self.backend.get(&keys::flag(purchase), true).await?.as_ref().map(flag::read).transpose()
    }

    /// The flagged purchases that wait for a decision, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn flagged(&self, before: Option<&str>, limit: u32) -> Result<ListPage<Flagged>, StoreError> {
        self.page(&Part { index: Index::ByStatus, pk: keys::FLAGGED, from: "0", to: keys::LAST, before, limit }, flag::read).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        backend::{Reason, WriteError},
        records::flag::{DecidedFlag, FlagDecision},
    };
    use ledger::KeyRing;
    use programme::purchase::Flag;

    fn flagged(line: u32) -> Flagged {
        let (purchase, at) = ("stripe:pi_1".parse().unwrap(), "2026-11-21T10:00:00Z".parse().unwrap());
        Flagged { purchase, flags: [Flag::OverRefunded].into(), line, at, decided: None }
    }

    #[tokio::test]
    async fn a_decision_closes_it_and_a_further_contradiction_opens_it_again() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let open = async || store.flagged(None, 10).await.unwrap().entries.len();
        let decided = DecidedFlag {
            decision: FlagDecision::Accept,
            by: "fin1".parse().unwrap(),
            at: "2026-11-22T10:00:00Z".parse().unwrap(),
            reason: "seen".into(),
        };
        let close = |known: &Flagged| known.decide(decided.clone());
        let purchase = flagged(0).purchase;
        assert_eq!(store.flag(&purchase).await.unwrap(), None);
        for line in [1, 4] {
            store.backend().write(&[flag::write(&flagged(line))]).await.unwrap();
            assert_eq!((store.flag(&purchase).await.unwrap(), open().await), (Some(flagged(line)), 1));
            let late = store.backend().write(&[close(&flagged(line - 1))]).await;
            assert_eq!(late, Err(WriteError::Canceled(vec![Reason::ConditionFailed])), "decided on an older line");
            store.backend().write(&[close(&flagged(line))]).await.unwrap();
            assert!(store.backend().write(&[close(&flagged(line))]).await.is_err(), "it is closed already");
            let known = store.flag(&purchase).await.unwrap();
            assert_eq!((known, open().await), (Some(Flagged { decided: Some(decided.clone()), ..flagged(line) }), 0));
        }
        assert_eq!(memory.dump().len(), 1);
    }
}
