//! Payouts, and what finance decides.

use super::{Repeated, Scenario};
use crate::{act::Act, stage::Stage};
use reqwest::Method;
use serde_json::json;

pub(super) fn payouts() -> Vec<Scenario> {
    let account = |name, prepare| Scenario::new("payouts", name, "PUT /payout-accounts/{rail}", prepare);
    vec![
        account("a first payout account", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                stage.payout_account("ref", "")
            })
        }),
        account("another payout account, with a payout open", |stage| {
            Box::pin(async move {
                stage.requested("50.00").await;
                stage.payout_account("ref", "-new")
            })
        }),
        account("the payout account of one's referrer", |stage| {
            Box::pin(async move {
                shared_account(&stage).await;
                stage.payout_account("buyer", "")
            })
        }),
        account("the same, with a payout open", |stage| {
            Box::pin(async move {
                shared_account(&stage).await;
                stage.payee("buyer", "50.00", "-own").await;
                stage.must(stage.payout("buyer", "50.00")).await;
                stage.payout_account("buyer", "")
            })
        }),
        Scenario::new("payouts", "an account at Stripe", "POST /payout-accounts/stripe_connect/onboarding", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                stage.onboarding("ref")
            })
        }),
        Scenario::new("payouts", "billing details", "PUT /billing", |stage| {
            Box::pin(async move {
                let details = json!({ "name": "Ref", "address": ["Street 1"], "country": "HR", "tax_id": "HR1" });
                Act::call(&stage.name("ref"), Method::PUT, "/billing", details)
            })
        }),
        Scenario::new("payouts", "a request", "POST /payouts", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                stage.payee("ref", "50.00", "").await;
                stage.payout("ref", "50.00")
            })
        }),
        Scenario::new("payouts", "a cancellation", "POST /payouts/{id}/cancel", |stage| {
            Box::pin(async move {
                let id = stage.requested("50.00").await;
                Act::call(&stage.name("ref"), Method::POST, &format!("/payouts/{id}/cancel"), json!({}))
            })
        }),
    ]
}

/// A referral with a purchase, whose referrer has a payout account.
async fn shared_account(stage: &Stage<'_>) {
    stage.referral("ref", "buyer").await;
    stage.must(stage.purchase(10_000)).await;
    stage.must(stage.payout_account("ref", "")).await;
    stage.settle().await;
}

pub(super) fn finance() -> Vec<Scenario> {
    let mut all = decisions();
    all.extend(settings());
    all.extend(reviews());
    all.push(flag());
    all.extend(orders());
    all
}

/// Payouts of this cell's own: a run of all that are approved would have those of others in it. What the order leads to is the same
/// each time: the payout worker finds the money gone.
fn orders() -> Vec<Scenario> {
    let switch = Scenario::new("finance", "payouts switched off", "PUT /finance/switch", |_| {
        Box::pin(async {
            Act::call("fin1", Method::PUT, "/finance/switch", json!({ "payouts_enabled": false, "reason": "a rail misbehaves" }))
        })
    });
    let run = Scenario::new("finance", "a run of all", "POST /finance/payout-runs", |stage| {
        Box::pin(async move {
            clawed_back(&stage).await;
            let order = Act::call("fin1", Method::POST, "/finance/payout-runs", json!({ "dry_run": false }));
            order.with("idempotency-key", &stage.name("run"))
        })
    });
    vec![
        // Called again, it is answered as it stands by then.
        Scenario {
            repeated: Repeated::Rest,
            ..Scenario::new("finance", "a run of one", "POST /finance/payouts/{id}/{act}", |stage| {
                Box::pin(async move {
                    let id = clawed_back(&stage).await;
                    stage.finance("fin1", &id, "pay", json!({ "version": 2 }))
                })
            })
        },
        Scenario { own_stack: true, ..switch },
        Scenario { own_stack: true, repeated: Repeated::Rest, ..run },
    ]
}

/// A day's reconciliation: it reads every payout of its stack, and so needs one of its own.
pub(super) fn reconciliation() -> Vec<Scenario> {
    let day = Scenario::new("reconcile", "a day with a payout", "schedule reconcile", |stage| {
        Box::pin(async move {
            let id = stage.requested("50.00").await;
            stage.must(stage.finance("fin1", &id, "approve", json!({ "version": 1 }))).await;
            stage.must(stage.finance("fin2", &id, "pay", json!({ "version": 2 }))).await;
            stage.settle().await;
            stage.advance(2 * 86_400).await;
            stage.must(Act::Schedule("payout-worker")).await;
            stage.settle().await;
            Act::Schedule("reconcile")
        })
    });
    vec![Scenario { own_stack: true, ..day }]
}

