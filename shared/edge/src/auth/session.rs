//! The session of our own pages: what a browser keeps of a sign-in.
//!
//! It is sealed ([`SealKeys`]), so there is no table of sessions: the cookie is the session. It ends when its access
//! token does; signing out takes it from the browser.

use super::{Refusal, SealKeys};
use crate::{http::Call, ids::IdSource, problem::Problem};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// The cookie of a session. Its name makes browsers refuse it from anywhere but our own host, over TLS.
pub const SESSION_COOKIE: &str = "__Host-session";

/// Keeps sessions apart from everything else that the same keys seal.
const PURPOSE: &str = "session";

/// Somebody who signed in with a browser.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The access token, which the API takes.
    #[serde(rename = "t")]
    pub token: String,
    /// The account, as the token names it.
    #[serde(rename = "a")]
    pub account: String,
    /// What a page calls the person.
    #[serde(rename = "n")]
    pub name: Option<String>,
    /// The groups: what a page shows follows from them, what the API does follows from the token.
    #[serde(rename = "g")]
    pub groups: BTreeSet<String>,
    /// Random text, from which the pages make the proofs of their forms.
    #[serde(rename = "s")]
    pub secret: String,
    /// When it ends, in seconds since 1970: with its token.
    #[serde(rename = "e")]
    pub expires_at: i64,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("account", &self.account).field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

impl Session {
    /// The cookie's value.
    ///
    /// # Errors
    /// As [`SealKeys::seal`].
    pub fn seal(&self, keys: &SealKeys, ids: &dyn IdSource) -> Result<String, Problem> {
        keys.seal(PURPOSE, self, ids)
    }

    /// The session of a cookie's value, ended or not. `None` where it is none of ours.
    #[must_use]
    pub fn open(keys: &SealKeys, cookie: &str) -> Option<Self> {
        keys.open(PURPOSE, cookie)
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn has_ended(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() >= self.expires_at
    }
}

/// Whose pages may call with their session, and what opens it.
pub(super) struct Sessions {
    pub(super) origins: Vec<String>,
    pub(super) keys: SealKeys,
}

impl Sessions {
    /// The access token of the call's session; `None` where it has no session at all.
    ///
    /// # Errors
    /// 403 where a page of another site sent it along, 401 where it is not ours or there are two.
    pub(super) fn token(&self, call: &Call) -> Result<Option<String>, Problem> {
        let cookies = call.cookie(SESSION_COOKIE);
        let Some(cookie) = cookies.first() else { return Ok(None) };
        call.same_origin(&self.origins)?;
        let session = if cookies.len() == 1 { Session::open(&self.keys, cookie) } else { None };
        session.map(|session| Some(session.token)).ok_or_else(|| Refusal::Garbage.into())
    }
}
