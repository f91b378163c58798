//! Answers of finance's doors.

use crate::{
    sample::{self, STATUSES},
    support::FakeApi,
};
use serde_json::{Value, json};

pub(crate) const RUN: &str = "run_01KAN5CZX8Q0V7M2R4T6Y8B0D1";
const PEOPLE: [&str; 10] =
    ["acct_maria", "acct_jonas", "acct_li_wei", "acct_priya", "acct_tomas", "acct_fin1", "acct_sven", "acct_aiko", "acct_omar", "acct_zoe"];

pub(crate) fn id(place: usize) -> String {
    format!("pay_01KAN5CZX8Q0V7M2R4T6Y8B{place:03}")
}

fn payee(place: usize) -> Value {
    let mut payee = json!({
        "account_id": PEOPLE[place % 10], "created_at": format!("202{}-0{}-11T08:00:00.000Z", 3 + place % 4, 1 + place % 9), "referral_count": 3 + place * 7,
        "total_earnings": sample::money(11_000 + 91_234 * u64::try_from(place).unwrap()), "current_balance": "110.00", "paid": "0.00", "open_review": false,
    });
    if place != 3 {
        payee["refund_rate"] = json!({ "rate": (["0.0412", "0", "0.1666", "0.01"][place % 4]), "rewarded": "97.10", "taken_back": "4.00", "lines": 50, "since": "2026-01-03T10:00:00.000Z" });
    }
    payee
}

fn signals(place: usize) -> &'static [&'static str] {
    match place % 5 {
        0 => &["first_payout", "new_account"],
        1 => &[],
        2 => &["high_refund_rate", "destination_new", "referees_in_review"],
        3 => &["first_payout"],
        _ => &["destination_changed_by_other"],
    }
}

pub(crate) fn payout(place: usize, status: &str) -> Value {
    let rail = ["paypal", "wise", "stripe_connect"][place % 3];
    let amount = [5_000, 128_437, 2_000, 99_999, 1_000_000][place % 5];
    let mut payout = json!({
        "payout_id": id(place), "account_id": PEOPLE[place % 10], "status": status, "version": 2, "amount": sample::money(amount), "referral": sample::money(amount - 500),
        "rental": "5.00", "currency": "USD", "rail": rail, "destination": (["m…a@example.com", "…4821 EUR", "acct_…x7Qd"][place % 3]),
        "destination_changed_at": format!("2026-0{}-02T08:00:00.000Z", 1 + place % 9), "requested_at": format!("2026-11-{:02}T09:30:00.000Z", 21 - place % 20),
        "approvals": [], "approvals_needed": if amount > 50_000 { 2 } else { 1 },
    });
    if !matches!(status, "requested" | "rejected" | "canceled") {
        payout["approvals"] = json!([{ "by": "acct_fin1", "at": "2026-11-20T10:00:00.000Z" }]);
    }
    if matches!(status, "paid" | "returned") {
        payout["invoice"] = json!({ "number": "INV-2026-000042", "url": "/x" });
        payout["reference"] = json!("tr_1QxYzAbCdEf");
        payout["run_id"] = json!(RUN);
    }
    if status == "returned" {
        payout["returned"] = json!("12.00");
        payout["credit_notes"] = json!([{ "number": "CN-2026-000001", "url": "/y" }]);
    }
    payout
}

