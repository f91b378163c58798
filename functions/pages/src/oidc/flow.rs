//! The doors of sign-in and sign-out.

use super::{Client, Tokens};
use crate::{
    api::Away,
    context::Context,
    fault::Fault,
    form::Form,
    session::{self, SESSION_PATHS},
    shell::Page,
    ui,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use edge::{
    auth::Session,
    http::{Reply, StatusCode},
    problem::Problem,
};
use maud::html;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

/// A sign-in under way, as the browser keeps it.
#[derive(Serialize, Deserialize)]
struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    at: i64,
}

/// Keeps it apart from everything else that the same keys seal.
const PURPOSE: &str = "login";
/// How long somebody may take at the issuer's page.
const GOOD_FOR_SECONDS: i64 = 15 * 60;
/// Longer addresses are not returned to.
const NEXT_LIMIT_BYTES: usize = 1_500;

/// Where to go after a sign-in: a path of this site, or the first page.
///
/// A browser reads `//host`, `/\host` and what begins with a scheme as another site; tabs and line ends it leaves out.
pub(crate) fn safe_next(asked: Option<&str>) -> &str {
    let fits = |next: &&str| {
        let ours = next.starts_with('/') && !next.starts_with("//") && !next.contains('\\');
        let plain = next.len() <= NEXT_LIMIT_BYTES && next.bytes().all(|byte| byte.is_ascii_graphic());
        let path = next.split(['?', '#']).next().unwrap_or_default();
        ours && plain && !SESSION_PATHS.contains(&path)
    };
    asked.filter(fits).unwrap_or("/")
}

fn random(cx: &Context<'_>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode([cx.app.0.ids.bytes16(), cx.app.0.ids.bytes16()].concat())
}

fn redirect_uri(cx: &Context<'_>) -> String {
    format!("{}/login/callback", cx.app.0.public_url)
}

/// `GET /login?next=`: off to the issuer.
pub(crate) async fn login(cx: &Context<'_>) -> Result<Reply, Fault> {
    let next = safe_next(cx.call.query("next").unwrap_or_default());
    let client: &Client = &cx.app.0.issuer;
    let endpoints = client.endpoints(cx.call.now).await.map_err(|error| Fault::Away(error.into()))?;
    let pending =
        Pending { state: random(cx), nonce: random(cx), verifier: random(cx), next: next.to_owned(), at: cx.call.now.timestamp() };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&pending.verifier));
    let query = Serializer::new(String::new())
        .append_pair("response_type", "code")
        .append_pair("client_id", &client.client_id)
        .append_pair("redirect_uri", &redirect_uri(cx))
        .append_pair("scope", "openid profile email")
        .append_pair("state", &pending.state)
        .append_pair("nonce", &pending.nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256")
        .finish();
    let separator = if endpoints.authorization_endpoint.contains('?') { '&' } else { '?' };
    let sealed = cx.app.0.keys.seal(PURPOSE, &pending, &*cx.app.0.ids)?;
    let reply = Reply::redirect(StatusCode::SEE_OTHER, &format!("{}{separator}{query}", endpoints.authorization_endpoint))?;
    Ok(reply.cookie(&session::login_cookie(&sealed, GOOD_FOR_SECONDS))?)
}

/// `GET /login/callback`: back from the issuer, with a code.
pub(crate) async fn callback(cx: &Context<'_>) -> Result<Reply, Fault> {
    let Some(pending) = pending(cx) else { return failed(cx, "This sign-in took too long, or it was begun in another browser.") };
    let said = |name: &str| cx.call.query(name).unwrap_or_default();
    if said("state") != Some(pending.state.as_str()) {
        return failed(cx, "This sign-in was overtaken by another one.");
    }
    // RFC 9207: an answer of another issuer must not be taken for ours.
    if said("iss").is_some_and(|iss| iss != cx.app.0.issuer.issuer) {
        return failed(cx, "The answer came from another sign-in service.");
    }
    let Some(code) = said("code") else { return failed(cx, "The sign-in service did not sign you in.") };
    let Some(tokens) = exchange(cx, code, &pending).await? else { return failed(cx, "The sign-in could not be completed.") };
    match proved(cx, tokens, &pending).await {
        Ok(session) => {
            let sealed = session.seal(&cx.app.0.keys, &*cx.app.0.ids)?;
            let reply = Reply::redirect(StatusCode::SEE_OTHER, safe_next(Some(&pending.next)))?;
            let reply = reply.cookie(&session::login_cookie("", 0))?;
            Ok(reply.cookie(&session::session_cookie(&sealed, session.expires_at - cx.call.now.timestamp())?)?)
        }
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED => {
            tracing::warn!(cause = problem.private_half(), "the issuer's tokens are not taken");
            failed(cx, "What the sign-in service said could not be verified.")
        }
        Err(problem) => Err(problem.into()),
    }
}

