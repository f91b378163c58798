//! What a browser is told about a page, so that nothing but the page itself runs in it.

use super::{COMMON, CONSOLE, Kit};
use base64::{Engine, prelude::BASE64_STANDARD};
use edge::{http::Reply, problem::Problem};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A text's hash, as a content security policy names it.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// The hashes of a kit: style, script.
type Hashes = LazyLock<(String, String)>;

fn of(kit: &Kit) -> (String, String) {
    (hash(kit.style), hash(kit.script))
}

static COMMON_HASHES: Hashes = LazyLock::new(|| of(&COMMON));
static CONSOLE_HASHES: Hashes = LazyLock::new(|| of(&CONSOLE));

/// Adds the headers of a page. `issuer` is an origin: signing out is a form whose answer leads there, and browsers hold
/// a form's redirects to the policy, too.
pub(super) fn secure(reply: Reply, kit: &Kit, issuer: &str) -> Result<Reply, Problem> {
    let (style, script) = if kit.style == CONSOLE.style { &*CONSOLE_HASHES } else { &*COMMON_HASHES };
    let policy = format!(
        "default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; form-action 'self' {issuer}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    reply
        .header("content-security-policy", &policy)?
        .header("cache-control", "no-store, private")?
        // The path of a page may hold a receipt; its origin is what forms are known by.
        .header("referrer-policy", "strict-origin-when-cross-origin")?
        .header("x-frame-options", "DENY")?
        .header("cross-origin-opener-policy", "same-origin")?
        .header("cross-origin-resource-policy", "same-origin")?
        .header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")?
        .header("strict-transport-security", "max-age=31536000")
}
