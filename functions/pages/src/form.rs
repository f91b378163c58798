//! Forms: what a browser sends, once it is proved that one of our own pages had it sent.

use crate::{context::Context, fault::Fault};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use edge::auth::Session;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The field of the proof.
pub(crate) const PROOF: &str = "csrf";
/// What a form may have in all.
const BODY_LIMIT_BYTES: usize = 64 * 1024;
/// No page has a form with more fields.
const FIELDS_MAX: usize = 500;

fn mac(session: &Session, action: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(session.secret.as_bytes()).ok()?;
    mac.update(b"form ");
    mac.update(action.as_bytes());
    Some(mac)
}

/// The proof that a form that leads to `action` is on a page that this session was shown.
pub(crate) fn proof(session: &Session, action: &str) -> String {
    mac(session, action).map(|mac| BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())).unwrap_or_default()
}

/// The fields of a form that was sent.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of this call, which must come from a page of ours: by its `Origin`, and by the proof in it.
    ///
    /// # Errors
    /// [`Fault::Forged`], [`Fault::Ended`] with what was entered, [`Fault::Problem`] for what is no form or too large.
    pub(crate) fn read(cx: &Context<'_>) -> Result<Self, Fault> {
        let body = cx.call.body_within(BODY_LIMIT_BYTES)?;
        let kind = cx.call.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(edge::problem::Problem::unsupported_type("application/x-www-form-urlencoded").into());
        }
        cx.call.same_origin(std::slice::from_ref(&cx.app.0.public_url)).map_err(|_| Fault::Forged)?;
        let pairs = url::form_urlencoded::parse(body).take(FIELDS_MAX).map(|(name, value)| (name.into_owned(), value.into_owned()));
        let form = Self(pairs.collect());
        let session = match cx.signed_in() {
            Ok(session) => session,
            Err(Fault::Ended) => return Err(Fault::EndedForm(form)),
            Err(fault) => return Err(fault),
        };
        let claim = BASE64_URL_SAFE_NO_PAD.decode(form.text(PROOF)).unwrap_or_default();
        let proved = mac(session, &cx.call.path).is_some_and(|mac| mac.verify_slice(&claim).is_ok());
        if proved { Ok(form) } else { Err(Fault::Forged) }
    }

    /// A field's text without blanks around it; empty where it is missing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether a box is ticked, or a button with that name was pressed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// Every value of a name: of boxes that share one.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// What somebody entered, without what the page itself put into the form.
    pub(crate) fn entered(&self) -> impl Iterator<Item = (&str, &str)> {
        const OWN: [&str; 6] = [PROOF, "key", "version", "receipt", "next", "theme"];
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(|(name, value)| !OWN.contains(name) && !value.is_empty())
    }
}
