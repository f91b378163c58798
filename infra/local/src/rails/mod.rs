//! Stand-ins of the three rails: what Stripe Connect, PayPal Payouts and Wise do with a payout, on this machine.
//!
//! They keep books of their own, in a file that outlives a `kill -9`, so that a test can compare them with the ledger. The paths and
//! bodies are the providers' own below `/stripe`, `/paypal` and `/wise`; states move with the stack's clock, and each move posts the
//! provider's signed webhook to the front door.
//!
//! What is as at the providers, because a client must cope with it:
//! - **Stripe** keeps an `Idempotency-Key` for 24 hours and repeats what it answered, a 500 or a lack of funds too; other parameters
//!   under the key are an error; after the 24 hours the same key makes a second transfer.
//! - **PayPal** refuses a `sender_batch_id` for 30 days with a link to the batch that has it, after which it makes a second one. Its
//!   report of transactions runs three hours behind.
//! - **Wise** gives the same transfer back for a `customerTransactionId`, without a look at the rest; *funding* has no key: each
//!   funding takes the money once more, and a refusal is a 200.
//!
//! # Destinations that behave
//!
//! A word anywhere in the destination decides what becomes of a payment: in `acct_…` (or in the e-mail that an account was made with),
//! in PayPal's receiver, in a Wise recipient's name or details. A Wise recipient that was not made here behaves by its last three digits.
//!
//! | word | digits | Stripe | PayPal | Wise |
//! |---|---|---|---|---|
//! | none | any other | paid at once | `SUCCESS` after 5 s | sent after 1 h |
//! | `instant` | 906 | the same | `SUCCESS` at once | sent at once |
//! | `closed` | 901 | 400 `account_closed` | `FAILED` after 5 s | 422 when it is created |
//! | `restricted` | | 400 `insufficient_capabilities_for_transfer` | `BLOCKED` after 5 s | |
//! | `insufficient` | 902 | 400 `balance_insufficient` | 422 `INSUFFICIENT_FUNDS` | 200 `REJECTED` when it is funded |
//! | `denied` | 908 | | batch `DENIED` after 5 s | canceled and refunded, never sent |
//! | `unclaimed` | | | `UNCLAIMED`, `RETURNED` after 30 days | |
//! | `claimed` | | | `UNCLAIMED`, `SUCCESS` after 3 days | |
//! | `onhold` | 905 | | `ONHOLD`, `SUCCESS` after 7 days | `processing` for 7 days |
//! | `bounced` | 903 | all of it reversed after 14 days | `REFUNDED` after 14 days | `bounced_back` after 14 days, refunded a day later |
//! | `partly` | | 40 % of it reversed after 7 days | | |
//! | `reversed` | 907 | as `bounced` | `REVERSED` after 21 days, without a webhook | `charged_back` after 21 days |
//! | `rolledback` | 904 | | | sent after 1 h, `processing` again after 2 h, sent after 3 h |
//! | `payoutfails` | | paid; `payout.failed` of the connected account after 2 days | | |
//!
//! PayPal's own item notes `ERRPYO005` (no funds) and `ERRPYO036` (504) work, too. Faults can be asked for: see [`Fault`].

mod admin;
mod answer;
mod behaviour;
mod books;
mod call;
mod error;
mod faults;
mod ids;
mod money;
mod operation;
mod payment;
mod paypal;
mod server;
mod stripe;
#[cfg(test)]
mod tests;
mod timeline;
mod webhooks;
mod wise;

pub use books::{Ledger, RailsLocation, WebhookRow, WebhookState};
pub use error::RailsError;
pub use faults::{About, Fault, FaultKind};
pub use operation::Operation;
pub use payment::{Change, Payment, State};
pub use paypal::State as PaypalState;
pub use server::{Rails, RailsSetting};
pub use stripe::State as StripeState;
pub use webhooks::Advanced;
pub use wise::State as WiseState;

pub(crate) use admin::router as admin_router;
pub(crate) use answer::{internal, locked, throttled};
pub(crate) use server::WISE_PROFILE;
