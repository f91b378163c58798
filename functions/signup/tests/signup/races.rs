//! Many at once: one account is signed up once, one mailbox has one account.

use crate::support::{door, id, receipt, signed, told};
use futures::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn twenty_signups_of_one_account_make_one_attribution() {
    let door = door();
    let mut codes = Vec::new();
    for place in 0..20 {
        codes.push(door.member(&format!("referrer{place}"), None).await);
    }
    let calls = codes.iter().map(|code| door.answer(door.call("bob", None).json(&json!({ "receipt": signed(&receipt(code, 5)) }))));
    let answers = join_all(calls).await;
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 201].contains(status)), "{statuses:?}");
    let bodies: BTreeSet<String> = answers.iter().map(|(_, body)| body.to_string()).collect();
    assert_eq!(bodies.len(), 1, "all answer the same: {bodies:?}");
    let referrer = door.store.account(&id("bob")).await.unwrap().unwrap().attribution.unwrap().credit.unwrap().referrer;
    let mut counted = 0;
    for place in 0..20 {
        let account = format!("referrer{place}");
        let count = door.referrals_of(&account).await;
        assert_eq!(count, u64::from(referrer == id(&account)));
        counted += count;
    }
    assert_eq!(counted, 1);
}

#[tokio::test]
async fn of_accounts_with_one_mailbox_one_is_attributed() {
    let door = door();
    let code = door.member("alice", Some("alice@example.com")).await;
    let calls = (0..10).map(|place| {
        let body = json!({ "receipt": signed(&receipt(&code, 5)) });
        door.answer(door.call(&format!("bob{place}"), Some(&format!("b.ob+{place}@gmail.com"))).json(&body))
    });
    let answers = join_all(calls).await;
    assert!(answers.iter().all(|(status, _)| *status == 201));
    let mut referrals: Vec<String> = answers.iter().map(|(_, body)| told(body)).collect();
    referrals.sort();
    assert_eq!(referrals[0], "attributed");
    assert!(referrals[1..].iter().all(|referral| referral == "refused same_email"), "{referrals:?}");
    assert_eq!(door.referrals_of("alice").await, 1);
}

/// Ids run out of sequence only by chance; here a code is taken on purpose.
#[tokio::test]
async fn a_code_that_is_taken_is_replaced() {
    let taken = door();
    let code = taken.member("alice", None).await;
    let door = crate::support::door_with(crate::support::KEYS, std::sync::Arc::clone(&taken.tables.memory));
    let (status, body) = door.answer(door.call("bob", None)).await;
    assert_eq!(status, 201);
    assert_ne!(body["code"].as_str().unwrap(), code);
    assert_eq!(door.store.code_owner(&code).await.unwrap(), Some(id("alice")));
}