pub(crate) fn dossier(place: usize, status: &str) -> Value {
    let mut dossier = payout(place, status);
    let account = PEOPLE[place % 10];
    let mut steps = vec![
        json!({ "at": "2026-11-20T09:30:00.000Z", "step": "requested", "status": "requested", "by": { "role": "account", "id": account } }),
    ];
    let mut step = |hour: u32, name: &str, more: Value| {
        let mut step = json!({ "at": format!("2026-11-20T{hour}:30:00.000Z"), "step": name, "status": name, "by": { "role": "system" } });
        step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        steps.push(step);
    };
    let by = json!({ "by": { "role": "finance", "id": "acct_fin1" } });
    match status {
        "requested" => {}
        "rejected" => {
            step(10, "rejected", json!({ "by": { "role": "finance", "id": "acct_fin1" }, "reason": "The name on the account differs." }))
        }
        "canceled" => step(10, "canceled", json!({ "reason": "clawed_back" })),
        _ => {
            step(10, "approval_given", by);
            if status != "approved" {
                step(11, "submitting", json!({ "run_id": RUN }));
            }
            match status {
                "failed" => step(12, "failed", json!({ "reason": "account_closed" })),
                "unknown" => step(12, "unknown", json!({ "reason": "timeout" })),
                "submitted" => step(12, "submitted", json!({ "reference": "tr_1QxYzAbCdEf", "note": "UNCLAIMED" })),
                "paid" => step(12, "paid", json!({ "reference": "tr_1QxYzAbCdEf" })),
                "returned" => {
                    step(12, "paid", json!({ "reference": "tr_1QxYzAbCdEf" }));
                    step(13, "returned", json!({ "amount": "12.00", "reason": "bounced" }));
                }
                _ => {}
            }
        }
    }
    let mut whole = payee(place);
    whole.as_object_mut().unwrap().extend(
        json!({ "cashable": "35.00", "in_payout": "50.00", "rewards_in_review": "0.00", "attribution": {
            "status": "attributed", "reason": null, "version": 1, "signed_up_at": "2024-03-01T08:00:00.000Z", "referrer": "acct_alice", "template": null, "clicked_at": "2024-02-29T08:00:00.000Z" } })
        .as_object()
        .unwrap()
        .clone(),
    );
    let more = json!({
        "timeline": steps, "payee": whole, "signals": signals(place),
        "payout_account": { "rail": dossier["rail"], "destination": dossier["destination"], "version": 1, "changed_at": dossier["destination_changed_at"],
            "changed_by": account, "usable_from": "2026-11-01T08:00:00.000Z", "unchanged": true },
        "can": match status { "requested" => json!(["approve", "reject"]), "approved" => json!(["pay"]), _ => json!([]) },
    });
    dossier.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    dossier
}

fn entry(place: usize, status: Option<&str>) -> Value {
    let payout = payout(place, "approved");
    let mut entry = json!({ "payout_id": payout["payout_id"], "account_id": payout["account_id"], "amount": payout["amount"], "rail": payout["rail"],
        "destination": payout["destination"], "version": 2 });
    if let Some(status) = status {
        entry["status"] = json!(status);
    }
    entry
}

fn list(entries: Vec<Value>) -> Value {
    json!({
        "count": entries.len(), "amount": "12354.36", "currency": "USD",
        "by_rail": [{ "rail": "stripe_connect", "count": 2, "amount": "1020.00" }, { "rail": "paypal", "count": 3, "amount": "1334.36" }, { "rail": "wise", "count": 1, "amount": "10000.00" }],
        "payouts": entries,
        "left_out": [{ "payout_id": id(77), "reason": "own_payout" }, { "payout_id": id(78), "reason": "already_ordered" }],
    })
}

fn with(mut value: Value, more: Value) -> Value {
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}

pub(crate) fn bill() -> Value {
    let mut entries: Vec<Value> = (0..6).map(|place| entry(place, None)).collect();
    entries[2]["expected"] = json!("clawed_back");
    with(list(entries), json!({ "dry_run": true, "payouts_enabled": true, "expected_canceled": { "count": 1, "amount": "20.00" } }))
}

pub(crate) fn ordered() -> Value {
    let head = json!({ "run_id": RUN, "dry_run": false, "by": "acct_fin1", "at": "2026-11-22T11:58:00.000Z", "state": "open" });
    with(list((0..6).map(|place| entry(place, None)).collect()), head)
}

pub(crate) fn run(statuses: &[&str]) -> Value {
    let count = |status: &str| statuses.iter().filter(|known| **known == status).count();
    let progress: serde_json::Map<_, _> =
        STATUSES.iter().filter(|status| **status != "requested").map(|status| ((*status).to_owned(), json!(count(status)))).collect();
    let entries = statuses.iter().enumerate().map(|(place, status)| {
        let mut entry = entry(place, Some(status));
        if *status == "failed" {
            entry["reason"] = json!("account_closed");
        }
        entry
    });
    with(list(entries.collect()), with(ordered_head(), json!({ "progress": progress })))
}

fn ordered_head() -> Value {
    json!({ "run_id": RUN, "dry_run": false, "by": "acct_fin1", "at": "2026-11-22T11:58:00.000Z", "state": "open" })
}

