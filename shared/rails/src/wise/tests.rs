#![allow(clippy::unwrap_used)]
use super::*;
use crate::Held;
use crate::testing::{Always, Never};
use crate::testserver::{Answer, Asked, Server, hasty, http, ok, order};
use chrono::TimeDelta;
use programme::payout::RailDoubt;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const QUOTE: &str = "POST /v3/profiles/101/quotes";
const MAKE: &str = "POST /v1/transfers";
const GET: &str = "GET /v1/transfers/50000001";
const PAYMENTS: &str = "GET /v1/transfers/50000001/payments";
const FUND: &str = "POST /v3/profiles/101/transfers/50000001/payments";
const CANCEL: &str = "PUT /v1/transfers/50000001/cancel";
const LIST: &str = "GET /v1/transfers";
/// Of the payout of [`order`].
const UUID: &str = "45342edc-a29b-54f1-8c73-a4b905619421";

/// A Wise with at most one transfer, whose answers a test may replace.
#[derive(Clone, Default)]
struct State {
    status: Option<String>,
    funded: bool,
    change: Value,
    instead: Vec<(&'static str, Answer)>,
}

type Shared = Arc<Mutex<State>>;

impl State {
    fn made(status: &str) -> Self {
        Self { status: Some(status.to_owned()), ..Self::default() }
    }

    fn instead(mut self, call: &'static str, answer: Answer) -> Self {
        self.instead.push((call, answer));
        self
    }

    fn changed(mut self, change: Value) -> Self {
        self.change = change;
        self
    }

    fn funded(mut self) -> Self {
        self.funded = true;
        self
    }

    fn transfer(&self) -> Value {
        let mut transfer = json!({
            "id": 50_000_001, "user": 1, "targetAccount": 40_000_001, "sourceAccount": null, "quote": null,
            "quoteUuid": "8fa9be20-ba43-4b15-abbb-9424e1481050", "status": self.status, "rate": 1, "created": "2026-11-18 11:07:00",
            "business": null, "details": {"reference": ""}, "hasActiveIssues": false, "sourceCurrency": "USD", "sourceValue": 23.1,
            "targetCurrency": "USD", "targetValue": 22.5, "customerTransactionId": UUID,
        });
        if let (Some(transfer), Value::Object(change)) = (transfer.as_object_mut(), self.change.clone()) {
            transfer.extend(change);
        }
        transfer
    }

