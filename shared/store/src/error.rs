//! What can go wrong with a table.

use edge::problem::Problem;

/// Why a read or a write failed. Each variant asks for another answer of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The tables are throttled or away: try again, with jitter.
    #[error("the store is away: {0}")]
    Unavailable(String),
    /// A record does not read back: nothing may be decided on it.
    #[error("record {key} does not read: {reason}")]
    Corrupt {
        /// Which.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The store refuses the request as such: trying again is of no use.
    #[error("the store refuses: {0}")]
    Rejected(String),
}

impl From<StoreError> for Problem {
    /// 503 where trying again helps, 500 where it can't.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::unavailable(error),
            StoreError::Corrupt { .. } | StoreError::Rejected(_) => Self::internal(error),
        }
    }
}
