//! One item against others, as far as these are known: who does not agree is a suspect.

use super::{Audit, Working};
use crate::{
    checks::{rewards, usage},
    looks::Who,
};
use programme::{
    plan::{Line, Subject},
    settings::Programme,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    Store, StoreError,
    backend::{Item, Key},
    keys,
};

impl Audit {
    /// The newest lines of usages and of rewards by usage against the attributions of those who spent.
    pub(super) async fn compare_usage(&mut self, store: &Store, programme: &Programme, lines: &[Line]) -> Result<(), StoreError> {
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
    pub(super) async fn compare_rewards(&mut self, store: &Store, programme: &Programme, lines: &[Line]) -> Result<(), StoreError> {
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
    pub(super) async fn compare_referrals(&mut self, store: &Store) -> Result<(), StoreError> {
        let Working { known, referrals, .. } = &mut self.working;
        for referrals in std::mem::take(referrals).chunks(100) {
            known.load(store, referrals.iter().map(|referral| &referral.referrer).collect(), self.state.limits.accounts).await?;
            let out_of_order = referrals.iter().filter(|referral| !referral.is_in_order(known.attribution(&referral.referrer)));
            self.state.suspects.extend(out_of_order.map(|referral| Who::Referral(referral.referee.clone())));
        }
        Ok(())
    }
}
