//! A look at a usage, or at a reward by usage.

use super::{TRIES, Verdict, newest};
use crate::{checks::usage::Newest, known::Known};
use programme::{plan::Subject, settings::Programme};
use store::{Store, StoreError};

/// Looks at the newest line of a subject, the referee and the referrer, where no further line came in between.
pub(super) async fn look(store: &Store, programme: &Programme, subject: &Subject) -> Result<Verdict, StoreError> {
    for _ in 0..TRIES {
        let Some(line) = newest(store, subject).await? else { return Ok(Verdict::Agrees) };
        let Some(posted) = Newest::of(&line, programme) else { return Ok(Verdict::Agrees) };
        let mut known = Known::default();
        known.load(store, [posted.account].into(), usize::MAX).await?;
        let referrer = posted.referrer(&known).cloned();
        known.load(store, referrer.iter().collect(), usize::MAX).await?;
        let faults = posted.faults(&known, programme);
        if newest(store, subject).await?.map(|line| line.number) == Some(line.number) {
            let mark = (line.number, faults.clone());
            let under_way = posted.may_be_under_way(&known);
            let told = faults.into_iter().map(|(name, fault)| (name, subject.to_string(), fault)).collect();
            return Ok(Verdict::of(told, &mark, under_way));
        }
    }
    Ok(Verdict::Moves)
}
