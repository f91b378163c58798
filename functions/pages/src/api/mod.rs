//! The JSON API, as the pages ask it.

mod client;
mod http;
pub mod shapes;

pub use client::{ApiError, Client, Refusal, path};
use futures::future::BoxFuture;
pub use http::HttpApi;
use serde_json::Value;

/// A question to the API.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// The path with its query, encoded: `/earnings?from=2026-01-01`.
    pub path: String,
    /// The person's access token.
    pub token: String,
    /// The body, where there is one.
    pub body: Option<Value>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// What the API answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Cookies that it sets, each a whole `Set-Cookie` value.
    pub cookies: Vec<String>,
}

/// The API does not answer: nothing is known of what it did.
#[derive(Debug, thiserror::Error)]
#[error("the API does not answer")]
pub struct Away(#[source] pub edge::Error);

/// Asks the API: one implementation asks over HTTP, tests have the answers at hand.
pub trait Api: Send + Sync {
    /// The answer to a question.
    ///
    /// # Errors
    /// [`Away`].
    fn send<'a>(&'a self, ask: Ask) -> BoxFuture<'a, Result<Answer, Away>>;
}
