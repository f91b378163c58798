//! Everyone in the story talks to the front door over HTTP, as in real life.

use super::Wrong;
use crate::{
    signing::{self, Source, WebhookSecrets},
    stack::Stack,
};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::Value;

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// A text of the body.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// Asserts the status.
    pub(crate) fn expect(self, status: u16, what: &str) -> Result<Self, Wrong> {
        if self.status.as_u16() == status {
            Ok(self)
        } else {
            Err(format!("{what}: {} instead of {status}: {}", self.status, self.body).into())
        }
    }
}

/// The way to the front door.
pub(crate) struct FrontDoor<'a> {
    stack: &'a Stack,
    http: Client,
}

impl<'a> FrontDoor<'a> {
    pub(crate) fn new(stack: &'a Stack) -> Self {
        // Redirects are looked at, not followed; a proxy of the environment is none of ours.
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap_or_default();
        Self { stack, http }
    }

    pub(crate) const fn stack(&self) -> &'a Stack {
        self.stack
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.stack.url()))
    }

    async fn read(response: Response) -> Result<Answer, Wrong> {
        let header = |name: &str| {
            response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok().map(str::to_owned)).collect::<Vec<_>>()
        };
        let (status, location, cookies) = (response.status(), header("location").pop(), header("set-cookie"));
        let bytes = response.bytes().await?;
        Ok(Answer { status, location, cookies, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    /// A visitor follows a link.
    pub(crate) async fn visit(&self, path: &str) -> Result<Answer, Wrong> {
        let request = self.request(Method::GET, path).header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Demo");
        Self::read(request.send().await?).await
    }

    /// `name` asks for something.
    pub(crate) async fn get(&self, name: &str, path: &str) -> Result<Answer, Wrong> {
        let token = self.stack.token_for(name)?;
        Self::read(self.request(Method::GET, path).bearer_auth(token).send().await?).await
    }

    /// `name` sends JSON.
    pub(crate) async fn send(
        &self,
        name: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answer, Wrong> {
        let token = self.stack.token_for(name)?;
        let mut request = self.request(method, path).bearer_auth(token).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Self::read(request.send().await?).await
    }

    /// A processor posts an event, signed at the stack's time.
    pub(crate) async fn post_event(&self, source: Source, event: &Value) -> Result<Answer, Wrong> {
        let body = serde_json::to_vec(event)?;
        let secrets = WebhookSecrets { stripe: self.stack.secrets().stripe(), platform: self.stack.secrets().platform() };
        let mut request = self.request(Method::POST, &format!("/webhooks/{}", source.as_str()));
        for (name, value) in signing::headers(source, secrets, &body, self.stack.clock().now_ms() / 1000)? {
            request = request.header(name, value);
        }
        Self::read(request.body(body).send().await?).await
    }

    /// What the stack itself is told to do, by its own door.
    pub(crate) async fn local(&self, path: &str, body: &Value) -> Result<Answer, Wrong> {
        let request = self.request(Method::POST, &format!("/_local{path}")).header("x-local-token", self.stack.run_token());
        Self::read(request.json(body).send().await?).await
    }

    /// Somebody fills in a form of somebody else's page.
    pub(crate) async fn fill_in(&self, url: &str, fields: &[(&str, &str)]) -> Result<StatusCode, Wrong> {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        Ok(request.send().await?.status())
    }

    /// `name` downloads a file: its status and bytes.
    pub(crate) async fn download(&self, name: &str, path: &str) -> Result<(u16, Vec<u8>), Wrong> {
        let token = self.stack.token_for(name)?;
        let response = self.request(Method::GET, path).bearer_auth(token).send().await?;
        Ok((response.status().as_u16(), response.bytes().await?.to_vec()))
    }

    /// Waits until everything that is due is done; what is to be seen later waits for the clock.
    pub(crate) async fn drain_due(&self) -> Result<(), Wrong> {
        if self.stack.drain_due().await? { Ok(()) } else { Err("the queues do not come to rest".into()) }
    }

    /// Waits until everything that was accepted is posted.
    pub(crate) async fn drain(&self) -> Result<(), Wrong> {
        if self.stack.drain().await? { Ok(()) } else { Err("the queues do not run empty".into()) }
    }
}
