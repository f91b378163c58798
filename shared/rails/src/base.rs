//! Where a rail's interface is.

use std::net::IpAddr;
use url::Url;

/// An address that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rail's address is https, or on this machine")]
pub(crate) struct BaseError;

/// The address before every path: https, or any scheme of the two where it is on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Base(Url);

impl Base {
    /// Takes an address.
    ///
    /// # Errors
    /// [`BaseError`] for http elsewhere than on this machine, and for one with a user, a query or a fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, BaseError> {
        let url = Url::parse(text).map_err(|_| BaseError)?;
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
        let scheme = url.scheme() == "https" || (url.scheme() == "http" && local);
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if scheme && plain && !host.is_empty() { Ok(Self(url)) } else { Err(BaseError) }
    }

    /// The address of a path, each segment escaped, so that no id can lead elsewhere.
    pub(crate) fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        // Only addresses without a host have no path, and `parse` takes none of those.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (text, fits) in [
            ("https://api.stripe.com", true),
            ("https://api-m.paypal.com/", true),
            ("http://127.0.0.1:4010", true),
            ("http://localhost:4010/rail", true),
            ("http://[::1]:4010", true),
            ("http://api.stripe.com", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1@example.com", false),
            ("https://user@api.stripe.com", false),
            ("https://:word@api.stripe.com", false),
            ("https://api.stripe.com?a=b", false),
            ("ftp://127.0.0.1", false),
            ("file:///etc/passwd", false),
            ("api.stripe.com", false),
            ("", false),
        ] {
            assert_eq!(Base::parse(text).is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn a_segment_stays_a_segment() {
        let base = Base::parse("http://127.0.0.1:1/rail/").unwrap();
        assert_eq!(base.path(&["v1", "transfers"]).as_str(), "http://127.0.0.1:1/rail/v1/transfers");
        assert_eq!(base.path(&["v1", "a/b?c#d"]).path(), "/rail/v1/a%2Fb%3Fc%23d");
        let bare = Base::parse("https://api.stripe.com").unwrap();
        assert_eq!(bare.path(&["v1", "transfers"]).as_str(), "https://api.stripe.com/v1/transfers");
    }
}
