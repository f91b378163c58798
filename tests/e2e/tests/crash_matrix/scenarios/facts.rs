//! Events at the door, and facts behind the queue.

use super::{Repeated, Scenario};
use crate::{act::Act, stage::Stage};
use e2e::event;
use local::signing::Source;
use reqwest::Method;
use serde_json::{Value, json};

const DOOR: &str = "POST /webhooks/{source}";
const QUEUE: &str = "queue FactsQueue";

pub(super) fn webhook() -> Vec<Scenario> {
    vec![
        Scenario::new("webhook", "an event of Stripe's", DOOR, |stage| Box::pin(async move { stage.purchase(10_000) })),
        Scenario::new("webhook", "an event of PayPal's", DOOR, |stage| {
            Box::pin(async move {
                let amount = json!({ "currency_code": "USD", "value": "100.00" });
                let resource = json!({ "id": format!("CAP{}", stage.tag), "status": "COMPLETED", "amount": amount, "create_time": stage.time(0),
                    "custom_id": stage.account("buyer") });
                let event = json!({ "id": format!("WH-{}", stage.tag), "event_type": "PAYMENT.CAPTURE.COMPLETED", "resource": resource });
                Act::Event { source: Source::PayPal, event }
            })
        }),
        // What it says is asked of Stripe again, by the worker of payouts.
        Scenario::new("webhook", "an event of a rail's", DOOR, |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                stage.must(stage.onboarding("ref")).await;
                let object = json!({ "id": stage.stripe_account("ref").await, "object": "account" });
                stage.advance(60).await;
                let event = event("account.updated", &format!("evt_{}", stage.tag), stage.now(), object);
                Act::Event { source: Source::Stripe, event }
            })
        }),
        Scenario::new("webhook", "an event of the platform's", DOOR, |stage| Box::pin(async move { usage(&stage, "10.00") })),
        Scenario::new("webhook", "an event that can't be read", DOOR, |stage| {
            Box::pin(async move {
                let object = json!({ "id": format!("pi_{}", stage.tag), "object": "payment_intent", "amount_received": "much" });
                let event = event("payment_intent.succeeded", &format!("evt_{}", stage.tag), stage.now(), object);
                Act::Event { source: Source::Stripe, event }
            })
        }),
    ]
}

/// What was kept, and is read again.
pub(super) fn quarantine() -> Vec<Scenario> {
    vec![
        Scenario::new("webhook", "an event replayed", "POST /finance/quarantine/{id}/replay", |stage| {
            Box::pin(async move {
                // Not yet, says its time.
                let mut early = stage.purchase(10_000);
                if let Act::Event { event, .. } = &mut early {
                    event["created"] = json!(stage.now() + 3600);
                }
                stage.must(early).await;
                stage.advance(2 * 3600).await;
                let kept = stage.must(Act::get("fin1", "/finance/quarantine")).await;
                let id = kept.body["quarantine"][0]["id"].as_str().expect("an event").to_owned();
                Act::call("fin1", Method::POST, &format!("/finance/quarantine/{id}/replay"), json!({ "reason": "its time has come" }))
            })
        }),
        Scenario {
            repeated: Repeated::Rest,
            ..Scenario::new("webhook", "dead letters replayed", "POST /finance/dead-letters/replay", |stage| {
                Box::pin(async move {
                    stage.must(dead_letter(&stage)).await;
                    Act::call("fin1", Method::POST, "/finance/dead-letters/replay", json!({ "reason": "it can be posted now" }))
                })
            })
        },
        Scenario::new("undeliverable", "a dead letter", "queue FactsDeadLetters", |stage| Box::pin(async move { dead_letter(&stage) })),
        Scenario::new("undeliverable", "a dead errand of payouts", "queue PayoutsDeadLetters", |stage| {
            Box::pin(async move {
                let errand = json!({ "type": "hint", "rail": "wise", "reference": stage.tag });
                Act::Messages { queue: "PayoutsDeadLetters", bodies: vec![errand] }
            })
        }),
    ]
}

pub(super) fn accrual() -> Vec<Scenario> {
    let mut all = purchases();
    all.extend(settlings());
    all.extend(singles());
    all
}

fn purchases() -> Vec<Scenario> {
    vec![
        Scenario::new("accrual", "a first purchase", QUEUE, |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                stage.purchase(10_000)
            })
        }),
        Scenario::new("accrual", "a refund", QUEUE, |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                stage.must(stage.purchase(10_000)).await;
                refund(&stage, "40.00")
            })
        }),
        Scenario::new("accrual", "a contradicting capture", QUEUE, |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                stage.must(stage.purchase(10_000)).await;
                another_capture(&stage)
            })
        }),
        Scenario::new("accrual", "a purchase before its signup", QUEUE, |stage| Box::pin(async move { stage.purchase(10_000) })),
        Scenario::new("accrual", "a batch of two referrers' purchases", QUEUE, |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                stage.referral("other", "client").await;
                let bodies = vec![captured(&stage, 1, "buyer"), captured(&stage, 2, "client"), captured(&stage, 3, "buyer")];
                Act::Messages { queue: "FactsQueue", bodies }
            })
        }),
        Scenario::new("accrual", "the card of one's referrer", QUEUE, |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                let card = |number| about(&stage, number, json!({ "type": "instrument", "digest": format!("k1.{}", hex_of(stage.tag)) }));
                let queue = "FactsQueue";
                stage.must(Act::Messages { queue, bodies: vec![captured(&stage, 1, "ref"), card(1), captured(&stage, 2, "buyer")] }).await;
                stage.settle().await;
                Act::Messages { queue, bodies: vec![card(2)] }
            })
        }),
    ]
}

