//! A door as the stack's own, for tests of the commands: the issuer is real, secrets and time are fixed.
#![allow(clippy::unwrap_used)]

use super::door::Door;
use crate::identity::{Clock, Issuer};
use crate::paypal::PayPal;
use crate::run_file::RunFile;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::sync::Arc;

pub(super) const NOW_MS: i64 = 1_790_000_000_999;
const TOKEN: &str = "the token of this run";

pub(super) struct TestDoor(RunFile, PayPal);

impl TestDoor {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let clock: Clock = Arc::new(|| NOW_MS);
        let issuer = Issuer::open(None, format!("{url}/_local/oidc"), "api".into(), clock).unwrap();
        let paypal = PayPal::open(None).unwrap();
        let secrets = json!({
            "stripe": "whsec_stripe", "platform": "whsec_cGxhdGZvcm0=", "paypal": paypal.key(), "wise": "PEM", "accounts": issuer.people()
        });
        let local = issuer
            .admin_router()
            .route("/secrets", get(|| async { Json(secrets) }))
            .route("/clock", get(|| async { Json(json!({ "now_ms": NOW_MS })) }))
            .layer(middleware::from_fn(|request: Request, next: Next| async {
                let known = request.headers().get("x-local-token").is_some_and(|token| token == TOKEN);
                if known { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() }
            }));
        tokio::spawn(async move { axum::serve(listener, Router::new().nest("/_local", local)).await });
        Self(RunFile { port, pid: 1, token: TOKEN.into(), url, data: None, started_at: 0 }, paypal)
    }

    pub(super) fn door(&self) -> Door {
        Door::of(self.0.clone()).unwrap()
    }

    pub(super) fn paypal(&self) -> &PayPal {
        &self.1
    }

    /// A door whose token is another run's.
    pub(super) fn wrong_door(&self) -> Door {
        Door::of(RunFile { token: "another".into(), ..self.0.clone() }).unwrap()
    }
}
