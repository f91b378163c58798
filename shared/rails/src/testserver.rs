//! A rail's server for tests: answers as it is told, and remembers what it was asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crate::{
    Order,
    base::Base,
    http::{Http, Limits},
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
};
use chrono::DateTime;
use edge::ids::SequenceIds;
use ledger::{AccountId, Currency, Rail};
use programme::payout::{Destination, PayoutId};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::net::TcpListener;

/// The payout of [`order`].
pub(crate) const PAYOUT: &str = "pay_4YGQGXK5VRGSQN7XQD252HFMW1";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `POST /v1/transfers`, without the query.
    pub(crate) call: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    /// How many requests of this call came before.
    pub(crate) before: usize,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// What the server does.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status and a JSON text.
    Json(u16, Value),
    /// A status and any text.
    Text(u16, &'static str),
    /// Nothing, ever.
    Hang,
    /// The head and half a body, and then it hangs up.
    Break,
}

/// Shorthand for a 200.
pub(crate) fn ok(body: Value) -> Answer {
    Answer::Json(200, body)
}

/// A server on this machine.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let kept = asked.clone();
        let app = Router::new().fallback(move |request: Request| {
            let (kept, answer) = (kept.clone(), answer.clone());
            async move {
                let asked = remember(&kept, request).await;
                reply(answer(&asked)).await
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, asked }
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.call).collect()
    }

    pub(crate) fn base(&self) -> Base {
        Base::parse(&self.url).unwrap()
    }
}

async fn remember(kept: &Mutex<Vec<Asked>>, request: Request) -> Asked {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let call = format!("{} {}", head.method, head.uri.path());
    let mut kept = kept.lock().unwrap();
    let before = kept.iter().filter(|asked| asked.call == call).count();
    let asked = Asked { call, query, headers, body: String::from_utf8(body.to_vec()).unwrap(), before };
    kept.push(asked.clone());
    asked
}

async fn reply(answer: Answer) -> Response {
    let of = |status: u16, body: Body| Response::builder().status(status).body(body).unwrap();
    match answer {
        Answer::Json(status, value) => of(status, Body::from(value.to_string())),
        Answer::Text(status, text) => of(status, Body::from(text)),
        Answer::Hang => std::future::pending().await,
        Answer::Break => {
            let half = futures::stream::iter([Ok(Bytes::from_static(b"{\"id\":")), Err(std::io::Error::other("hung up"))]);
            of(200, Body::from_stream(half))
        }
    }
}

/// A client that waits long enough for a machine under load, and does not pause.
pub(crate) fn http() -> Http {
    Http::try_new(Arc::new(SequenceIds::new(1)), Limits::default()).unwrap()
}

/// A client that waits as long as it takes to see that nothing comes.
pub(crate) fn hasty() -> Http {
    let limits = Limits { connect: Duration::from_secs(60), whole: Duration::from_millis(500) };
    Http::try_new(Arc::new(SequenceIds::new(1)), limits).unwrap()
}

/// A payout of 22.50 USD: the first attempt, right after its intent.
pub(crate) fn order(rail: Rail) -> Order {
    let usd = Currency::try_new("USD").unwrap();
    let destination = match rail {
        Rail::StripeConnect => Destination::stripe("acct_1032D82eZvKYlo2C"),
        Rail::Paypal => Destination::paypal_email("ann@example.com"),
        Rail::Wise => Destination::wise("40000001", usd.clone()),
    };
    let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
    Order {
        payout: PayoutId::try_new(PAYOUT).unwrap(),
        account: AccountId::try_new("ann").unwrap(),
        amount: "22.50".parse().unwrap(),
        currency: usd,
        destination: destination.unwrap(),
        key: PAYOUT.to_owned(),
        intended_at: now,
        now,
        reference: None,
        attempted: false,
    }
}
