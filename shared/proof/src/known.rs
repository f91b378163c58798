//! What of accounts decides about rewards: a cache of bounded size.
//!
//! The pass reads the accounts before the lines. Where all of them fit, every purchase is judged by what was read on the
//! way, and no item is read twice. Where they do not, or a run goes on in another process, buyers and referrers are read
//! by their keys, many at once. There is no third way: whether each purchase was posted by its buyer's attribution is a
//! question that no summary of bounded size can answer in one pass over the two.

use crate::checks::records::text;
use ledger::{AccountId, Rate};
use programme::{account::Account, attribution::Attribution, reward::Referrer, settings::History};
use std::collections::{BTreeSet, HashMap};
use store::{
    Store, StoreError,
    backend::Item,
    keys,
    records::{account, settings::read_rates},
};

#[derive(Debug, Default)]
struct Person {
    attribution: Option<Attribution>,
    referrer: Referrer,
}

/// What is known of accounts.
#[derive(Debug, Default)]
pub(crate) struct Known {
    people: HashMap<AccountId, Person>,
    /// Whether an account that is not here has no items.
    whole: bool,
    /// Whether the pass over the accounts began at their first with nothing left out since.
    from_first: bool,
}

impl Known {
    /// The pass over the accounts begins.
    pub(crate) fn begin(&mut self) {
        *self = Self { from_first: true, ..Self::default() };
    }

    /// The pass over the accounts has ended.
    pub(crate) fn end(&mut self) {
        self.whole = self.from_first;
        if !self.whole {
            self.people.clear();
        }
    }

    /// Takes in figures that the pass came by; at most `most` accounts are kept.
    pub(crate) fn figures(&mut self, id: &AccountId, account: &Account, most: usize) {
        if let Some(person) = self.passed(id, most) {
            person.attribution.clone_from(&account.attribution);
            person.referrer.closed_at = account.closed_at;
        }
    }

    /// Takes in rates that the pass came by.
    pub(crate) fn rates(&mut self, id: &AccountId, rates: &History<Rate>, most: usize) {
        if let Some(person) = self.passed(id, most) {
            person.referrer.rates = rates.clone();
        }
    }

    fn passed(&mut self, id: &AccountId, most: usize) -> Option<&mut Person> {
        if !self.from_first {
            return None;
        }
        if self.people.len() >= most && !self.people.contains_key(id) {
            self.from_first = false;
            self.people.clear();
            return None;
        }
        Some(self.people.entry(id.clone()).or_default())
    }

    /// An account's attribution.
    pub(crate) fn attribution(&self, id: &AccountId) -> Option<&Attribution> {
        self.people.get(id)?.attribution.as_ref()
    }

    /// What of an account decides about rewards.
    pub(crate) fn referrer(&self, id: &AccountId) -> Option<&Referrer> {
        self.people.get(id).map(|person| &person.referrer)
    }

    /// How many accounts it holds: what its memory is made of.
    pub(crate) fn len(&self) -> usize {
        self.people.len()
    }

    /// Reads those of these accounts that are not known by their keys. Of those read before, at most `most` are kept.
    pub(crate) async fn load(&mut self, store: &Store, ids: BTreeSet<&AccountId>, most: usize) -> Result<(), StoreError> {
        let unknown: Vec<&AccountId> = ids.into_iter().filter(|id| !self.people.contains_key(*id)).collect();
        if !self.whole && self.people.len() + unknown.len() > most {
            self.people.clear();
        }
        for unknown in unknown.chunks(50) {
            let wanted: Vec<_> = unknown.iter().flat_map(|id| [keys::figures(id), keys::rates(id)]).collect();
            for id in unknown {
                self.people.insert((*id).clone(), Person::default());
            }
            for (_, item) in store.backend().get_many(&wanted, true).await? {
                self.take(&item);
            }
        }
        Ok(())
    }

    /// What does not read has been told where the pass came by it.
    fn take(&mut self, item: &Item) {
        let Some(person) = account::owner(text(item, "pk")).and_then(|id| self.people.get_mut(&id)) else { return };
        if text(item, "sk") == "n" {
            if let Ok(account) = account::read(item) {
                person.attribution = account.attribution;
                person.referrer.closed_at = account.closed_at;
            }
        } else if let Ok(rates) = read_rates(item) {
            person.referrer.rates = rates;
        }
    }
}
