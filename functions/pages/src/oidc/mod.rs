//! Sign-in by OpenID Connect: the code flow with PKCE, `state` and `nonce`, and sign-out at the issuer.

mod client;
mod exchange;
mod flow;

pub use client::{Client, Endpoints};
pub use exchange::{Exchange, HttpExchange, Tokens};
pub(crate) use flow::{ask_logout, callback, login, logout, safe_next};