pub(crate) fn settings() -> Value {
    json!({ "reward_rate": "0.03", "reward_duration": "lifetime", "reward_basis": "purchase", "hold_days": 14, "cashable_share": "0.75",
        "attribution_window_days": 60, "attribution_model": "last", "payout_minimum": "20.00", "payout_maximum": "10000.00", "account_daily_limit": "10000.00",
        "global_daily_limit": "250000.00", "four_eyes_above": "500.00", "destination_cooldown_hours": 72, "payouts_enabled": true, "currency": "USD" })
}

pub(crate) fn account() -> Value {
    json!({
        "account_id": "acct_maria", "currency": "USD", "figures": { "paid": "2626.65", "spent": "12.00", "purchased": "80.00", "generated": "4.20" },
        "balance": { "current_balance": "1284.37", "total_earnings": "3911.02", "cashable": "862.50", "in_payout": "50.00",
            "not_cashable": [{ "reason": "share", "amount": "321.09" }, { "reason": "hold", "amount": "88.20", "until": "2026-11-24" }, { "reason": "in_payout", "amount": "12.58" }] },
        "referral_count": 148, "refund_rate": { "rate": "0.0412", "rewarded": "97.10", "taken_back": "4.00", "lines": 50, "since": "2026-01-03T10:00:00.000Z" },
        "signals": ["referees_in_review", "high_refund_rate"], "closed_at": null,
        "attribution": { "status": "in_review", "reason": "same_device", "version": 1, "signed_up_at": "2024-03-01T08:00:00.000Z", "referrer": "acct_alice", "template": "tpl_a", "clicked_at": "2024-02-29T08:00:00.000Z" },
        "rate": "0.05", "rates": [{ "version": 2, "rate": "0.08", "from": "2026-12-01T00:00:00.000Z" }, { "version": 1, "rate": "0.05", "from": "2026-01-01T00:00:00.000Z" }],
        "payout_accounts": [{ "rail": "paypal", "destination": "m…a@example.com", "default": true, "version": 1, "changed_at": "2026-11-21T08:00:00.000Z", "changed_by": "acct_maria", "usable_from": "2026-11-24T08:00:00.000Z" }],
        "payouts": { "open": 1, "requested_today": "0.00", "latest": [payout(0, "requested"), payout(1, "paid"), payout(2, "returned")] },
    })
}

