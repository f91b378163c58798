//! Read, decide, write; and where the write was lost to somebody else's, all three again.

use crate::{CommitError, StoreError};
use edge::{ids::IdSource, problem::Problem};

/// How often a decision is made anew before the caller is told to come back.
pub const TRIES_MAX: u32 = 10;

/// The first pause is up to this long, milliseconds; each further one up to twice as long as the one before.
const PAUSE_MS: u64 = 20;
const PAUSE_MS_MAX: u64 = 1_000;

/// What became of one try.
#[derive(Debug)]
pub enum Attempt<T> {
    /// Decided, and written where there was something to write.
    Done(T),
    /// Lost to another write, or the store was busy: what was read no longer counts.
    Again(CommitError),
}

impl<T> Attempt<T> {
    /// The outcome of a commit, with the answer that it stands for.
    ///
    /// # Errors
    /// 500 where the store refuses the write as such: another try would be refused too.
    pub fn of(written: Result<(), CommitError>, answer: T) -> Result<Self, Problem> {
        match written {
            Ok(()) => Ok(Self::Done(answer)),
            Err(error @ (CommitError::Lost(_) | CommitError::Busy(_))) => Ok(Self::Again(error)),
            Err(error @ CommitError::Rejected(_)) => Err(StoreError::from(error).into()),
        }
    }
}

/// Tries up to [`TRIES_MAX`] times, with full jitter between, so that those who collided part.
///
/// A try must find its own earlier write where the store's answer to it was lost: what was done is
/// then answered, not done again.
///
/// # Errors
/// What a try refuses with; 503 where all of them were lost.
pub async fn decide<T>(ids: &dyn IdSource, attempt: impl AsyncFn() -> Result<Attempt<T>, Problem>) -> Result<T, Problem> {
    for number in 1..=TRIES_MAX {
        match attempt().await? {
            Attempt::Done(answer) => return Ok(answer),
            Attempt::Again(error) if number == TRIES_MAX => {
                return Err(StoreError::Unavailable(format!("{number} tries: {error:?}")).into());
            }
            Attempt::Again(_) => pause(ids, number).await,
        }
    }
    Err(StoreError::Unavailable("no try".into()).into())
}

async fn pause(ids: &dyn IdSource, number: u32) {
    let ceiling = PAUSE_MS.saturating_mul(1 << number.min(10)).min(PAUSE_MS_MAX);
    edge::ids::pause(ids, ceiling).await;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use edge::ids::SequenceIds;
    use std::cell::Cell;

    #[tokio::test]
    async fn a_lost_try_is_made_again_and_a_refusal_is_not() {
        let (count, ids) = (Cell::new(0), SequenceIds::new(1));
        let busy = || Err(CommitError::Busy("made busy".into()));
        let answer = decide(&ids, async || {
            count.set(count.get() + 1);
            Attempt::of(if count.get() < 3 { busy() } else { Ok(()) }, count.get())
        });
        assert_eq!(answer.await.unwrap(), 3);
        count.set(0);
        let refused = decide::<()>(&ids, async || {
            count.set(count.get() + 1);
            Err(Problem::refused("cashable", "No."))
        });
        assert_eq!((refused.await.unwrap_err().status().as_u16(), count.get()), (422, 1));
        assert_eq!(Attempt::of(Err(CommitError::Rejected("made to".into())), ()).unwrap_err().status(), 500);
        let lost = decide(&ids, async || Attempt::of(Err(CommitError::Lost([].into())), ()));
        assert_eq!(lost.await.unwrap_err().status(), 503);
    }
}
