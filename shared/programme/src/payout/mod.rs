//! Payouts: cash on its way to a referrer or a host.
//!
//! A payout is a row of append-only records ([`PayoutEvent`]) and a head ([`Payout`]) that stands
//! where they end. Every decision takes the head, checks its rules, and gives a [`Change`]: the next
//! record with its transfers, and the head after it. [`PayoutStatus::may_become`] is the only table
//! of legal steps.

mod approve;
mod close;
mod destination;
mod event;
mod head;
mod id;
mod request;
mod status;
#[cfg(test)]
mod tests;
mod transfers;

pub use approve::{ApprovalRefusal, Approve, Approved, approvals_needed, approve};
pub use close::{Reason, ReasonError, cancel, reject};
pub use destination::{Destination, DestinationError};
pub use event::{Actor, CancelReason, PayoutEvent, Step};
pub use head::{Approval, Change, IllegalStep, Payout, PayoutAccount};
pub use id::{IdempotencyKey, KeyError, PayoutId};
pub use request::{Request, RequestRefusal, rail_places, request};
pub use status::{PayoutStatus, UnknownStatus};