fn desk(api: &FakeApi) {
    api.put("GET /finance/switch", 200, json!({ "payouts_enabled": true, "settings_enabled": true, "version": 3, "turned": { "by": "acct_fin2", "at": "2026-10-02T09:00:00.000Z", "reason": "Wise is back." } }));
    let review = |account: &str, reason: &str| json!({ "account_id": account, "referrer": "acct_alice", "reason": reason, "opened_at": "2026-11-18T09:00:00.000Z" });
    api.put("GET /finance/reviews", 200, json!({ "reviews": [review("acct_sven", "same_device"), review("acct_zoe", "same_instrument"), review("acct_omar", "cycle")], "next_cursor": "n" }));
    let flag = |purchase: &str, flags: Value| json!({ "purchase": purchase, "line": 4, "at": "2026-11-18T09:00:00.000Z", "flags": flags });
    api.put("GET /finance/flags", 200, json!({ "flags": [
        flag("stripe:pi_3QxYzAbCdEf", json!([{ "flag": "over_refunded", "sentence": "Refunds and disputes are more than what was captured: it counts as nothing left, never as less." }])),
        flag("platform:p-77", json!([{ "flag": "capture_contradicted", "sentence": "Two captures differ in amount, credits, or by more than 5 minutes: the lowest figures and the earliest time count." }, { "flag": "foreign_currency", "sentence": "It is not in the programme's currency: it earns nothing." }])),
    ] }));
    let kept = |id: &str, source: &str, reason: &str| json!({ "id": id, "source": source, "reason": reason, "received_at": "2026-11-18T09:00:00.000Z", "replays": u32::from(source == "facts"), "bytes": 1_304, "body": "{\"id\":\"evt_1\",\"type\":\"payment_intent.succeeded\",\"data\":{\"object\":{\"amount\":-5}}}", "encoding": "text", "cut": true });
    api.put("GET /finance/quarantine", 200, json!({ "quarantine": [kept("qua_1", "stripe", "amount: must be above zero"), kept("qua_2", "facts", "delivered 5 times without success; see the log for message id 7c1e")] }));
    let figure = |violations: u32| json!({ "violations": violations, "checked": 1_204 });
    api.put("GET /finance/audit", 200, json!({ "figures": { "balances_equal_lines": figure(0), "lines_sealed": figure(0), "nobody_refers_itself": figure(0), "reward_follows_the_rule": figure(0), "charts_equal_lines": figure(0) },
        "not_checked": { "webhooks_accounted_for": "the tables do not show queues" }, "span": { "from": "2026-11-22T11:59:58.000Z", "until": "2026-11-22T12:00:00.000Z", "items": 48_120, "looked_again": 0 } }));
    let earlier = with(settings(), json!({ "reward_rate": "0.02", "hold_days": 7 }));
    let planned = with(settings(), json!({ "payout_minimum": "25.00" }));
    api.put(
        "GET /finance/programme",
        200,
        json!({ "version": 2, "settings": settings(), "versions": [
        { "version": 3, "from": "2026-12-01T00:00:00.000Z", "settings": planned },
        { "version": 2, "from": "2026-03-01T00:00:00.000Z", "settings": settings() },
        { "version": 1, "from": "2025-01-01T00:00:00.000Z", "settings": earlier },
    ] }),
    );
    api.put("GET /finance/accounts/acct_maria", 200, account());
    let finding = |kind: &str, payout: Option<String>| json!({ "kind": kind, "rail": "wise", "payout_id": payout, "reference": "16521632", "detail": "ours 50.00 USD, theirs 49.00 USD" });
    api.put("GET /finance/reconciliation", 200, json!({ "day": "2026-11-21", "ran_at": "2026-11-22T02:00:00.000Z", "checked": { "ours": 412, "theirs": 413 }, "findings": [finding("wrong_amount", Some(id(1))), finding("unknown_to_us", None)] }));
    let act = |act: &str, subject: &str, reason: Option<&str>, details: Value| json!({ "at": "2026-11-21T09:00:00.000Z", "by": "acct_fin1", "act": act, "subject": subject, "version": 3, "reason": reason, "details": details });
    api.put("GET /finance/acts", 200, json!({ "acts": [
        act("payout_approved", &id(1), None, json!({ "account_id": "acct_jonas", "amount": "1284.37", "currency": "USD" })),
        act("payout_rejected", &id(2), Some("The name on the account differs."), json!({ "account_id": "acct_li_wei", "amount": "20.00", "currency": "USD" })),
        act("payout_run_ordered", RUN, None, json!({ "count": 6, "amount": "12354.36", "currency": "USD", "left_out": 2 })),
        act("payouts_switched", "payouts", Some("Wise is down."), json!({ "payouts_enabled": false })),
        act("programme_set", "programme", None, json!({ "from": "2026-12-01T00:00:00.000Z" })),
        act("review_cleared", "acct_sven", None, json!({ "referrer": "acct_alice" })),
        act("dead_letters_replayed", "facts", None, json!({ "ids": [] })),
    ], "next_cursor": "n" }));
}

pub(crate) fn fill(api: &FakeApi) {
    desk(api);
    let counts = [3, 8, 0, 1, 1, 2, 214, 3, 1, 4];
    let statuses: Vec<Value> = STATUSES
        .iter()
        .zip(counts)
        .map(|(status, count)| json!({ "status": status, "count": count, "amount": sample::money(count * 61_733), "more": false }))
        .collect();
    api.put("GET /finance/payouts/summary", 200, json!({ "currency": "USD", "count_max": 1000, "statuses": statuses }));
    let row = |place: usize| with(payout(place, "requested"), json!({ "payee": payee(place), "signals": signals(place) }));
    api.put(
        "GET /finance/payouts",
        200,
        json!({ "status": "requested", "payouts": (0..8).map(row).collect::<Vec<_>>(), "next_cursor": "n" }),
    );
    for (place, status) in STATUSES.iter().enumerate() {
        api.put(&format!("GET /finance/payouts/{}", id(place)), 200, dossier(place, status));
    }
    api.put("POST /finance/payout-runs", 200, bill());
    api.put(&format!("GET /finance/payout-runs/{RUN}"), 200, run(&["paid", "paid", "submitting", "submitted", "failed", "approved"]));
    let head = with(ordered_head(), json!({ "count": 6, "amount": "12354.36", "currency": "USD" }));
    api.put("GET /finance/payout-runs", 200, json!({ "state": "open", "runs": [head.clone(), head] }));
}
