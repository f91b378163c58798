//! Leases on payouts: one worker at a time has a payout in hand.

use super::Store;
use crate::{StoreError, keys, records::lease::Lease};
use chrono::{DateTime, Utc};
use programme::payout::PayoutId;

impl Store {
    /// Takes a payout in hand until a time, as `by`, the name of one piece of work. None where somebody
    /// else has it, or was quicker. Whoever has it already by that name gets it anew.
    ///
    /// # Errors
    /// [`StoreError`]; where the answer was lost it may be taken: the same `by` gets it again.
    pub async fn take_lease(
        &self,
        payout: &PayoutId,
        by: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<Lease>, StoreError> {
        let known = self.backend.get(&keys::lease(payout), true).await?.as_ref().map(Lease::read).transpose()?;
        if known.as_ref().is_some_and(|lease| lease.until > now && lease.by != by) {
            return Ok(None);
        }
        let before = known.map_or(0, |lease| lease.token);
        let lease = Lease { payout: payout.clone(), by: by.to_owned(), token: before + 1, until };
        Ok(self.stood(lease.write(before)).await?.then_some(lease))
    }

    /// Keeps a lease for longer; none where somebody took it over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn renew_lease(&self, lease: &Lease, until: DateTime<Utc>) -> Result<Option<Lease>, StoreError> {
        let renewed = Lease { until, ..lease.clone() };
        Ok(self.stood(renewed.write(lease.token)).await?.then_some(renewed))
    }

    /// Gives a lease back. One that was taken over is let be.
    ///
    /// # Errors
    /// [`StoreError`]; the lease then ends by itself.
    pub async fn release_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        let released = Lease { until: DateTime::UNIX_EPOCH, ..lease.clone() };
        self.stood(released.write(lease.token)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::backend::WriteError;
    use ledger::KeyRing;

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-11-21T10:{minute:02}:00Z").parse().unwrap()
    }

    #[tokio::test]
    async fn one_has_it_until_its_time_is_over_and_the_one_before_writes_nothing_more() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let payout = "pay_4YGQGXK5VRGSQN7XQD252HFMW1".parse().unwrap();
        let holds = async |lease: &Lease| match store.backend().write(&[lease.check()]).await {
            Ok(()) => true,
            Err(WriteError::Canceled(_)) => false,
            Err(error) => unreachable!("{error:?}"),
        };
        let first = store.take_lease(&payout, "one", at(0), at(5)).await.unwrap().unwrap();
        assert_eq!(store.take_lease(&payout, "two", at(4), at(9)).await.unwrap(), None);
        let again = store.take_lease(&payout, "one", at(1), at(6)).await.unwrap().unwrap();
        assert_eq!((again.token, holds(&first).await, holds(&again).await), (2, false, true), "the same piece of work, once more");
        let longer = store.renew_lease(&again, at(8)).await.unwrap().unwrap();
        assert_eq!(store.take_lease(&payout, "two", at(7), at(9)).await.unwrap(), None, "it was kept for longer");
        assert!(holds(&longer).await && longer.token == again.token);
        assert_eq!(store.renew_lease(&first, at(9)).await.unwrap(), None);

        let second = store.take_lease(&payout, "two", at(8), at(9)).await.unwrap().unwrap();
        assert!(holds(&second).await && !holds(&longer).await, "its time was over");
        store.release_lease(&longer).await.unwrap();
        assert_eq!(store.take_lease(&payout, "three", at(8), at(9)).await.unwrap(), None, "nobody gives back what another has");
        store.release_lease(&second).await.unwrap();
        assert!(store.take_lease(&payout, "three", at(8), at(9)).await.unwrap().is_some());
        assert_eq!(memory.dump().len(), 1);
    }

    #[tokio::test]
    async fn of_many_at_once_one_gets_it() {
        let (store, _) = Store::in_memory(KeyRing::none());
        let payout = "pay_4YGQGXK5VRGSQN7XQD252HFMW1".parse().unwrap();
        let takers: Vec<String> = (0..8).map(|number| format!("w{number}")).collect();
        let taken = futures::future::join_all(takers.iter().map(|by| store.take_lease(&payout, by, at(0), at(5)))).await;
        assert_eq!(taken.into_iter().filter(|lease| lease.as_ref().unwrap().is_some()).count(), 1);
    }
}
