//! What a token says, and whether we may believe that it is meant for us, now.

use super::{Principal, Refusal};
use chrono::{DateTime, Utc};
use ledger::AccountId;
use serde::Deserialize;
use std::collections::BTreeSet;

/// How far the issuer's clock and ours may be apart.
const LEEWAY_SECONDS: i64 = 60;

/// The claims that are used.
#[derive(Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    #[serde(default)]
    aud: Option<Audience>,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    /// Amazon Cognito's access tokens have the audience here,
    #[serde(default)]
    client_id: Option<String>,
    /// and their kind here, in place of the header's `typ`.
    #[serde(default)]
    token_use: Option<String>,
    #[serde(default)]
    groups: Option<BTreeSet<String>>,
    #[serde(default, rename = "cognito:groups")]
    cognito_groups: Option<BTreeSet<String>>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub(super) fn has(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

impl Claims {
    /// An access token says so: by its type (RFC 9068) or its use (Cognito). An ID token tells a page who signed in; it
    /// is no key to anything.
    pub(super) fn check_kind(&self, typ: Option<&str>) -> Result<(), Refusal> {
        let typ = typ.unwrap_or_default().to_ascii_lowercase();
        let says_access = match self.token_use.as_deref() {
            Some(kind) => kind == "access",
            None => typ == "at+jwt" || typ == "application/at+jwt",
        };
        if says_access { Ok(()) } else { Err(Refusal::NotAccess) }
    }

    pub(super) fn check_parties(&self, issuer: &str, audience: &str) -> Result<(), Refusal> {
        if self.iss != issuer {
            return Err(Refusal::Issuer);
        }
        let ours = match &self.aud {
            Some(named) => named.has(audience),
            None => self.token_use.is_some() && self.client_id.as_deref() == Some(audience),
        };
        if ours { Ok(()) } else { Err(Refusal::Audience) }
    }

    pub(super) fn check_times(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        Self::check_span(self.exp, [self.nbf, self.iat].into_iter().flatten().max(), now)
    }

    /// Whether `now` lies between a token's begin and its end, in seconds since 1970, give or take the leeway.
    pub(super) fn check_span(ends: i64, begins: Option<i64>, now: DateTime<Utc>) -> Result<(), Refusal> {
        let now = now.timestamp();
        if now >= ends.saturating_add(LEEWAY_SECONDS) {
            return Err(Refusal::Expired);
        }
        if begins.is_some_and(|begins| now < begins.saturating_sub(LEEWAY_SECONDS)) { Err(Refusal::NotYet) } else { Ok(()) }
    }

    /// Until when it is good, in seconds since 1970.
    pub(super) const fn ends(&self) -> i64 {
        self.exp
    }

    pub(super) fn into_principal(self) -> Result<Principal, Refusal> {
        let account = AccountId::try_new(&self.sub).map_err(|_| Refusal::Subject)?;
        let groups = self.groups.into_iter().chain(self.cognito_groups).flatten().collect();
        Ok(Principal { account, groups, email: self.email, name: self.name })
    }
}
