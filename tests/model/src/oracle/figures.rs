//! Figures, holds and charts, from what was told.

use super::{
    tables::{Books, json, number, text},
    truth::{Purchase, Truth},
};
use crate::{
    exact::{Micros, amount, ten_thousandths},
    telling::name,
};
use chrono::{DateTime, Days, Months, Timelike, Utc};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What should stand on an account.
#[derive(Debug, Default)]
struct Due {
    figures: BTreeMap<(String, String), Micros>,
    buckets: BTreeMap<(String, String, String), Micros>,
}

impl Due {
    fn add(&mut self, account: &str, figure: &str, value: Micros) {
        *self.figures.entry((account.to_owned(), figure.to_owned())).or_default() += value;
    }

    fn chart(&mut self, account: &str, day: &DateTime<Utc>, series: String, value: Micros) {
        *self.buckets.entry((account.to_owned(), day.format("%Y-%m-%d").to_string(), series)).or_default() += value;
    }
}

/// Compares what should be with what is.
pub(super) fn check(truth: &Truth, books: &Books, now: DateTime<Utc>, wrong: &mut Vec<String>) {
    let mut due = Due::default();
    for (id, purchase) in &truth.purchases {
        purchase_due(purchase, truth, books, now, &mut due);
        told(*id, purchase, books, wrong);
    }
    usage_due(truth, books, &mut due, wrong);
    for (earning, (who, value, at)) in &truth.rentals {
        due.add(name(*who), "E", *value);
        due.chart(name(*who), at, "r#-".into(), *value);
        if !books.singles.contains_key(&format!("rental#earn_{earning}")) {
            wrong.push(format!("the rent earn_{earning} has no line"));
        }
    }
    for (who, at) in &truth.closed {
        let kept = books.figures.get(name(*who)).map(|item| text(item, "cl")).and_then(|text| text.parse::<DateTime<Utc>>().ok());
        if kept != Some(*at) {
            wrong.push(format!("{} was closed at {at}, the books say {kept:?}", name(*who)));
        }
    }
    compare(&due, books, now, wrong);
}

fn compare(due: &Due, books: &Books, now: DateTime<Utc>, wrong: &mut Vec<String>) {
    let today = format!("h{}", now.format("%Y%m%d"));
    let looked_at = |figure: &str| ["P", "U", "R", "W", "E", "G", "GW"].contains(&figure) || (figure.len() == 9 && figure > today.as_str());
    let mut names: BTreeSet<(String, String)> = due.figures.keys().filter(|(_, figure)| looked_at(figure)).cloned().collect();
    for (account, item) in &books.figures {
        names.extend(item.keys().filter(|figure| looked_at(figure)).map(|figure| (account.clone(), figure.clone())));
    }
    for key in names {
        let (should, is) = (due.figures.get(&key).copied().unwrap_or(0), books.figures.get(&key.0).map_or(0, |item| number(item, &key.1)));
        if should != is {
            wrong.push(format!("{}'s {} should be {} and is {}", key.0, key.1, amount(should), amount(is)));
        }
    }
    let days: BTreeSet<_> = due.buckets.keys().chain(books.buckets.keys()).collect();
    for key in days {
        let (should, is) = (due.buckets.get(key).copied().unwrap_or(0), books.buckets.get(key).copied().unwrap_or(0));
        if should != is {
            wrong.push(format!("{}'s chart of {} ({}) should be {} and is {}", key.0, key.1, key.2, amount(should), amount(is)));
        }
    }
}

/// Nothing that was told of a purchase is missing in what is known of it.
fn told(id: usize, purchase: &Purchase, books: &Books, wrong: &mut Vec<String>) {
    let Some((_, state)) = books.purchases.get(&format!("stripe:pi_{id}")) else {
        wrong.push(format!("pi_{id} was told of and has no line"));
        return;
    };
    let known = |part: &str| state[part].as_object().map_or(0, serde_json::Map::len);
    if known("refunds") != purchase.refunds.len() || known("disputes") != purchase.disputes.len() {
        wrong.push(format!(
            "pi_{id}: {} refunds and {} disputes were told, the books know other ones: {state}",
            purchase.refunds.len(),
            purchase.disputes.len()
        ));
    }
    if state["instruments"].as_array().map_or(0, Vec::len) != purchase.cards.len() {
        wrong.push(format!("pi_{id} was paid with {} cards, the books know other ones: {state}", purchase.cards.len()));
    }
    let buyers: BTreeSet<&str> = state["buyers"].as_array().into_iter().flatten().filter_map(|buyer| buyer["account"].as_str()).collect();
    let named: BTreeSet<&str> = purchase.payers.iter().chain(&purchase.checkouts).map(|person| name(*person)).collect();
    if buyers != named || state["capture"].is_object() == purchase.captures.is_empty() {
        wrong.push(format!("pi_{id}: something told of its buyer or its capture is missing: {state}"));
    }
}

