#![allow(clippy::unwrap_used)]
use super::*;
use chrono::{DateTime, Utc};
use edge::{
    events::Schedule,
    http::{Call, Method, StatusCode},
    testing::TestIssuer,
};
use ledger::KeyRing;
use rust_decimal::Decimal;
use std::sync::Arc;
use store::{
    backend::{Backend, Change, Value, Write, memory::Memory},
    keys,
};

struct World {
    app: App,
    memory: Arc<Memory>,
    issuer: TestIssuer,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

impl World {
    fn new() -> Self {
        let issuer = TestIssuer::new("https://issuer.test", "referral");
        let (store, memory) = Store::in_memory(KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap());
        let limits = Limits { page: 10, ..Limits::SMALL };
        let app = App { limits, pause: Duration::ZERO, ..App::new(store, issuer.verifier(), Duration::from_secs(60)) };
        Self { app, memory, issuer }
    }

    async fn ask(&self, groups: &[&str]) -> Result<serde_json::Value, Problem> {
        let now = at("2026-11-21T10:00:00Z");
        let token = self.issuer.token("acct_x", groups, None, now);
        let reply = on_demand(&self.app, Call::builder(Method::GET, "/finance/audit", now).bearer(&token).build()).await?;
        assert_eq!(reply.status, StatusCode::OK);
        Ok(reply.body_json().unwrap())
    }

    async fn tick(&self, now: &str) {
        on_schedule(&self.app, Schedule { now: at(now), job_id: now.into() }).await.unwrap();
    }

    async fn last(&self) -> Option<Report> {
        self.app.store.audit_report().await.unwrap().map(|text| read_report(&text).unwrap())
    }

    async fn bend(&self) {
        let bent = Write::update(keys::figures(&"alice".parse().unwrap()), vec![], vec![Change::Add("R".into(), Decimal::ONE)]);
        self.memory.write(&[bent]).await.unwrap();
    }

