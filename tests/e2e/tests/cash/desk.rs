//! Payees with cash, and finance, on a stack of a test's own.

use e2e::World;
use local::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// A changed payout account can be paid to after this.
const COOL_DOWN: Duration = Duration::from_secs(73 * 3600);

/// How often the stack may say that there is still something under way.
const PATIENCE: u32 = 10;

pub(crate) struct Desk {
    pub(crate) stack: Stack,
    world: World,
}

impl Desk {
    pub(crate) async fn open(stage: &str) -> Self {
        let stack = e2e::stack(stage).await;
        let world = World::of(&stack);
        Self { stack, world }
    }

    pub(crate) async fn close(self) {
        self.rest().await;
        e2e::assert_audit(&self.stack).await;
        self.stack.stop().await;
    }

    pub(crate) fn token(&self, who: &str) -> String {
        self.stack.token_for(who).expect("a token")
    }

    /// Asks as `who`: the status and the answer.
    pub(crate) async fn ask(&self, who: &str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.world.call(Some(&self.token(who)), method, path, body.as_ref()).await
    }

    /// Asks what must be answered with `status`.
    pub(crate) async fn must(&self, who: &str, method: Method, path: &str, body: Option<Value>, status: u16) -> Value {
        let (answered, answer) = self.ask(who, method.clone(), path, body).await;
        assert_eq!(answered, status, "{who}: {method} {path}: {answer}");
        answer
    }

    /// Asks under a key.
    pub(crate) async fn keyed(&self, who: &str, key: &str, path: &str, body: &Value) -> (u16, Value) {
        self.world.keyed(&self.token(who), key, path, body).await
    }

    /// `who` has so much cash from rent, and a payout account that was named long enough ago once [`Desk::cooled`] is called.
    pub(crate) async fn payee(&self, who: &str, cash: &str, email: &str) {
        let account = self.world.sign_up(&self.token(who), None).await["account_id"].clone();
        let now = self.stack.clock().now_ms() / 1000;
        let at = chrono::DateTime::from_timestamp(now, 0).expect("a time").to_rfc3339();
        let data = json!({ "earning_id": format!("rent_{who}"), "account_id": account, "machine_id": "m1", "amount": cash, "currency": "USD", "at": at });
        assert_eq!(self.world.platform("rental.earned", &data, now).await, Some(200));
        self.must(who, Method::PUT, "/payout-accounts/paypal", Some(json!({ "email": email, "default": true })), 200).await;
    }

    pub(crate) async fn cooled(&self) {
        self.rest().await;
        self.stack.clock().advance(COOL_DOWN).await.expect("the clock moves");
        self.rest().await;
    }

    /// Waits until nothing is under way. A thousand webhooks of a rail take a busy machine longer than the stack waits by itself.
    pub(crate) async fn rest(&self) {
        for _ in 0..PATIENCE {
            if self.stack.drain().await.expect("the queues answer") {
                return;
            }
        }
        panic!("the queues run empty");
    }
}
