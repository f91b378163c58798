//! What stands in a token. Access tokens open the API; ID tokens tell a client who signed in and
//! open nothing, so the two differ in type (`typ`) and audience.

use super::people::Person;
use serde::Serialize;

/// Header type of an access token (RFC 9068).
pub(super) const ACCESS_TYPE: &str = "at+jwt";

/// Header type of an ID token.
pub(super) const ID_TYPE: &str = "JWT";

/// Lifetime of the tokens of a sign-in, in seconds.
pub(super) const LIFETIME_SECONDS: u32 = 3600;

/// The longest lifetime of any token, in seconds: 30 days.
pub(super) const LIFETIME_MAX_SECONDS: u32 = 30 * 24 * 3600;

/// Claims about the person, the same in both tokens.
#[derive(Serialize)]
struct Profile {
    email: String,
    email_verified: bool,
    name: String,
    groups: Vec<&'static str>,
}

impl Profile {
    fn of(person: &Person) -> Self {
        Self { email: person.email(), email_verified: true, name: person.display().to_owned(), groups: person.groups() }
    }
}

/// What both tokens say alike.
pub(super) struct Occasion<'a> {
    /// The issuer's URL.
    pub(super) issuer: &'a str,
    /// Whose tokens these are.
    pub(super) person: &'a Person,
    /// The client that asked for them.
    pub(super) client_id: &'a str,
    /// Now, in Unix seconds.
    pub(super) at_seconds: i64,
    /// How long they are good for, in seconds.
    pub(super) lifetime_seconds: u32,
}

impl Occasion<'_> {
    fn expires_at_seconds(&self) -> i64 {
        self.at_seconds.saturating_add(i64::from(self.lifetime_seconds))
    }
}

/// Claims of an access token. Times are in Unix seconds.
#[derive(Serialize)]
pub(super) struct AccessClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    client_id: &'a str,
    scope: &'a str,
    #[serde(flatten)]
    profile: Profile,
}

impl<'a> AccessClaims<'a> {
    /// `audience` is the API; `id` must not have been used before.
    pub(super) fn new(on: &Occasion<'a>, audience: &'a str, scope: &'a str, id: String) -> Self {
        Self {
            iss: on.issuer,
            aud: audience,
            sub: on.person.account_id(),
            iat: on.at_seconds,
            exp: on.expires_at_seconds(),
            jti: id,
            client_id: on.client_id,
            scope,
            profile: Profile::of(on.person),
        }
    }
}

/// Claims of an ID token. Times are in Unix seconds.
#[derive(Serialize)]
pub(super) struct IdClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(flatten)]
    profile: Profile,
}

impl<'a> IdClaims<'a> {
    /// `signed_in_at_seconds` is when the person chose a name at the page, `nonce` what the
    /// client sent with its request.
    pub(super) fn new(on: &Occasion<'a>, signed_in_at_seconds: i64, nonce: Option<&'a str>) -> Self {
        Self {
            iss: on.issuer,
            aud: on.client_id,
            sub: on.person.account_id(),
            iat: on.at_seconds,
            exp: on.expires_at_seconds(),
            auth_time: signed_in_at_seconds,
            nonce,
            profile: Profile::of(on.person),
        }
    }
}