fn settlings() -> Vec<Scenario> {
    let verdict = |name, prepare| Scenario::new("accrual", name, QUEUE, prepare);
    vec![
        verdict("what a signup has computed again", |stage| Box::pin(super::accounts::waiting_signup(stage))),
        verdict("what a cleared review has computed again", |stage| {
            Box::pin(async move {
                super::money::in_review(&stage).await;
                stage.verdict("clear")
            })
        }),
        verdict("what a confirmed review has computed again", |stage| {
            Box::pin(async move {
                super::money::in_review(&stage).await;
                stage.verdict("confirm")
            })
        }),
        verdict("an account closed, which earned since", |stage| {
            Box::pin(async move {
                stage.referral("ref", "buyer").await;
                stage.must(stage.purchase(10_000)).await;
                stage.platform("account.closed", json!({ "account_id": stage.account("ref"), "at": stage.time(-3600) }))
            })
        }),
    ]
}

fn singles() -> Vec<Scenario> {
    vec![
        Scenario::new("accrual", "a usage", QUEUE, |stage| Box::pin(async move { usage(&stage, "10.00") })),
        Scenario::new("accrual", "a usage told otherwise", QUEUE, |stage| {
            Box::pin(async move {
                stage.must(usage(&stage, "10.00")).await;
                usage(&stage, "11.00")
            })
        }),
        Scenario {
            own_stack: true,
            ..Scenario::new("accrual", "a usage of a referral by usage", QUEUE, |stage| {
                Box::pin(async move {
                    by_usage(&stage).await;
                    stage.referral("ref", "buyer").await;
                    stage.must(stage.purchase(10_000)).await;
                    stage.settle().await;
                    usage(&stage, "10.00")
                })
            })
        },
        Scenario::new("accrual", "a rental", QUEUE, |stage| {
            Box::pin(async move {
                let data = json!({ "earning_id": format!("rent_{}", stage.tag), "account_id": stage.account("host"), "machine_id": "m1",
                    "amount": "12.00", "currency": "USD", "at": stage.time(0) });
                stage.platform("rental.earned", data)
            })
        }),
    ]
}

fn usage(stage: &Stage<'_>, amount: &str) -> Act {
    let data = json!({ "usage_id": format!("use_{}", stage.tag), "account_id": stage.account("buyer"), "amount": amount, "currency": "USD",
        "at": stage.time(0) });
    stage.platform("credits.spent", data)
}

/// The programme goes over to rewards by usage.
async fn by_usage(stage: &Stage<'_>) {
    let mut settings = stage.must(Act::get("fin1", "/finance/programme")).await.body["settings"].clone();
    settings["reward_basis"] = json!("usage");
    let version = json!({ "from": stage.time(6 * 60), "settings": settings });
    stage.must(Act::call("fin1", Method::PUT, "/finance/programme", version)).await;
    stage.advance(6 * 60).await;
}

/// So much of the purchase was refunded.
pub(super) fn refund(stage: &Stage<'_>, amount: &str) -> Act {
    about_purchase(stage, "purchase.refunded", json!({ "refund_id": "re_1", "amount": amount, "status": "succeeded" }))
}

/// The platform tells of the same purchase, and of less.
pub(super) fn another_capture(stage: &Stage<'_>) -> Act {
    about_purchase(stage, "purchase.captured", json!({ "account_id": stage.account("buyer"), "amount": "90.00" }))
}

/// The platform tells something of the purchase that Stripe told of.
fn about_purchase(stage: &Stage<'_>, kind: &str, mut data: Value) -> Act {
    for (name, value) in
        [("purchase_id", format!("pi_{}", stage.tag)), ("processor", "stripe".into()), ("currency", "USD".into()), ("at", stage.time(0))]
    {
        data[name] = value.into();
    }
    stage.platform(kind, data)
}

/// Facts as the queue carries them.
fn about(stage: &Stage<'_>, number: u32, fact: Value) -> Value {
    json!({ "source": "stripe", "event": format!("evt_{}_{number}", stage.tag), "about": "purchase",
        "purchase": format!("stripe:pi_{}_{number}", stage.tag), "fact": fact })
}

fn captured(stage: &Stage<'_>, number: u32, buyer: &str) -> Value {
    let buyer = json!({ "by": "payment", "account": stage.account(buyer) });
    about(stage, number, json!({ "type": "captured", "amount": "100.00", "currency": "USD", "at": stage.time(0), "buyer": buyer }))
}

/// A digest of this cell's own.
fn hex_of(tag: &str) -> String {
    tag.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().repeat(4)
}

/// A fact among the dead letters that can be posted now.
fn dead_letter(stage: &Stage<'_>) -> Act {
    let fact = json!({ "source": "platform", "event": format!("evt_{}", stage.tag), "about": "spent", "usage": format!("use_{}", stage.tag),
        "account": stage.account("buyer"), "amount": "10.00", "currency": "USD", "at": stage.time(0) });
    Act::Messages { queue: "FactsDeadLetters", bodies: vec![fact] }
}
