//! What paying needs of a payee beside the payout accounts: billing details, the account at Stripe,
//! the way back from a rail's ids; and the kill switch, which is asked right before each call to a rail.

use super::Store;
use crate::{
    CommitError, StoreError,
    backend::Write,
    keys,
    records::{
        billing,
        connected::Connected,
        reference,
        switch::Switch,
        voucher::{Voucher, VoucherNumber},
    },
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Rail};
use programme::{
    fact::opaque,
    payout::{Billing, PayoutId},
    plan::Plan,
};

/// How often what is known of an account at Stripe is written anew, where somebody else was writing it.
const CONNECTED_TRIES: u32 = 5;

impl Store {
    /// The kill switch, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing goes out.
    pub async fn switch(&self) -> Result<Switch, StoreError> {
        let item = self.backend.get(&keys::switch(), true).await?;
        item.as_ref().map_or_else(|| Ok(Switch::default()), Switch::read)
    }

    /// Turns the kill switch, made by [`Switch::after`] from the one that was read, and writes `beside`
    /// (the act's trail) with it.
    ///
    /// # Errors
    /// [`CommitError`]; [`crate::Lost::Beside`] 0 where another turned it meanwhile.
    pub async fn turn_switch(&self, after: &Switch, beside: &[Write]) -> Result<(), CommitError> {
        let mut writes = vec![after.write()];
        writes.extend_from_slice(beside);
        self.commit_with(&Plan::default(), &writes).await
    }

