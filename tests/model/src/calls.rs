//! Acts as the calls that they make: signed, with tokens and cookies, as a browser or a processor would.

use crate::{
    apps::{PLATFORM_SECRET, STRIPE_SECRET},
    clock::Time,
    history::{Act, Setting, Traits},
    issuer,
    telling::{CUSTOMERS_MAX, Person, Telling, Way, name},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use edge::http::{Call, CallBuilder, Method};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ledger::{Money, Rail, Rate};
use programme::{
    settings::{AttributionModel, RewardBasis, RewardDuration, Settings},
    visit::{DEVICE_COOKIE, RECEIPT_COOKIE, device_id},
};
use serde_json::{Value as Json, json};
use sha2::Sha256;
use std::net::{IpAddr, Ipv4Addr};

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().to_vec()
        },
    )
}

/// The webhook by which a telling comes in now.
#[must_use]
pub fn webhook(telling: &Telling, way: Way, now: Time) -> Option<Call> {
    let seconds = now.timestamp().to_string();
    let call = |source: &str, body: Vec<u8>| Call::builder(Method::POST, "/webhooks/{source}", now).param("source", source).body(body);
    match way {
        Way::Stripe => {
            let body = serde_json::to_vec(&telling.stripe()?).ok()?;
            let signature = hex::encode(hmac(STRIPE_SECRET.as_bytes(), &[seconds.as_bytes(), b".", &body]));
            Some(call("stripe", body).header("stripe-signature", &format!("t={seconds},v1={signature}")).build())
        }
        Way::Platform => {
            let body = serde_json::to_vec(&telling.platform()?).ok()?;
            let key = STANDARD.decode(PLATFORM_SECRET.strip_prefix("whsec_")?).ok()?;
            let signature = STANDARD.encode(hmac(&key, &[b"msg_1.", seconds.as_bytes(), b".", &body]));
            let call = call("platform", body).header("webhook-id", "msg_1").header("webhook-timestamp", &seconds);
            Some(call.header("webhook-signature", &format!("v1,{signature}")).build())
        }
        Way::Queue => None,
    }
}

fn browser(call: CallBuilder, traits: &Traits) -> CallBuilder {
    let address = IpAddr::V4(Ipv4Addr::new(203, 0, 113 + traits.network, 7));
    call.cookie(DEVICE_COOKIE, &device_id([traits.device; 16])).source_ip(address).user_agent("Mozilla/5.0 (X11) Chrome/142")
}

/// A visit to a link.
#[must_use]
pub fn visit(code: &str, traits: &Traits, carried: &[String], now: Time) -> Call {
    let call = browser(Call::builder(Method::GET, "/r/{code}", now).param("code", code), traits);
    carried.iter().fold(call, |call, receipt| call.cookie(RECEIPT_COOKIE, receipt)).build()
}

/// A signup with the receipts that the browser holds: the last one in its cookie, the others in the page's body.
#[must_use]
pub fn sign_up(who: Person, traits: &Traits, receipts: &[String], now: Time) -> Call {
    let call = browser(Call::builder(Method::POST, "/signups", now).bearer(&issuer::token(who, Some(traits.mailbox), false)), traits);
    let call = receipts.iter().fold(call, |call, receipt| call.cookie(RECEIPT_COOKIE, receipt));
    match receipts.first() {
        Some(receipt) => call.json(&json!({ "receipt": receipt })).build(),
        None => call.build(),
    }
}

fn account(method: Method, route: &str, who: Person, now: Time) -> CallBuilder {
    Call::builder(method, route, now).bearer(&issuer::token(who, None, false))
}

/// A payout account of a rail.
#[must_use]
pub fn destination(who: Person, rail: u8, value: u8, default: bool, now: Time) -> Call {
    let (rail, mut form) = match rail {
        0 => (Rail::StripeConnect, json!({ "stripe_account": format!("acct_10000000000000{value:02}") })),
        1 => (Rail::Paypal, json!({ "email": format!("cash{value}@example.com") })),
        _ => (Rail::Wise, json!({ "recipient_id": 4_000_000 + u32::from(value) })),
    };
    if default {
        form["default"] = json!(true);
    }
    account(Method::PUT, "/payout-accounts/{rail}", who, now).param("rail", rail.as_str()).json(&form).build()
}

/// A request for cash.
#[must_use]
pub fn request(who: Person, key: u32, amount: Money, now: Time) -> Call {
    account(Method::POST, "/payouts", who, now).header("idempotency-key", &format!("key-{key}")).json(&json!({ "amount": amount })).build()
}

/// A payout called off by its payee.
#[must_use]
pub fn cancel(who: Person, payout: &str, now: Time) -> Call {
    account(Method::POST, "/payouts/{id}/cancel", who, now).param("id", payout).build()
}

/// How a payee wants to be named.
#[must_use]
pub fn billing(who: Person, version: u8, now: Time) -> Call {
    let form =
        json!({ "name": format!("{} {version}", name(who)), "address": [format!("{version} Main Street"), "Dublin"], "country": "IE" });
    account(Method::PUT, "/billing", who, now).json(&form).build()
}

