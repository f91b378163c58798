//! Attributions: each is that of one signup that was called, by the receipts that the browser sent.

use super::{
    tables::{Books, json, text},
    truth::Truth,
};
use crate::{
    history::{Act, History},
    telling::{Telling, name},
    world::SignupCall,
};
use chrono::{DateTime, Duration, Utc};
use programme::attribution::Receipt;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Nobody who paid with one card refers the other, unless somebody of finance said that it is all right.
pub(super) fn check_cards(history: &History, truth: &Truth, books: &Books, wrong: &mut Vec<String>) {
    if history.steps.iter().any(|step| matches!(&step.act, Act::Review { clear: true, .. })) {
        return;
    }
    let mut holders: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for purchase in truth.purchases.values().filter(|purchase| !purchase.captures.is_empty()) {
        let Some(buyer) = purchase.buyer() else { continue };
        for card in &purchase.cards {
            holders.entry(*card).or_default().insert(name(buyer));
        }
    }
    for accounts in holders.values() {
        for referee in accounts {
            let attribution = books.figures.get(*referee).map_or(Json::Null, |item| json(item, "att"));
            let referrer = attribution["credit"]["referrer"].as_str().unwrap_or_default();
            if attribution["status"] == "attributed" && accounts.contains(referrer) {
                wrong.push(format!("{referee} and its referrer {referrer} paid with one card, and it earns freely: {attribution}"));
            }
        }
    }
}

pub(super) fn check(history: &History, signups: &[SignupCall], books: &Books, wrong: &mut Vec<String>) {
    let mut earning: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (person, traits) in history.people.iter().enumerate() {
        let Some(item) = books.figures.get(name(person)) else { continue };
        if text(item, "att").is_empty() {
            continue;
        }
        let attribution = json(item, "att");
        let called = |signup: &&SignupCall| {
            signup.who == person && attribution["signed_up_at"].as_str().and_then(|text| text.parse().ok()) == Some(signup.now)
        };
        let mut made = signups.iter().filter(called).peekable();
        if made.peek().is_none() {
            wrong.push(format!("{} signed up at a time at which nobody called: {attribution}", name(person)));
            continue;
        }
        if !made.any(|signup| credited(&attribution, signup, books)) {
            wrong.push(format!("{}'s attribution credits another click than its receipts say: {attribution}", name(person)));
        }
        if attribution["status"] == "refused" && !refusable(&attribution, person, history, books) {
            wrong.push(format!("{}'s attribution was refused without a reason: {attribution}", name(person)));
        }
        if ["attributed", "in_review"].contains(&attribution["status"].as_str().unwrap_or_default()) {
            earning.entry(traits.mailbox).or_default().push(name(person));
        }
    }
    for accounts in earning.values().filter(|accounts| accounts.len() > 1) {
        wrong.push(format!("{} have one mailbox and all earn their referrers", accounts.join(" and ")));
    }
}

/// Whether the attribution credits the receipt that the settings in force choose.
fn credited(attribution: &Json, signup: &SignupCall, books: &Books) -> bool {
    let days = books.setting(signup.now, "attribution_window_days").and_then(Json::as_i64).unwrap_or(60);
    let first = books.setting(signup.now, "attribution_model").is_some_and(|model| model == "first");
    let fits = |receipt: &&Receipt| {
        receipt.at <= signup.now && signup.now - receipt.at <= Duration::days(days) && books.codes.contains_key(&receipt.code)
    };
    let valid = signup.receipts.iter().filter(fits);
    let at = if first { valid.clone().map(|receipt| receipt.at).min() } else { valid.clone().map(|receipt| receipt.at).max() };
    let credit = &attribution["credit"];
    let Some(at) = at else { return credit.is_null() && attribution["status"] == "none" };
    let mut chosen = valid.filter(|receipt| receipt.at == at);
    chosen.any(|receipt| {
        credit["click"] == receipt.click.as_str()
            && credit["referrer"].as_str() == books.codes.get(&receipt.code).map(String::as_str)
            && credit["clicked_at"].as_str().and_then(|text| text.parse::<DateTime<Utc>>().ok()) == Some(receipt.at)
    })
}

fn refusable(attribution: &Json, person: usize, history: &History, books: &Books) -> bool {
    let clicked: DateTime<Utc> = attribution["credit"]["clicked_at"].as_str().and_then(|text| text.parse().ok()).unwrap_or_default();
    match attribution["reason"].as_str().unwrap_or_default() {
        "not_new" => history.steps.iter().any(|step| {
            let Act::Tell { telling, .. } = &step.act else { return false };
            let oldest = match telling {
                Telling::Captured { at, .. } => Some(*at),
                Telling::Spent { who, at, .. } | Telling::Rental { who, at, .. } => (*who == person).then_some(*at),
                Telling::Named { .. }
                | Telling::Refund { .. }
                | Telling::RefundedTotal { .. }
                | Telling::Dispute { .. }
                | Telling::Instrument { .. }
                | Telling::Closed { .. } => None,
            };
            oldest.is_some_and(|at| at < clicked)
        }),
        "same_email" => {
            let mailbox = history.people.get(person).map(|traits| traits.mailbox);
            history.people.iter().enumerate().any(|(other, traits)| {
                other != person
                    && Some(traits.mailbox) == mailbox
                    && books.figures.get(name(other)).is_some_and(|item| !text(item, "att").is_empty())
            })
        }
        "confirmed" => history.steps.iter().any(|step| matches!(&step.act, Act::Review { clear: false, .. })),
        _ => false,
    }
}