    /// How an account wants to be named on invoices, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn billing(&self, account: &AccountId) -> Result<Option<Billing>, StoreError> {
        self.backend.get(&keys::billing(account), true).await?.as_ref().map(billing::read).transpose()
    }

    /// Keeps how an account wants to be named on invoices to come. The caller has checked it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_billing(&self, account: &AccountId, details: &Billing, at: DateTime<Utc>) -> Result<(), StoreError> {
        Ok(self.backend.write(&[billing::write(account, details, at)]).await?)
    }

    /// An account's own account at Stripe, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn connected(&self, account: &AccountId) -> Result<Option<Connected>, StoreError> {
        self.backend.get(&keys::connected(account), true).await?.as_ref().map(Connected::read).transpose()
    }

    /// Keeps what Stripe says that an account there may be paid, read at `told.read_at`; nothing where something newer is kept already,
    /// or where it is not that account's.
    ///
    /// # Errors
    /// [`StoreError`]; also where others kept writing it: the same again, later.
    pub async fn keep_connected(&self, owner: &AccountId, told: &Connected) -> Result<(), StoreError> {
        for _ in 0..CONNECTED_TRIES {
            let Some(known) = self.connected(owner).await? else { return Ok(()) };
            if known.stripe_account != told.stripe_account || known.read_at > told.read_at || known == *told {
                return Ok(());
            }
            match self.commit_with(&Plan::default(), &[told.replace(owner, &known)]).await {
                Err(CommitError::Lost(_)) => {}
                written => return Ok(written?),
            }
        }
        Err(StoreError::Unavailable("an account at Stripe is written by many".into()))
    }

    /// Whose an account at Stripe is, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owner_of_stripe_account(&self, id: &str) -> Result<Option<AccountId>, StoreError> {
        if !opaque(id) {
            return Ok(None);
        }
        self.backend.get(&keys::stripe_account(id), true).await?.as_ref().map(reference::read_stripe_account).transpose()
    }

    /// Whose a payment of a rail is, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn payout_by_reference(&self, rail: Rail, reference: &str) -> Result<Option<PayoutId>, StoreError> {
        if !opaque(reference) {
            return Ok(None);
        }
        self.backend.get(&keys::payment(rail, reference), true).await?.as_ref().map(reference::read_payment).transpose()
    }

    /// An invoice or a credit note, every write before seen.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn voucher(&self, number: VoucherNumber) -> Result<Option<Voucher>, StoreError> {
        self.backend.get(&number.key(), true).await?.as_ref().map(Voucher::read).transpose()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        Lost,
        records::{connected::Standing, destination::StoredDestination, switch::Turned},
    };
    use ledger::KeyRing;
    use programme::payout::{Destination, PayoutAccount};

    fn at(hour: u32) -> DateTime<Utc> {
        format!("2026-11-21T{hour:02}:00:00Z").parse().unwrap()
    }

    #[tokio::test]
    async fn the_switch_is_on_until_it_is_turned_and_turns_in_turn() {
        let (store, memory) = Store::in_memory(KeyRing::none());
        let never = store.switch().await.unwrap();
        assert!(never.payouts_enabled && never.turned.is_none());
        let turned = |reason: &str| Turned { by: "fin1".parse().unwrap(), at: at(10), reason: reason.into() };
        let off = never.after(false, turned("a rail misbehaves"));
        store.turn_switch(&off, &[]).await.unwrap();
        assert_eq!(store.switch().await.unwrap(), off);
        let late = store.turn_switch(&never.after(true, turned("late")), &[]).await;
        assert_eq!(late, Err(CommitError::Lost([Lost::Beside(0)].into())));
        let on = off.after(true, turned("mended"));
        store.turn_switch(&on, &[]).await.unwrap();
        assert_eq!(store.switch().await.unwrap(), on);
        assert!(store.turn_switch(&on, &[]).await.is_err());
        memory.tamper(&keys::switch(), |item| drop(item.as_mut().unwrap().remove("on")));
        assert!(!store.switch().await.unwrap().payouts_enabled, "what does not say that it is on is off");
    }

    #[tokio::test]
    async fn the_newest_word_of_stripe_counts() {
        let (store, _) = Store::in_memory(KeyRing::none());
        let alice: AccountId = "alice".parse().unwrap();
        let told = |hour, details_submitted, able| Connected {
            stripe_account: "acct_1".into(),
            payouts_enabled: able,
            transfers_active: able,
            details_submitted,
            read_at: at(hour),
        };
        store.keep_connected(&alice, &told(9, true, true)).await.unwrap();
        assert_eq!(store.connected(&alice).await.unwrap(), None, "there is none to tell of");
        store.backend().write(&told(10, false, false).create(&alice)).await.unwrap();
        for (word, after) in [
            (told(12, true, true), Standing::Ready),
            (told(11, false, false), Standing::Ready),
            (told(12, true, false), Standing::Restricted),
            (told(13, false, false), Standing::Onboarding),
            (Connected { stripe_account: "acct_2".into(), ..told(14, true, true) }, Standing::Onboarding),
        ] {
            store.keep_connected(&alice, &word).await.unwrap();
            assert_eq!(store.connected(&alice).await.unwrap().unwrap().standing(), after, "{word:?}");
        }
        let (one, other) = (told(15, true, false), told(16, true, true));
        let (first, second) = tokio::join!(store.keep_connected(&alice, &one), store.keep_connected(&alice, &other));
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(store.connected(&alice).await.unwrap(), Some(other));
    }

    #[tokio::test]
    async fn payout_accounts_are_read_many_at_once() {
        let (store, _) = Store::in_memory(KeyRing::none());
        let (alice, bob): (AccountId, AccountId) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        let put = |owner: &AccountId, email: &str| {
            let destination = Destination::paypal_email(email).unwrap();
            let account = PayoutAccount {
                rail: Rail::Paypal,
                digest: "k1.00".into(),
                masked: destination.masked(),
                version: 1,
                changed_at: at(10),
                changed_by: owner.clone(),
            };
            StoredDestination { account, destination }.write(owner)
        };
        store.backend().write(&[put(&alice, "alice@example.com"), put(&bob, "bob@example.com")]).await.unwrap();
        let place = |owner: &AccountId, rail| (owner.clone(), rail);
        let mut places = vec![place(&alice, Rail::Wise), place(&bob, Rail::Paypal), place(&bob, Rail::Paypal)];
        places.extend((0..120).map(|number| (format!("nobody{number}").parse().unwrap(), Rail::Paypal)));
        let found = store.payout_accounts_at(&places).await.unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), [&place(&bob, Rail::Paypal)]);
        assert_eq!(found.get(&place(&bob, Rail::Paypal)), store.payout_account(&bob, Rail::Paypal).await.unwrap().as_ref());
    }

    #[tokio::test]
    async fn a_payee_is_found_by_what_rails_call_them() {
        let (store, _) = Store::in_memory(KeyRing::none());
        let (alice, bob): (AccountId, AccountId) = ("alice".parse().unwrap(), "bob".parse().unwrap());
        assert_eq!((store.connected(&alice).await.unwrap(), store.billing(&alice).await.unwrap()), (None, None));
        let made = Connected {
            stripe_account: "acct_1".into(),
            payouts_enabled: false,
            transfers_active: true,
            details_submitted: false,
            read_at: at(10),
        };
        store.backend().write(&made.create(&alice)).await.unwrap();
        assert!(store.backend().write(&made.create(&alice)).await.is_err(), "it is made once");
        assert!(store.backend().write(&made.create(&bob)).await.is_err(), "and is nobody else's");
        assert_eq!(store.connected(&bob).await.unwrap(), None);
        let ready = Connected { payouts_enabled: true, read_at: at(11), ..made.clone() };
        store.backend().write(&[ready.update(&alice)]).await.unwrap();
        assert!(!made.is_ready() && store.connected(&alice).await.unwrap().unwrap().is_ready());
        let other = Connected { stripe_account: "acct_2".into(), ..ready };
        assert!(store.backend().write(&[other.update(&alice)]).await.is_err());
        assert_eq!(store.owner_of_stripe_account("acct_1").await.unwrap(), Some(alice.clone()));
        for unknown in ["acct_2", "", "a b", &"x".repeat(3000)] {
            assert_eq!(store.owner_of_stripe_account(unknown).await.unwrap(), None);
            assert_eq!(store.payout_by_reference(Rail::Wise, unknown).await.unwrap(), None);
        }
        let details = |name: &str| Billing { name: name.into(), address: vec!["Weg 1".into()], country: "DE".into(), tax_id: None };
        for name in ["Ann", "Ann Smith"] {
            store.put_billing(&alice, &details(name), at(12)).await.unwrap();
            assert_eq!(store.billing(&alice).await.unwrap(), Some(details(name)));
        }
    }
}