    /// Accounts without anything.
    async fn fill(&self, accounts: u32) {
        for number in 0..accounts {
            let key = keys::figures(&format!("n{number:05}").parse().unwrap());
            self.memory.write(&[Write::update(key, vec![], vec![Change::Add("v".into(), Decimal::ONE)])]).await.unwrap();
        }
    }
}

#[tokio::test]
async fn finance_sees_every_figure_and_nobody_else() {
    let world = World::new();
    let body = world.ask(&["finance"]).await.unwrap();
    assert_eq!(body["figures"]["balances_equal_lines"]["violations"], 0);
    assert_eq!(body["span"]["items"], 0);
    assert_eq!(world.ask(&[]).await.unwrap_err().status(), StatusCode::FORBIDDEN);
    let nobody = Call::builder(Method::GET, "/finance/audit", at("2026-11-21T10:00:00Z")).build();
    assert_eq!(on_demand(&world.app, nobody).await.unwrap_err().status(), StatusCode::UNAUTHORIZED);

    world.bend().await;
    let body = world.ask(&["finance"]).await.unwrap();
    let figure = &body["figures"]["balances_equal_lines"];
    assert_eq!(figure["violations"], 1);
    assert!(figure["examples"][0].as_str().unwrap().contains("account#alice/n"));
}

#[tokio::test]
async fn tables_that_are_too_large_are_answered_by_the_last_audit() {
    let mut world = World::new();
    world.fill(30).await;
    world.app.answers_within = Duration::ZERO;
    assert_eq!(world.ask(&["finance"]).await.unwrap_err().status(), StatusCode::SERVICE_UNAVAILABLE);
    world.tick("2026-11-20T03:00:00Z").await;
    world.bend().await;
    let body = world.ask(&["finance"]).await.unwrap();
    assert_eq!(
        (&body["span"]["from"], &body["figures"]["balances_equal_lines"]["violations"]),
        (&"2026-11-20T03:00:00Z".into(), &0.into())
    );

    world.app.answers_within = ANSWERS_WITHIN;
    assert_eq!(world.ask(&["finance"]).await.unwrap()["figures"]["balances_equal_lines"]["violations"], 1);
    let mut large = world.last().await.unwrap();
    large.span.as_mut().unwrap().items = 1_000_000;
    world.app.store.put_audit_report(&serde_json::to_string(&large).unwrap()).await.unwrap();
    assert_eq!(world.ask(&["finance"]).await.unwrap()["span"]["items"], 1_000_000, "it is not tried");
}

#[tokio::test]
async fn an_audit_a_day_begins_and_ends() {
    let world = World::new();
    world.fill(5).await;
    for (now, began) in [
        ("2026-11-20T03:00:00Z", "2026-11-20T03:00:00Z"),
        ("2026-11-20T03:15:00Z", "2026-11-20T03:00:00Z"),
        ("2026-11-21T02:45:00Z", "2026-11-20T03:00:00Z"),
        ("2026-11-21T03:00:00Z", "2026-11-21T03:00:00Z"),
    ] {
        world.tick(now).await;
        assert_eq!(world.last().await.unwrap().span.unwrap().from, at(began), "{now}");
    }
    let kept = world.app.store.kept_audit().await.unwrap().unwrap();
    assert!(!kept.is_open());
}

#[tokio::test]
async fn what_differs_is_looked_at_in_several_runs_before_it_counts() {
    let world = World::new();
    world.fill(5).await;
    world.bend().await;
    for now in ["2026-11-20T03:00:00Z", "2026-11-20T03:15:00Z"] {
        world.tick(now).await;
        assert_eq!(world.last().await, None, "{now}");
        assert!(world.app.store.kept_audit().await.unwrap().unwrap().is_open());
    }
    world.tick("2026-11-20T03:30:00Z").await;
    let report = world.last().await.unwrap();
    assert_eq!(report.figures["balances_equal_lines"].violations, 1, "{report}");
    let span = report.span.unwrap();
    assert_eq!((span.from, span.until, span.looked_again), (at("2026-11-20T03:00:00Z"), at("2026-11-20T03:30:00Z"), 3));
}

#[tokio::test]
async fn a_run_without_time_left_keeps_what_it_has() {
    let mut world = World::new();
    world.fill(95).await;
    world.bend().await;
    world.app.works_for = Duration::ZERO;
    let mut runs = 0;
    while world.last().await.is_none() {
        world.tick(&format!("2026-11-20T{:02}:{:02}:00Z", runs / 4, runs % 4 * 15)).await;
        runs += 1;
        assert!(runs < 60, "it comes to no end");
    }
    assert!(runs > 12, "{runs} runs");
    let report = world.last().await.unwrap();
    assert_eq!(report.figures["balances_equal_lines"].violations, 1, "{report}");
    assert_eq!(report.span.unwrap().items, 96 + 3, "its own items are read as the others are");
}

#[tokio::test]
async fn a_kept_audit_that_does_not_read_is_begun_anew() {
    let world = World::new();
    world.app.store.keep_audit(None, at("2026-11-20T02:45:00Z"), "{\"of\": \"another version\"}").await.unwrap();
    world.tick("2026-11-20T03:00:00Z").await;
    assert_eq!(world.last().await.unwrap().span.unwrap().from, at("2026-11-20T03:00:00Z"));
}

#[tokio::test]
async fn a_report_that_does_not_read_is_told() {
    let world = World::new();
    world.memory.tamper(&keys::audit_report(), |item| {
        let key = keys::audit_report();
        *item =
            Some([("pk", key.pk), ("sk", key.sk), ("txt", "?".to_owned())].map(|(name, text)| (name.to_owned(), Value::S(text))).into());
    });
    assert_eq!(world.ask(&["finance"]).await.unwrap_err().status(), StatusCode::INTERNAL_SERVER_ERROR);
}
