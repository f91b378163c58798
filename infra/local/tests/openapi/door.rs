//! The front door of a running stack, where every question and every answer is held against the description.

use crate::{
    schema,
    spec::{Operation, Spec},
};
use local::stack::Stack;
use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;
use std::{cell::RefCell, collections::BTreeSet};

pub(crate) struct Door<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) stack: &'a Stack,
    http: Client,
    /// The operations that have answered with success.
    succeeded: RefCell<BTreeSet<String>>,
}

/// A question, by the description's name for it.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    id: &'a str,
    who: Option<&'a str>,
    names: &'a [&'a str],
    query: &'a str,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl<'a> Ask<'a> {
    pub(crate) const fn new(id: &'a str) -> Self {
        Self { id, who: None, names: &[], query: "", headers: Vec::new(), body: None }
    }

    /// With a token of this person's.
    pub(crate) fn by(self, who: &'a str) -> Self {
        Self { who: Some(who), ..self }
    }

    /// What stands in the path for its placeholders, in their order.
    pub(crate) fn of(self, names: &'a [&'a str]) -> Self {
        Self { names, ..self }
    }

    pub(crate) fn query(self, query: &'a str) -> Self {
        Self { query, ..self }
    }

    pub(crate) fn headers(self, headers: Vec<(&'static str, String)>) -> Self {
        Self { headers, ..self }
    }

    pub(crate) fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

impl<'a> Door<'a> {
    pub(crate) fn new(spec: &'a Spec, stack: &'a Stack) -> Self {
        let http = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { spec, stack, http, succeeded: RefCell::default() }
    }

    /// The operations that never answered with success.
    pub(crate) fn never_succeeded(&self) -> Vec<String> {
        let all = self.spec.operations().into_iter().map(|operation| operation.id.to_owned());
        all.filter(|id| !self.succeeded.borrow().contains(id)).collect()
    }

    /// Asks, and fails the test where the status is another than `status`, or the answer is not as described.
    pub(crate) async fn ask(&self, ask: Ask<'_>, status: u16) -> Value {
        let (answered, body) = self.answer(ask.clone()).await;
        assert_eq!(answered, status, "{}: {body}", ask.id);
        body
    }

    /// Asks, and fails the test where the answer is not as described.
    pub(crate) async fn answer(&self, ask: Ask<'_>) -> (u16, Value) {
        let operation = self.spec.operation(ask.id);
        let response = self.request(&operation, &ask).send().await.unwrap();
        let status = response.status().as_u16();
        let body = self.described(&operation, response).await;
        if status < 400 {
            self.fits_the_form(&operation, ask.body.as_ref());
            self.succeeded.borrow_mut().insert(ask.id.to_owned());
        }
        (status, body)
    }

    fn request(&self, operation: &Operation<'_>, ask: &Ask<'_>) -> RequestBuilder {
        let mut names = ask.names.iter();
        let segment =
            |segment: &str| if segment.starts_with('{') { (*names.next().expect("a name")).to_owned() } else { segment.to_owned() };
        let path = operation.path.split('/').map(segment).collect::<Vec<_>>().join("/");
        let mut request = self.http.request(operation.method.clone(), format!("{}{path}{}", self.stack.url(), ask.query));
        request = request.header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Test");
        if let Some(who) = ask.who {
            request = request.bearer_auth(self.stack.token_for(who).unwrap());
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        // Bytes of our own, since signatures are over them; with a type of their own, one is enough.
        let Some(body) = &ask.body else { return request };
        let typed = ask.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let request = if typed { request } else { request.header("content-type", "application/json") };
        request.body(body.to_string())
    }

    async fn described(&self, operation: &Operation<'_>, response: Response) -> Value {
        let place = format!("{} {}", operation.id, response.status().as_u16());
        let told = operation.item["responses"].get(response.status().as_str()).unwrap_or_else(|| panic!("{place} is not described"));
        let told = self.spec.resolve(told);
        let headers =
            told.get("headers").and_then(Value::as_object).into_iter().flatten().map(|(name, header)| (name, self.spec.resolve(header)));
        for (name, _) in headers.filter(|(_, header)| header["required"] == true) {
            assert!(response.headers().contains_key(name), "{place}: no header {name}");
        }
        let kind = response.headers().get("content-type").map(|kind| kind.to_str().unwrap().split(';').next().unwrap().to_owned());
        let bytes = response.bytes().await.unwrap();
        let Some(kinds) = told.get("content").and_then(Value::as_object) else {
            assert!(bytes.is_empty(), "{place}: a body that is not described");
            return Value::Null;
        };
        let kind = kind.unwrap_or_default();
        let schema = &kinds.get(&kind).unwrap_or_else(|| panic!("{place}: {kind} is not described"))["schema"];
        let body = if kind.ends_with("json") {
            serde_json::from_slice(&bytes).unwrap()
        } else if kind.starts_with("text/") {
            String::from_utf8(bytes.to_vec()).unwrap().into()
        } else {
            String::from_utf8_lossy(&bytes).into()
        };
        let errors = schema::errors(self.spec, schema, &body);
        assert!(errors.is_empty(), "{place}: {errors:#?}\n{body:#}");
        body
    }

    /// What was taken has to be what is described as taken.
    fn fits_the_form(&self, operation: &Operation<'_>, body: Option<&Value>) {
        let form = operation.item.get("requestBody");
        let Some(body) = body else {
            assert!(form.is_none_or(|form| form.get("required").is_none()), "{}: taken without a body", operation.id);
            return;
        };
        let schema = &form.unwrap_or_else(|| panic!("{}: no body is described", operation.id))["content"]["application/json"]["schema"];
        let errors = schema::errors(self.spec, schema, body);
        assert!(errors.is_empty(), "{}: {errors:#?}\n{body:#}", operation.id);
    }
}
