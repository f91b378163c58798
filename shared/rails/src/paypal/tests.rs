#![allow(clippy::unwrap_used)]
use super::*;
use crate::Held;
use crate::testing::{Always, Never};
use crate::testserver::{Answer, Asked, PAYOUT, Server, hasty, http, ok, order};
use chrono::TimeDelta;
use ledger::Money;
use serde_json::{Value, json};

const TOKEN: &str = "POST /v1/oauth2/token";
const CREATE: &str = "POST /v1/payments/payouts";
const BATCH: &str = "GET /v1/payments/payouts/P7MFYN6YSUE5W";
const REPORT: &str = "GET /v1/reporting/transactions";
const ID: &str = "P7MFYN6YSUE5W";

fn created() -> Answer {
    let header = json!({"sender_batch_header": {"sender_batch_id": PAYOUT}, "payout_batch_id": ID, "batch_status": "PENDING"});
    Answer::Json(201, json!({"batch_header": header, "links": []}))
}

fn item(status: &str) -> Value {
    json!({
        "payout_item_id": "8AELMXH8UB2P8", "transaction_id": "0C413693MN970190K", "transaction_status": status,
        "payout_item_fee": {"currency": "USD", "value": "0.25"}, "payout_batch_id": ID,
        "payout_item": {"recipient_type": "EMAIL", "amount": {"currency": "USD", "value": "22.50"}, "receiver": "Ann@Example.com", "sender_item_id": PAYOUT},
        "time_processed": "2026-11-19T00:08:34Z",
    })
}

fn batch(status: &str, items: Value) -> Value {
    json!({"batch_header": {"payout_batch_id": ID, "batch_status": status, "sender_batch_header": {"sender_batch_id": PAYOUT}}, "items": items})
}

fn failure(name: &str) -> Value {
    json!({"name": name, "message": "Ann Smith can't be paid", "debug_id": "f05063556a338", "details": [], "links": []})
}

fn duplicate(href: &str) -> Answer {
    let detail = json!({
        "field": "SENDER_BATCH_ID", "location": "body", "issue": "Batch with given sender_batch_id already exists",
        "link": [{"href": href, "rel": "self", "method": "GET"}],
    });
    let mut body = failure("USER_BUSINESS_ERROR");
    body["details"] = json!([detail]);
    Answer::Json(400, body)
}

fn underway(note: &str) -> Sighting {
    Sighting::Underway { reference: ID.to_owned(), note: Some(note.to_owned()) }
}

fn unknown<T>(doubt: RailDoubt) -> Result<T, RailError> {
    Err(RailError::Unknown(doubt))
}

fn ours() -> Order {
    order(RAIL)
}

fn known() -> Order {
    Order { reference: Some(ID.to_owned()), attempted: true, ..ours() }
}

fn late() -> Order {
    Order { now: ours().now + TimeDelta::days(25), attempted: true, ..ours() }
}

fn grants(asked: &Asked) -> Option<Answer> {
    (asked.call == TOKEN)
        .then(|| ok(json!({"access_token": format!("A21-{}", asked.before), "token_type": "Bearer", "expires_in": 32_400})))
}

/// A PayPal that grants tokens and else answers so.
async fn paypal(answer: impl Fn(&Asked) -> Answer + Clone + Send + Sync + 'static) -> (Paypal, Server) {
    let server = Server::start(move |asked| grants(asked).unwrap_or_else(|| answer(asked))).await;
    (Paypal::new(http(), server.base(), "client".to_owned(), Secret::new("hidden")), server)
}

