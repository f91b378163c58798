//! The platform's last word before money moves.

use futures::future::BoxFuture;

/// Asked by a rail right before each call that can move money: whatever was read before it may be minutes old.
pub trait GoAhead: Send + Sync {
    /// Whether the call may be made now.
    ///
    /// # Errors
    /// [`Held`]: it may not.
    fn ask(&self) -> BoxFuture<'_, Result<(), Held>>;
}

/// Why the platform itself holds a payment back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Held {
    /// Payouts are switched off.
    #[error("payouts are switched off")]
    SwitchedOff,
    /// The payout is somebody else's work by now.
    #[error("somebody else works on the payout")]
    LeaseLost,
    /// It can't be told: the store is away.
    #[error("the store is away")]
    Outage,
}
