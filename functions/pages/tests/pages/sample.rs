//! Answers of an API that has seen something.

use crate::support::{FakeApi, now};
use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

pub(crate) fn today() -> NaiveDate {
    now().date_naive()
}

/// A figure that moves up and down without repeating soon.
fn wave(place: u64, most: u64) -> u64 {
    (place * 7_919 + place * place * 31) % most
}

pub(crate) fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Bars from the oldest to today's.
pub(crate) fn chart(bars: u64, days_each: u64, host: bool) -> Vec<Value> {
    let start = |bar: u64| today().checked_sub_days(Days::new((bars - 1 - bar) * days_each)).unwrap();
    (0..bars)
        .map(|bar| {
            let rental = if host { money(wave(bar + 3, 2_400)) } else { "0.00".into() };
            let referral = if bar % 9 == 4 { format!("-{}", money(wave(bar, 500))) } else { money(wave(bar, 4_200)) };
            json!({ "start": start(bar), "referral": referral, "rental": rental })
        })
        .collect()
}

pub(crate) fn earnings(bars: u64, days_each: u64, host: bool) -> Value {
    let points = |of: u64| {
        (0..bars)
            .map(|bar| json!({ "start": today(), "amount": money(wave(bar + of, 900)), "clicks": 1, "signups": 0 }))
            .collect::<Vec<_>>()
    };
    json!({
        "currency": "USD",
        "current_balance": "1284.37",
        "total_earnings": "3911.02",
        "total_referral_earnings": if host { "2711.62" } else { "3911.02" },
        "total_rental_earnings": if host { "1199.40" } else { "0.00" },
        "referral_count": 148,
        "cashable": "862.5025",
        "not_cashable": [
            { "reason": "share", "amount": "321.09" },
            { "reason": "hold", "amount": "88.20", "until": "2026-11-24" },
            { "reason": "review", "amount": "12.58" },
        ],
        "chart": chart(bars, days_each, host),
        "templates": [
            { "template_id": null, "name": "", "clicks": 1204, "signups": 96, "total": "1904.11", "chart": points(1) },
            { "template_id": "tpl_a", "name": "Stable Diffusion", "clicks": 640, "signups": 38, "total": "731.40", "chart": points(5) },
            { "template_id": "tpl_b", "name": "Whisper transcription", "clicks": 88, "signups": 3, "total": "41.07", "chart": points(9) },
            { "template_id": "tpl_c", "name": "Jupyter with CUDA", "clicks": 12, "signups": 0, "total": "0.00", "chart": points(2) },
        ],
    })
}

pub(crate) fn line(id: u64, amount: &str, rule: &str, cause: &str) -> Value {
    let mut line = json!({
        "line_id": format!("lin_{id:024x}"), "at": "2026-11-21T14:05:12.000Z", "subject": "purchase", "reference": "pur_1", "kinds": ["reward"],
        "amount": amount, "currency": "USD", "cause": cause, "rule": rule,
    });
    if rule == "earns" {
        line["matures_on"] = json!("2026-12-05");
    }
    line
}

fn lines() -> Value {
    json!({ "lines": [
        line(1, "1.50", "earns", "3 % of $50.00 bought by a referred account"),
        line(2, "0.00", "before_click", "A purchase of $20.00 earned nothing"),
        line(3, "-0.60", "earns", "Taken back: $20.00 of a purchase were refunded"),
        line(4, "12.4425", "earns", "3 % of $414.75 bought by a referred account"),
        line(5, "0.00", "not_captured", "A purchase of $9.99 earned nothing"),
    ], "next_cursor": "next" })
}

pub(crate) fn payout(id: &str, status: &str, rail: &str) -> Value {
    let mut payout = json!({
        "payout_id": id, "status": status, "amount": "250.00", "currency": "USD", "rail": rail,
        "destination": match rail { "paypal" => "a…e@example.com", "wise" => "…4821", _ => "acct_…x7Qd" }, "requested_at": "2026-11-10T09:30:00.000Z",
    });
    if matches!(status, "paid" | "returned") {
        payout["invoice"] = json!({ "number": "INV-2026-000042", "url": format!("/payouts/{id}/invoice.pdf") });
    }
    if status == "rejected" {
        payout["reason"] = json!("The name on the account differs.");
    }
    payout
}

pub(crate) const STATUSES: [&str; 10] =
    ["requested", "approved", "rejected", "canceled", "submitting", "submitted", "paid", "failed", "unknown", "returned"];

pub(crate) fn id(status: &str) -> String {
    format!("pay_{:0<26}", status.to_uppercase().replace(['I', 'L', 'O', 'U'], "X"))
}

fn timeline(status: &str) -> Vec<Value> {
    let at = |hour: u64| format!("2026-11-10T{hour:02}:30:00.000Z");
    let steps: &[&str] = match status {
        "requested" => &["requested"],
        "approved" => &["requested", "approval_given"],
        "rejected" => &["requested", "rejected"],
        "canceled" => &["requested", "canceled"],
        "submitting" => &["requested", "approval_given", "submitting"],
        "submitted" => &["requested", "approval_given", "submitting", "submitted"],
        "paid" => &["requested", "approval_given", "submitting", "submitted", "paid"],
        "failed" => &["requested", "approval_given", "submitting", "failed"],
        "unknown" => &["requested", "approval_given", "submitting", "unknown"],
        _ => &["requested", "approval_given", "submitting", "submitted", "paid", "returned"],
    };
    (9..).zip(steps).map(|(hour, step)| json!({ "at": at(hour), "step": step, "status": status, "by": "account" })).collect()
}

pub(crate) fn fill(api: &FakeApi) {
    api.put("GET /earnings", 200, earnings(30, 1, false));
    api.put("GET /earnings/lines", 200, lines());
    let link = "https://referral.example.com/r/K7QMX2P8";
    api.put("GET /links", 200, json!({ "code": "K7QMX2P8", "link": link, "alias": null, "templates": [] }));
    let template = |id: &str, name: &str, public: bool| json!({ "template_id": id, "name": name, "url": "https://cloud.example.com/t/1", "public": public, "created_at": "2026-08-02T10:00:00.000Z", "link": format!("{link}/t/{id}") });
    api.put(
        "GET /templates",
        200,
        json!({ "templates": [template("tpl_a", "Stable Diffusion", true), template("tpl_b", "Whisper transcription", false)] }),
    );
    let account = |rail: &str, destination: &str, default: bool, usable: &str| json!({ "rail": rail, "destination": destination, "default": default, "version": 1, "changed_at": "2026-10-01T08:00:00.000Z", "usable_from": usable });
    api.put(
        "GET /payout-accounts",
        200,
        json!({ "payout_accounts": [
        account("paypal", "a…e@example.com", true, "2026-10-02T08:00:00.000Z"),
        account("wise", "…4821", false, "2026-11-23T08:00:00.000Z"),
    ] }),
    );
    let rails = ["paypal", "wise", "stripe_connect"];
    let payouts: Vec<Value> = STATUSES.iter().zip(rails.iter().cycle()).map(|(status, rail)| payout(&id(status), status, rail)).collect();
    for (payout, status) in payouts.iter().zip(STATUSES) {
        let mut whole = payout.clone();
        whole["timeline"] = json!(timeline(status));
        api.put(&format!("GET /payouts/{}", id(status)), 200, whole);
    }
    api.put("GET /payouts", 200, json!({ "payouts": payouts }));
    api.put("GET /billing", 200, json!({ "name": "Alice Example", "address": ["1 Main Street", "Springfield"], "country": "US" }));
}
