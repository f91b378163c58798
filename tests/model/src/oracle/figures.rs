//! Figures, holds and charts, from what was told.

use super::{
    referral::Referral,
    tables::{Books, number, text},
    truth::{Purchase, Truth},
    usage::Spending,
};
use crate::{
    exact::{Micros, amount},
    telling::name,
};
use chrono::{DateTime, Days, Timelike, Utc};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What should stand on an account.
#[derive(Debug, Default)]
pub(super) struct Due {
    figures: BTreeMap<(String, String), Micros>,
    buckets: BTreeMap<(String, String, String), Micros>,
    /// By account and series, what stands on some days or other: on which depends on what came first.
    somewhen: BTreeMap<(String, String), Micros>,
}

impl Due {
    pub(super) fn add(&mut self, account: &str, figure: &str, value: Micros) {
        *self.figures.entry((account.to_owned(), figure.to_owned())).or_default() += value;
    }

    fn chart(&mut self, account: &str, day: &DateTime<Utc>, series: String, value: Micros) {
        *self.buckets.entry((account.to_owned(), day.format("%Y-%m-%d").to_string(), series)).or_default() += value;
    }

    pub(super) fn chart_somewhen(&mut self, account: &str, series: String, value: Micros) {
        *self.somewhen.entry((account.to_owned(), series)).or_default() += value;
    }
}

/// Compares what should be with what is.
pub(super) fn check(truth: &Truth, books: &Books, now: DateTime<Utc>, wrong: &mut Vec<String>) {
    let (mut due, mut spending) = (Due::default(), Spending::default());
    for (id, purchase) in &truth.purchases {
        purchase_due(purchase, truth, books, now, (&mut due, &mut spending));
        told(*id, purchase, books, wrong);
    }
    usage_due(truth, books, (&mut due, &mut spending), wrong);
    spending.due(books, &mut due);
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
    for (series, value) in &due.somewhen {
        let of = |buckets: &BTreeMap<(String, String, String), Micros>| -> Micros {
            buckets.iter().filter(|((account, _, name), _)| (account, name) == (&series.0, &series.1)).map(|(_, value)| value).sum()
        };
        let (should, is) = (value + of(&due.buckets), of(&books.buckets));
        if should != is {
            wrong.push(format!("{}'s chart of all days ({}) should be {} and is {}", series.0, series.1, amount(should), amount(is)));
        }
    }
    for key in days.into_iter().filter(|(account, _, name)| !due.somewhen.contains_key(&(account.clone(), name.clone()))) {
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

fn usage_due(truth: &Truth, books: &Books, (due, spending): (&mut Due, &mut Spending), wrong: &mut Vec<String>) {
    for (usage, told) in &truth.usages {
        let (who, figures, currency) = (&told.who, &told.figures, told.currency);
        let line = books.singles.get(&format!("usage#use_{usage}"));
        let kept = books.quarantine.iter().filter(|body| body.contains(&format!("\"use_{usage}\""))).count();
        if currency != "USD" {
            if line.is_some() || kept < figures.len() {
                wrong.push(format!("use_{usage} in {currency} should be in the quarantine alone"));
            }
            continue;
        }
        // Of two figures told under one id the posted one stands; the other is kept for finance.
        let posted = line.and_then(|fact| fact["amount"].as_str()).map(crate::exact::micros);
        match posted.filter(|posted| figures.contains(posted)) {
            Some(posted) => {
                due.add(name(*who), "U", posted);
                spending.spent(name(*who), posted, told.at, truth, books);
            }
            None => wrong.push(format!("use_{usage} has no line with a figure that was told")),
        }
        if kept + 1 < figures.len() {
            wrong.push(format!("use_{usage} was told with {} figures, and {kept} are in the quarantine", figures.len()));
        }
    }
}

fn purchase_due(purchase: &Purchase, truth: &Truth, books: &Books, now: DateTime<Utc>, (due, spending): (&mut Due, &mut Spending)) {
    let (Some((captured, at)), Some(buyer), false) = (purchase.capture(), purchase.buyer(), purchase.foreign) else { return };
    let (base, net) = (purchase.credits.unwrap_or(captured), purchase.net(captured));
    let bought = base * net / captured;
    due.add(name(buyer), "P", bought);
    let Some(referral) = Referral::of(name(buyer), books).filter(|referral| referral.covers(at, truth)) else { return };
    if referral.by_usage {
        spending.bought(name(buyer), bought);
        return;
    }
    // The exact product, rounded down once.
    let reward = base * net * referral.rate(at, books) / (captured * 10_000);
    referral.earns(reward, due);
    due.chart(&referral.referrer, &at, referral.series(), reward);
    let hold_days = books.setting(at, "hold_days").and_then(Json::as_u64).unwrap_or(14);
    if !referral.in_review && hold_days > 0 {
        let ends = at + Days::new(hold_days);
        let midnight = ends.num_seconds_from_midnight() == 0;
        let day = if midnight { ends.date_naive() } else { ends.date_naive() + Days::new(1) };
        if day > now.date_naive() {
            due.add(&referral.referrer, &format!("h{}", day.format("%Y%m%d")), reward);
        }
    }
}