/// A payout that was approved, and whose money a refund took since.
async fn clawed_back(stage: &Stage<'_>) -> String {
    stage.referral("ref", "buyer").await;
    stage.must(stage.purchase(200_000)).await;
    stage.must(stage.payout_account("ref", "")).await;
    stage.settle().await;
    // The hold of a reward is 14 days, and ends with a day.
    stage.advance(16 * 86_400).await;
    // An order looks into open runs: those of other cells are closed.
    stage.must(Act::Schedule("payout-worker")).await;
    let id = stage.must(stage.payout("ref", "40.00")).await.text("payout_id");
    stage.must(stage.finance("fin2", &id, "approve", json!({ "version": 1 }))).await;
    stage.must(super::facts::refund(stage, "2000.00")).await;
    stage.settle().await;
    id
}

/// A purchase whose captures differ.
fn flag() -> Scenario {
    Scenario::new("finance", "a flag accepted", "POST /finance/flags/{id}/decide", |stage| {
        Box::pin(async move {
            stage.must(stage.purchase(10_000)).await;
            stage.must(super::facts::another_capture(&stage)).await;
            stage.settle().await;
            let path = format!("/finance/flags/stripe:pi_{}/decide", stage.tag);
            Act::call("fin1", Method::POST, &path, json!({ "decision": "accept", "reason": "the lower one is right" }))
        })
    })
}

fn decisions() -> Vec<Scenario> {
    let decision = |name, prepare| Scenario::new("finance", name, "POST /finance/payouts/{id}/{act}", prepare);
    vec![
        decision("an approval", |stage| {
            Box::pin(async move {
                let id = stage.requested("50.00").await;
                stage.finance("fin1", &id, "approve", json!({ "version": 1 }))
            })
        }),
        decision("the first of two approvals", |stage| {
            Box::pin(async move {
                let id = stage.requested("600.00").await;
                stage.finance("fin1", &id, "approve", json!({ "version": 1 }))
            })
        }),
        decision("the second of two approvals", |stage| {
            Box::pin(async move {
                let id = stage.requested("600.00").await;
                stage.must(stage.finance("fin1", &id, "approve", json!({ "version": 1 }))).await;
                stage.finance("fin2", &id, "approve", json!({ "version": 2 }))
            })
        }),
        decision("a rejection", |stage| {
            Box::pin(async move {
                let id = stage.requested("50.00").await;
                stage.finance("fin1", &id, "reject", json!({ "version": 1, "reason": "no invoice" }))
            })
        }),
    ]
}

fn settings() -> Vec<Scenario> {
    let programme = Scenario::new("finance", "a version of the programme", "PUT /finance/programme", |stage| {
        Box::pin(async move {
            let mut known = stage.must(Act::get("fin1", "/finance/programme")).await.body;
            known["settings"]["reward_rate"] = json!("0.05");
            Act::call("fin1", Method::PUT, "/finance/programme", json!({ "from": stage.time(3600), "settings": known["settings"] }))
        })
    });
    vec![
        Scenario::new("finance", "an account's own rate", "PUT /finance/accounts/{id}/rate", |stage| {
            Box::pin(async move {
                stage.sign_up("ref", None).await;
                let path = format!("/finance/accounts/{}/rate", stage.account("ref"));
                Act::call("fin1", Method::PUT, &path, json!({ "rate": "0.05", "from": stage.time(3600) }))
            })
        }),
        Scenario { own_stack: true, ..programme },
    ]
}

fn reviews() -> Vec<Scenario> {
    let review = |name, prepare| Scenario::new("finance", name, "POST /finance/reviews/{id}/{act}", prepare);
    vec![
        review("a review cleared", |stage| {
            Box::pin(async move {
                in_review(&stage).await;
                stage.verdict("clear")
            })
        }),
        review("a review confirmed", |stage| {
            Box::pin(async move {
                in_review(&stage).await;
                stage.verdict("confirm")
            })
        }),
    ]
}

/// A referral in review, with a purchase.
pub(super) async fn in_review(stage: &Stage<'_>) {
    let signup = stage.must(stage.suspicious_signup().await).await;
    assert_eq!(signup.body["referral"]["status"], "in_review", "{}", signup.body);
    stage.must(stage.purchase(10_000)).await;
    stage.settle().await;
}
