//! PayPal's signature: RSA over `{transmission id}|{transmission time}|{webhook id}|{CRC-32 of the raw body}`.
//!
//! A CRC is no hash: whoever has seen one signed transmission can make other bodies that fit it. So its headers are as
//! secret as a password while they are valid; they come over TLS, and are never logged.

use super::{address::CertificateUrl, certificates::Certificates};
use crate::{
    signature::{Refusal, TOLERANCE_SECONDS},
    sources::NotVerified,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use edge::http::Call;
use programme::fact::opaque;

/// The only algorithm that PayPal signs with; another name is not ours to follow.
const ALGORITHM: &str = "SHA256withRSA";

/// How old a transmission may be. PayPal tries for three days, and does not say that a later try is signed anew: with
/// the usual 300 s alone, whatever an outage of ours delayed would be lost. A repetition has no effect in any case,
/// since facts are merged by the ids of the payment, the refund and the dispute.
const AGE_MAX: TimeDelta = TimeDelta::seconds(3 * 24 * 60 * 60 + TOLERANCE_SECONDS);

/// How far a transmission's time may be ahead of ours.
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(TOLERANCE_SECONDS);

/// Verifies a request for the webhook `webhook_id`. What costs nothing is looked at first: nothing is fetched for a
/// request that could not be PayPal's anyway.
///
/// # Errors
/// [`NotVerified`].
pub(super) async fn verify(webhook_id: &str, certificates: &Certificates, call: &Call) -> Result<(), NotVerified> {
    let header = |name| call.header(name).ok_or(Refusal::Missing);
    let (id, time) = (header("paypal-transmission-id")?, header("paypal-transmission-time")?);
    let (signature, url) = (header("paypal-transmission-sig")?, header("paypal-cert-url")?);
    if header("paypal-auth-algo")? != ALGORITHM {
        return Err(Refusal::Algorithm.into());
    }
    // The parts are told apart by the bars alone.
    if !opaque(id) || id.contains('|') {
        return Err(Refusal::Malformed.into());
    }
    recent(time, call.now)?;
    let signature = STANDARD.decode(signature).map_err(|_| Refusal::Malformed)?;
    let url = CertificateUrl::try_new(url)?;
    let chain = certificates.at(&url, call.now).await?;
    let message = format!("{id}|{time}|{webhook_id}|{}", crc32fast::hash(&call.body));
    if chain.has_signed(message.as_bytes(), &signature) { Ok(()) } else { Err(Refusal::Wrong.into()) }
}

fn recent(time: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    let sent_at = DateTime::parse_from_rfc3339(time).map_err(|_| Refusal::Malformed)?.to_utc();
    let age = now - sent_at;
    if -AHEAD_MAX <= age && age <= AGE_MAX { Ok(()) } else { Err(Refusal::Stale) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_time_may_be_three_days_old_and_hardly_ahead() {
        let now = DateTime::parse_from_rfc3339("2026-11-18T11:06:40.500Z").unwrap().to_utc();
        for (time, answer) in [
            ("2026-11-18T11:06:40Z", Ok(())),
            ("2026-11-18T11:11:40Z", Ok(())),
            ("2026-11-18T11:11:40.500Z", Ok(())),
            ("2026-11-18T12:11:40+01:00", Ok(())),
            ("2026-11-18T11:11:41Z", Err(Refusal::Stale)),
            ("2026-11-15T11:01:41Z", Ok(())),
            ("2026-11-15T11:01:40Z", Err(Refusal::Stale)),
            ("1970-01-01T00:00:00Z", Err(Refusal::Stale)),
            ("9999-12-31T23:59:59Z", Err(Refusal::Stale)),
            ("2026-11-18T11:06:40", Err(Refusal::Malformed)),
            ("2026-11-18T11:06:40Z|x", Err(Refusal::Malformed)),
            ("1795000000", Err(Refusal::Malformed)),
            ("", Err(Refusal::Malformed)),
        ] {
            assert_eq!(recent(time, now), answer, "{time}");
        }
    }
}
