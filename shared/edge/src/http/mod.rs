//! HTTP, as a function sees it: a [`Call`] comes in, a [`Reply`] or a [`Problem`](crate::problem::Problem) goes out.
//!
//! Replies are `lambda_http`'s. Events of the gateway are read here with small structs of our own: its adapter for requests
//! would build a URL from the caller's `Host` and `X-Forwarded-Proto` and panic on an impossible one; no byte that a caller
//! chooses may do that.

mod body;
mod builder;
mod call;
mod event;
mod json;
mod reply;
mod serve;

pub use ::http::{HeaderMap, Method, StatusCode};
pub use body::BODY_LIMIT_BYTES;
pub use builder::CallBuilder;
pub use call::Call;
pub use json::{JsonError, strict_json};
pub use reply::Reply;
pub use serve::serve;

pub(crate) use event::{GatewayEvent, gateway_reply};
pub(crate) use serve::{answer, log_problem};
