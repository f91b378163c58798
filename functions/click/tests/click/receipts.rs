//! Receipts: which one a visitor leaves with.

use crate::support::{CODE, Door, KEYS, door, door_by_first, keys_of, now, visit, visit_at};
use chrono::{DateTime, Duration, Utc};
use edge::http::{CallBuilder, Method};
use programme::{
    attribution::Receipt,
    visit::{DEVICE_COOKIE, RECEIPT_COOKIE, device_id, is_device_id},
};

fn receipt(code: &str, at: DateTime<Utc>) -> Receipt {
    Receipt { click: "clk_before".into(), code: code.into(), template: None, at }
}

fn carrying(call: CallBuilder, receipt: &Receipt, keys: &str) -> CallBuilder {
    call.cookie(RECEIPT_COOKIE, &receipt.to_text(&keys_of(keys)))
}

async fn left_with(door: &Door, call: CallBuilder) -> (String, String) {
    let receipt = door.answer(call).await.receipt().unwrap();
    (receipt.click, receipt.code)
}

#[tokio::test]
async fn a_visitor_leaves_with_a_receipt_of_this_click() {
    let door = door().await;
    let answer = door.answer(visit(CODE, None)).await;
    let receipt = answer.receipt().unwrap();
    assert_eq!((receipt.at, &receipt.click), (now(), &door.clicks()[0].id));
    assert!(is_device_id(answer.cookie(DEVICE_COOKIE).unwrap()));
    let texts: Vec<String> = answer.0.cookies.iter().map(|cookie| cookie.split_once(';').unwrap().1.to_owned()).collect();
    assert_eq!(
        texts,
        [" Max-Age=5184000; Path=/; HttpOnly; Secure; SameSite=Lax", " Max-Age=34560000; Path=/; HttpOnly; Secure; SameSite=Lax"]
    );
}

#[tokio::test]
async fn bad_receipts_are_ignored_by_either_model() {
    let old = receipt("CAR0KC0D", now() - Duration::days(61));
    let future = receipt("CAR0KC0D", now() + Duration::minutes(1));
    let forged = "k1:ff0102030405060708090a0b0c0d0e0f";
    for door in [door().await, door_by_first().await] {
        for (name, call) in [
            ("expired", carrying(visit(CODE, None), &old, KEYS)),
            ("from the future", carrying(visit(CODE, None), &future, KEYS)),
            ("forged", carrying(visit(CODE, None), &receipt("CAR0KC0D", now()), forged)),
            ("garbage", visit(CODE, None).cookie(RECEIPT_COOKIE, "v1.k1.garbage.garbage")),
            ("another stack's", carrying(visit(CODE, None), &receipt("CAR0KC0D", now()), "x9:000102030405060708090a0b0c0d0e0f")),
        ] {
            let (click, code) = left_with(&door, call).await;
            assert!(click != "clk_before" && code == CODE, "{name}");
        }
        assert!(door.classes().iter().all(|class| class == "person"));
    }
}

#[tokio::test]
async fn the_last_click_replaces_the_one_before() {
    let door = door().await;
    let before = receipt("CAR0KC0D", now() - Duration::days(1));
    assert_eq!(left_with(&door, carrying(visit(CODE, None), &before, KEYS)).await.1, CODE);
}

#[tokio::test]
async fn the_first_click_stays_and_the_later_one_is_kept_raw() {
    let door = door_by_first().await;
    let before = receipt("CAR0KC0D", now() - Duration::days(10));
    let answer = door.answer(carrying(visit(CODE, None), &before, KEYS)).await;
    assert_eq!(answer.receipt(), Some(before));
    assert!(answer.0.cookies[0].contains("Max-Age=4320000;"), "50 days are left of it: {:?}", answer.0.cookies);
    assert_eq!((door.classes(), door.clicks()[0].account.as_str()), (vec!["person".to_owned()], "alice"));
    let again = receipt(CODE, now() - Duration::minutes(1));
    assert_eq!(door.answer(carrying(visit(CODE, None), &again, KEYS)).await.receipt(), Some(again));
}

#[tokio::test]
async fn the_same_visit_again_is_a_duplicate_and_keeps_its_receipt() {
    for (ago, code, template, class) in [
        (Duration::minutes(29), CODE, None, "duplicate"),
        (Duration::minutes(30), CODE, None, "person"),
        (Duration::minutes(1), "CAR0KC0D", None, "person"),
        (Duration::minutes(1), CODE, Some("tpl_public"), "person"),
    ] {
        let door = door().await;
        let before = receipt(code, now() - ago);
        let answer = door.answer(carrying(visit(CODE, template), &before, KEYS)).await;
        assert_eq!(door.classes(), [class], "{ago} {code} {template:?}");
        assert_eq!(answer.receipt() == Some(before), class == "duplicate");
    }
}

#[tokio::test]
async fn a_device_keeps_its_cookie() {
    let door = door().await;
    let known = device_id([7; 16]);
    assert_eq!(door.answer(visit(CODE, None).cookie(DEVICE_COOKIE, &known)).await.cookie(DEVICE_COOKIE), None);
    let answer = door.answer(visit_at(Method::GET, CODE, None, now()).cookie(DEVICE_COOKIE, "not one of ours")).await;
    assert!(is_device_id(answer.cookie(DEVICE_COOKIE).unwrap()));
    let answer = door.answer(visit(CODE, None).cookie(DEVICE_COOKIE, "bad").cookie(DEVICE_COOKIE, &known)).await;
    assert_eq!(answer.cookie(DEVICE_COOKIE), None);
}
