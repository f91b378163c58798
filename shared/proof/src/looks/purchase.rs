//! A look at what is posted for a purchase.

use super::{TRIES, Verdict, item, newest};
use crate::{checks::rewards::Newest, known::Known};
use programme::{attribution::Attribution, fact::PurchaseId, plan::Subject, settings::Programme};
use std::collections::BTreeSet;
use store::{Store, StoreError, keys};

/// Looks at a purchase's newest line, its buyer and its referrer, where no further line came in between.
pub(super) async fn look(store: &Store, programme: &Programme, id: &PurchaseId) -> Result<Verdict, StoreError> {
    let subject = Subject::Purchase(id.clone());
    for _ in 0..TRIES {
        let Some(line) = newest(store, &subject).await? else { return Ok(Verdict::Agrees) };
        let Some(posted) = Newest::of(&line) else { return Ok(Verdict::Agrees) };
        let mut known = Known::default();
        let buyer = posted.state.buyer();
        known.load(store, buyer.into_iter().collect(), usize::MAX).await?;
        let credit = buyer.and_then(|buyer| known.attribution(buyer)).and_then(|made: &Attribution| made.credit.clone());
        let referrer: BTreeSet<_> = credit.iter().map(|credit| &credit.referrer).collect();
        known.load(store, referrer, usize::MAX).await?;
        let mut faults = posted.faults(&posted.target(&known, programme));
        if posted.is_flagged(programme) && item(store, keys::flag(id)).await?.is_none() {
            faults.push(("contradictions_are_flagged", "its facts contradict each other, and nothing tells finance".to_owned()));
        }
        if newest(store, &subject).await?.map(|line| line.number) == Some(line.number) {
            let mark = (line.number, faults.clone());
            let under_way = posted.may_be_under_way(&known);
            let told = faults.into_iter().map(|(name, fault)| (name, line.subject.to_string(), fault)).collect();
            return Ok(Verdict::of(told, &mark, under_way));
        }
    }
    Ok(Verdict::Moves)
}