/// The sign-in that this browser began, where it did so a short while ago.
fn pending(cx: &Context<'_>) -> Option<Pending> {
    let cookies = cx.call.cookie(session::LOGIN_COOKIE);
    let cookie = cookies.first().filter(|_| cookies.len() == 1)?;
    let pending: Pending = cx.app.0.keys.open(PURPOSE, cookie)?;
    let age = cx.call.now.timestamp() - pending.at;
    (0..GOOD_FOR_SECONDS).contains(&age).then_some(pending)
}

async fn exchange(cx: &Context<'_>, code: &str, pending: &Pending) -> Result<Option<Tokens>, Fault> {
    let client = &cx.app.0.issuer;
    let endpoints = client.endpoints(cx.call.now).await.map_err(|error| Fault::Away(error.into()))?;
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("client_id", &client.client_id)
        .append_pair("code", code)
        .append_pair("redirect_uri", &redirect_uri(cx))
        .append_pair("code_verifier", &pending.verifier)
        .finish();
    let away = |Away(error)| Fault::Away(error);
    client.exchange.exchange(&endpoints.token_endpoint, form).await.map_err(away)
}

/// The session, once both tokens are proved to be this sign-in's and the same person's.
async fn proved(cx: &Context<'_>, tokens: Tokens, pending: &Pending) -> Result<Session, Problem> {
    let (verifier, client) = (&cx.app.0.verifier, &cx.app.0.issuer);
    let identity = verifier.identity(&tokens.id_token, &client.client_id, &pending.nonce, cx.call.now).await?;
    let (principal, expires_at) = verifier.access(&tokens.access_token, cx.call.now).await?;
    if principal.account.as_str() != identity.subject {
        return Err(Problem::unauthorized("The tokens name two people."));
    }
    Ok(Session {
        token: tokens.access_token,
        account: identity.subject,
        name: identity.name.or(principal.name).map(|name| name.chars().take(80).collect()),
        groups: principal.groups,
        secret: random(cx),
        expires_at,
    })
}

fn failed(cx: &Context<'_>, why: &str) -> Result<Reply, Fault> {
    let page = Page::new("You are not signed in").status(StatusCode::BAD_REQUEST).narrow().body(html! {
        (ui::heading("You are not signed in", None))
        p { (why) " Nothing was changed." }
        p.actions { a.button.primary href="/login" { "Sign in again" } a.button href="/" { "To the first page" } }
    });
    Ok(cx.page(page)?.cookie(&session::login_cookie("", 0))?)
}

/// `GET /logout`: asks, since a link or an image of another site may lead here.
pub(crate) fn ask_logout(cx: &Context<'_>) -> Result<Reply, Fault> {
    if cx.session().is_none() {
        return Ok(Reply::redirect(StatusCode::SEE_OTHER, "/")?);
    }
    let page = Page::new("Sign out").narrow().body(html! {
        (ui::heading("Sign out?", Some("You can sign in again at any time.")))
        (ui::form(cx, "/logout", html! { p.actions { button.button.primary { "Sign out" } a.button href="/" { "Stay" } } }))
    });
    cx.page(page)
}

/// `POST /logout`: ends the session here, then at the issuer.
pub(crate) async fn logout(cx: &Context<'_>) -> Result<Reply, Fault> {
    // Where no session is left there is nothing to protect, and nothing to end but a stale cookie.
    if cx.session().is_some() {
        Form::read(cx)?;
    }
    let client = &cx.app.0.issuer;
    let back = format!("{}/", cx.app.0.public_url);
    let door = client.endpoints(cx.call.now).await.ok().and_then(|endpoints| endpoints.end_session_endpoint);
    let location = door.map_or_else(
        || "/".to_owned(),
        |door| {
            let query = Serializer::new(String::new())
                .append_pair("client_id", &client.client_id)
                .append_pair("post_logout_redirect_uri", &back)
                .finish();
            format!("{door}{}{query}", if door.contains('?') { '&' } else { '?' })
        },
    );
    Ok(Reply::redirect(StatusCode::SEE_OTHER, &location)?.cookie(&session::clear_session_cookie())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_site_is_returned_to() {
        for (asked, expected) in [
            (None, "/"),
            (Some("/my/payouts?from=2026-01-01"), "/my/payouts?from=2026-01-01"),
            (Some("//evil.example"), "/"),
            (Some("/\\evil.example"), "/"),
            (Some("/a\\b"), "/"),
            (Some("https://evil.example"), "/"),
            (Some("javascript:alert(1)"), "/"),
            (Some("my"), "/"),
            (Some(""), "/"),
            (Some("/\t/evil.example"), "/"),
            (Some("/a b"), "/"),
            (Some("/é"), "/"),
            (Some("/login?next=/login"), "/"),
            (Some("/logout"), "/"),
        ] {
            assert_eq!(safe_next(asked), expected, "{asked:?}");
        }
        assert_eq!(safe_next(Some(&format!("/{}", "x".repeat(2_000)))), "/");
    }
}
