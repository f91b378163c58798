//! A certificate with those that vouch for it, and whom all of them must lead back to.

use chrono::{DateTime, Utc};
use rustls_pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime, pem::PemObject};
use std::{fmt, sync::Arc, time::Duration};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs::RSA_PKCS1_2048_8192_SHA256};

/// PayPal's file has three or four.
const CERTIFICATES_MAX: usize = 8;

/// What PayPal's signing certificates are for, live and in its sandbox. The key of any other of its servers signs no
/// events.
const SIGNERS: [&str; 2] = ["messageverificationcerts.paypal.com", "messageverificationcerts.sandbox.paypal.com"];

/// Why a certificate counts for nothing. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untrusted {
    #[error("not 1 to {CERTIFICATES_MAX} certificates in PEM")]
    Form,
    #[error("the clock is before 1970")]
    Clock,
    #[error("not for PayPal's webhooks")]
    Name,
    #[error("{0}")]
    Chain(#[from] webpki::Error),
}

/// Roots are not certificates in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the roots are not certificates in PEM")]
pub struct RootsError;

/// Those whom everybody trusts to vouch for names, or those of a stack of its own.
#[derive(Clone)]
pub struct Roots(Vec<TrustAnchor<'static>>);

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Roots").field(&self.0.len()).finish()
    }
}

impl Roots {
    /// Takes the certificates in a PEM text.
    ///
    /// # Errors
    /// [`RootsError`] where there is none, or one that can't be read.
    pub fn from_pem(text: &str) -> Result<Self, RootsError> {
        let anchors = CertificateDer::pem_slice_iter(text.as_bytes()).map(|der| anchor(&der.map_err(|_| RootsError)?).ok_or(RootsError));
        Self::some(anchors.collect::<Result<_, _>>()?)
    }

    /// Those of the operating system, which its updates renew: what a connection to PayPal is checked with, too.
    ///
    /// # Errors
    /// [`RootsError`] where there is none.
    pub(super) fn of_the_system() -> Result<Self, RootsError> {
        // One that can't be read vouches for nobody; the others still do.
        Self::some(rustls_native_certs::load_native_certs().certs.iter().filter_map(anchor).collect())
    }

    fn some(anchors: Vec<TrustAnchor<'static>>) -> Result<Self, RootsError> {
        if anchors.is_empty() { Err(RootsError) } else { Ok(Self(anchors)) }
    }
}

fn anchor(der: &CertificateDer<'_>) -> Option<TrustAnchor<'static>> {
    Some(anchor_from_trusted_cert(der).ok()?.to_owned())
}

/// Certificates as PayPal serves them, the signer's first. Nothing of it is believed before [`Chain::check`].
#[derive(Clone)]
pub(super) struct Chain(Arc<[CertificateDer<'static>]>);

impl Chain {
    /// # Errors
    /// [`Untrusted::Form`].
    pub(super) fn from_pem(bytes: &[u8]) -> Result<Self, Untrusted> {
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(bytes).collect::<Result<_, _>>().map_err(|_| Untrusted::Form)?;
        let fits = (1..=CERTIFICATES_MAX).contains(&certificates.len());
        if fits { Ok(Self(certificates.into())) } else { Err(Untrusted::Form) }
    }

    /// Whether it is PayPal's: it leads to one of the `roots`, every certificate on the way is valid at `now`, and the
    /// signer's name is the one that PayPal signs events under. Revocations are not asked for: a certificate is used for
    /// a day at most after PayPal itself has served it.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub(super) fn check(&self, roots: &Roots, now: DateTime<Utc>) -> Result<(), Untrusted> {
        let (signer, others) = self.0.split_first().ok_or(Untrusted::Form)?;
        let signer = EndEntityCert::try_from(signer)?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(now.timestamp().try_into().map_err(|_| Untrusted::Clock)?));
        signer.verify_for_usage(ALL_VERIFICATION_ALGS, &roots.0, others, at, KeyUsage::server_auth(), None, None)?;
        let named = |name| ServerName::try_from(name).is_ok_and(|name| signer.verify_is_valid_for_subject_name(&name).is_ok());
        if SIGNERS.into_iter().any(named) { Ok(()) } else { Err(Untrusted::Name) }
    }

    /// Whether the signer has signed `message`: RSA (PKCS #1 v1.5, 2048 to 8192 bits) over its SHA-256.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.first().and_then(|signer| EndEntityCert::try_from(signer).ok()).is_some_and(|signer| {
            // The key must be one of that algorithm: which it is, is not for the certificate to choose.
            signer.verify_signature(RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_no_pem_is_no_chain_and_no_root() {
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "<html></html>"] {
            assert!(matches!(Chain::from_pem(text.as_bytes()), Err(Untrusted::Form)), "{text}");
            assert_eq!(Roots::from_pem(text).unwrap_err(), RootsError, "{text}");
        }
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(Roots::from_pem(garbage).is_err());
        assert!(Chain::from_pem(garbage.repeat(CERTIFICATES_MAX).as_bytes()).is_ok(), "the form is all that is read");
        assert!(matches!(Chain::from_pem(garbage.repeat(CERTIFICATES_MAX + 1).as_bytes()), Err(Untrusted::Form)));
    }
}
