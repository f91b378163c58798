//! How a certificate comes from PayPal: the one thing here that uses the network.

use super::address::CertificateUrl;
use edge::config::{ConfigError, Env};
use futures::future::BoxFuture;
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use std::{net::IpAddr, sync::OnceLock, time::Duration};

/// A certificate and those that vouch for it have a few KB.
const BYTES_MAX: usize = 64 * 1024;

/// Where the local stack stands in for PayPal.
const ENDPOINT: &str = "PAYPAL_CERT_ENDPOINT";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// PayPal answered that there is none: asking again gives the same, so the address was made up.
    #[error("no certificate there: {0}")]
    NotThere(String),
    /// No answer, or one that says to come again.
    #[error("PayPal can't be asked for its certificate")]
    Unreachable(#[source] edge::Error),
}

/// What fetches certificates.
pub trait CertificateFetch: Send + Sync {
    /// The bytes at that address, without following it anywhere else.
    ///
    /// # Errors
    /// [`FetchError`].
    fn get<'a>(&'a self, url: &'a CertificateUrl) -> BoxFuture<'a, Result<Vec<u8>, FetchError>>;
}

/// Certificates over HTTPS: no redirects, no proxy.
#[derive(Debug, Default)]
pub struct HttpCertificates {
    endpoint: Option<Url>,
    /// Made when the first certificate is needed: an instance that never meets PayPal reads no roots.
    client: OnceLock<Client>,
}

impl HttpCertificates {
    /// Reads `PAYPAL_CERT_ENDPOINT`, which only the local stack sets: what is connected to instead of PayPal's host,
    /// after the address was found to be PayPal's.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] where it is not on this machine.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let endpoint = match env.optional(ENDPOINT) {
            Some(text) => Some(on_this_machine(&text).ok_or_else(|| ConfigError::Invalid { name: ENDPOINT.to_owned() })?),
            None => None,
        };
        Ok(Self { endpoint, client: OnceLock::new() })
    }

    fn target(&self, url: &CertificateUrl) -> Url {
        let url = url.url();
        let Some(mut target) = self.endpoint.clone() else { return url.clone() };
        target.set_path(url.path());
        target.set_query(url.query());
        target
    }

    fn client(&self) -> Result<&Client, FetchError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(5))
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(unreachable)?;
        Ok(self.client.get_or_init(|| client))
    }

    async fn download(&self, url: &CertificateUrl) -> Result<Vec<u8>, FetchError> {
        let mut answer = self.client()?.get(self.target(url)).send().await.map_err(unreachable)?;
        let status = answer.status();
        if status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) {
            return Err(FetchError::Unreachable(format!("status {status}").into()));
        }
        if status != StatusCode::OK {
            return Err(FetchError::NotThere(format!("status {status}")));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > BYTES_MAX {
                return Err(FetchError::NotThere("too large".to_owned()));
            }
        }
        Ok(bytes)
    }
}

impl CertificateFetch for HttpCertificates {
    fn get<'a>(&'a self, url: &'a CertificateUrl) -> BoxFuture<'a, Result<Vec<u8>, FetchError>> {
        Box::pin(self.download(url))
    }
}

fn unreachable(error: reqwest::Error) -> FetchError {
    FetchError::Unreachable(error.without_url().into())
}

/// A variable set by mistake must not send production anywhere else than to PayPal.
fn on_this_machine(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let address: IpAddr = url.host_str()?.trim_matches(['[', ']']).parse().ok()?;
    (url.scheme() == "http" && address.is_loopback() && url.username().is_empty() && url.password().is_none()).then_some(url)
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
