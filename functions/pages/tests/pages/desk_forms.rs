//! The console's forms: which are refused, and what those that are taken ask of the API.

use crate::{
    desk_sample::{self as sample, RUN, id},
    support::{PUBLIC_URL, Page, World, now, post},
};
use serde_json::{Value, json};

/// A form: the page that it is on, where it leads, what is entered, the door that it asks, with what, and where it leads then.
struct Row {
    page: String,
    action: String,
    fields: Vec<(&'static str, String)>,
    door: String,
    body: Value,
    location: String,
}

fn row(page: &str, action: &str, fields: &[(&'static str, &str)], door: &str, body: Value, location: &str) -> Row {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Row { page: page.into(), action: action.into(), fields, door: door.into(), body, location: location.into() }
}

/// The settings' form as it stands, with these changes.
fn settings_form(changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&'static str, &str)> = vec![
        ("reward_rate", "3"),
        ("reward_duration", ""),
        ("reward_basis", "purchase"),
        ("hold_days", "14"),
        ("cashable_share", "75"),
        ("attribution_window_days", "60"),
        ("attribution_model", "last"),
        ("payout_minimum", "20.00"),
        ("payout_maximum", "$10,000.00"),
        ("account_daily_limit", "10000"),
        ("global_daily_limit", "250000.00"),
        ("four_eyes_above", "500.00"),
        ("destination_cooldown_hours", "72"),
        ("payouts_enabled", "on"),
        ("from", "2026-11-22T12:30"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

fn every() -> Vec<Row> {
    let (one, two) = (id(0), id(1));
    let payout = |id: &str| format!("/desk/payouts/{id}");
    let list: Vec<String> = (0..6).map(id).collect();
    let approved = json!({ "version": 2 });
    let mut settings = sample::settings();
    settings["reward_rate"] = json!("0.025");
    settings["reward_duration"] = json!({ "months": 12 });
    settings["payouts_enabled"] = json!(false);
    let changed =
        settings_form(&[("reward_rate", "2.5 %"), ("reward_duration", "12"), ("payouts_enabled", ""), ("reason", "Less\r\nfor now")]);
    vec![
        row(
            &payout(&one),
            &format!("{}/approve", payout(&one)),
            &[("version", "2")],
            &format!("POST /finance/payouts/{one}/approve"),
            approved.clone(),
            &format!("{}?done=approved", payout(&one)),
        ),
        row(
            "/finance",
            &format!("{}/approve", payout(&one)),
            &[("version", "2"), ("next", "queue")],
            &format!("POST /finance/payouts/{one}/approve"),
            approved.clone(),
            "/finance?done=approved",
        ),
        row(
            &payout(&one),
            &format!("{}/reject", payout(&one)),
            &[("version", "2"), ("reason", " Another\r\nname ")],
            &format!("POST /finance/payouts/{one}/reject"),
            json!({ "version": 2, "reason": "Another name" }),
            &format!("{}?done=rejected", payout(&one)),
        ),
        row(
            &payout(&two),
            &format!("{}/pay", payout(&two)),
            &[("version", "2")],
            &format!("POST /finance/payouts/{two}/pay"),
            approved,
            &format!("{}?done=ordered", payout(&two)),
        ),
        row(
            "BILL",
            "/desk/runs",
            &[("key", "web_1"), ("payouts", &list.join(" "))],
            "POST /finance/payout-runs",
            json!({ "payout_ids": list, "dry_run": false }),
            &format!("/desk/runs/{RUN}?done=ordered"),
        ),
        row(
            "/desk/switch",
            "/desk/switch",
            &[("to", "off"), ("reason", "Wise is down.")],
            "PUT /finance/switch",
            json!({ "payouts_enabled": false, "reason": "Wise is down." }),
            "/desk/switch?done=off",
        ),
        row(
            "/desk/reviews",
            "/desk/reviews/acct_sven/decide",
            &[("verdict", "clear"), ("reason", "")],
            "POST /finance/reviews/acct_sven/clear",
            json!({}),
            "/desk/reviews?done=clear",
        ),
        row(
            "/desk/reviews",
            "/desk/reviews/acct_zoe/decide",
            &[("verdict", "confirm"), ("reason", "One card")],
            "POST /finance/reviews/acct_zoe/confirm",
            json!({ "reason": "One card" }),
            "/desk/reviews?done=confirm",
        ),
        row(
            "/desk/flags",
            "/desk/flags/platform%3Ap-77/decide",
            &[("version", "4"), ("reason", "Seen")],
            "POST /finance/flags/platform%3Ap-77/decide",
            json!({ "decision": "accept", "reason": "Seen", "line": 4 }),
            "/desk/flags?done=accepted",
        ),
        row(
            "/desk/quarantine",
            "/desk/quarantine/qua_1/replay",
            &[],
            "POST /finance/quarantine/qua_1/replay",
            json!({}),
            "/desk/quarantine?done=replayed",
        ),
        row(
            "/desk/quarantine",
            "/desk/dead-letters/replay",
            &[],
            "POST /finance/dead-letters/replay",
            json!({}),
            "/desk/quarantine?done=letters",
        ),
        row(
            "/desk/accounts/acct_maria",
            "/desk/accounts/acct_maria/rate",
            &[("rate", "5"), ("from", "2026-11-22T13:00"), ("reason", "")],
            "PUT /finance/accounts/acct_maria/rate",
            json!({ "rate": "0.05", "from": "2026-11-22T13:00:00Z" }),
            "/desk/accounts/acct_maria?done=rate",
        ),
        Row {
            page: "/desk/settings".into(),
            action: "/desk/settings".into(),
            fields: changed,
            door: "PUT /finance/programme".into(),
            body: json!({ "from": "2026-11-22T12:30:00Z", "settings": settings, "reason": "Less for now" }),
            location: "/desk/settings?done=planned".into(),
        },
    ]
}

/// The page of a form; the bill is what another form answers.
async fn page_of(world: &World, row: &Row) -> Page {
    match row.page.as_str() {
        "BILL" => bill(world).await,
        path => world.desk(path).await,
    }
}

pub(crate) async fn bill(world: &World) -> Page {
    let chosen = [id(0), id(1)];
    world.desk_submit("/finance?status=approved", "/desk/runs/bill", &[("payout", &chosen[0]), ("payout", &chosen[1])]).await
}

fn filled<'a>(row: &'a Row, proof: &'a str) -> Vec<(&'a str, &'a str)> {
    row.fields.iter().map(|(name, value)| (*name, value.as_str())).chain([("csrf", proof)]).collect()
}

/// What a door answers to what it takes.
fn taken(row: &Row) -> Value {
    match row.door.as_str() {
        door if door.ends_with("/approve") => sample::payout(0, "approved"),
        door if door.ends_with("/reject") => sample::payout(0, "rejected"),
        door if door.ends_with("/pay") => sample::payout(1, "approved"),
        "POST /finance/payout-runs" => sample::ordered(),
        "PUT /finance/switch" => json!({ "payouts_enabled": false, "settings_enabled": true, "version": 4 }),
        "POST /finance/dead-letters/replay" => json!({ "replayed": 3, "left": 0, "unreadable": 0 }),
        _ => json!({}),
    }
}

/// Changes, without the dry runs, which change nothing.
pub(crate) fn changes(world: &World) -> Vec<pages::api::Ask> {
    let dry = |ask: &pages::api::Ask| ask.body.as_ref().is_some_and(|body| body["dry_run"] == true);
    world.api.changes().into_iter().filter(|ask| !dry(ask)).collect()
}

#[tokio::test]
async fn each_form_is_refused_without_its_proof_from_elsewhere_from_customers_and_after_the_session() {
    let mut rows = every();
    rows.push(row("/finance?status=approved", "/desk/runs/bill", &[("payout", &id(0))], "", json!({}), ""));
    for row in rows {
        let world = World::new();
        let proof = page_of(&world, &row).await.proof(&row.action);
        let other = world.desk("/desk/switch").await.proof("/theme");
        let (fin, alice) = (world.fin(), world.session());
        let mut ended = world.fin();
        ended.expires_at = now().timestamp();
        let mut demoted = world.fin();
        demoted.groups.clear();
        let mut another = world.fin();
        another.secret = "secret of fin2".into();
        let call = |proof: &str| post(&row.action, &filled(&row, proof));
        let ours = |call: edge::http::CallBuilder| call.header("origin", PUBLIC_URL);
        for (what, call, expected) in [
            ("no proof", ours(world.with(&fin, call(""))), 403),
            ("another form's proof", ours(world.with(&fin, call(&other))), 403),
            ("another session's proof", ours(world.with(&another, call(&proof))), 403),
            ("no origin", world.with(&fin, call(&proof)), 403),
            ("another site", world.with(&fin, call(&proof)).header("origin", "https://evil.example"), 403),
            ("an ended session", ours(world.with(&ended, call(&proof))), 401),
            ("no session", ours(call(&proof)), 401),
            ("a customer with finance's proof", ours(world.with(&alice, call(&proof))), 403),
            ("somebody who was of finance", ours(world.with(&demoted, call(&proof))), 403),
        ] {
            let answer = world.send(call).await;
            assert_eq!(answer.status(), expected, "{}: {what}", row.action);
            assert!(answer.header("content-type").starts_with("text/html"), "{}: {what}", row.action);
        }
        assert_eq!(changes(&world), [], "{}: nothing is sent", row.action);
    }
}

#[tokio::test]
async fn each_form_asks_the_api_for_its_one_thing() {
    for row in every() {
        let world = World::new();
        let proof = page_of(&world, &row).await.proof(&row.action);
        world.api.put(&row.door, 200, taken(&row));
        let answer = world.desk_post(&row.action, &filled(&row, &proof)).await;
        let changes = changes(&world);
        assert_eq!(changes.len(), 1, "{}: {}", row.action, answer.text());
        assert_eq!(changes[0].body.as_ref(), Some(&row.body), "{}", row.action);
        assert_eq!((answer.status(), answer.location()), (303, row.location.as_str()), "{}", row.action);
        let keys: Vec<_> = changes[0].headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(keys, if row.action == "/desk/runs" { vec![("idempotency-key", "web_1")] } else { vec![] }, "{}", row.action);
        let then = world.desk(answer.location()).await;
        assert!(then.html().contains("class=\"notice good\""), "{}: what was done is told", row.action);
    }
}

#[tokio::test]
async fn a_refusal_is_told_where_the_form_was_and_nothing_entered_is_lost() {
    for (action, status, answer, words) in [
        ("approve", 409, json!({ "status": 409, "version": 3 }), "It has changed since you looked."),
        ("approve", 403, json!({ "status": 403, "detail": "Nobody approves their own payout." }), "Nobody approves their own payout."),
        (
            "approve",
            422,
            json!({ "status": 422, "rule": "global_daily_limit", "left": "1.00" }),
            "more than may be approved for everybody in one day",
        ),
        (
            "reject",
            409,
            json!({ "status": 409, "payout_status": "approved", "version": 3, "detail": "The payout is not waiting for a decision." }),
            "not waiting for a decision",
        ),
        ("pay", 422, json!({ "status": 422, "rule": "payouts_disabled" }), "Payouts are stopped"),
        ("pay", 409, json!({ "status": 409, "run_id": RUN }), "waits in a run already"),
    ] {
        let world = World::new();
        let page = format!("/desk/payouts/{}", id(usize::from(action == "pay")));
        let form = format!("{page}/{action}");
        world.api.put(&format!("POST /finance/payouts/{}/{action}", id(usize::from(action == "pay"))), status, answer);
        let refused = world.desk_submit(&page, &form, &[("version", "2"), ("reason", "A reason of <mine>")]).await;
        assert_eq!(refused.status(), status, "{action}");
        assert!(refused.text().contains(words), "{action}: {}", refused.text());
        assert!(action == "pay" || refused.html().contains("A reason of &lt;mine&gt;</textarea>"), "{action}");
    }
    let world = World::new();
    let page = format!("/desk/payouts/{}", id(0));
    let refused = world.desk_submit(&page, &format!("{page}/reject"), &[("version", "2"), ("reason", " ")]).await;
    assert!(refused.status() == 422 && refused.text().contains("needs a reason") && changes(&world).is_empty());
    let forged = world.desk_submit(&page, &format!("{page}/approve"), &[("version", "two")]).await;
    assert!(forged.status() == 403 && changes(&world).is_empty());
}

#[tokio::test]
async fn an_approval_that_is_not_the_last_says_so() {
    let world = World::new();
    let page = format!("/desk/payouts/{}", id(0));
    world.api.put(&format!("POST /finance/payouts/{}/approve", id(0)), 200, sample::payout(0, "requested"));
    let agreed = world.desk_submit(&page, &format!("{page}/approve"), &[("version", "2")]).await;
    assert_eq!(agreed.location(), format!("{page}?done=agreed"));
    assert!(world.desk(agreed.location()).await.text().contains("It needs somebody else, too"));
}

#[tokio::test]
async fn a_refusal_elsewhere_is_told_on_its_page() {
    for (page, action, fields, door, status, answer, words) in [
        ("/desk/switch", "/desk/switch", vec![("to", "off"), ("reason", "")], "PUT /finance/switch", 422, json!({}), "Give a reason"),
        (
            "/desk/flags",
            "/desk/flags/platform%3Ap-77/decide",
            vec![("version", "4"), ("reason", "")],
            "POST /finance/flags/platform%3Ap-77/decide",
            422,
            json!({}),
            "Write what you found",
        ),
        (
            "/desk/flags",
            "/desk/flags/platform%3Ap-77/decide",
            vec![("version", "4"), ("reason", "x")],
            "POST /finance/flags/platform%3Ap-77/decide",
            409,
            json!({ "status": 409, "line": 5 }),
            "More came to light",
        ),
        (
            "/desk/reviews",
            "/desk/reviews/acct_sven/decide",
            vec![("verdict", "clear")],
            "POST /finance/reviews/acct_sven/clear",
            403,
            json!({ "status": 403, "detail": "Nobody decides about their own referral." }),
            "Nobody decides about their own",
        ),
        (
            "/desk/quarantine",
            "/desk/quarantine/qua_1/replay",
            vec![],
            "POST /finance/quarantine/qua_1/replay",
            422,
            json!({ "status": 422, "detail": "It still can't be read: amount." }),
            "It still can't be read",
        ),
        (
            "/desk/accounts/acct_maria",
            "/desk/accounts/acct_maria/rate",
            vec![("rate", "500"), ("from", "2026-11-22T13:00")],
            "PUT /finance/accounts/acct_maria/rate",
            422,
            json!({}),
            "between 0 and 100",
        ),
        (
            "/desk/accounts/acct_maria",
            "/desk/accounts/acct_maria/rate",
            vec![("rate", "5"), ("from", "2026-11-22T12:01")],
            "PUT /finance/accounts/acct_maria/rate",
            422,
            json!({ "status": 422, "rule": "version_lead" }),
            "at least five minutes",
        ),
    ] {
        let world = World::new();
        world.api.put(door, status, answer);
        let refused = world.desk_submit(page, action, &fields).await;
        assert_eq!(refused.status(), status, "{action}");
        assert!(refused.text().contains(words), "{action}: {}", refused.text());
    }
}

#[tokio::test]
async fn settings_that_can_t_be_meant_are_told_beside_their_field() {
    for (changes, answer, at, words) in [
        (vec![("reward_rate", "three")], json!({}), "reward_rate", "between 0 and 100 percent"),
        (vec![("hold_days", "1.5")], json!({}), "hold_days", "Write a whole number."),
        (vec![("from", "tomorrow")], json!({}), "from", "no day and time"),
        (vec![("from", "2026-11-22T12:01")], json!({ "status": 422, "rule": "version_lead" }), "from", "at least 5 minutes from now"),
        (
            vec![("from", "2026-11-22T12:30")],
            json!({ "status": 422, "rule": "version_order" }),
            "from",
            "A later version is planned already",
        ),
        (
            vec![("hold_days", "31")],
            json!({ "status": 422, "rule": "hold_days", "detail": "This is refused: hold_days: 0 to 30 days." }),
            "hold_days",
            "0 to 30 days",
        ),
    ] {
        let world = World::new();
        world.api.put("PUT /finance/programme", 422, answer);
        let fields = settings_form(&changes);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let refused = world.desk_submit("/desk/settings", "/desk/settings", &fields).await;
        assert_eq!(refused.status(), 422, "{at}");
        let told = refused.html().split(&format!("id=\"{at}-wrong\"")).nth(1).unwrap_or_else(|| panic!("{at}: {}", refused.text()));
        assert!(told.split("</p>").next().unwrap().contains(words), "{at}");
        assert!(refused.html().contains(&format!("value=\"{}\"", changes[0].1)), "{at}: what was entered stays");
    }
}
