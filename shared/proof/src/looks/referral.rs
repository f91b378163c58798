//! A look at a referral whose referrer did not surely sign up first: the row of referrers is walked along.

use super::Verdict;
use crate::known::Known;
use ledger::AccountId;
use programme::attribution::Attribution;
use store::{Store, StoreError};

/// Referrers above one account at most.
const WALK_MAX: u32 = 10_000;

/// Looks whether an account is among its referrer's referrers. Who referred whom is never changed, so that the walk may
/// take its time; a row that is longer than it goes is told as one that moves.
pub(super) async fn look(store: &Store, referee: &AccountId) -> Result<Verdict, StoreError> {
    let mut at = referee.clone();
    for _ in 0..WALK_MAX {
        let mut known = Known::default();
        known.load(store, [&at].into(), 1).await?;
        let attribution = known.attribution(&at);
        let Some(credit) = attribution.and_then(Attribution::earning) else { return Ok(Verdict::Agrees) };
        if credit.referrer == *referee {
            let fault = ("no_cycle_earns", referee.to_string(), "it is among its referrer's referrers".to_owned());
            return Ok(Verdict::of(vec![fault], referee, false));
        }
        if credit.referrer == at {
            return Ok(Verdict::Agrees);
        }
        at = credit.referrer.clone();
    }
    Ok(Verdict::Moves)
}
