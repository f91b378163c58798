//! A code becomes tokens.

use crate::api::Away;
use futures::future::BoxFuture;
use reqwest::{Client, Url, header, redirect::Policy};
use serde::Deserialize;
use std::{fmt, net::IpAddr, time::Duration};

/// Three tokens and a few words.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;

/// What the issuer gives for a code.
#[derive(Clone, Deserialize)]
pub struct Tokens {
    /// Opens the API.
    pub access_token: String,
    /// Tells who signed in.
    pub id_token: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

/// Posts a form to the issuer's token door.
pub trait Exchange: Send + Sync {
    /// The tokens, or `None` where the issuer refuses the code.
    ///
    /// # Errors
    /// [`Away`] where it does not answer, or not with tokens.
    fn exchange<'a>(&'a self, url: &'a str, form: String) -> BoxFuture<'a, Result<Option<Tokens>, Away>>;
}

/// Over HTTP: `https`, or this machine where the issuer is on it.
#[derive(Debug, Clone)]
pub struct HttpExchange {
    client: Client,
    plain_http: bool,
}

impl HttpExchange {
    /// For the issuer at that URL.
    ///
    /// # Errors
    /// [`Away`] for an issuer that may not be asked.
    pub fn try_new(issuer: &str) -> Result<Self, Away> {
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(Duration::from_secs(8))
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| Away(error.into()))?;
        Ok(Self { client, plain_http: is_on_this_machine(issuer) })
    }

    async fn post(&self, url: &str, form: String) -> Result<Option<Tokens>, Away> {
        if !(url.starts_with("https://") || self.plain_http && is_on_this_machine(url)) {
            return Err(Away("the token door may not be asked".into()));
        }
        let failed = |error: reqwest::Error| Away(error.without_url().into());
        let request = self.client.post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let mut response = request.header(header::ACCEPT, "application/json").send().await.map_err(failed)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_LIMIT_BYTES {
                return Err(Away("the token door says too much".into()));
            }
        }
        match status.as_u16() {
            200 => serde_json::from_slice(&body).map(Some).map_err(|_| Away("the token door gives no tokens".into())),
            400 | 401 => Ok(None),
            other => Err(Away(format!("the token door answers {other}").into())),
        }
    }
}

impl Exchange for HttpExchange {
    fn exchange<'a>(&'a self, url: &'a str, form: String) -> BoxFuture<'a, Result<Option<Tokens>, Away>> {
        Box::pin(self.post(url, form))
    }
}

fn is_on_this_machine(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let loopback = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "http" && (host == "localhost" || loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_goes_over_tls_or_nowhere_else() {
        for (url, here) in [
            ("http://127.0.0.1:8080/token", true),
            ("http://localhost/token", true),
            ("http://[::1]:1/token", true),
            ("http://issuer.example/token", false),
            ("http://127.0.0.1.example/token", false),
            ("https://127.0.0.1/token", false),
            ("", false),
        ] {
            assert_eq!(is_on_this_machine(url), here, "{url}");
        }
    }
}
