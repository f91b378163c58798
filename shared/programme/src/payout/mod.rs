//! Payouts: cash on its way to a referrer or a host.
//!
//! A payout is a row of append-only records ([`PayoutEvent`]) and a head ([`Payout`]) that stands
//! where they end. Every decision takes the head, checks its rules, and gives a [`Change`]: the next
//! record with its transfers, and the head after it. [`PayoutStatus::may_become`] is the only table
//! of legal steps.
//!
//! [`submit`] writes the intent before a rail is called. From then on [`decide`] alone moves a payout,
//! by what the rail says of it ([`Sighting`]), and [`doubt`] where it says nothing. Both take anything
//! in any order, any number of times: what is no news is no step, and what can't be is a [`Contradiction`].

mod approve;
mod close;
mod decide;
#[cfg(test)]
mod decide_tests;
mod destination;
mod errand;
mod event;
mod head;
mod id;
mod number;
mod parties;
mod request;
mod sighting;
mod status;
mod submit;
#[cfg(test)]
mod submit_tests;
#[cfg(test)]
mod tests;
mod transfers;

pub use approve::{ApprovalRefusal, Approve, Approved, approvals_needed, approve};
pub use close::{Reason, ReasonError, cancel, reject};
pub use decide::{Contradiction, decide, doubt};
pub use destination::{Destination, DestinationError};
pub use errand::Errand;
pub use event::{Actor, CancelReason, PayoutEvent, Step};
pub use head::{Approval, Change, IllegalStep, Payout, PayoutAccount};
pub use id::{IdempotencyKey, KeyError, PayoutId, RunId};
pub use number::{CreditNoteNumber, InvoiceNumber, NumberError, Numbers};
pub use parties::{Billing, Issuer, PartyError};
pub use request::{Request, RequestRefusal, rail_places, request};
pub use sighting::{RailDoubt, Sighting};
pub use status::{PayoutStatus, UnknownStatus};
pub use submit::{Submit, SubmitRefusal, Submitted, submit};
