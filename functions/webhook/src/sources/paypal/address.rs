//! Where a certificate may be asked for: at PayPal, and nowhere else.

use crate::signature::Refusal;
use reqwest::Url;
use std::fmt;

/// PayPal's own domain.
const DOMAIN: &str = "paypal.com";

/// PayPal's API gives the field 500 characters.
const BYTES_MAX: usize = 500;

/// The address of a certificate at PayPal: only what [`CertificateUrl::try_new`] lets through is ever fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateUrl(Url);

impl fmt::Debug for CertificateUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl CertificateUrl {
    /// Takes `https` addresses whose host is exactly `paypal.com` or under `.paypal.com`, without user, password or
    /// another port than 443.
    ///
    /// Whoever posts an event chooses this text. So it must also *spell* the host that the parser finds, letter by
    /// letter: what programs read differently (`\`, `@`, escapes, blanks, other scripts, capitals) is refused instead of
    /// understood.
    ///
    /// # Errors
    /// [`Refusal::Address`].
    pub fn try_new(text: &str) -> Result<Self, Refusal> {
        let url = Url::parse(text).ok().filter(|_| text.len() <= BYTES_MAX).ok_or(Refusal::Address)?;
        let host = url.host_str().unwrap_or_default();
        let authority = text.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let spelled = authority == host || authority.strip_suffix(":443") == Some(host);
        if spelled && is_paypals(host) { Ok(Self(url)) } else { Err(Refusal::Address) }
    }

    /// The address itself.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
}

/// Whether a host's name is PayPal's: plain labels, the last two of them `paypal` and `com`.
fn is_paypals(host: &str) -> bool {
    let labels = host == DOMAIN || host.strip_suffix(DOMAIN).is_some_and(|rest| rest.ends_with('.'));
    labels && host.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_at_paypal() {
        for text in [
            "https://paypal.com/cert",
            "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-df8cd2d5",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77",
            "https://api-m.paypal.com:443/v1/notifications/certs/CERT-1?a=b",
            "https://messageverificationcerts.paypal.com/",
        ] {
            assert_eq!(CertificateUrl::try_new(text).unwrap().url().host_str(), Url::parse(text).unwrap().host_str(), "{text}");
        }
    }

    #[test]
    fn every_other_address_is_refused() {
        for text in TRICKS {
            assert_eq!(CertificateUrl::try_new(text), Err(Refusal::Address), "{text}");
        }
        assert!(CertificateUrl::try_new(&format!("https://api.paypal.com/{}", "a".repeat(478))).is_err());
        assert!(CertificateUrl::try_new(&format!("https://api.paypal.com/{}", "a".repeat(477))).is_ok());
    }

    const TRICKS: [&str; 44] = [
        "",
        "cert_url",
        "/v1/notifications/certs/CERT-1",
        "//api.paypal.com/cert",
        "http://api.paypal.com/cert",
        "HTTPS://api.paypal.com/cert",
        "ftp://api.paypal.com/cert",
        "file:///etc/ssl/cert.pem",
        "data:text/plain,cert",
        "https:api.paypal.com/cert",
        "https:/api.paypal.com/cert",
        "https:///api.paypal.com/cert",
        "https:\\\\api.paypal.com\\cert",
        "https://evil.example/cert",
        "https://evil.example/api.paypal.com/cert",
        "https://evil.example?.paypal.com/cert",
        "https://evil.example#.paypal.com/cert",
        "https://evil.example\\.paypal.com/cert",
        "https://evilpaypal.com/cert",
        "https://paypal.com.evil.example/cert",
        "https://api.paypal.com.evil.example/cert",
        "https://paypal.co/cert",
        "https://paypal.community/cert",
        "https://api.paypal.com@evil.example/cert",
        "https://evil.example@api.paypal.com/cert",
        "https://user:word@api.paypal.com/cert",
        "https://@api.paypal.com/cert",
        "https://api.paypal.com:8443/cert",
        "https://api.paypal.com:0443/cert",
        "https://api.paypal.com:/cert",
        "https://api.paypal.com./cert",
        "https://paypal.com./cert",
        "https://.paypal.com/cert",
        "https://api..paypal.com/cert",
        "https://API.PayPal.com/cert",
        "https://api%2epaypal.com/cert",
        "https://%61pi.paypal.com/cert",
        "https://\u{430}pi.paypal.com/cert",
        "https://api.p\u{430}ypal.com/cert",
        "https://api.paypal\u{3002}com/cert",
        "https://\u{ff50}aypal.com/cert",
        "https://api.paypal.com\t/cert",
        " https://api.paypal.com/cert",
        "https://127.0.0.1/paypal.com",
    ];
}
