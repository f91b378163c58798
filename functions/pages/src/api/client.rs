//! The API with one person's token: typed questions, and refusals that a page can tell.

use super::{Answer, Api, Ask, Away};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// What stays as it is in a segment of a path and in a query.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A path of segments, each encoded, with a query of the pairs that have a value.
#[must_use]
pub fn path(segments: &[&str], query: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for segment in segments {
        text.push('/');
        text.extend(utf8_percent_encode(segment, &PLAIN));
    }
    if text.is_empty() {
        text.push('/');
    }
    let mut separator = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(separator);
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, &PLAIN));
        separator = '&';
    }
    text
}

/// What the API refused, in its own words (RFC 9457).
#[derive(Debug, Clone, Deserialize)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// A plain sentence.
    #[serde(default)]
    pub detail: String,
    /// The rule behind a 422.
    #[serde(default)]
    pub rule: Option<String>,
    /// Everything else that it said.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Refusal {
    /// A member that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// Whether that rule refused.
    #[must_use]
    pub fn is(&self, rule: &str) -> bool {
        self.rule.as_deref() == Some(rule)
    }
}

/// Why there is no answer to show.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 4xx with a reason for people.
    #[error("refused: {} {}", .0.status, .0.rule.as_deref().unwrap_or_default())]
    Refused(Box<Refusal>),
    /// 401: the token is good no longer.
    #[error("the token is not taken")]
    SignedOut,
    /// Nothing came, a 5xx, or something that can't be read.
    #[error("the API does not answer as it should: {0}")]
    Away(edge::Error),
}

impl From<Away> for ApiError {
    fn from(away: Away) -> Self {
        Self::Away(away.into())
    }
}

impl ApiError {
    /// The refusal, where there is one to tell; else the error again.
    ///
    /// # Errors
    /// The error itself, where it is no refusal.
    pub fn refusal(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(refusal) => Ok(*refusal),
            Self::SignedOut | Self::Away(_) => Err(self),
        }
    }
}

/// The API for one person, while one page is made.
pub struct Client<'a> {
    api: &'a dyn Api,
    token: &'a str,
}

impl std::fmt::Debug for Client<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl<'a> Client<'a> {
    /// Asks with this token.
    #[must_use]
    pub fn new(api: &'a dyn Api, token: &'a str) -> Self {
        Self { api, token }
    }

    /// Sends a question and gives a successful answer.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn ask(
        &self,
        method: &'static str,
        path: &str,
        body: Option<Value>,
        headers: Vec<(&'static str, String)>,
    ) -> Result<Answer, ApiError> {
        let ask = Ask { method, path: path.to_owned(), token: self.token.to_owned(), body, headers };
        let answer = self.api.send(ask).await?;
        match answer.status {
            200..=299 => Ok(answer),
            401 => Err(ApiError::SignedOut),
            400..=499 => Err(ApiError::Refused(Box::new(refusal(&answer)))),
            status => Err(ApiError::Away(format!("status {status}").into())),
        }
    }

    /// What stands at a path.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        read(&self.ask("GET", path, None, Vec::new()).await?)
    }

    /// What stands at a path, or nothing where there is nothing (404, 405): the page does without.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, ApiError> {
        match self.get(path).await {
            Ok(found) => Ok(Some(found)),
            Err(ApiError::Refused(refusal)) if matches!(refusal.status, 404 | 405) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Posts a body.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, ApiError> {
        read(&self.ask("POST", path, Some(body), Vec::new()).await?)
    }

    /// Posts a body under an `Idempotency-Key`: the same key again is answered the same.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn post_once<T: DeserializeOwned>(&self, path: &str, key: &str, body: Value) -> Result<T, ApiError> {
        read(&self.ask("POST", path, Some(body), vec![("idempotency-key", key.to_owned())]).await?)
    }

    /// Puts a body.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, ApiError> {
        read(&self.ask("PUT", path, Some(body), Vec::new()).await?)
    }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, ApiError> {
    serde_json::from_slice(&answer.body).map_err(|error| ApiError::Away(error.into()))
}

/// The gateway's own refusals are no problem documents; then there is the status alone.
fn refusal(answer: &Answer) -> Refusal {
    let read: Option<Refusal> = serde_json::from_slice(&answer.body).ok();
    let bare = || Refusal { status: answer.status, detail: String::new(), rule: None, members: Map::new() };
    read.map_or_else(bare, |read| Refusal { status: answer.status, ..read })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_parts_apart() {
        assert_eq!(path(&["payouts", "../finance?x=1#y"], &[]), "/payouts/..%2Ffinance%3Fx%3D1%23y");
        assert_eq!(
            path(&["earnings"], &[("from", "2026-01-01"), ("to", ""), ("q", "a&b=c ü")]),
            "/earnings?from=2026-01-01&q=a%26b%3Dc%20%C3%BC"
        );
        assert_eq!(path(&[], &[]), "/");
    }
}