fn usage_due(truth: &Truth, books: &Books, due: &mut Due, wrong: &mut Vec<String>) {
    for (usage, (who, figures, currency)) in &truth.usages {
        let line = books.singles.get(&format!("usage#use_{usage}"));
        let kept = books.quarantine.iter().filter(|body| body.contains(&format!("\"use_{usage}\""))).count();
        if *currency != "USD" {
            if line.is_some() || kept < figures.len() {
                wrong.push(format!("use_{usage} in {currency} should be in the quarantine alone"));
            }
            continue;
        }
        // Of two figures told under one id the posted one stands; the other is kept for finance.
        let posted = line.and_then(|fact| fact["amount"].as_str()).map(crate::exact::micros);
        match posted.filter(|posted| figures.contains(posted)) {
            Some(posted) => due.add(name(*who), "U", posted),
            None => wrong.push(format!("use_{usage} has no line with a figure that was told")),
        }
        if kept + 1 < figures.len() {
            wrong.push(format!("use_{usage} was told with {} figures, and {kept} are in the quarantine", figures.len()));
        }
    }
}

fn purchase_due(purchase: &Purchase, truth: &Truth, books: &Books, now: DateTime<Utc>, due: &mut Due) {
    let (Some((captured, at)), Some(buyer), false) = (purchase.capture(), purchase.buyer(), purchase.foreign) else { return };
    let (base, net) = (purchase.credits.unwrap_or(captured), purchase.net(captured));
    due.add(name(buyer), "P", base * net / captured);
    let attribution = books.figures.get(name(buyer)).map_or(Json::Null, |item| json(item, "att"));
    let in_review = attribution["status"] == "in_review";
    if !in_review && attribution["status"] != "attributed" {
        return;
    }
    let credit = &attribution["credit"];
    let (Some(referrer), Some(clicked)) = (credit["referrer"].as_str(), moment(&credit["clicked_at"])) else { return };
    let ends = credit["duration"]["months"]
        .as_u64()
        .and_then(|months| moment(&attribution["signed_up_at"])?.checked_add_months(Months::new(u32::try_from(months).ok()?)));
    let closed = truth.closed.iter().find(|(who, _)| name(**who) == referrer).is_some_and(|(_, closed)| at > *closed);
    if at.timestamp() < clicked.timestamp() || ends.is_some_and(|ends| at >= ends) || closed {
        return;
    }
    let own = books.rates.get(referrer).and_then(|versions| versions.iter().filter(|(from, _)| *from <= at).max_by_key(|(from, _)| *from));
    let rate = own.map(|(_, rate)| rate).or_else(|| books.setting(at, "reward_rate")).and_then(Json::as_str).map_or(300, ten_thousandths);
    // The exact product, rounded down once.
    let reward = base * net * rate / (captured * 10_000);
    due.add(referrer, "R", reward);
    due.add(name(buyer), "G", reward);
    let template = credit["template"].as_str().unwrap_or("-");
    due.chart(referrer, &at, format!("e#{template}"), reward);
    let hold_days = books.setting(at, "hold_days").and_then(Json::as_u64).unwrap_or(14);
    if in_review {
        due.add(referrer, "W", reward);
        due.add(name(buyer), "GW", reward);
    } else if hold_days > 0 {
        let ends = at + Days::new(hold_days);
        let midnight = ends.num_seconds_from_midnight() == 0;
        let day = if midnight { ends.date_naive() } else { ends.date_naive() + Days::new(1) };
        if day > now.date_naive() {
            due.add(referrer, &format!("h{}", day.format("%Y%m%d")), reward);
        }
    }
}

fn moment(value: &Json) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}
