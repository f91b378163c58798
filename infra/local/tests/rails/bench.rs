//! The stand-ins alone, with a clock that a test moves, before a front door that only listens.

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use bytes::Bytes;
use ledger::Rail;
use local::{
    clock::Clock,
    paypal::PayPal,
    rails::{Ledger, Payment, Rails, RailsLocation, RailsSetting},
    secrets::Secrets,
};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);
pub(crate) const PROFILE: i64 = 30_000_000;

/// A webhook that came to the front door.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) source: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Came {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What happened, in the provider's word.
    pub(crate) fn kind(&self) -> String {
        let body = self.json();
        let kind = ["type", "event_type"].into_iter().find_map(|field| body[field].as_str());
        kind.unwrap().to_owned()
    }
}

/// The front door: it keeps what comes, and answers what it is told to.
pub(crate) struct Front {
    came: Mutex<Vec<Came>>,
    pub(crate) status: AtomicU16,
}

impl Front {
    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.came().iter().map(Came::kind).collect()
    }

    async fn start() -> (Arc<Self>, String) {
        let front = Arc::new(Self { came: Mutex::default(), status: AtomicU16::new(200) });
        let keep = |State(front): State<Arc<Self>>, path: axum::extract::Path<String>, headers: HeaderMap, body: Bytes| async move {
            front.came.lock().unwrap().push(Came { source: path.0, headers, body });
            StatusCode::from_u16(front.status.load(Ordering::SeqCst)).unwrap()
        };
        let router = Router::new().route("/webhooks/{source}", post(keep)).with_state(Arc::clone(&front));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (front, url)
    }
}

pub(crate) struct Bench {
    pub(crate) rails: Arc<Rails>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) secrets: Secrets,
    pub(crate) paypal: PayPal,
    pub(crate) front: Arc<Front>,
    pub(crate) url: String,
    pub(crate) http: Client,
}

impl Bench {
    pub(crate) async fn start() -> Self {
        // Their keys take long to make.
        static MADE: OnceLock<(Secrets, PayPal)> = OnceLock::new();
        let (secrets, paypal) = MADE.get_or_init(|| (Secrets::open(None).unwrap(), PayPal::open(None).unwrap())).clone();
        Self::at(RailsLocation::Memory, secrets, paypal).await
    }

    pub(crate) async fn at(location: RailsLocation, secrets: Secrets, paypal: PayPal) -> Self {
        let (front, front_url) = Front::start().await;
        let clock = Clock::open(None).unwrap();
        let setting =
            RailsSetting { location, clock: Arc::clone(&clock), secrets: secrets.clone(), paypal: paypal.key(), front: front_url };
        let rails = Rails::open(setting).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = rails.router(address);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { rails, clock, secrets, paypal, front, url: format!("http://{address}"), http: client() }
    }

    /// Moves the clock, and lets everything that is due by then happen.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time).await.unwrap();
        self.rails.advance().await.unwrap();
    }

    pub(crate) async fn books(&self, rail: Rail) -> Ledger {
        self.rails.books(rail, None).await.unwrap()
    }

    /// The one payment that there is.
    pub(crate) async fn only(&self, rail: Rail) -> Payment {
        let mut all = self.books(rail).await.payments;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    pub(crate) fn stripe(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/stripe{path}", self.url)).bearer_auth(self.secrets.stripe_api_key())
    }

    pub(crate) fn stripe_post(&self, path: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.stripe(Method::POST, path).header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub(crate) fn transfer(&self, key: &str, destination: &str, cents: &str) -> RequestBuilder {
        let form = [("amount", cents), ("currency", "usd"), ("destination", destination), ("transfer_group", key)];
        self.stripe_post("/v1/transfers", &form).header("idempotency-key", key)
    }

    pub(crate) async fn token(&self) -> String {
        let (id, secret) = self.secrets.paypal_client();
        let asked = self.http.post(format!("{}/paypal/v1/oauth2/token", self.url)).basic_auth(id, Some(secret));
        let asked = asked.header("content-type", "application/x-www-form-urlencoded").body("grant_type=client_credentials");
        said(asked).await.1["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn paypal(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/paypal{path}", self.url)).bearer_auth(self.token().await)
    }

    pub(crate) async fn batch(&self, id: &str, receiver: &str, value: &str) -> RequestBuilder {
        let body = json!({
            "sender_batch_header": { "sender_batch_id": id },
            "items": [{
                "recipient_type": "EMAIL", "receiver": receiver, "sender_item_id": id, "amount": { "value": value, "currency": "USD" },
            }],
        });
        self.paypal(Method::POST, "/v1/payments/payouts").await.json(&body)
    }

    pub(crate) fn wise(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/wise{path}", self.url)).bearer_auth(self.secrets.wise_api_token())
    }

    pub(crate) async fn quote(&self, asked: Value) -> (StatusCode, Value) {
        said(self.wise(Method::POST, &format!("/v3/profiles/{PROFILE}/quotes")).json(&asked)).await
    }

    /// A request for a transfer of a fresh quote of so many dollars.
    pub(crate) async fn wise_transfer(&self, number: u32, recipient: i64, dollars: u32) -> RequestBuilder {
        let (_, quote) = self.quote(json!({ "sourceCurrency": "USD", "targetCurrency": "USD", "targetAmount": dollars })).await;
        let body = json!({
            "targetAccount": recipient,
            "quoteUuid": quote["id"],
            "customerTransactionId": uuid(number),
            "details": { "reference": format!("pay_{number}") },
        });
        self.wise(Method::POST, "/v1/transfers").json(&body)
    }

    pub(crate) fn fund(&self, transfer: &Value) -> RequestBuilder {
        self.wise(Method::POST, &format!("/v3/profiles/{PROFILE}/transfers/{transfer}/payments")).json(&json!({ "type": "BALANCE" }))
    }
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) fn uuid(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Sends, and gives the status and the body.
pub(crate) async fn said(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap_or(Value::Null))
}
