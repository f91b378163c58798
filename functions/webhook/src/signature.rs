//! What the signature schemes here share: HMAC-SHA256, constant time, and a time near now.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How far a signature's time may be from ours, either way, in seconds: the sender's libraries use the
/// same, and a captured request is of no use after it.
pub(crate) const TOLERANCE_SECONDS: i64 = 300;

/// The longest timestamp read: twelve digits reach beyond the year 30000.
const TIMESTAMP_DIGITS_MAX: usize = 12;

/// Why a request is not from whom it says. Told to the log, not to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A header of the scheme is missing.
    #[error("no signature")]
    Missing,
    /// A header of the scheme has another form, or says one thing twice.
    #[error("malformed signature")]
    Malformed,
    /// The signature's time is further from now than its scheme allows: 300 s, and days back at PayPal's.
    #[error("signature too old or too early")]
    Stale,
    /// It names another algorithm than the one that its sender signs with.
    #[error("another algorithm")]
    Algorithm,
    /// It names a certificate that is not at its sender's: nothing was fetched.
    #[error("certificate address not at the sender's")]
    Address,
    /// What is at the certificate's address is none of its sender's.
    #[error("certificate not the sender's")]
    Certificate,
    /// No signature fits the body under any of our secrets.
    #[error("wrong signature")]
    Wrong,
}

/// Whether one of the `candidates` is the HMAC-SHA256 of the joined `parts` under one of the `keys`.
/// Every key and every candidate is tried, each in constant time, so that the answer's time tells nothing.
pub(crate) fn any_fits<'k>(keys: impl IntoIterator<Item = &'k [u8]>, parts: &[&[u8]], candidates: &[Vec<u8>]) -> bool {
    let mut fits = Choice::from(0);
    for key in keys {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { continue };
        for part in parts {
            mac.update(part);
        }
        let made = mac.finalize().into_bytes();
        for candidate in candidates {
            fits |= made.as_slice().ct_eq(candidate);
        }
    }
    fits.into()
}

/// Takes a signature's time where it is near `now`.
///
/// # Errors
/// [`Refusal::Malformed`] where `seconds` is not plain digits; [`Refusal::Stale`] where it is too far away.
pub(crate) fn near(seconds: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    // `parse` alone would take a plus sign.
    if seconds.is_empty() || seconds.len() > TIMESTAMP_DIGITS_MAX || !seconds.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Malformed);
    }
    let signed_at: i64 = seconds.parse().map_err(|_| Refusal::Malformed)?;
    if (now.timestamp() - signed_at).abs() <= TOLERANCE_SECONDS { Ok(()) } else { Err(Refusal::Stale) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_is_digits_and_near() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        for (seconds, answer) in [
            ("1800000000", Ok(())),
            ("1799999700", Ok(())),
            ("1800000300", Ok(())),
            ("1799999699", Err(Refusal::Stale)),
            ("1800000301", Err(Refusal::Stale)),
            ("0", Err(Refusal::Stale)),
            ("", Err(Refusal::Malformed)),
            ("+1800000000", Err(Refusal::Malformed)),
            ("-1800000000", Err(Refusal::Malformed)),
            ("1800000000.0", Err(Refusal::Malformed)),
            ("1e9", Err(Refusal::Malformed)),
            ("9223372036854775807", Err(Refusal::Malformed)),
        ] {
            assert_eq!(near(seconds, now), answer, "{seconds:?}");
        }
    }

    /// RFC 4231, test case 2.
    #[test]
    fn any_key_and_any_candidate_may_fit() {
        let right = hex::decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843").unwrap();
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let keys: [&[u8]; 2] = [b"other", b"Jefe"];
        assert!(any_fits(keys, &parts, &[vec![0; 32], right.clone()]));
        assert!(!any_fits([&b"other"[..]], &parts, std::slice::from_ref(&right)));
        assert!(!any_fits(keys, &parts, &[right[..31].to_vec(), Vec::new()]), "a part of a signature is none");
        assert!(!any_fits(keys, &parts, &[]));
        assert!(!any_fits([], &parts, &[right]));
    }
}
