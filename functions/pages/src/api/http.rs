//! Asks the API over HTTP.

use super::{Answer, Api, Ask, Away};
use futures::future::BoxFuture;
use reqwest::{Client, Method, Url, header, redirect::Policy};
use std::time::Duration;

/// The largest answer that a page is made from; a list has 100 items at most.
const ANSWER_LIMIT_BYTES: usize = 4 * 1024 * 1024;
/// A page that waits longer is one that nobody waits for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The API under one base URL.
#[derive(Debug, Clone)]
pub struct HttpApi {
    base: String,
    client: Client,
}

/// Why there is no such API.
#[derive(Debug, thiserror::Error)]
#[error("the API's URL can't be asked")]
pub struct ApiUrlError;

impl HttpApi {
    /// The API at `url`, without a slash at the end.
    ///
    /// # Errors
    /// [`ApiUrlError`] for what is no HTTP address.
    pub fn try_new(url: &str) -> Result<Self, ApiUrlError> {
        let parsed = Url::parse(url).map_err(|_| ApiUrlError)?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
            return Err(ApiUrlError);
        }
        let client = Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .timeout(PATIENCE)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| ApiUrlError)?;
        Ok(Self { base: url.trim_end_matches('/').to_owned(), client })
    }

    async fn ask(&self, ask: Ask) -> Result<Answer, reqwest::Error> {
        let method = match ask.method {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            _ => Method::GET,
        };
        let mut request = self.client.request(method, format!("{}{}", self.base, ask.path)).bearer_auth(&ask.token);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        let mut response = request.send().await?;
        let cookies = response.headers().get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned);
        let mut answer = Answer { status: response.status().as_u16(), body: Vec::new(), cookies: cookies.collect() };
        while let Some(chunk) = response.chunk().await? {
            answer.body.extend_from_slice(&chunk);
            if answer.body.len() > ANSWER_LIMIT_BYTES {
                answer.body.clear();
                break;
            }
        }
        Ok(answer)
    }
}

impl Api for HttpApi {
    fn send<'a>(&'a self, ask: Ask) -> BoxFuture<'a, Result<Answer, Away>> {
        Box::pin(async move { self.ask(ask).await.map_err(|error| Away(error.without_url().into())) })
    }
}
