//! What a failed read or write means to the caller.

use edge::problem::Problem;
use store::{CommitError, StoreError};

/// A store that is away or throttled asks to come again; what it can't read or take is our own mistake.
pub(crate) fn of_store(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable(_) => Problem::unavailable(error),
        StoreError::Corrupt { .. } | StoreError::Rejected(_) => Problem::internal(error),
    }
}

/// Of a write: lost claims that the caller of this does not decide on are a contention that may pass.
pub(crate) fn of_commit(error: CommitError) -> Problem {
    of_store(error.into())
}