/// Whether a person is proved to be of finance.
#[must_use]
pub fn is_officer(person: Person, people: &[Traits]) -> bool {
    person >= CUSTOMERS_MAX || people.get(person).is_some_and(|traits| traits.finance)
}

fn officer(method: Method, route: &str, by: Person, people: &[Traits], now: Time) -> CallBuilder {
    Call::builder(method, route, now).bearer(&issuer::token(by, None, is_officer(by, people)))
}

/// An approval or a rejection.
#[must_use]
pub fn judge(by: Person, people: &[Traits], payout: &str, version: u32, approve: bool, now: Time) -> Call {
    let (act, form) =
        if approve { ("approve", json!({ "version": version })) } else { ("reject", json!({ "version": version, "reason": "no" })) };
    officer(Method::POST, "/finance/payouts/{id}/{act}", by, people, now).param("id", payout).param("act", act).json(&form).build()
}

/// A run of everything that is approved.
#[must_use]
pub fn order_run(by: Person, people: &[Traits], key: u32, now: Time) -> Call {
    let call = officer(Method::POST, "/finance/payout-runs", by, people, now).header("idempotency-key", &format!("run-{key}"));
    call.json(&json!({ "dry_run": false })).build()
}

/// One payout, now.
#[must_use]
pub fn pay_now(by: Person, people: &[Traits], payout: &str, version: u32, now: Time) -> Call {
    let call = officer(Method::POST, "/finance/payouts/{id}/{act}", by, people, now).param("id", payout).param("act", "pay");
    call.json(&json!({ "version": version })).build()
}

/// The kill switch.
#[must_use]
pub fn switch(by: Person, people: &[Traits], on: bool, now: Time) -> Call {
    officer(Method::PUT, "/finance/switch", by, people, now)
        .json(&json!({ "payouts_enabled": on, "reason": "a look at the books" }))
        .build()
}

fn ahead(now: Time, minutes: i64) -> String {
    // A whole minute, so that the same act again means the same version.
    let from = now + chrono::Duration::minutes(minutes);
    let whole = from.timestamp().div_euclid(60) * 60 + 60;
    crate::clock::time(whole * 1_000).to_rfc3339()
}

/// The calls of finance that change what is in force.
#[must_use]
pub fn change(act: &Act, people: &[Traits], settings: &Settings, now: Time) -> Option<Call> {
    match *act {
        Act::Rate { by, who, rate, ahead_minutes } => {
            let form = json!({ "rate": share(rate, 4), "from": ahead(now, ahead_minutes) });
            Some(officer(Method::PUT, "/finance/accounts/{id}/rate", by, people, now).param("id", name(who)).json(&form).build())
        }
        Act::Programme { by, setting, ahead_minutes } => {
            let form = json!({ "from": ahead(now, ahead_minutes), "settings": with(settings, setting) });
            Some(officer(Method::PUT, "/finance/programme", by, people, now).json(&form).build())
        }
        Act::Review { by, who, clear } => {
            let verdict = if clear { "clear" } else { "confirm" };
            let call = officer(Method::POST, "/finance/reviews/{id}/{act}", by, people, now);
            Some(call.param("id", name(who)).param("act", verdict).build())
        }
        Act::Visit { .. }
        | Act::SignUp { .. }
        | Act::Tell { .. }
        | Act::Destination { .. }
        | Act::Request { .. }
        | Act::Cancel { .. }
        | Act::Approve { .. }
        | Act::Reject { .. }
        | Act::Poison { .. }
        | Act::OrderRun { .. }
        | Act::PayNow { .. }
        | Act::Switch { .. }
        | Act::Billing { .. }
        | Act::Sweep
        | Act::Course { .. }
        | Act::Hint { .. } => None,
    }
}

fn share(mantissa: u32, places: u32) -> Rate {
    let value = Money::from_minor(i64::from(mantissa), places).unwrap_or_default();
    Rate::try_new(value.decimal()).unwrap_or(Rate::ZERO)
}

fn with(settings: &Settings, setting: Setting) -> Json {
    let units = |number: u32| Money::from_minor(i64::from(number), 0).unwrap_or_default();
    let mut after = settings.clone();
    match setting {
        Setting::Easy => {
            after.payout_minimum = units(1);
            after.destination_cooldown_hours = 1;
            after.four_eyes_above = units(30);
            after.hold_days = 2;
        }
        Setting::Rate(rate) => after.reward_rate = share(rate, 4),
        Setting::Hold(days) => after.hold_days = days,
        Setting::Share(part) => after.cashable_share = share(part, 2),
        Setting::Window(days) => after.attribution_window_days = days,
        Setting::FirstClick => after.attribution_model = AttributionModel::First,
        Setting::Months(months) => after.reward_duration = RewardDuration::Months(months),
        Setting::DailyLimit(limit) => after.account_daily_limit = units(limit),
        Setting::PayoutsEnabled(enabled) => after.payouts_enabled = enabled,
        Setting::ByUsage => after.reward_basis = RewardBasis::Usage,
        Setting::ByPurchase => after.reward_basis = RewardBasis::Purchase,
    }
    serde_json::to_value(after).unwrap_or_default()
}
