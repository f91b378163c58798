//! PayPal's certificates: fetched once a day, checked at every use.

use super::{
    address::CertificateUrl,
    chain::{Chain, Roots, RootsError, Untrusted},
    fetch::{CertificateFetch, FetchError},
};
use crate::{signature::Refusal, sources::NotVerified};
use chrono::{DateTime, TimeDelta, Utc};
use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// How long a certificate is used without asking PayPal again.
const KEPT: TimeDelta = TimeDelta::days(1);

/// How many are kept: PayPal has one or two at a time.
const ENTRIES_MAX: usize = 8;

struct Entry {
    url: CertificateUrl,
    fetched_at: DateTime<Utc>,
    chain: Chain,
}

/// Whom PayPal's certificates are fetched from, and checked against.
pub(super) struct Certificates {
    /// Those of the operating system are read when the first certificate is to be checked.
    roots: OnceLock<Roots>,
    fetch: Arc<dyn CertificateFetch>,
    /// Oldest first; only those that were PayPal's when they came.
    kept: Mutex<Vec<Entry>>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").field("roots", &self.roots).finish_non_exhaustive()
    }
}

impl Certificates {
    /// `roots`: those of the operating system, where none are given.
    pub(super) fn new(roots: Option<Roots>, fetch: Arc<dyn CertificateFetch>) -> Self {
        Self { roots: roots.map_or_else(OnceLock::new, OnceLock::from), fetch, kept: Mutex::default() }
    }

    /// The certificate at `url`, where it is PayPal's at `now`. A kept one that no longer is (it ran out) is fetched anew.
    ///
    /// # Errors
    /// [`Refusal::Certificate`] where there is none, or it is not PayPal's; [`NotVerified::Unavailable`] where PayPal
    /// can't be asked.
    pub(super) async fn at(&self, url: &CertificateUrl, now: DateTime<Utc>) -> Result<Chain, NotVerified> {
        let roots = self.roots().map_err(|error| NotVerified::Unavailable(error.into()))?;
        if let Some(chain) = self.kept(url, now).filter(|chain| chain.check(roots, now).is_ok()) {
            return Ok(chain);
        }
        let bytes = self.fetch.get(url).await.map_err(|error| match error {
            FetchError::NotThere(_) => refused(&error),
            FetchError::Unreachable(_) => NotVerified::Unavailable(error.into()),
        })?;
        let trusted = |bytes: &[u8]| -> Result<Chain, Untrusted> {
            let chain = Chain::from_pem(bytes)?;
            chain.check(roots, now)?;
            Ok(chain)
        };
        let chain = trusted(&bytes).map_err(|error| refused(&error))?;
        self.keep(url, now, chain.clone());
        Ok(chain)
    }

    fn roots(&self) -> Result<&Roots, RootsError> {
        if let Some(roots) = self.roots.get() {
            return Ok(roots);
        }
        let roots = Roots::of_the_system()?;
        Ok(self.roots.get_or_init(|| roots))
    }

    fn kept(&self, url: &CertificateUrl, now: DateTime<Utc>) -> Option<Chain> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|entry| entry.url == *url && now - entry.fetched_at < KEPT).map(|entry| entry.chain.clone())
    }

    /// Replaces what was kept of the same address; else the oldest gives way.
    fn keep(&self, url: &CertificateUrl, now: DateTime<Utc>, chain: Chain) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|entry| entry.url != *url);
        if kept.len() >= ENTRIES_MAX {
            kept.remove(0);
        }
        kept.push(Entry { url: url.clone(), fetched_at: now, chain });
    }
}

/// The log is told why: a certificate that ran out is ours to notice.
fn refused(error: &dyn std::error::Error) -> NotVerified {
    tracing::warn!(source = "paypal", %error, "certificate refused");
    NotVerified::Refused(Refusal::Certificate)
}
