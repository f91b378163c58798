//! Nobody refers itself, and no cycle earns.
//!
//! A link is made by its owner's signup, and its click comes before the signup that credits it. So a referrer signed up
//! before its referee, and where that holds for every referral that earns, no row of them comes back to its beginning.
//! One for which it does not hold is walked along.

use crate::report::Report;
use chrono::{DateTime, Utc};
use ledger::AccountId;
use programme::attribution::Attribution;

/// A referral that earns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Referral {
    /// Who signed up.
    pub(crate) referee: AccountId,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// By whose link.
    pub(crate) referrer: AccountId,
}

impl Referral {
    /// Whether the order of signups alone shows that it is in no cycle.
    pub(crate) fn is_in_order(&self, referrer: Option<&Attribution>) -> bool {
        referrer.is_some_and(|attribution| attribution.signed_up_at < self.at)
    }
}

/// Checks an attribution by itself; a referral that earns is to be looked at further.
pub(crate) fn run(id: &AccountId, attribution: &Attribution, report: &mut Report) -> Option<Referral> {
    let credit = attribution.earning()?;
    let itself = (*id == credit.referrer).then(|| "it is its own referrer".to_owned());
    report.looked("no_cycle_earns");
    report.look("nobody_refers_itself", id, itself);
    let referral = Referral { referee: id.clone(), at: attribution.signed_up_at, referrer: credit.referrer.clone() };
    (*id != credit.referrer).then_some(referral)
}
