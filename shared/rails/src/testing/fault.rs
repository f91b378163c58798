//! What can go wrong at a rail.

use crate::RailError;
use programme::payout::RailDoubt;

/// Which call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Op {
    /// [`crate::Rail::submit`].
    Submit,
    /// [`crate::Rail::look_up`].
    LookUp,
    /// [`crate::Rail::list`].
    List,
}

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The request is lost: nothing is done, and the caller can't know.
    LostRequest,
    /// It is done, and the answer is lost.
    LostAnswer,
    /// It is done, and the answer can't be read.
    UnreadableAnswer,
    /// A 5xx. Stripe gives it again to every repetition of the key, whether or not it was done.
    ServerError {
        /// Whether it was done all the same.
        done: bool,
    },
    /// A definite refusal with the rail's code: nothing is done. Stripe gives it again to every repetition of the key.
    Refused(String),
    /// The rail's memory of the key has ended, whatever the time of the call.
    Closed,
    /// 429, a lock, connection refused: nothing is done.
    Busy,
    /// 401, 403: nothing is done.
    Misconfigured,
}

impl Fault {
    /// Whether the rail does what it was asked all the same.
    pub(super) const fn does(&self) -> bool {
        match self {
            Self::LostAnswer | Self::UnreadableAnswer | Self::ServerError { done: true } => true,
            Self::LostRequest | Self::ServerError { done: false } | Self::Refused(_) | Self::Closed | Self::Busy | Self::Misconfigured => {
                false
            }
        }
    }

    /// What the caller is told. A refusal to read something is our own fault.
    pub(super) fn told(&self) -> RailError {
        match self {
            Self::LostRequest | Self::LostAnswer => RailError::Unknown(RailDoubt::NoAnswer),
            Self::UnreadableAnswer => RailError::Unknown(RailDoubt::Unreadable),
            Self::ServerError { .. } => RailError::Unknown(RailDoubt::ServerError),
            Self::Refused(code) => RailError::Misconfigured(code.clone()),
            Self::Closed => RailError::Closed,
            Self::Busy => RailError::Busy,
            Self::Misconfigured => RailError::Misconfigured("made to fail".to_owned()),
        }
    }
}
