//! Stripe's signature: `Stripe-Signature: t={seconds},v1={hex},…`, v1 an HMAC-SHA256 of
//! `{t}.{raw body}` under the whole secret, its `whsec_` included.

use crate::signature::{self, Refusal};
use chrono::{DateTime, Utc};
use edge::config::Secret;

/// Verifies `header` over the raw `body`. Any v1 may fit under any secret, since two are valid while
/// one is rotated; v0 and schemes to come are passed over.
///
/// # Errors
/// [`Refusal`].
pub(super) fn verify(secrets: &[Secret], header: Option<&str>, body: &[u8], now: DateTime<Utc>) -> Result<(), Refusal> {
    let mut signed_at = None;
    let mut candidates = Vec::new();
    for element in header.ok_or(Refusal::Missing)?.split(',') {
        match element.trim().split_once('=').ok_or(Refusal::Malformed)? {
            // Which of two times was signed is not ours to guess.
            ("t", _) if signed_at.is_some() => return Err(Refusal::Malformed),
            ("t", seconds) => signed_at = Some(seconds),
            // What is not hex fits nothing, but another v1 beside it still may.
            ("v1", text) => candidates.extend(hex::decode(text)),
            (_, _) => {}
        }
    }
    let seconds = signed_at.ok_or(Refusal::Malformed)?;
    signature::near(seconds, now)?;
    let keys = secrets.iter().map(|secret| secret.expose().as_bytes());
    if signature::any_fits(keys, &[seconds.as_bytes(), b".", body], &candidates) { Ok(()) } else { Err(Refusal::Wrong) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// `printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_stripe`.
    const V1: &str = "023a9526921f317fc3dbf12002d97e4be18738f20a879e862625e36451f151e0";

    #[test]
    fn headers_are_read_as_stripe_writes_them() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let secrets = [Secret::new("whsec_new"), Secret::new("whsec_stripe")];
        let zeros = "0".repeat(64);
        for (header, answer) in [
            (Some(format!("t=1700000000,v1={V1}")), Ok(())),
            (Some(format!("t=1700000000, v1={V1}")), Ok(())),
            (Some(format!("v1={V1},t=1700000000")), Ok(())),
            (Some(format!("t=1700000000,v1={zeros},v1=not hex,v1={V1},v0={zeros},v9=x")), Ok(())),
            (Some(format!("t=1700000000,v1={zeros}")), Err(Refusal::Wrong)),
            (Some(format!("t=1700000000,v0={V1}")), Err(Refusal::Wrong)),
            (Some("t=1700000000".into()), Err(Refusal::Wrong)),
            (Some(format!("t=1700000001,v1={V1}")), Err(Refusal::Wrong)),
            (Some(format!("t=01700000000,v1={V1}")), Err(Refusal::Wrong)),
            (Some(format!("t=1700000000,t=1700000000,v1={V1}")), Err(Refusal::Malformed)),
            (Some(format!("v1={V1}")), Err(Refusal::Malformed)),
            (Some(format!("t=,v1={V1}")), Err(Refusal::Malformed)),
            (Some(V1.into()), Err(Refusal::Malformed)),
            (Some(String::new()), Err(Refusal::Malformed)),
            (None, Err(Refusal::Missing)),
        ] {
            assert_eq!(verify(&secrets, header.as_deref(), b"{}", now), answer, "{header:?}");
        }
        let header = format!("t=1700000000,v1={V1}");
        assert_eq!(verify(&secrets, Some(&header), b"{ }", now), Err(Refusal::Wrong), "every byte counts");
        assert_eq!(verify(&secrets[..1], Some(&header), b"{}", now), Err(Refusal::Wrong), "the old secret is gone");
        assert_eq!(verify(&secrets, Some(&header), b"{}", now + chrono::TimeDelta::seconds(301)), Err(Refusal::Stale));
    }
}
