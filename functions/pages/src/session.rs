//! The cookies of the pages.

use edge::{
    auth::{SESSION_COOKIE, SealKeys, Session},
    http::Call,
    problem::Problem,
};

/// A sign-in under way.
pub(crate) const LOGIN_COOKIE: &str = "__Host-login";
/// Light or dark, where somebody chose.
pub(crate) const THEME_COOKIE: &str = "__Host-theme";
/// Pages that a sign-in never returns to.
pub(crate) const SESSION_PATHS: [&str; 4] = ["/login", "/login/callback", "/logout", "/theme"];

/// Browsers drop a longer cookie without a word.
const COOKIE_LIMIT_BYTES: usize = 4_096;

/// How somebody comes to a page.
#[derive(Debug)]
pub(crate) enum Visit {
    /// Signed in.
    Open(Session),
    /// With a session that has ended.
    Ended,
    /// Without one.
    Nobody,
}

impl Visit {
    pub(crate) fn of(call: &Call, keys: &SealKeys) -> Self {
        let cookies = call.cookie(SESSION_COOKIE);
        let session = cookies.first().filter(|_| cookies.len() == 1).and_then(|cookie| Session::open(keys, cookie));
        match session {
            Some(session) if session.has_ended(call.now) => Self::Ended,
            Some(session) => Self::Open(session),
            None => Self::Nobody,
        }
    }
}

/// Of our host alone, over TLS, out of reach of scripts, not sent along from other sites' forms.
fn cookie(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Max-Age={}; Path=/; HttpOnly; Secure; SameSite=Lax", seconds.max(0))
}

/// The session's cookie stays some days longer than the session, so that its end can be told from never having been there.
pub(crate) fn session_cookie(sealed: &str, seconds: i64) -> Result<String, Problem> {
    const REMEMBERED_SECONDS: i64 = 7 * 24 * 3_600;
    let cookie = cookie(SESSION_COOKIE, sealed, seconds.saturating_add(REMEMBERED_SECONDS));
    if cookie.len() > COOKIE_LIMIT_BYTES {
        return Err(Problem::internal("the session is larger than a cookie: the issuer's tokens are too long"));
    }
    Ok(cookie)
}

pub(crate) fn clear_session_cookie() -> String {
    cookie(SESSION_COOKIE, "", 0)
}

pub(crate) fn login_cookie(sealed: &str, seconds: i64) -> String {
    cookie(LOGIN_COOKIE, sealed, seconds)
}

pub(crate) fn theme_cookie(theme: &str) -> String {
    cookie(THEME_COOKIE, theme, if theme.is_empty() { 0 } else { 365 * 24 * 3_600 })
}
