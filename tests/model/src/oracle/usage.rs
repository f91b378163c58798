//! Rewards by usage: of the lesser of all that a referee bought and spent, once and rounded down once.

use super::{
    figures::Due,
    referral::Referral,
    tables::{Books, json},
    truth::Truth,
};
use crate::exact::Micros;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// By referee, what counts of what it bought, and of what it spent.
#[derive(Debug, Default)]
pub(super) struct Spending(BTreeMap<String, (Micros, Micros)>);

impl Spending {
    /// Credits bought, net, in the time of the referral.
    pub(super) fn bought(&mut self, referee: &str, amount: Micros) {
        self.0.entry(referee.to_owned()).or_default().0 += amount;
    }

    /// Credits spent at some time. Nothing counts from before the programme's first version by usage.
    pub(super) fn spent(&mut self, referee: &str, amount: Micros, at: DateTime<Utc>, truth: &Truth, books: &Books) {
        let first = books.programme.iter().filter(|(_, settings)| settings["reward_basis"] == "usage").map(|(from, _)| *from).min();
        let counts = Referral::of(referee, books).is_some_and(|referral| referral.covers(at, truth));
        if counts && first.is_some_and(|first| at >= first) {
            self.0.entry(referee.to_owned()).or_default().1 += amount;
        }
    }

    /// What follows from it.
    pub(super) fn due(&self, books: &Books, due: &mut Due) {
        for (account, item) in &books.figures {
            let credit = &json(item, "att")["credit"];
            if credit["basis"] != "usage" {
                continue;
            }
            let series = format!("e#{}", credit["template"].as_str().unwrap_or("-"));
            let mut reward = 0;
            if let Some(referral) = Referral::of(account, books) {
                let (bought, spent) = self.0.get(account).copied().unwrap_or_default();
                reward = bought.min(spent) * referral.rate(referral.signed_up_at, books) / 10_000;
                referral.earns(reward, due);
            }
            // Also of one that earns nothing any more: what it earned before was taken back, on the days of what took it.
            due.chart_somewhen(credit["referrer"].as_str().unwrap_or_default(), series, reward);
        }
    }
}
