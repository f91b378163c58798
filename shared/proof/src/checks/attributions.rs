//! One referrer per referee, nobody refers itself, no cycle earns, and counts are right.

use crate::Books;
use ledger::AccountId;
use programme::attribution::{Attribution, AttributionReason, AttributionStatus, Credit};
use std::collections::BTreeMap;

/// The credit of an attribution that counts as a referral: one that earns, in review or not, and one
/// that did until a review took it back.
pub(super) fn counted(attribution: &Attribution) -> Option<&Credit> {
    let taken_back = attribution.status == AttributionStatus::Refused && attribution.reason == Some(AttributionReason::Confirmed);
    if taken_back { attribution.credit.as_ref() } else { attribution.earning() }
}

pub(super) fn run(books: &mut Books) {
    for name in ["nobody_refers_itself", "no_cycle_earns", "referral_counts_equal_attributions"] {
        books.report.figure(name);
    }
    let earning = |account: &programme::account::Account| {
        account.attribution.as_ref().and_then(Attribution::earning).map(|credit| credit.referrer.clone())
    };
    let referrers: BTreeMap<AccountId, AccountId> =
        books.accounts.iter().filter_map(|(id, account)| Some((id.clone(), earning(account)?))).collect();
    let mut counts: BTreeMap<AccountId, u64> = BTreeMap::new();
    for attribution in books.accounts.values().filter_map(|account| account.attribution.as_ref()) {
        if let Some(credit) = counted(attribution) {
            *counts.entry(credit.referrer.clone()).or_default() += 1;
        }
    }
    for (referee, referrer) in &referrers {
        books.report.look("nobody_refers_itself", referee, (referee == referrer).then(|| "it is its own referrer".to_owned()));
        books.report.look(
            "no_cycle_earns",
            referee,
            cycles(referee, &referrers).then(|| "it is among its referrer's referrers".to_owned()),
        );
    }
    let everyone: std::collections::BTreeSet<&AccountId> = books.accounts.keys().chain(counts.keys()).collect();
    for id in everyone {
        let kept = books.accounts.get(id).map_or(0, |account| account.referrals);
        let found = counts.get(id).copied().unwrap_or(0);
        books.report.look(
            "referral_counts_equal_attributions",
            id,
            (kept != found).then(|| format!("counts {kept}, attributions say {found}")),
        );
    }
}

fn cycles(start: &AccountId, referrers: &BTreeMap<AccountId, AccountId>) -> bool {
    let mut at = start;
    // A walk longer than there are accounts is in a cycle that does not pass its start.
    for _ in 0..=referrers.len() {
        match referrers.get(at) {
            None => return false,
            Some(next) if next == start => return next != at,
            Some(next) => at = next,
        }
    }
    false
}
