//! Asks the issuer over HTTP.

use super::keys::{FetchError, KeyFetch};
use futures::future::BoxFuture;
use reqwest::{Client, StatusCode, Url, redirect::Policy};
use std::{net::IpAddr, time::Duration};

/// A discovery document and a key set have a few KB.
const DOCUMENT_LIMIT_BYTES: usize = 256 * 1024;

/// The issuer's documents over HTTP: `https`, or any scheme where the issuer is on this machine; no redirects, no proxy.
#[derive(Debug, Clone)]
pub struct HttpKeys {
    client: Client,
    plain_http: bool,
}

impl HttpKeys {
    /// A client for the documents of `issuer`.
    ///
    /// # Errors
    /// [`FetchError::Address`] for an issuer that may not be asked.
    pub fn try_new(issuer: &str) -> Result<Self, FetchError> {
        let plain_http = may_be_asked(issuer, true)?;
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(1))
            .timeout(Duration::from_secs(3))
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(unreachable)?;
        Ok(Self { client, plain_http })
    }

    async fn download(&self, url: &str) -> Result<String, FetchError> {
        may_be_asked(url, self.plain_http)?;
        let mut answer = self.client.get(url).header("accept", "application/json").send().await.map_err(unreachable)?;
        if answer.status() != StatusCode::OK {
            return Err(FetchError::Unreachable(format!("status {}", answer.status()).into()));
        }
        let mut bytes: Vec<u8> = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > DOCUMENT_LIMIT_BYTES {
                return Err(FetchError::Document("it is too large"));
            }
        }
        String::from_utf8(bytes).map_err(|_| FetchError::Document("it is not text"))
    }
}

impl KeyFetch for HttpKeys {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, FetchError>> {
        Box::pin(self.download(url))
    }
}

fn unreachable(error: reqwest::Error) -> FetchError {
    FetchError::Unreachable(error.without_url().into())
}

/// Whether an address may be asked, and if so, whether it is on this machine. Plain HTTP is for this machine alone, and
/// only where the issuer is there itself.
fn may_be_asked(url: &str, plain_http: bool) -> Result<bool, FetchError> {
    let url = Url::parse(url).map_err(|_| FetchError::Address)?;
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    let local = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    let asked = match url.scheme() {
        "https" => true,
        "http" => local && plain_http,
        _ => false,
    };
    if asked && url.username().is_empty() && url.password().is_none() { Ok(local) } else { Err(FetchError::Address) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// Asks a server on this machine that answers with these bytes.
    async fn ask(answer: Vec<u8>) -> Result<String, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4_096];
            assert!(stream.read(&mut request).await.unwrap() > 0);
            // The client hangs up where it has seen enough.
            drop(stream.write_all(&answer).await);
        });
        HttpKeys::try_new(&url).unwrap().get(&url).await
    }

    fn answer(status: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    }

    #[tokio::test]
    async fn a_document_is_taken_from_a_plain_200_alone() {
        assert_eq!(ask(answer("200 OK", b"{}")).await.unwrap(), "{}");
        for status in ["302 Found", "204 No Content", "404 Not Found", "500 Oops"] {
            assert!(matches!(ask(answer(status, b"{}")).await, Err(FetchError::Unreachable(_))), "{status}");
        }
        assert!(matches!(ask(answer("200 OK", b"\xFF")).await, Err(FetchError::Document(_))));
        assert!(matches!(ask(answer("200 OK", &vec![b' '; DOCUMENT_LIMIT_BYTES + 1])).await, Err(FetchError::Document(_))));
        assert!(matches!(ask(Vec::new()).await, Err(FetchError::Unreachable(_))));
    }

    #[tokio::test]
    async fn a_key_set_elsewhere_in_clear_is_not_asked_for() {
        let keys = HttpKeys::try_new("https://issuer.example").unwrap();
        for url in ["http://issuer.example/keys", "http://127.0.0.1:1/keys"] {
            assert!(matches!(keys.get(url).await, Err(FetchError::Address)), "{url}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (url, plain_http, expected) in [
            ("https://issuer.example", false, Some(false)),
            ("https://127.0.0.1:8443", false, Some(true)),
            ("http://127.0.0.1:8080/oidc", true, Some(true)),
            ("http://[::1]:8080", true, Some(true)),
            ("http://localhost:8080", true, Some(true)),
            ("http://127.0.0.1:8080", false, None),
            ("http://issuer.example", true, None),
            ("http://localhost.example", true, None),
            ("http://127.0.0.1.example", true, None),
            ("http://127.0.0.1@issuer.example", true, None),
            ("https://user:word@issuer.example", true, None),
            ("http://169.254.169.254", true, None),
            ("http://0.0.0.0", true, None),
            ("file:///etc/passwd", true, None),
            ("issuer.example", true, None),
            ("", true, None),
        ] {
            assert_eq!(may_be_asked(url, plain_http).ok(), expected, "{url}");
        }
        assert!(HttpKeys::try_new("http://issuer.example").is_err());
    }
}