#[tokio::test]
async fn a_batch_of_one_is_sent_as_frozen_and_the_same_each_time() {
    let (paypal, server) = paypal(|_| created()).await;
    for order in [ours(), Order { attempted: true, now: ours().now + TimeDelta::days(24), ..ours() }] {
        assert_eq!(paypal.submit(&order, &Always).await, Ok(underway("PENDING")));
    }
    let asked = server.asked();
    assert_eq!(server.calls(), [TOKEN, CREATE, CREATE], "one token for both");
    assert_eq!(asked[0].headers["authorization"], "Basic Y2xpZW50OmhpZGRlbg==");
    assert_eq!(asked[1].headers["authorization"], "Bearer A21-0");
    assert_eq!(asked[1].body, asked[2].body);
    let item = json!({"recipient_type": "EMAIL", "receiver": "ann@example.com", "amount": {"value": "22.50", "currency": "USD"}, "sender_item_id": PAYOUT});
    assert_eq!(asked[1].json(), json!({"sender_batch_header": {"sender_batch_id": PAYOUT}, "items": [item]}));
}

#[tokio::test]
async fn what_is_held_back_is_not_sent() {
    let (paypal, server) = paypal(|_| created()).await;
    assert_eq!(paypal.submit(&ours(), &Never(Held::SwitchedOff)).await, Err(RailError::Held(Held::SwitchedOff)));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_payer_is_named_by_its_id_and_an_amount_has_two_places() {
    let (paypal, server) = paypal(|_| created()).await;
    let order = Order { destination: Destination::paypal_payer("ABCDEFGHJ1234").unwrap(), amount: "20".parse().unwrap(), ..ours() };
    paypal.submit(&order, &Always).await.unwrap();
    let item = &server.asked()[1].json()["items"][0];
    assert_eq!((&item["recipient_type"], &item["receiver"]), (&json!("PAYPAL_ID"), &json!("ABCDEFGHJ1234")));
    assert_eq!(item["amount"]["value"], "20.00");
}

#[tokio::test]
async fn what_an_answer_to_a_batch_proves() {
    let failed = |reason: &str| Ok(Sighting::Failed { reference: None, reason: reason.to_owned() });
    // What a first attempt may conclude, and what a repetition may.
    for (answer, first, again) in [
        (Answer::Json(422, failure("INSUFFICIENT_FUNDS")), failed("INSUFFICIENT_FUNDS"), unknown(RailDoubt::NoAnswer)),
        (Answer::Json(400, failure("VALIDATION_ERROR")), failed("VALIDATION_ERROR"), unknown(RailDoubt::NoAnswer)),
        (Answer::Json(400, failure("Ann Smith")), failed("unnamed"), unknown(RailDoubt::NoAnswer)),
        (Answer::Json(409, failure("RESOURCE_CONFLICT")), unknown(RailDoubt::ServerError), unknown(RailDoubt::ServerError)),
        (Answer::Json(500, failure("INTERNAL_ERROR")), unknown(RailDoubt::ServerError), unknown(RailDoubt::ServerError)),
        (Answer::Json(429, failure("RATE_LIMIT_REACHED")), Err(RailError::Busy), Err(RailError::Busy)),
        (Answer::Text(400, "<html>"), unknown(RailDoubt::Unreadable), unknown(RailDoubt::Unreadable)),
        (Answer::Text(201, "{}"), unknown(RailDoubt::Unreadable), unknown(RailDoubt::Unreadable)),
        (Answer::Break, unknown(RailDoubt::NoAnswer), unknown(RailDoubt::NoAnswer)),
        (duplicate("https://api.sandbox.paypal.com/"), unknown(RailDoubt::Unreadable), unknown(RailDoubt::Unreadable)),
        (duplicate("https://evil.example/a/..%2Fb"), unknown(RailDoubt::Unreadable), unknown(RailDoubt::Unreadable)),
    ] {
        let told = answer.clone();
        let (paypal, _) = paypal(move |_| told.clone()).await;
        assert_eq!(paypal.submit(&ours(), &Always).await, first, "{answer:?}");
        assert_eq!(paypal.submit(&Order { attempted: true, ..ours() }, &Always).await, again, "{answer:?}, again");
    }
    let server = Server::start(|asked| grants(asked).unwrap_or(Answer::Hang)).await;
    let paypal = Paypal::new(hasty(), server.base(), "client".to_owned(), Secret::new("hidden"));
    assert_eq!(paypal.submit(&ours(), &Always).await, unknown(RailDoubt::NoAnswer));
}

#[tokio::test]
async fn a_duplicate_is_adopted_from_paypal_itself_after_comparing() {
    // The link leads elsewhere: only the id in it is used.
    let link = format!("https://elsewhere.example/v1/payments/payouts/{ID}?page=1");
    let (paypal, server) = paypal(move |asked| match asked.call.as_str() {
        CREATE => duplicate(&link),
        _ => ok(batch("SUCCESS", json!([item("SUCCESS")]))),
    })
    .await;
    let order = Order { attempted: true, ..ours() };
    assert_eq!(paypal.submit(&order, &Always).await, Ok(Sighting::Paid { reference: ID.to_owned(), returned: Money::ZERO }));
    assert_eq!(server.calls(), [TOKEN, CREATE, BATCH]);
}

#[tokio::test]
async fn another_batch_is_never_adopted() {
    let changed = |pointer: &str, value: Value| {
        let mut body = batch("SUCCESS", json!([item("SUCCESS")]));
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for body in [
        changed("/items/0/payout_item/amount/value", json!("22.51")),
        changed("/items/0/payout_item/amount/currency", json!("EUR")),
        changed("/items/0/payout_item/receiver", json!("eve@example.com")),
        changed("/items/0/payout_item/sender_item_id", json!("another")),
        changed("/batch_header/sender_batch_header/sender_batch_id", json!("another")),
        batch("SUCCESS", json!([item("SUCCESS"), item("SUCCESS")])),
    ] {
        let told = body.clone();
        let (paypal, _) = paypal(move |asked| match asked.call.as_str() {
            CREATE => duplicate(&format!("https://api.sandbox.paypal.com/v1/payments/payouts/{ID}")),
            _ => ok(told.clone()),
        })
        .await;
        assert_eq!(paypal.submit(&ours(), &Always).await, Err(RailError::Conflict), "{body}");
        assert_eq!(paypal.look_up(&known()).await, Err(RailError::Conflict), "{body}");
    }
}

#[tokio::test]
async fn a_duplicate_that_paypal_does_not_show_is_unknown() {
    let (paypal, _) = paypal(|asked| match asked.call.as_str() {
        CREATE => duplicate(&format!("https://api.sandbox.paypal.com/v1/payments/payouts/{ID}")),
        _ => Answer::Json(404, failure("INVALID_RESOURCE_ID")),
    })
    .await;
    assert_eq!(paypal.submit(&ours(), &Always).await, Err(UNREADABLE));
}

#[tokio::test]
async fn every_status_of_an_item_is_understood() {
    let returned =
        |note: &str| Sighting::Returned { reference: ID.to_owned(), returned: "22.50".parse().unwrap(), note: Some(note.to_owned()) };
    let failed = |reason: &str| Sighting::Failed { reference: Some(ID.to_owned()), reason: reason.to_owned() };
    let mut refused = item("FAILED");
    refused["errors"] = json!({"name": "RECEIVER_UNCONFIRMED", "message": "Ann", "debug_id": "1"});
    let mut silent = item("PENDING");
    silent["transaction_status"] = Value::Null;
    for (body, expected) in [
        (batch("SUCCESS", json!([item("SUCCESS")])), Sighting::Paid { reference: ID.to_owned(), returned: Money::ZERO }),
        (batch("PROCESSING", json!([item("PENDING")])), underway("PENDING")),
        (batch("SUCCESS", json!([item("UNCLAIMED")])), underway("UNCLAIMED")),
        (batch("SUCCESS", json!([item("ONHOLD")])), underway("ONHOLD")),
        (batch("SUCCESS", json!([item("BLOCKED")])), underway("BLOCKED")),
        (batch("SUCCESS", json!([item("SOMETHING_NEW")])), underway("SOMETHING_NEW")),
        (batch("SUCCESS", json!([item("RETURNED")])), returned("RETURNED")),
        (batch("SUCCESS", json!([item("REFUNDED")])), returned("REFUNDED")),
        (batch("SUCCESS", json!([item("REVERSED")])), returned("REVERSED")),
        (batch("SUCCESS", json!([refused])), failed("RECEIVER_UNCONFIRMED")),
        (batch("SUCCESS", json!([item("FAILED")])), failed("FAILED")),
        (batch("PROCESSING", json!([silent])), underway("PROCESSING")),
        (batch("PENDING", json!([])), underway("PENDING")),
        (batch("PENDING", Value::Null), underway("PENDING")),
        (batch("DENIED", json!([])), failed("DENIED")),
        (batch("CANCELED", json!([])), failed("CANCELED")),
    ] {
        let told = body.clone();
        let (paypal, server) = paypal(move |_| ok(told.clone())).await;
        assert!(paypal.can_look_up(&known()));
        assert_eq!(paypal.look_up(&known()).await, Ok(expected), "{body}");
        assert_eq!(server.calls(), [TOKEN, BATCH]);
    }
}

#[tokio::test]
async fn without_the_batchs_id_only_sending_again_can_tell() {
    let (paypal, server) = paypal(|_| Answer::Hang).await;
    let order = Order { attempted: true, ..ours() };
    assert!(!paypal.can_look_up(&order));
    assert_eq!(paypal.look_up(&order).await, unknown(RailDoubt::NoAnswer));
    assert!(server.asked().is_empty());
    assert!(paypal.can_look_up(&late()));
    assert_eq!(paypal.submit(&late(), &Always).await, Err(RailError::Closed));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_batch_that_paypal_does_not_know_is_absent() {
    for (answer, expected) in [
        (Answer::Json(404, failure("INVALID_RESOURCE_ID")), Ok(Sighting::Absent)),
        (Answer::Text(404, "<html>"), Err(UNREADABLE)),
        (Answer::Json(400, failure("INVALID_REQUEST")), Err(RailError::Misconfigured("paypal: INVALID_REQUEST".to_owned()))),
        (Answer::Json(503, failure("DOWN")), unknown(RailDoubt::ServerError)),
    ] {
        let told = answer.clone();
        let (paypal, _) = paypal(move |_| told.clone()).await;
        assert_eq!(paypal.look_up(&known()).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn a_token_is_asked_for_once_however_many_wait_for_it() {
    let (paypal, server) = paypal(|_| created()).await;
    let order = ours();
    let all = futures::future::join_all((0..8).map(|_| paypal.submit(&order, &Always))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(server.calls().iter().filter(|call| *call == TOKEN).count(), 1);
}

#[tokio::test]
async fn a_token_is_dropped_when_it_is_old_or_refused() {
    // The first is refused by PayPal before its time.
    let (paypal, server) = paypal(|asked| {
        if asked.headers["authorization"] == "Bearer A21-0" { Answer::Json(401, failure("AUTHENTICATION_FAILURE")) } else { created() }
    })
    .await;
    assert_eq!(paypal.submit(&ours(), &Always).await, Ok(underway("PENDING")));
    assert_eq!(server.calls(), [TOKEN, CREATE, TOKEN, CREATE]);
    // Somebody else was refused the first one meanwhile: the second one is kept.
    paypal.tokens.forget(&Secret::new("A21-0")).await;
    paypal.submit(&ours(), &Always).await.unwrap();
    assert_eq!(server.calls().last().unwrap(), CREATE);
    assert_eq!(server.calls().len(), 5);
    // One that ends within the lead is not kept.
    let server = Server::start(|asked| match asked.call.as_str() {
        TOKEN => ok(json!({"access_token": "A21", "expires_in": 60})),
        _ => created(),
    })
    .await;
    let paypal = Paypal::new(http(), server.base(), "client".to_owned(), Secret::new("hidden"));
    for _ in 0..2 {
        paypal.submit(&ours(), &Always).await.unwrap();
    }
    assert_eq!(server.calls(), [TOKEN, CREATE, TOKEN, CREATE]);
}

#[tokio::test]
async fn without_a_token_nothing_was_done() {
    for (answer, expected) in [
        (Answer::Json(401, json!({"error": "invalid_client"})), RailError::Misconfigured("paypal: status 401".to_owned())),
        (
            Answer::Json(400, json!({"error": "unsupported_grant_type"})),
            RailError::Misconfigured("paypal: no token, status 400".to_owned()),
        ),
        (Answer::Json(500, json!({})), RailError::Busy),
        (Answer::Json(429, json!({})), RailError::Busy),
        (Answer::Text(200, "{}"), RailError::Busy),
        (Answer::Break, RailError::Busy),
    ] {
        let told = answer.clone();
        let server = Server::start(move |_| told.clone()).await;
        let paypal = Paypal::new(http(), server.base(), "client".to_owned(), Secret::new("hidden"));
        let error = paypal.submit(&ours(), &Always).await.unwrap_err();
        assert_eq!(error, expected, "{answer:?}");
        assert!(!format!("{error:?}").contains("hidden"));
        assert!(server.calls().iter().all(|call| call == TOKEN));
    }
}

#[tokio::test]
async fn access_that_is_refused_twice_is_our_fault() {
    let (paypal, _) = paypal(|_| Answer::Json(401, failure("AUTHENTICATION_FAILURE"))).await;
    assert_eq!(paypal.submit(&ours(), &Always).await, Err(RailError::Misconfigured("paypal: status 401".to_owned())));
}

#[tokio::test]
async fn an_order_that_is_not_paypals_is_not_sent() {
    let (paypal, server) = paypal(|_| Answer::Hang).await;
    for order in
        [Order { destination: order(ledger::Rail::Wise).destination, ..ours() }, Order { amount: "1.005".parse().unwrap(), ..ours() }]
    {
        assert!(matches!(paypal.submit(&order, &Always).await, Err(RailError::Misconfigured(_))));
    }
    let email = format!("{}@{}.example.com", "a".repeat(64), "b".repeat(60));
    let long = Order { destination: Destination::paypal_email(&email).unwrap(), attempted: true, ..ours() };
    assert_eq!(paypal.submit(&long, &Always).await, Ok(Sighting::Failed { reference: None, reason: "RECEIVER_TOO_LONG".to_owned() }));
    assert!(server.asked().is_empty());
}

fn line(id: &str, custom: &str, value: &str, status: &str) -> Value {
    json!({"transaction_info": {
        "transaction_id": id, "transaction_event_code": "T0001", "transaction_initiation_date": "2026-11-18T10:00:00+0000",
        "transaction_amount": {"currency_code": "USD", "value": value}, "transaction_status": status, "custom_field": custom,
    }})
}

fn report(lines: &[Value], pages: u32) -> Answer {
    ok(json!({"transaction_details": lines, "total_pages": pages, "page": 1, "account_number": "X"}))
}

#[tokio::test]
async fn after_the_window_the_search_tells() {
    let reference = || "transaction/0C413693MN970190K".to_owned();
    let ours = |status| line("0C413693MN970190K", PAYOUT, "-22.50", status);
    let other = line("1C413693MN970190K", "another", "-22.50", "S");
    let fee = line("2C413693MN970190K", PAYOUT, "0.25", "S");
    let amount: Money = "22.50".parse().unwrap();
    for (lines, expected) in [
        (vec![], Ok(Sighting::Absent)),
        (vec![other.clone(), fee], Ok(Sighting::Absent)),
        (vec![other, ours("S")], Ok(Sighting::Paid { reference: reference(), returned: Money::ZERO })),
        (vec![ours("S"), ours("S")], Ok(Sighting::Paid { reference: reference(), returned: Money::ZERO })),
        (vec![ours("P")], Ok(Sighting::Underway { reference: reference(), note: Some("PENDING".to_owned()) })),
        (vec![ours("D")], Ok(Sighting::Failed { reference: Some(reference()), reason: "DENIED".to_owned() })),
        (vec![ours("V")], Ok(Sighting::Returned { reference: reference(), returned: amount, note: Some("REVERSED".to_owned()) })),
        (vec![ours("?")], Err(UNREADABLE)),
        (vec![line("0C413693MN970190K", PAYOUT, "-22.51", "S")], Err(RailError::Conflict)),
        (vec![ours("S"), line("3C413693MN970190K", PAYOUT, "-22.50", "S")], Err(RailError::Conflict)),
    ] {
        let told = lines.clone();
        let (paypal, server) = paypal(move |asked| {
            // The last page has them.
            if asked.query["page"] == "2" { report(&told, 2) } else { report(&[], 2) }
        })
        .await;
        assert_eq!(paypal.look_up(&late()).await, expected, "{lines:?}");
        let searched = Order { reference: Some(reference()), ..known() };
        assert_eq!(paypal.look_up(&searched).await, expected, "{lines:?}");
        assert_eq!(server.calls()[1..], [REPORT; 4]);
        let query = &server.asked()[1].query;
        // 1,795,000,000 is 11:06:40 on that day; 31 days at most.
        assert_eq!((&*query["start_date"], &*query["end_date"]), ("2026-11-18T10:06:40Z", "2026-12-14T10:06:40Z"));
    }
}

#[tokio::test]
async fn a_search_without_end_is_given_up() {
    let (paypal, _) = paypal(|_| report(&[], u32::MAX)).await;
    assert_eq!(paypal.look_up(&late()).await, Err(UNREADABLE));
}

#[tokio::test]
async fn a_long_period_is_listed_in_parts() {
    let (paypal, server) = paypal(|asked| {
        let page = asked.query["page"].parse::<usize>().unwrap();
        let mut payment = line("0C413693MN970190K", PAYOUT, "-22.50", "S");
        payment["transaction_info"]["transaction_initiation_date"] = json!(asked.query["start_date"]);
        payment["transaction_info"]["transaction_id"] = json!(format!("0C413693MN97019{}{page}", asked.before));
        report(&[payment], if asked.before < 2 { 2 } else { 1 })
    })
    .await;
    let (from, to) = (ours().now, ours().now + TimeDelta::days(40));
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let listed = paypal.list(from, to, cursor.as_deref()).await.unwrap();
        seen.extend(listed.payments);
        cursor = listed.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 3);
    assert_eq!((seen[0].amount, seen[0].payout.as_deref()), ("22.50".parse().unwrap(), Some(PAYOUT)));
    assert_eq!(seen[0].payout, Some(paypal.mark(&ours().payout)));
    assert_eq!((seen[0].at, seen[2].at), (from, from + TimeDelta::days(30)));
    let asked: Vec<_> =
        server.asked().into_iter().skip(1).map(|asked| (asked.query["start_date"].clone(), asked.query["page"].clone())).collect();
    let expected = [("2026-11-18T11:06:40Z", "1"), ("2026-11-18T11:06:40Z", "2"), ("2026-12-18T11:06:40Z", "1")];
    assert_eq!(asked, expected.map(|(start, page)| (start.to_owned(), page.to_owned())));
}

#[tokio::test]
async fn a_cursor_is_one_of_ours() {
    let (paypal, server) = paypal(|_| report(&[], 1)).await;
    for cursor in ["", "1", "a:b", "1:-1", "99999999999999999:1"] {
        assert!(matches!(paypal.list(ours().now, ours().now, Some(cursor)).await, Err(RailError::Misconfigured(_))), "{cursor}");
    }
    assert!(server.asked().is_empty());
}
