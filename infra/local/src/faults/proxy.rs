//! The proxy that stands before a store or a rail.

use super::{
    Faults, answers,
    plan::{Call, Fault, Service},
};
use crate::rails::Operation;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

/// DynamoDB takes 16 MB; SQS less.
const BODY_MAX: usize = 16 * 1024 * 1024;

struct Proxy {
    service: Service,
    target: String,
    client: reqwest::Client,
    faults: Arc<Faults>,
}

/// Serves a proxy to `target` on `listener` until `stopping` says so.
///
/// # Errors
/// Where no HTTP client can be made.
pub(crate) fn serve(
    service: Service,
    target: String,
    listener: TcpListener,
    faults: Arc<Faults>,
    stopping: watch::Receiver<bool>,
) -> Result<tokio::task::JoinHandle<()>, reqwest::Error> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let proxy = Arc::new(Proxy { service, target, client, faults });
    let router = Router::new().fallback(handle).with_state(proxy);
    Ok(tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(crate::stopped(stopping));
        if let Err(error) = server.await {
            tracing::error!(%error, "a fault proxy ended");
        }
    }))
}

/// Who calls: `/{function}/{copy}` at the beginning of the path.
struct Caller {
    function: String,
    copy: u64,
    rest: String,
}

impl Caller {
    fn read(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.splitn(3, '/');
        Some(Self {
            function: parts.next()?.to_owned(),
            copy: parts.next()?.parse().ok()?,
            rest: parts.next().unwrap_or_default().to_owned(),
        })
    }
}

async fn handle(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (Some(caller), Ok(body)) = (Caller::read(parts.uri.path()), to_bytes(body, BODY_MAX).await) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let operation = operation(proxy.service, &parts.method, &parts.headers, &caller.rest);
    let call = Call { service: proxy.service, operation: &operation, function: &caller.function, copy: caller.copy };
    let struck = proxy.faults.strike(&call);
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let rest = format!("{}{query}", caller.rest);
    let forward = || proxy.forward(&parts.method, &parts.headers, &rest, body.clone());
    let Some((fault, draw)) = struck else {
        return forward().await;
    };
    match fault {
        Fault::FailBefore => answers::internal(proxy.service),
        Fault::Throttle => answers::throttled(proxy.service),
        Fault::Conflict => answers::conflict(proxy.service, &body, draw),
        Fault::DelayMs(ms) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            forward().await
        }
        Fault::FailAfter => {
            forward().await;
            answers::internal(proxy.service)
        }
        Fault::LoseAnswer => {
            forward().await;
            answers::broken()
        }
        Fault::KillBefore => {
            proxy.faults.kill(&caller.function, caller.copy).await;
            answers::broken()
        }
        Fault::KillAfter => {
            forward().await;
            proxy.faults.kill(&caller.function, caller.copy).await;
            answers::broken()
        }
    }
}

/// The operation's name, for example `TransactWriteItems`, from `X-Amz-Target: DynamoDB_20120810.TransactWriteItems`; at a rail the
/// word for what the request does.
fn operation(service: Service, method: &Method, headers: &HeaderMap, path: &str) -> String {
    if let Some(rail) = service.rail() {
        return Operation::of(rail, method, path).map_or("unknown", Operation::as_str).to_owned();
    }
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned()
}

impl Proxy {
    async fn forward(&self, method: &Method, headers: &HeaderMap, rest: &str, body: Bytes) -> Response {
        let mut headers = headers.clone();
        headers.remove(header::HOST);
        headers.remove(header::CONTENT_LENGTH);
        let request = self.client.request(method.clone(), format!("{}/{rest}", self.target)).headers(headers).body(body);
        match Self::answer(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(%error, "the store behind the proxy does not answer");
                answers::internal(self.service)
            }
        }
    }

    async fn answer(request: reqwest::RequestBuilder) -> Result<Response, reqwest::Error> {
        let answer = request.send().await?;
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        headers.remove(header::CONNECTION);
        let mut response = Response::new(Body::from(answer.bytes().await?));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}
