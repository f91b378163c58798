//! One HTTP client for all rails, and the one place that says what an answer, or none, proves.
//!
//! Repeated here, inside one call, is only what surely was not done: a connection that was refused, and a 429.
//! Everything else is told to the caller as it is.

#[cfg(test)]
mod tests;

use crate::RailError;
use edge::{
    config::Secret,
    ids::{IdSource, pause},
};
use ledger::Rail;
use programme::payout::RailDoubt;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect::Policy};
use serde::de::DeserializeOwned;
use std::{sync::Arc, time::Duration};
use url::{Url, form_urlencoded};

/// How often one call is tried, at most.
const ATTEMPTS: u32 = 3;
/// The longest wait before the second attempt, in milliseconds; each further one is twice as long. Full jitter.
const PAUSE_MS: u64 = 250;
/// More than a page of any listing.
const ANSWER_LIMIT_BYTES: usize = 4 * 1024 * 1024;

/// How long a rail may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// To take the connection.
    pub(crate) connect: Duration,
    /// For one attempt as a whole.
    pub(crate) whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), whole: Duration::from_secs(12) }
    }
}

/// Who asks.
pub(crate) enum Auth<'a> {
    /// A key or token.
    Bearer(&'a Secret),
    /// A client's name and secret.
    Basic(&'a str, &'a Secret),
}

/// What is sent along.
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// Pairs, as a form.
    Form(Vec<(String, String)>),
    /// A JSON text.
    Json(serde_json::Value),
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) rail: Rail,
    /// What it is called in logs.
    pub(crate) name: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) auth: Auth<'a>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

impl<'a> Call<'a> {
    /// A request that reads.
    pub(crate) const fn get(rail: Rail, name: &'static str, url: Url, auth: Auth<'a>) -> Self {
        Self { rail, name, method: Method::GET, url, auth, headers: Vec::new(), body: Body::Empty }
    }

    /// A request that acts.
    pub(crate) const fn post(rail: Rail, name: &'static str, url: Url, auth: Auth<'a>, body: Body) -> Self {
        Self { rail, name, method: Method::POST, url, auth, headers: Vec::new(), body }
    }

    /// The same with a header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with these parameters behind the path.
    pub(crate) fn query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.url.query_pairs_mut().extend_pairs(pairs);
        self
    }
}

/// An answer that came whole: of any status but 429.
pub(crate) struct Answer {
    rail: Rail,
    status: StatusCode,
    body: Vec<u8>,
}

/// What an answer says.
pub(crate) enum Said {
    /// It was done: the body.
    Yes(Vec<u8>),
    /// It was refused, by the rail itself: the status and the body.
    No(StatusCode, Vec<u8>),
}

impl Answer {
    /// Whether the token or key was not accepted.
    pub(crate) fn is_unauthorized(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// What the answer proves, by its status alone. Only statuses with which a rail says no count as a refusal; any
    /// other may stand for something that sits between us and the rail, or between the rail and its work.
    pub(crate) fn said(self) -> Result<Said, RailError> {
        match self.status.as_u16() {
            200..=299 => Ok(Said::Yes(self.body)),
            401 | 403 => Err(RailError::Misconfigured(format!("{}: status {}", self.rail.as_str(), self.status.as_u16()))),
            400 | 402 | 404 | 405 | 406 | 409 | 410 | 413 | 415 | 422 => Ok(Said::No(self.status, self.body)),
            500..=599 => Err(RailError::Unknown(RailDoubt::ServerError)),
            _ => Err(RailError::Unknown(RailDoubt::Unreadable)),
        }
    }
}

/// Reads a body. One that can't be read proves nothing, whatever its status was.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, RailError> {
    serde_json::from_slice(body).map_err(|_| UNREADABLE)
}

/// What is said of an answer without sense.
pub(crate) const UNREADABLE: RailError = RailError::Unknown(RailDoubt::Unreadable);

/// The client of all rails.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    ids: Arc<dyn IdSource>,
}

impl Http {
    /// A client that takes randomness for its pauses from `ids`: no redirects, no proxy.
    pub(crate) fn try_new(ids: Arc<dyn IdSource>, limits: Limits) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(limits.connect)
            .timeout(limits.whole)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent("referral-rails")
            .build()?;
        Ok(Self { client, ids })
    }

    /// Sends a request, and again where it surely was not done.
    pub(crate) async fn send(&self, call: &Call<'_>) -> Result<Answer, RailError> {
        for attempt in 1..=ATTEMPTS {
            let outcome = self.attempt(call).await;
            if !matches!(outcome, Err(RailError::Busy)) || attempt == ATTEMPTS {
                return outcome;
            }
            pause(&*self.ids, PAUSE_MS << (attempt - 1)).await;
        }
        Err(RailError::Busy)
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Answer, RailError> {
        let outcome = self.exchange(call).await;
        let (rail, name) = (call.rail.as_str(), call.name);
        match &outcome {
            Ok(answer) => tracing::info!(rail, call = name, status = answer.status.as_u16(), "a rail answered"),
            Err(error) => tracing::warn!(rail, call = name, outcome = %error, "a rail did not answer"),
        }
        outcome
    }

    async fn exchange(&self, call: &Call<'_>) -> Result<Answer, RailError> {
        let mut answer = self.request(call).send().await.map_err(|error| unsent(call.rail, &error))?;
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(RailError::Busy);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| RailError::Unknown(RailDoubt::NoAnswer))? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_LIMIT_BYTES {
                return Err(UNREADABLE);
            }
        }
        Ok(Answer { rail: call.rail, status, body })
    }

    fn request(&self, call: &Call<'_>) -> RequestBuilder {
        let mut request = self.client.request(call.method.clone(), call.url.clone()).header("accept", "application/json");
        request = match &call.auth {
            Auth::Bearer(token) => request.bearer_auth(token.expose()),
            Auth::Basic(user, password) => request.basic_auth(user, Some(password.expose())),
        };
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        match &call.body {
            Body::Empty => request,
            Body::Form(pairs) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
                request.header("content-type", "application/x-www-form-urlencoded").body(form)
            }
            Body::Json(value) => request.header("content-type", "application/json").body(value.to_string()),
        }
    }
}

/// What a request that got no answer proves. Where there was no connection, nothing was sent; after that, anything may
/// have happened.
fn unsent(rail: Rail, error: &reqwest::Error) -> RailError {
    if error.is_builder() {
        RailError::Misconfigured(format!("{}: the request can't be built", rail.as_str()))
    } else if error.is_connect() {
        RailError::Busy
    } else {
        RailError::Unknown(RailDoubt::NoAnswer)
    }
}
