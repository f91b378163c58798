//! Poison in the facts queue, and an event that could not be read: kept, shown to finance, replayed after the fix.

use e2e::{World, assert_audit, captured, stack};
use local::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How long anything here may take; it takes some seconds.
const DEADLINE: Duration = Duration::from_secs(180);

/// Asks until there is an answer.
async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < DEADLINE, "{what}: not within {DEADLINE:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

struct Office<'a> {
    stack: &'a Stack,
    world: World,
}

impl Office<'_> {
    async fn finance(&self, method: Method, path: &str) -> (u16, Value) {
        // The clock is moved: a token of the beginning would have expired.
        let token = self.stack.token_for("fin1").unwrap();
        self.world.call(Some(&token), method, path, None).await
    }

    async fn quarantine(&self) -> Vec<Value> {
        let (status, list) = self.finance(Method::GET, "/finance/quarantine").await;
        assert_eq!(status, 200, "{list}");
        list["quarantine"].as_array().unwrap().clone()
    }

    async fn replay(&self, event: &Value) -> (u16, Value) {
        self.finance(Method::POST, &format!("/finance/quarantine/{}/replay", event["id"].as_str().unwrap())).await
    }

    async fn earned(&self) -> String {
        self.world.earnings(&self.stack.token_for("alice").unwrap()).await["total_referral_earnings"].as_str().unwrap().to_owned()
    }

    fn now(&self) -> i64 {
        self.stack.clock().now_ms() / 1000
    }

    /// Moves the clock past the visibility timeout whenever the message waits for it to end, until it was given up.
    async fn gives_up(&self) -> Value {
        until("a dead letter in the quarantine", async || {
            let depths = self.stack.queues().depths().await.unwrap();
            let facts = depths.iter().find(|(name, _)| name.ends_with("-facts")).unwrap().1;
            if facts.in_flight > 0 && facts.visible == 0 {
                self.stack.clock().advance(Duration::from_secs(131)).await.unwrap();
            }
            self.quarantine().await.pop()
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_kept_while_the_rest_is_applied_and_a_fixed_event_is_posted_once() {
    let stack = stack("quarantine").await;
    let office = Office { world: World::of(&stack), stack: &stack };
    let world = &office.world;
    let code = world.sign_up(&stack.token_for("alice").unwrap(), None).await["code"].as_str().unwrap().to_owned();
    let receipt = world.click(&code).await;
    world.sign_up(&stack.token_for("bob").unwrap(), Some(&receipt)).await;

    // Poison between two purchases.
    let poison = r#"{"about":"nothing"}"#;
    let at = office.now();
    assert_eq!(world.stripe(&captured("pi_a", "acct_bob", 10_000, at), at).await, Some(200));
    let queue = stack.queues().url("FactsQueue").unwrap();
    stack.queues().client().send_message().queue_url(queue).message_body(poison).send().await.unwrap();
    assert_eq!(world.stripe(&captured("pi_b", "acct_bob", 5_000, at), at).await, Some(200));
    until("the rest of the batch", async || (office.earned().await == "4.50").then_some(())).await;

    let dead = office.gives_up().await;
    assert!(dead["reason"].as_str().unwrap().starts_with("no fact: "), "{dead}");
    assert_eq!((dead["source"].as_str(), dead["body"].as_str()), (Some("facts"), Some(poison)), "{dead}");
    assert_eq!(office.replay(&dead).await.0, 422, "it would only die again");
    let none = json!({ "replayed": 0, "left": 0, "unreadable": 1 });
    assert_eq!(office.finance(Method::POST, "/finance/dead-letters/replay").await, (200, none));

    // An event dated ahead is kept; when its time has come it can be read.
    let at = office.now();
    assert_eq!(world.stripe(&captured("pi_c", "acct_bob", 10_000, at + 1_000), at).await, Some(200));
    let ahead = office.quarantine().await.into_iter().find(|event| event["source"] == "stripe").unwrap();
    assert_eq!(office.replay(&ahead).await.0, 422, "{ahead}");
    stack.clock().advance(Duration::from_secs(1_100)).await.unwrap();
    let first = office.replay(&ahead).await;
    assert_eq!((first.0, first.1["facts"].as_u64()), (200, Some(1)), "{first:?}");
    stack.clock().advance(Duration::from_secs(30)).await.unwrap();
    until("the replayed purchase", async || (office.earned().await == "7.50").then_some(())).await;
    assert_eq!(office.replay(&ahead).await, first, "once");

    let acts = office.finance(Method::GET, "/finance/acts").await.1;
    let act = acts["acts"].as_array().unwrap().iter().find(|act| act["act"] == "quarantine_replayed").unwrap().clone();
    assert_eq!((act["by"].as_str(), &act["subject"]), (Some("acct_fin1"), &ahead["id"]), "{act}");
    // The dead letters are empty, and what is open in the quarantine breaks no invariant.
    assert_audit(&stack).await;
    assert_eq!(office.earned().await, "7.50");
    assert_eq!(office.quarantine().await.len(), 1);
    stack.stop().await;
}
