//! The decision about one purchase: facts in, a plan out.

use super::{Body, Guard, Line, Plan, PostedPurchase, PostedUsage, Subject};
use crate::{
    attribution::Attribution,
    fact::{Fact, FactBody, PurchaseId},
    purchase::PurchaseState,
    reward::{Counted, Outcome, Posting, Referrer, difference, target},
    settings::Programme,
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money};
use std::collections::BTreeMap;

/// What is known of a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuyerView {
    /// Its attribution; none before its signup is known.
    pub attribution: Option<Attribution>,
}

/// What a decision looks at beside the purchase itself.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// Buyers, by account. One that is not here has never been heard of.
    pub buyers: BTreeMap<AccountId, BuyerView>,
    /// Referrers, by account.
    pub referrers: BTreeMap<AccountId, Referrer>,
    /// What is posted as rewards by usage, by referee. One that is not here has none yet.
    pub usage: BTreeMap<AccountId, PostedUsage>,
    /// The settings.
    pub programme: Programme,
}

impl Views {
    pub(super) fn attribution(&self, buyer: Option<&AccountId>) -> Option<&Attribution> {
        self.buyers.get(buyer?).and_then(|view| view.attribution.as_ref())
    }

    /// What must still hold of an account's attribution for what is decided on these views.
    pub(super) fn guard(&self, account: &AccountId) -> Guard {
        Guard::Attribution(self.attribution(Some(account)).map(|attribution| attribution.version))
    }

    /// The referrer that an attribution credits, as far as it is known.
    pub(super) fn referrer(&self, attribution: Option<&Attribution>) -> Referrer {
        let credit = attribution.and_then(Attribution::counting);
        credit.and_then(|credit| self.referrers.get(&credit.referrer)).cloned().unwrap_or_default()
    }

    /// What the purchase in this state should have posted.
    #[must_use]
    pub fn target(&self, state: &PurchaseState) -> Posting {
        let attribution = self.attribution(state.buyer());
        let nobody = Referrer::default();
        let referrer =
            attribution.and_then(Attribution::earning).and_then(|credit| self.referrers.get(&credit.referrer)).unwrap_or(&nobody);
        target(state, attribution, referrer, &self.programme)
    }
}

/// What a deliberate bug makes of the two postings.
#[cfg(feature = "bugs")]
fn bent(
    old: Posting,
    new: Posting,
    (before, state): (&PurchaseState, &PurchaseState),
    views: &Views,
    now: DateTime<Utc>,
) -> (Posting, Posting) {
    let attribution = views.attribution(state.buyer());
    let referrer = attribution
        .and_then(|made| made.credit.as_ref())
        .and_then(|credit| views.referrers.get(&credit.referrer))
        .cloned()
        .unwrap_or_default();
    let new = crate::bug::posting(state, attribution, &referrer, &views.programme, now).unwrap_or(new);
    let old = if state == before && crate::bug::active(crate::bug::Bug::RedeliveryCounts) { Posting::nothing() } else { old };
    (old, new)
}

/// Takes facts into a purchase. None where nothing changes: everything was known, and what should be posted is.
#[must_use]
pub fn purchase_line(
    purchase: &PurchaseId,
    known: Option<&PostedPurchase>,
    facts: &[Fact],
    views: &Views,
    now: DateTime<Utc>,
) -> Option<Plan> {
    let before = known.map(|posted| posted.state.clone()).unwrap_or_default();
    let mut state = before.clone();
    let mut told = Vec::new();
    for fact in facts {
        if let FactBody::Purchase { purchase: named, fact: inner } = &fact.body
            && named == purchase
        {
            let was = state.clone();
            state.merge(inner);
            if state != was {
                told.push(fact.clone());
            }
        }
    }
    let old = known.map_or_else(Posting::nothing, |posted| posted.posting.clone());
    let new = views.target(&state);
    #[cfg(feature = "bugs")]
    let (old, new) = bent(old, new, (&before, &state), views, now);
    if state == before && new == old {
        return None;
    }
    let currency = &views.programme.at(state.capture.as_ref().map_or(now, |capture| capture.at)).1.currency;
    let mut moves = difference(&old, &new, purchase.processor(), currency, now.date_naive());
    if let (Some(buyer), Some(capture)) = (&new.buyer, &state.capture) {
        moves.account(buyer).fact_at = Some(capture.at);
    }
    let guards = new.buyer.iter().map(|buyer| (buyer.clone(), views.guard(buyer))).collect();
    let (subject, number) = (Subject::Purchase(purchase.clone()), known.map_or(0, |posted| posted.number + 1));
    let day = state.capture.as_ref().map_or(now, |capture| capture.at).date_naive();
    let counted = counted(&old, &new, |bought| Counted { line: format!("{subject}/{number}"), day, bought, spent: Money::ZERO });
    let line = Line {
        subject,
        number,
        at: now,
        transfers: std::mem::take(&mut moves.transfers),
        listed_for: new.listed_for.clone().or_else(|| old.listed_for.clone()),
        body: Body::Purchase { facts: told, state: Box::new(state), posting: Box::new(new) },
    };
    Some(Plan { lines: vec![line], moves, guards, counted })
}

/// What a purchase adds to what its buyer bought that counts for a reward by usage. A buyer that it no longer is of loses it.
fn counted(old: &Posting, new: &Posting, of: impl Fn(Money) -> Counted) -> BTreeMap<AccountId, Vec<Counted>> {
    let mut bought: BTreeMap<&AccountId, Money> = BTreeMap::new();
    for (posting, taken_back) in [(old, true), (new, false)] {
        if let Some(buyer) = posting.buyer.as_ref().filter(|_| posting.outcome == Outcome::ByUsage) {
            *bought.entry(buyer).or_default() += if taken_back { -posting.purchased } else { posting.purchased };
        }
    }
    bought.into_iter().filter(|(_, amount)| !amount.is_zero()).map(|(buyer, amount)| (buyer.clone(), vec![of(amount)])).collect()
}

#[cfg(test)]
#[path = "purchase_tests.rs"]
mod tests;
