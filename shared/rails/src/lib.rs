//! How cash leaves: Stripe Connect, PayPal and Wise behind one trait, [`Rail`].
//!
//! A rail translates and never decides. It is asked to pay one payout ([`Rail::submit`]), what became of it
//! ([`Rail::look_up`]) and what it paid out in a period ([`Rail::list`]); it answers with a
//! [`Sighting`](programme::payout::Sighting) in the programme's words, or with a [`RailError`] that says what may be
//! concluded. What is done about it is the programme's business.
//!
//! Three rules hold for every rail, whatever its own interface looks like:
//! - **One key.** All attempts of a payout carry the same key and the same bytes, so that the rail pays it once. After
//!   the time for which the rail remembers keys, nothing is sent any more ([`RailError::Closed`]).
//! - **A failure is definite or it is none.** Only a refusal in the rail's own words, where no earlier attempt can have
//!   gone through, is a failure. A time-out, a broken connection, any 5xx, an answer that can't be read: unknown.
//! - **Nothing leaks.** No secret, body, address or e-mail is in an error or a log; reasons are the rail's codes.

mod base;
mod code;
mod decimal;
mod go_ahead;
mod http;
mod onboarding;
mod paypal;
mod rail;
mod registry;
mod stripe_connect;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(test)]
mod testserver;
mod window;
mod wise;

pub use go_ahead::{GoAhead, Held};
pub use onboarding::{AccountLink, Capabilities, NewAccount, OnboardError, Onboarding};
pub use paypal::Paypal;
pub use rail::{Listed, Order, Rail, RailError, RailPayment};
pub use registry::Rails;
pub use stripe_connect::StripeConnect;
pub use wise::Wise;