    fn answer(&mut self, asked: &Asked) -> Answer {
        match asked.call.as_str() {
            QUOTE => {
                let body = asked.json();
                let target = body.get("targetAmount").cloned().unwrap_or(json!(20.9));
                ok(json!({
                    "id": "11144c35-9fe8-4c32-b7fd-d05c2a7734bf", "sourceCurrency": body["sourceCurrency"], "notices": [],
                    "targetCurrency": body["targetCurrency"], "sourceAmount": 23.1, "targetAmount": target, "rate": 0.8953211,
                }))
            }
            MAKE => {
                self.status.get_or_insert_with(|| WAITING.to_owned());
                ok(self.transfer())
            }
            GET if self.status.is_some() => ok(self.transfer()),
            PAYMENTS => ok(if self.funded { json!([{"id": 1, "amount": 23.1, "currency": "USD"}]) } else { json!([]) }),
            FUND => {
                self.funded = true;
                self.status = Some("processing".to_owned());
                ok(json!({"type": "BALANCE", "status": "COMPLETED", "errorCode": null}))
            }
            CANCEL => {
                self.status = Some(CANCELLED.to_owned());
                ok(self.transfer())
            }
            LIST if self.status.is_some() && asked.query["offset"] == "0" => ok(json!([self.transfer()])),
            LIST => ok(json!([])),
            _ => Answer::Text(404, ""),
        }
    }
}

async fn wise(state: State) -> (Wise, Server, Shared) {
    let shared: Shared = Arc::new(Mutex::new(state));
    let kept = shared.clone();
    let server = Server::start(move |asked| {
        let mut state = kept.lock().unwrap();
        // What is answered instead is done all the same, but for a refusal.
        match state.instead.iter().find(|(call, _)| *call == asked.call).map(|(_, answer)| answer.clone()) {
            Some(refusal @ Answer::Json(..)) => refusal,
            Some(lost) => {
                state.answer(asked);
                lost
            }
            None => state.answer(asked),
        }
    })
    .await;
    (Wise::new(http(), server.base(), Secret::new("hidden"), 101), server, shared)
}

fn ours() -> Order {
    order(RAIL)
}

fn again() -> Order {
    Order { attempted: true, now: ours().now + TimeDelta::hours(1), ..ours() }
}

fn known() -> Order {
    Order { reference: Some("50000001".to_owned()), ..again() }
}

fn underway(note: Option<&str>) -> Sighting {
    Sighting::Underway { reference: "50000001".to_owned(), note: note.map(str::to_owned) }
}

fn failed(reference: Option<&str>, reason: &str) -> Sighting {
    Sighting::Failed { reference: reference.map(str::to_owned), reason: reason.to_owned() }
}

fn unknown<T>(doubt: RailDoubt) -> Result<T, RailError> {
    Err(RailError::Unknown(doubt))
}

fn refusal(status: u16, code: &str) -> Answer {
    Answer::Json(status, json!({"timestamp": "now", "errors": [{"code": code, "message": "Ann Smith", "path": "targetAccount"}]}))
}

#[tokio::test]
async fn a_payout_is_quoted_made_and_paid_for() {
    let (wise, server, _) = wise(State::default()).await;
    assert_eq!(wise.submit(&ours(), &Always).await, Ok(underway(None)));
    assert_eq!(server.calls(), [QUOTE, MAKE, GET, PAYMENTS, FUND]);
    let asked = server.asked();
    assert_eq!(
        asked[0].json(),
        json!({"sourceCurrency": "USD", "targetCurrency": "USD", "targetAccount": 40_000_001, "preferredPayIn": "BALANCE", "targetAmount": 22.5})
    );
    assert_eq!(
        asked[1].json(),
        json!({"targetAccount": 40_000_001, "quoteUuid": "11144c35-9fe8-4c32-b7fd-d05c2a7734bf", "customerTransactionId": UUID})
    );
    assert_eq!(asked[4].json(), json!({"type": "BALANCE"}));
    assert!(asked.iter().all(|asked| asked.headers["authorization"] == "Bearer hidden"));
    assert_eq!(wise.mark(&ours().payout), UUID);
}

/// The payment is the one call without a key: right before it, and before nothing else, the platform is asked.
#[tokio::test]
async fn what_is_held_back_is_not_paid_for() {
    let (wise, server, _) = wise(State::default()).await;
    let held = wise.submit(&ours(), &Never(Held::LeaseLost)).await;
    assert_eq!((held, server.calls()), (Err(RailError::Held(Held::LeaseLost)), [QUOTE, MAKE, GET, PAYMENTS].map(str::to_owned).into()));
    assert_eq!(wise.look_up(&again()).await, Ok(Sighting::Absent));
    assert_eq!(wise.submit(&again(), &Always).await, Ok(underway(None)));
}

#[tokio::test]
async fn another_currency_is_paid_at_the_rate_without_fees() {
    let euro = Order { destination: Destination::wise("40000001", Currency::try_new("EUR").unwrap()).unwrap(), ..ours() };
    let made = |value: Value| State::default().changed(json!({"targetCurrency": "EUR", "targetValue": value, "rate": 0.8953211}));
    // 22.50 × 0.8953211, rounded down.
    let (wise_, server, _) = wise(made(json!(20.14))).await;
    assert_eq!(wise_.submit(&euro, &Always).await, Ok(underway(None)));
    assert_eq!(server.calls(), [QUOTE, QUOTE, MAKE, GET, PAYMENTS, FUND]);
    let asked = server.asked();
    assert_eq!((&asked[0].json()["sourceAmount"], asked[0].json().get("targetAmount")), (&json!(22.5), None));
    assert_eq!((&asked[1].json()["targetAmount"], asked[1].json().get("sourceAmount")), (&json!(20.14), None));
    for other in [json!(22.5), json!(18.5)] {
        let (wise_, _, _) = wise(made(other)).await;
        assert_eq!(wise_.submit(&euro, &Always).await, Err(RailError::Conflict));
    }
}

#[tokio::test]
async fn too_little_for_the_other_currency_is_refused() {
    let yen = Destination::wise("40000001", Currency::try_new("JPY").unwrap()).unwrap();
    let (wise, server, _) = wise(State::default()).await;
    let order = Order { destination: yen, amount: "1.00".parse().unwrap(), ..ours() };
    assert_eq!(wise.submit(&order, &Always).await, Ok(failed(None, "amount_too_small")));
    assert_eq!(server.calls(), [QUOTE]);
}

#[tokio::test]
async fn what_was_made_is_paid_for_and_never_made_again() {
    for order in [again(), known()] {
        let (wise, server, _) = wise(State::made(WAITING)).await;
        assert_eq!(wise.look_up(&order).await, Ok(Sighting::Absent));
        assert_eq!(wise.submit(&order, &Always).await, Ok(underway(None)));
        assert!(!server.calls().iter().any(|call| call == MAKE || call == QUOTE), "{:?}", server.calls());
    }
    // A repetition that does not know that it is one: Wise gives the same transfer.
    let (wise, _, shared) = wise(State::made("outgoing_payment_sent").funded()).await;
    assert_eq!(wise.submit(&ours(), &Always).await, Ok(Sighting::Paid { reference: "50000001".to_owned(), returned: Money::ZERO }));
    assert!(shared.lock().unwrap().funded);
}

#[tokio::test]
async fn a_transfer_is_never_paid_for_twice() {
    for status in [
        "incoming_payment_waiting",
        "incoming_payment_initiated",
        "processing",
        "funds_converted",
        "outgoing_payment_sent",
        "bounced_back",
        "cancelled",
    ] {
        for order in [ours(), again(), known()] {
            let (wise, server, _) = wise(State::made(status).funded()).await;
            assert!(wise.submit(&order, &Always).await.is_ok());
            assert!(!server.calls().iter().any(|call| call == FUND || call == CANCEL), "{status}: {:?}", server.calls());
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_look_up_tells() {
    for (lost, seen) in [(MAKE, Sighting::Absent), (FUND, underway(Some("processing")))] {
        for (answer, doubt) in [
            (Answer::Break, RailDoubt::NoAnswer),
            (Answer::Text(200, "<html>"), RailDoubt::Unreadable),
            (Answer::Text(500, ""), RailDoubt::ServerError),
        ] {
            let (wise, server, shared) = wise(State::default().instead(lost, answer)).await;
            assert_eq!(wise.submit(&ours(), &Always).await, unknown(doubt), "{lost}");
            assert_eq!(server.calls().last().unwrap(), lost, "nothing follows");
            shared.lock().unwrap().instead.clear();
            assert!(wise.can_look_up(&again()));
            assert_eq!(wise.look_up(&again()).await, Ok(seen.clone()), "{lost}");
            assert_eq!(wise.submit(&again(), &Always).await, Ok(if lost == MAKE { underway(None) } else { seen.clone() }));
            let paid = server.calls().iter().filter(|call| *call == FUND).count();
            assert_eq!(paid, 1, "paid for once");
        }
    }
    let server = Server::start(|_| Answer::Hang).await;
    let wise = Wise::new(hasty(), server.base(), Secret::new("hidden"), 101);
    assert_eq!(wise.submit(&ours(), &Always).await, Err(RailError::Busy), "a quote moves nothing");
    assert_eq!(wise.look_up(&ours()).await, unknown(RailDoubt::NoAnswer));
}

#[tokio::test]
async fn before_anything_was_asked_for_nothing_was_done() {
    for (call, answer, order) in [
        (QUOTE, Answer::Text(500, ""), ours()),
        (QUOTE, Answer::Text(200, "{}"), ours()),
        (GET, Answer::Text(500, ""), known()),
        (LIST, Answer::Text(500, ""), again()),
        (PAYMENTS, Answer::Text(500, ""), ours()),
        (MAKE, Answer::Json(429, json!({})), ours()),
        (FUND, Answer::Json(429, json!({})), ours()),
    ] {
        let state = if order.reference.is_some() { State::made(WAITING) } else { State::default() };
        let (wise, server, _) = wise(state.instead(call, answer.clone())).await;
        assert_eq!(wise.submit(&order, &Always).await, Err(RailError::Busy), "{call} {answer:?}");
        assert_eq!(server.calls().last().unwrap(), call);
    }
}

#[tokio::test]
async fn a_refused_quote_or_transfer_is_a_failure() {
    for (call, answer, reason) in [
        (QUOTE, refusal(422, "quote.amount.too.low"), "quote.amount.too.low"),
        (
            QUOTE,
            ok(
                json!({"id": "1", "sourceCurrency": "USD", "targetCurrency": "USD", "targetAmount": 22.5, "notices": [{"type": "BLOCKED", "text": "Ann"}]}),
            ),
            "quote_blocked",
        ),
        (MAKE, refusal(422, "recipient.inactive"), "recipient.inactive"),
        (MAKE, Answer::Json(400, json!({"code": "missing.approval", "message": "Ann"})), "missing.approval"),
        (MAKE, Answer::Json(400, json!({"error": "invalid_request"})), "invalid_request"),
        (MAKE, refusal(400, "Ann Smith has no account"), "unnamed"),
    ] {
        for order in [ours(), again()] {
            let (wise, _, _) = wise(State::default().instead(call, answer.clone())).await;
            assert_eq!(wise.submit(&order, &Always).await, Ok(failed(None, reason)), "{call} {answer:?}");
        }
    }
    let (wise, _, _) = wise(State::default().instead(MAKE, refusal(409, "duplicate"))).await;
    assert_eq!(wise.submit(&ours(), &Always).await, Err(RailError::Conflict));
}

#[tokio::test]
async fn a_quote_for_something_else_is_not_used() {
    for (target, currency) in [(json!(22.4), "USD"), (json!(22.5), "EUR"), (Value::Null, "USD")] {
        let quote = json!({"id": "1", "sourceCurrency": "USD", "targetCurrency": currency, "targetAmount": target});
        let (wise, server, _) = wise(State::default().instead(QUOTE, ok(quote))).await;
        assert_eq!(wise.submit(&ours(), &Always).await, Err(RailError::Busy));
        assert_eq!(server.calls(), [QUOTE]);
    }
}

#[tokio::test]
async fn a_rejected_payment_is_a_failure_once_the_transfer_is_cancelled() {
    let rejected = || ok(json!({"type": "BALANCE", "status": "REJECTED", "errorCode": "transfer.insufficient_funds"}));
    let reason = "transfer.insufficient_funds";
    let (wise_, server, _) = wise(State::default().instead(FUND, rejected())).await;
    assert_eq!(wise_.submit(&ours(), &Always).await, Ok(failed(Some("50000001"), reason)));
    assert_eq!(server.calls(), [QUOTE, MAKE, GET, PAYMENTS, FUND, CANCEL]);
    // It stays a failure for whoever looks.
    assert_eq!(wise_.look_up(&known()).await, Ok(failed(Some("50000001"), CANCELLED)));
    assert_eq!(wise_.submit(&known(), &Always).await, Ok(failed(Some("50000001"), CANCELLED)));
    // A refusal by status is the same, where nothing was paid.
    let (wise_, server, _) = wise(State::default().instead(FUND, refusal(422, reason))).await;
    assert_eq!(wise_.submit(&ours(), &Always).await, Ok(failed(Some("50000001"), reason)));
    assert_eq!(server.calls()[4..], [FUND, GET, PAYMENTS, CANCEL]);
    // Not cancelled: unknown, whatever the reason.
    for (answer, doubt) in [
        (refusal(409, "transfer.cancellation.not.allowed"), RailDoubt::Unreadable),
        (Answer::Break, RailDoubt::NoAnswer),
        (Answer::Text(500, ""), RailDoubt::ServerError),
    ] {
        let (wise_, _, _) = wise(State::default().instead(FUND, rejected()).instead(CANCEL, answer)).await;
        assert_eq!(wise_.submit(&ours(), &Always).await, unknown(doubt));
    }
}

#[tokio::test]
async fn a_refusal_because_it_is_paid_for_is_no_failure() {
    // The first attempt's payment is through when the second one is refused.
    let shared: Shared = Arc::new(Mutex::new(State::made(WAITING)));
    let kept = shared.clone();
    let server = Server::start(move |asked| {
        let mut state = kept.lock().unwrap();
        if asked.call == FUND {
            state.answer(asked);
            return refusal(422, "transfer.already.paid");
        }
        state.answer(asked)
    })
    .await;
    let wise = Wise::new(http(), server.base(), Secret::new("hidden"), 101);
    assert_eq!(wise.submit(&known(), &Always).await, Ok(underway(Some("processing"))));
    assert!(!server.calls().iter().any(|call| call == CANCEL));
}

#[tokio::test]
async fn every_state_is_understood() {
    let paid = || Sighting::Paid { reference: "50000001".to_owned(), returned: Money::ZERO };
    let returned = |note: &str| Sighting::Returned {
        reference: "50000001".to_owned(),
        returned: "22.50".parse().unwrap(),
        note: Some(note.to_owned()),
    };
    for (state, expected) in [
        (State::made(WAITING), Sighting::Absent),
        (State::made(WAITING).funded(), underway(Some(WAITING))),
        (State::made("incoming_payment_initiated").funded(), underway(Some("incoming_payment_initiated"))),
        (State::made("processing").funded(), underway(Some("processing"))),
        (State::made("funds_converted").funded(), underway(Some("funds_converted"))),
        (State::made("outgoing_payment_sent").funded(), paid()),
        (State::made("bounced_back").funded(), underway(Some("bounced_back"))),
        (State::made("cancelled").funded(), underway(Some("cancelled"))),
        (State::made("cancelled"), failed(Some("50000001"), "cancelled")),
        (State::made("funds_refunded").funded(), returned("funds_refunded")),
        (State::made("charged_back").funded(), returned("charged_back")),
        (State::made("something_new").funded(), underway(Some("something_new"))),
        (State::default(), Sighting::Absent),
    ] {
        let told = state.status.clone();
        let (wise, server, _) = wise(state).await;
        for order in [known(), again()] {
            assert_eq!(wise.look_up(&order).await, Ok(expected.clone()), "{told:?}");
        }
        assert!(server.calls().iter().all(|call| call.starts_with("GET ")), "a look-up moves nothing");
    }
}

#[tokio::test]
async fn another_transfer_is_never_adopted() {
    for change in [
        json!({"targetValue": 22.51}),
        json!({"sourceCurrency": "EUR"}),
        json!({"targetCurrency": "EUR"}),
        json!({"targetAccount": 40_000_002}),
        json!({"customerTransactionId": null}),
        json!({"customerTransactionId": "54a6bc09-cef9-49a8-9041-f1f0c654cd88"}),
    ] {
        let (wise, server, _) = wise(State::made(WAITING).changed(change.clone())).await;
        assert_eq!(wise.look_up(&known()).await, Err(RailError::Conflict), "{change}");
        assert_eq!(wise.submit(&known(), &Always).await, Err(RailError::Conflict), "{change}");
        assert_eq!(wise.submit(&ours(), &Always).await, Err(RailError::Conflict), "{change}");
        assert!(!server.calls().iter().any(|call| call == FUND));
    }
}

#[tokio::test]
async fn after_the_window_nothing_is_made_and_what_exists_goes_on() {
    let late = Order { now: ours().now + TimeDelta::hours(20), attempted: true, ..ours() };
    let (wise_, server, _) = wise(State::default()).await;
    assert_eq!(wise_.submit(&late, &Always).await, Err(RailError::Closed));
    assert_eq!(server.calls(), [LIST]);
    let (wise_, server, _) = wise(State::made(WAITING)).await;
    assert_eq!(wise_.submit(&late, &Always).await, Ok(underway(None)));
    assert!(server.calls().iter().any(|call| call == FUND));
}

#[tokio::test]
async fn a_transfer_that_wise_forgot_is_not_made_again() {
    let (wise, server, _) = wise(State::default()).await;
    assert_eq!(wise.submit(&known(), &Always).await, Err(RailError::Busy));
    assert_eq!(server.calls(), [GET]);
}

#[tokio::test]
async fn two_transfers_of_one_payout_are_a_conflict() {
    let server = Server::start(|asked| {
        let mut other = State::made(WAITING).transfer();
        other["id"] = json!(if asked.query["offset"] == "0" { 1 } else { 2 });
        ok(if asked.query["offset"] == "2" { json!([]) } else { json!([other]) })
    })
    .await;
    let wise = Wise::new(http(), server.base(), Secret::new("hidden"), 101);
    assert_eq!(wise.look_up(&again()).await, Err(RailError::Conflict));
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let server = Server::start(|_| {
        let mut other = State::made(WAITING).transfer();
        other["customerTransactionId"] = json!("54a6bc09-cef9-49a8-9041-f1f0c654cd88");
        ok(json!([other]))
    })
    .await;
    let wise = Wise::new(http(), server.base(), Secret::new("hidden"), 101);
    assert_eq!(wise.look_up(&again()).await, Err(UNREADABLE));
}

#[tokio::test]
async fn access_that_needs_a_second_factor_is_our_fault() {
    let (wise, _, _) = wise(State::default().instead(FUND, Answer::Json(403, json!({})))).await;
    assert_eq!(wise.submit(&ours(), &Always).await, Err(RailError::Misconfigured("wise: status 403".to_owned())));
}

#[tokio::test]
async fn an_order_that_is_not_wises_is_not_sent() {
    let (wise, server, _) = wise(State::default()).await;
    let order = Order { destination: order(ledger::Rail::Paypal).destination, ..ours() };
    assert!(matches!(wise.submit(&order, &Always).await, Err(RailError::Misconfigured(_))));
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_period_is_listed_until_a_page_is_empty() {
    let server = Server::start(|asked| {
        if asked.call == PAYMENTS {
            return ok(json!([]));
        }
        let of = |status: &str, created: &str| State::made(status).changed(json!({"created": created})).transfer();
        match asked.query["offset"].as_str() {
            "0" => ok(json!([of("outgoing_payment_sent", "2026-11-18 11:07:00"), of(WAITING, "2026-11-18 11:08:00")])),
            "2" => ok(json!([of("cancelled", "2026-11-18T11:09:00.000Z"), of("processing", "2026-11-19 11:06:40")])),
            _ => ok(json!([])),
        }
    })
    .await;
    let wise = Wise::new(http(), server.base(), Secret::new("hidden"), 101);
    let (from, to) = (ours().now, ours().now + TimeDelta::days(1));
    let (mut cursor, mut seen) = (None, Vec::new());
    loop {
        let listed = wise.list(from, to, cursor.as_deref()).await.unwrap();
        seen.extend(listed.payments);
        cursor = listed.next;
        if cursor.is_none() {
            break;
        }
    }
    // What waits for its money is no payment, and the end of the period is the next one's.
    let states: Vec<_> = seen.iter().map(|payment| payment.state.clone()).collect();
    assert_eq!(states, [Sighting::Paid { reference: "50000001".to_owned(), returned: Money::ZERO }, failed(Some("50000001"), "cancelled")]);
    assert_eq!(
        (seen[0].amount, seen[0].payout.as_deref(), &seen[0].destination),
        ("22.50".parse().unwrap(), Some(UUID), &Some(ours().destination.identity()))
    );
    assert_eq!(seen[0].at.to_rfc3339(), "2026-11-18T11:07:00+00:00");
    let query = &server.asked()[0].query;
    assert_eq!(
        (&*query["profile"], &*query["createdDateStart"], &*query["createdDateEnd"]),
        ("101", "2026-11-18T11:06:40.000Z", "2026-11-19T11:06:40.000Z")
    );
    assert!(matches!(wise.list(from, to, Some("x")).await, Err(RailError::Misconfigured(_))));
}
