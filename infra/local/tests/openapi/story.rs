//! Every operation, asked as its callers do, until each has succeeded; and those refusals that have members of their own.

use crate::{
    door::{Ask, Door},
    orders,
    spec::Spec,
};
use edge::{
    auth::{SealKeys, Session},
    ids::SystemIds,
};
use local::{
    binaries, seed,
    signing::{self, Source, WebhookSecrets},
    stack::{Stack, StackOptions, TemplateSource},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn stack() -> Stack {
    let names = local::template::function_names(TemplateSource::Project.text()).unwrap();
    let functions = binaries::build(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    Stack::start(StackOptions::new(functions)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_stack_answers_as_described() {
    let (spec, stack) = (Spec::read(), stack().await);
    let door = Door::new(&spec, &stack);
    nobody_and_anybody(&door).await;
    sessions(&door).await;
    seed::briefly(&stack).await.unwrap();
    links(&door).await;
    earnings(&door).await;
    webhooks(&door).await;
    reviews(&door).await;
    let payouts = payout_accounts_and_requests(&door).await;
    billing(&door).await;
    decisions(&door, &payouts).await;
    orders::orders(&door, &payouts).await;
    settings(&door).await;
    desk(&door).await;
    assert_eq!(door.never_succeeded(), Vec::<String>::new(), "described, and never seen to work");
    stack.stop().await;
}

/// Who may call is as described: without proof, and without the group.
async fn nobody_and_anybody(door: &Door<'_>) {
    for operation in door.spec.operations() {
        let names: Vec<&str> = operation.path.split('/').filter(|segment| segment.starts_with('{')).map(|_| "x").collect();
        let open = operation.item["security"].as_array().unwrap().is_empty();
        let (status, body) = door.answer(Ask::new(operation.id).of(&names)).await;
        assert_eq!(status == 401, !open, "{}: {status} {body}", operation.id);
        match operation.group() {
            Some(Some(_)) => drop(door.ask(Ask::new(operation.id).by("carol").of(&names), 403).await),
            Some(None) => {
                let (status, body) = door.answer(Ask::new(operation.id).by("carol").of(&names)).await;
                assert!(status != 401 && status != 403, "{}: {status} {body}", operation.id);
            }
            None => {}
        }
    }
}

/// A page's session is as good as a token; where it changes something, from our own pages alone.
async fn sessions(door: &Door<'_>) {
    let name = door.spec.at("#/components/securitySchemes/session/name").unwrap().as_str().unwrap();
    let session = Session {
        token: door.stack.token_for("frank").unwrap(),
        account: "acct_frank".into(),
        name: None,
        groups: BTreeSet::new(),
        secret: "secret".into(),
        expires_at: door.stack.clock().now_ms() / 1000 + 3600,
    };
    let keys = SealKeys::parse(door.stack.secrets().get("session_keys").unwrap()).unwrap();
    let cookie = ("cookie", format!("{name}={}", session.seal(&keys, &SystemIds).unwrap()));
    door.ask(Ask::new("showEarnings").headers(vec![cookie.clone()]), 200).await;
    door.ask(Ask::new("signUp").headers(vec![cookie.clone()]), 403).await;
    door.ask(Ask::new("signUp").headers(vec![cookie, ("origin", door.stack.url().to_owned())]), 201).await;
}

async fn links(door: &Door<'_>) {
    assert_eq!(door.ask(Ask::new("signUp").by("alice").body(json!({})), 200).await["account_id"], "acct_alice");
    let first = door.ask(Ask::new("signUp").by("dave").body(json!({ "receipt": "v1.forged" })), 201).await;
    assert_eq!(first["referral"]["status"], "none");
    door.ask(Ask::new("signUp").by("erin").body(json!({ "receipts": [] })), 400).await;
    door.ask(Ask::new("signUp").by("erin").headers(vec![("content-type", "text/plain".into())]).body(json!({})), 415).await;
    let long = "x".repeat(65 * 1024);
    assert_eq!(door.ask(Ask::new("signUp").by("erin").body(json!({ "receipt": long })), 413).await["limit_bytes"], 65_536);

    let templates = door.ask(Ask::new("listTemplates").by("alice"), 200).await;
    let template = templates["templates"][0]["template_id"].as_str().unwrap().to_owned();
    let page = format!("{}/_local/landing", door.stack.url());
    let form = json!({ "name": "Comfy", "url": page, "public": false });
    let keyed = |body: &Value| Ask::new("createTemplate").by("alice").headers(key("rig")).body(body.clone());
    let made = door.ask(keyed(&form), 201).await;
    assert_eq!(door.ask(keyed(&form), 201).await, made);
    let other = json!({ "name": "Another", "url": page, "public": false });
    assert_eq!(door.ask(keyed(&other), 409).await["template_id"], made["template_id"]);
    door.ask(Ask::new("changeTemplate").by("alice").of(&[&template]).body(form), 200).await;
    for (url, rule) in [("https://evil.test/", "template_host"), ("javascript:alert(1)", "template_url")] {
        let refused = door.ask(Ask::new("createTemplate").by("alice").body(json!({ "name": "x", "url": url, "public": true })), 422).await;
        assert_eq!(refused["rule"], rule);
    }
    door.ask(Ask::new("chooseAlias").by("alice").body(json!({ "alias": "Alice-Links" })), 200).await;
    door.ask(Ask::new("chooseAlias").by("dave").body(json!({ "alias": "alice-links" })), 409).await;
    door.ask(Ask::new("chooseAlias").by("dave").body(json!({ "alias": "admin" })), 422).await;
    let links = door.ask(Ask::new("showLinks").by("alice"), 200).await;
    let code = links["code"].as_str().unwrap();
    door.ask(Ask::new("followLink").of(&[code]).query("?utm_source=x"), 302).await;
    door.ask(Ask::new("probeLink").of(&[code]), 302).await;
    door.ask(Ask::new("followTemplateLink").of(&[code, &template]), 302).await;
    door.ask(Ask::new("probeTemplateLink").of(&[code, &template]), 302).await;
    door.ask(Ask::new("followLink").of(&[&"x".repeat(65)]), 400).await;
}

async fn earnings(door: &Door<'_>) {
    let earnings = door.ask(Ask::new("showEarnings").by("alice").query("?group=month"), 200).await;
    assert!(!earnings["not_cashable"].as_array().unwrap().is_empty() && !earnings["chart"].as_array().unwrap().is_empty());
    door.ask(Ask::new("showEarnings").by("alice").query("?from=yesterday"), 400).await;
    let page = door.ask(Ask::new("listLines").by("alice").query("?limit=1"), 200).await;
    let next = format!("?limit=100&cursor={}", page["next_cursor"].as_str().unwrap());
    let rest = door.ask(Ask::new("listLines").by("alice").query(&next), 200).await;
    assert!(!rest["lines"].as_array().unwrap().is_empty());
    door.ask(Ask::new("listLines").by("bob").query(&next), 400).await;
    assert!(!door.ask(Ask::new("listLines").by("hana"), 200).await["lines"].as_array().unwrap().is_empty());
    let table = door.ask(Ask::new("exportLines").by("alice"), 200).await;
    assert!(table.as_str().unwrap().starts_with("line_id,at,subject,"));
    door.ask(Ask::new("showCredits").by("platform").of(&["acct_bob"]), 200).await;
    assert_eq!(door.ask(Ask::new("showMe").by("fin1"), 200).await["groups"], json!(["finance"]));
}

/// Posts an event as its source does.
async fn post(door: &Door<'_>, id: &str, source: Source, event: Value) -> Value {
    let secrets = WebhookSecrets { stripe: door.stack.secrets().stripe(), platform: door.stack.secrets().platform() };
    let (body, at) = (event.to_string(), door.stack.clock().now_ms() / 1000);
    let headers = match source {
        Source::PayPal => signing::paypal_headers(&door.stack.paypal().key(), body.as_bytes(), at),
        Source::Wise => signing::wise_headers(door.stack.secrets().wise_private_key(), body.as_bytes()),
        Source::Stripe | Source::Platform => signing::headers(source, secrets, body.as_bytes(), at),
    };
    door.ask(Ask::new(id).headers(headers.unwrap()).body(event), 200).await
}

fn rental(id: &str, at_ms: i64) -> Value {
    let at = chrono::DateTime::from_timestamp_millis(at_ms).unwrap().to_rfc3339();
    let data = json!({ "earning_id": id, "account_id": "acct_hana", "machine_id": "m-1", "amount": "200.00", "currency": "USD", "at": at });
    json!({ "type": "rental.earned", "timestamp": at, "data": data })
}

async fn webhooks(door: &Door<'_>) {
    let now = door.stack.clock().now_ms();
    assert_eq!(post(door, "takePlatformEvent", Source::Platform, rental("rent_now", now)).await["status"], "accepted");
    let ahead = i64::try_from(DAY.as_millis()).unwrap();
    assert_eq!(post(door, "takePlatformEvent", Source::Platform, rental("rent_ahead", now + ahead)).await["status"], "quarantined");
    let ignored = json!({ "id": "evt_1", "object": "event", "created": now / 1000, "livemode": false, "type": "plan.created", "data": { "object": {} } });
    assert_eq!(post(door, "takeStripeEvent", Source::Stripe, ignored).await["status"], "ignored");
    let broken = json!({ "id": "evt_2", "type": "payment_intent.succeeded" });
    assert_eq!(post(door, "takeStripeEvent", Source::Stripe, broken).await["status"], "quarantined");
    // A purchase in another currency, which raises a flag.
    let foreign = local_capture("pi_foreign", now / 1000);
    assert_eq!(post(door, "takeStripeEvent", Source::Stripe, foreign).await["status"], "accepted");
    let plan = json!({ "id": "WH-1", "event_type": "BILLING.PLAN.CREATED", "create_time": "2026-01-01T00:00:00Z", "resource": {} });
    assert_eq!(post(door, "takePayPalEvent", Source::PayPal, plan).await["status"], "ignored");
    let cases = json!({ "event_type": "transfers#active-cases", "data": { "resource": { "id": 1 }, "active_cases": [] } });
    assert_eq!(post(door, "takeWiseEvent", Source::Wise, cases).await["status"], "ignored");
    assert!(door.stack.drain().await.unwrap());
}

fn local_capture(payment: &str, at: i64) -> Value {
    let object = json!({ "id": payment, "object": "payment_intent", "status": "succeeded", "amount_received": 5_000, "currency": "eur", "created": at,
        "livemode": false, "metadata": { "account_id": "acct_bob" } });
    json!({ "id": "evt_3", "object": "event", "created": at, "livemode": false, "type": "payment_intent.succeeded", "data": { "object": object } })
}

/// Both of alice's referees give her own address for payouts.
async fn reviews(door: &Door<'_>) {
    for name in ["alice", "bob", "hana"] {
        let body = json!({ "email": "shared@example.com", "default": true });
        door.ask(Ask::new("changePayoutAccount").by(name).of(&["paypal"]).body(body), 200).await;
    }
    let reviews = door.ask(Ask::new("listReviews").by("fin1"), 200).await;
    assert_eq!(reviews["reviews"].as_array().unwrap().len(), 2, "{reviews}");
    let reason = json!({ "reason": "one family, two people" });
    door.ask(Ask::new("clearReview").by("fin1").of(&["acct_hana"]).body(reason), 200).await;
    assert_eq!(door.ask(Ask::new("confirmReview").by("fin2").of(&["acct_hana"]), 409).await["verdict"], "clear");
    door.ask(Ask::new("confirmReview").by("fin1").of(&["acct_bob"]), 200).await;
    door.ask(Ask::new("clearReview").by("fin1").of(&["acct_alice"]), 404).await;
}

pub(crate) fn key(text: &str) -> Vec<(&'static str, String)> {
    vec![("idempotency-key", text.to_owned())]
}

/// Three payouts of hana's.
async fn payout_accounts_and_requests(door: &Door<'_>) -> Vec<String> {
    let amount = |text: &str| json!({ "amount": text });
    let misfit = door.ask(Ask::new("changePayoutAccount").by("hana").of(&["wise"]).body(json!({ "recipient_id": "7x" })), 400).await;
    assert_eq!(misfit["field"], "recipient_id");
    let cash = json!({ "recipient_id": 12_345, "currency": "EUR", "default": true });
    door.ask(Ask::new("changePayoutAccount").by("hana").of(&["wise"]).body(cash.clone()), 200).await;
    door.ask(Ask::new("changePayoutAccount").by("hana").of(&["cheque"]).body(cash), 404).await;
    let kept = json!({ "recipient_id": "12345", "currency": "EUR", "default": false });
    assert_eq!(door.ask(Ask::new("changePayoutAccount").by("hana").of(&["wise"]).body(kept), 422).await["rule"], "one_default");
    assert_eq!(door.ask(Ask::new("listPayoutAccounts").by("hana"), 200).await["payout_accounts"].as_array().unwrap().len(), 2);

    onboarding(door).await;
    let ask = |key_text: &str, text: &str| Ask::new("requestPayout").by("hana").headers(key(key_text)).body(amount(text));
    let refused = door.ask(ask("early", "20.00"), 422).await;
    assert!(refused["rule"] == "destination_cooldown" && refused["opens_at"].is_string(), "{refused}");
    door.ask(Ask::new("requestPayout").by("hana").body(amount("20.00")), 400).await;
    door.stack.clock().advance(DAY * 4).await.unwrap();
    for (text, rule, figure) in [
        ("1.00", "payout_minimum", "minimum"),
        ("20.001", "rail_precision", "places"),
        ("10000.00", "cashable", "cashable"),
        ("10001", "payout_maximum", "maximum"),
    ] {
        let refused = door.ask(ask("refused", text), 422).await;
        assert!(refused["rule"] == rule && !refused[figure].is_null(), "{refused}");
    }
    let mut payouts = Vec::new();
    for place in ["one", "two", "three"] {
        payouts.push(door.ask(ask(place, "25.00"), 201).await["payout_id"].as_str().unwrap().to_owned());
    }
    door.ask(ask("one", "26.00"), 409).await;
    let page = door.ask(Ask::new("listPayouts").by("hana").query("?limit=2"), 200).await;
    let next = format!("?cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(door.ask(Ask::new("listPayouts").by("hana").query(&next), 200).await["payouts"].as_array().unwrap().len(), 1);
    let table = door.ask(Ask::new("exportPayouts").by("hana"), 200).await;
    assert!(payouts.iter().all(|payout| table.as_str().unwrap().contains(payout)), "{table}");
    payouts
}

/// How hana is named on invoices.
async fn billing(door: &Door<'_>) {
    assert_eq!(door.ask(Ask::new("showBilling").by("hana"), 200).await, json!({}));
    let form =
        |country: &str| json!({ "name": "Hana Nováková", "address": ["Dlouhá 1", "110 00 Praha"], "country": country, "tax_id": "CZ1" });
    let kept = door.ask(Ask::new("changeBilling").by("hana").body(form("CZ")), 200).await;
    assert_eq!(door.ask(Ask::new("showBilling").by("hana"), 200).await, kept);
    assert_eq!(door.ask(Ask::new("changeBilling").by("hana").body(form("cz")), 400).await["field"], "country");
}

/// An account at Stripe, whose form nobody has finished.
async fn onboarding(door: &Door<'_>) {
    let begin = || Ask::new("onboardAtStripe").by("dave");
    let misfit = door.ask(begin().body(json!({ "country": "Germany" })), 400).await;
    assert_eq!(misfit["field"], "country");
    let typed = json!({ "stripe_account": "acct_1PgafTB7WZ01zgkW" });
    let refused = door.ask(Ask::new("changePayoutAccount").by("dave").of(&["stripe_connect"]).body(typed), 422).await;
    assert_eq!(refused["rule"], "onboarding_needed");
    let (one, other) = (door.ask(begin(), 200).await, door.ask(begin().body(json!({ "country": "DE" })), 200).await);
    assert_ne!(one["url"], other["url"]);
    let listed = door.ask(Ask::new("listPayoutAccounts").by("dave"), 200).await;
    let account = &listed["payout_accounts"][0];
    assert!(account["state"] == "onboarding" && account["onboarding_url"].is_string(), "{listed}");
    let asked = Ask::new("requestPayout").by("dave").headers(key("early")).body(json!({ "amount": "20.00" }));
    let refused = door.ask(asked, 422).await;
    assert!(refused["rule"] == "payout_account_not_ready" && refused["state"] == "onboarding", "{refused}");
}

async fn decisions(door: &Door<'_>, payouts: &[String]) {
    let [one, two, three] = payouts else { panic!("three payouts") };
    door.ask(Ask::new("cancelPayout").by("hana").of(&[three]), 200).await;
    let waiting = door.ask(Ask::new("listPayoutsForFinance").by("fin1").query("?status=requested"), 200).await;
    let version = &waiting["payouts"][0]["version"];
    assert_eq!(waiting["payouts"].as_array().unwrap().len(), 2);
    let stale = door.ask(Ask::new("approvePayout").by("fin1").of(&[one]).body(json!({ "version": 99 })), 409).await;
    assert_eq!(&stale["version"], version);
    door.ask(Ask::new("approvePayout").by("fin1").of(&[one]).body(json!({ "version": version })), 200).await;
    let reason = json!({ "version": version, "reason": "not this one" });
    door.ask(Ask::new("rejectPayout").by("fin2").of(&[two]).body(reason.clone()), 200).await;
    assert_eq!(door.ask(Ask::new("rejectPayout").by("fin1").of(&[one]).body(reason), 409).await["payout_status"], "approved");
    assert_eq!(door.ask(Ask::new("cancelPayout").by("hana").of(&[two]), 409).await["payout_status"], "rejected");
    for payout in payouts {
        let shown = door.ask(Ask::new("showPayout").by("hana").of(&[payout]), 200).await;
        assert_eq!(shown["timeline"].as_array().unwrap().len(), 2);
    }
    door.ask(Ask::new("showPayout").by("alice").of(&[one]), 404).await;
    for paper in ["showInvoice", "showCreditNote"] {
        assert_eq!(door.ask(Ask::new(paper).by("hana").of(&[one]), 409).await["payout_status"], "approved");
        door.ask(Ask::new(paper).by("alice").of(&[one]), 404).await;
    }
    for name in ["acct_hana", "acct_alice"] {
        door.ask(Ask::new("showAccount").by("fin1").of(&[name]), 200).await;
    }
    door.ask(Ask::new("showAccount").by("fin1").of(&["acct_nobody"]), 404).await;
}

async fn settings(door: &Door<'_>) {
    let at = |days: u32| {
        let ahead = i64::try_from((DAY * days).as_millis()).unwrap();
        chrono::DateTime::from_timestamp_millis(door.stack.clock().now_ms() + ahead).unwrap().to_rfc3339()
    };
    let rate = |from: &str| Ask::new("setRate").by("fin1").of(&["acct_alice"]).body(json!({ "rate": "0.05", "from": from }));
    assert_eq!(door.ask(rate(&at(0)), 422).await["rule"], "version_lead");
    door.ask(rate(&at(1)), 200).await;
    let programme = door.ask(Ask::new("showProgramme").by("fin1"), 200).await;
    let mut settings = programme["settings"].clone();
    let set =
        |settings: &Value| Ask::new("setProgramme").by("fin1").body(json!({ "from": at(1), "settings": settings, "reason": "spring" }));
    settings["reward_duration"] = json!({ "months": 24 });
    door.ask(set(&settings), 200).await;
    settings["hold_days"] = json!(31);
    assert_eq!(door.ask(set(&settings), 422).await["rule"], "hold_days");
    assert_eq!(door.ask(Ask::new("showProgramme").by("fin1"), 200).await["versions"].as_array().unwrap().len(), 1);
    door.ask(Ask::new("showAccount").by("fin1").of(&["acct_alice"]), 200).await;
}

async fn desk(door: &Door<'_>) {
    let kept = door.ask(Ask::new("listQuarantine").by("fin1"), 200).await;
    let of = |source: &str| {
        let mut events = kept["quarantine"].as_array().unwrap().iter();
        events.find(|event| event["source"] == source).and_then(|event| event["id"].as_str()).unwrap().to_owned()
    };
    let (readable, broken) = (of("platform"), of("stripe"));
    door.ask(Ask::new("replayEvent").by("fin1").of(&[&readable]).body(json!({ "reason": "its day has come" })), 200).await;
    assert_eq!(door.ask(Ask::new("replayEvent").by("fin1").of(&[&broken]), 422).await["rule"], "unreadable");
    door.ask(Ask::new("replayEvent").by("fin1").of(&["qua_none"]), 404).await;
    door.ask(Ask::new("replayDeadLetters").by("fin1"), 200).await;
    let acts = door.ask(Ask::new("listActs").by("fin2").query("?limit=3"), 200).await;
    let next = format!("?cursor={}", acts["next_cursor"].as_str().unwrap());
    door.ask(Ask::new("listActs").by("fin2").query(&next), 200).await;
    let flags = door.ask(Ask::new("listFlags").by("fin1"), 200).await;
    let flagged = &flags["flags"][0];
    assert_eq!(flagged["flags"][0]["flag"], "foreign_currency", "{flags}");
    let purchase = [flagged["purchase"].as_str().unwrap()];
    let accept = |line: Option<u64>| {
        let form = json!({ "decision": "accept", "reason": "It earns nothing.", "line": line });
        Ask::new("decideFlag").by("fin2").of(&purchase).body(form)
    };
    let line = flagged["line"].as_u64().unwrap();
    assert_eq!(door.ask(accept(Some(line + 1)), 409).await["line"], line);
    assert_eq!(door.ask(accept(None), 200).await["by"], "acct_fin2");
    let unknown = json!({ "decision": "accept", "reason": "x" });
    door.ask(Ask::new("decideFlag").by("fin1").of(&["stripe:pi_none"]).body(unknown), 404).await;
    door.ask(Ask::new("audit").by("fin1"), 200).await;
}
