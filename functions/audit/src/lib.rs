//! The audit: every invariant over the tables, a figure each. An alarm watches the sum.

use edge::{
    auth::Verifier,
    config::{ConfigError, Env},
    events::Schedule,
    http::{Call, Method, Reply, StatusCode},
    problem::Problem,
    telemetry::metrics,
};
use proof::Report;
use store::{Store, StoreError};

/// The audit's tables, and whose tokens it takes.
pub struct App {
    store: Store,
    verifier: Verifier,
}

impl App {
    /// Over these tables, for tokens that this verifier takes.
    #[must_use]
    pub const fn new(store: Store, verifier: Verifier) -> Self {
        Self { store, verifier }
    }

    /// As the function's environment says.
    ///
    /// # Errors
    /// [`ConfigError`] naming the variable.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Ok(Self::new(Store::from_env(env)?, Verifier::from_env(env)?))
    }
}

fn away(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable(_) => Problem::unavailable(error),
        StoreError::Corrupt { .. } | StoreError::Rejected(_) => Problem::internal(error),
    }
}

/// `GET /finance/audit`: the whole report, for finance.
///
/// # Errors
/// [`Problem`]: not proved, not of finance, the store away.
pub async fn on_demand(app: &App, call: Call) -> Result<Reply, Problem> {
    if call.method != Method::GET {
        return Err(Problem::not_found("page"));
    }
    let principal = app.verifier.principal(&call).await?;
    principal.require_group("finance")?;
    let report = proof::audit(&app.store, call.now).await.map_err(away)?;
    tell(&report);
    Reply::json(StatusCode::OK, &report)
}

/// The daily audit.
///
/// # Errors
/// [`Problem`]: the store away.
pub async fn on_schedule(app: &App, job: Schedule) -> Result<(), Problem> {
    let report = proof::audit(&app.store, job.now).await.map_err(away)?;
    tell(&report);
    Ok(())
}

/// What the alarm watches, by invariant, and a log line for each violation that is kept.
fn tell(report: &Report) {
    for (name, figure) in &report.figures {
        metrics::AUDIT_VIOLATIONS.count(figure.violations, name, None);
        for example in &figure.examples {
            tracing::error!(invariant = name, example, "an invariant does not hold");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use edge::testing::TestIssuer;
    use ledger::KeyRing;
    use store::backend::{Backend, Change, Write};

    #[tokio::test]
    async fn finance_sees_every_figure_and_nobody_else() {
        let issuer = TestIssuer::new("https://issuer.test", "referral");
        let (store, memory) = Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
        let app = App::new(store, issuer.verifier());
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let call = |groups: &[&str]| {
            let token = issuer.token("acct_x", groups, None, now);
            Call::builder(Method::GET, "/finance/audit", now).bearer(&token).build()
        };
        let reply = on_demand(&app, call(&["finance"])).await.unwrap();
        let body: serde_json::Value = reply.body_json().unwrap();
        assert_eq!(body["figures"]["balances_equal_lines"]["violations"], 0);
        assert_eq!(on_demand(&app, call(&[])).await.unwrap_err().status(), StatusCode::FORBIDDEN);
        let nobody = Call::builder(Method::GET, "/finance/audit", now).build();
        assert_eq!(on_demand(&app, nobody).await.unwrap_err().status(), StatusCode::UNAUTHORIZED);

        let bent = Write::update(store::keys::figures(&"alice".parse().unwrap()), vec![], vec![Change::Add("R".into(), 1.into())]);
        memory.write(&[bent]).await.unwrap();
        let reply = on_demand(&app, call(&["finance"])).await.unwrap();
        let body: serde_json::Value = reply.body_json().unwrap();
        assert_eq!(body["figures"]["balances_equal_lines"]["violations"], 1);
        assert!(body["figures"]["balances_equal_lines"]["examples"][0].as_str().unwrap().contains("account#alice/n"));
    }
}
