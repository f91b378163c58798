//! The quarantine: what is kept in it, and how it opens again.

use super::{ListPage, Store, lists::Part};
use crate::{
    StoreError,
    backend::{Index, Reason, Write, WriteError},
    keys,
    records::quarantine::{Kept, Quarantined},
};

impl Store {
    /// Keeps an event that could not be read or posted. Once by its id: a redelivery adds nothing,
    /// but one that was replayed and fails again is open again, with the new reason.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantine(&self, event: &Quarantined) -> Result<(), StoreError> {
        if self.stood(Kept::open(event.clone()).create()).await? {
            return Ok(());
        }
        match self.kept(&event.id).await? {
            // Lost to another: it is open already, or was replayed after this failure.
            Some(kept) if kept.replayed.is_some() => self.stood(kept.reopened(&event.reason).replace(&kept)).await.map(drop),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a write's conditions held.
    pub(super) async fn stood(&self, write: Write) -> Result<bool, StoreError> {
        match self.backend.write(&[write]).await {
            Ok(()) => Ok(true),
            Err(WriteError::Canceled(reasons)) if reasons.contains(&Reason::ConditionFailed) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// An event of the quarantine, open or not, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept(&self, id: &str) -> Result<Option<Kept>, StoreError> {
        self.backend.get(&keys::quarantine(id), true).await?.as_ref().map(Kept::read).transpose()
    }

    /// Up to 100 events of the quarantine, open or not, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_many(&self, ids: &[String]) -> Result<Vec<Kept>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| keys::quarantine(id)).collect();
        self.backend.get_many(&keys, true).await?.iter().map(|(_, item)| Kept::read(item)).collect()
    }

    /// The events that nobody has decided about, newest first, some moments behind.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn quarantined(&self, before: Option<&str>, limit: u32) -> Result<ListPage<Kept>, StoreError> {
        self.page(&Part { index: Index::ByStatus, pk: keys::QUARANTINE_OPEN, from: "0", to: keys::LAST, before, limit }, Kept::read).await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::records::quarantine::Replay;
    use ledger::KeyRing;

    fn event(reason: &str) -> Quarantined {
        Quarantined::new("facts", reason.into(), b"{}".to_vec(), "2026-11-21T10:00:00Z".parse().unwrap())
    }

    async fn open(store: &Store) -> Vec<(String, u32)> {
        let page = store.quarantined(None, 10).await.unwrap();
        page.entries.into_iter().map(|listed| (listed.entry.event.reason, listed.entry.replays)).collect()
    }

    #[tokio::test]
    async fn it_is_kept_once_closed_by_a_replay_and_opened_by_the_next_failure() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let first = event("one");
        store.quarantine(&first).await.unwrap();
        store.quarantine(&event("two")).await.unwrap();
        assert_eq!(open(&store).await, [("one".to_owned(), 0)], "a redelivery adds nothing");

        for number in 1..=2 {
            let before = store.kept(&first.id).await.unwrap().unwrap();
            let after = before.after(Replay { by: "fin1".parse().unwrap(), at: "2026-11-22T10:00:00Z".parse().unwrap(), facts: 1 });
            assert!(store.stood(after.replace(&before)).await.unwrap());
            assert!(!store.stood(after.replace(&before)).await.unwrap(), "what was read is old");
            assert!(open(&store).await.is_empty());
            assert_eq!(store.kept(&first.id).await.unwrap(), Some(after));

            store.quarantine(&event("again")).await.unwrap();
            assert!(!store.stood(before.replace(&before)).await.unwrap(), "open again is not open as before");
            assert_eq!(open(&store).await, [("again".to_owned(), number)]);
        }
        assert_eq!(memory.dump().len(), 1, "it is never deleted, nor kept twice");
    }

    #[tokio::test]
    async fn many_are_read_at_once() {
        let (store, _) = Store::in_memory(KeyRing::none());
        store.quarantine(&event("one")).await.unwrap();
        assert_eq!(store.kept_many(&[event("").id, "qua_none".into()]).await.unwrap(), [Kept::open(event("one"))]);
        assert_eq!(store.kept_many(&[]).await.unwrap(), []);
    }
}
