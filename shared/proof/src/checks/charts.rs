//! Chart buckets add up to the lines of the same days.

use crate::Books;
use chrono::NaiveDate;
use ledger::{AccountId, Money, TemplateId};
use programme::{fact::FactBody, plan::Body};
use std::collections::{BTreeMap, BTreeSet};
use store::records::month::Series;

type Place = (AccountId, Series, NaiveDate, Option<TemplateId>);

pub(super) fn run(books: &mut Books) {
    books.report.figure("charts_equal_lines");
    let lines = from_lines(books);
    let mut kept: BTreeMap<Place, Money> = BTreeMap::new();
    for (account, buckets) in &books.months {
        for bucket in buckets.iter().filter(|bucket| bucket.series != Series::Clicks) {
            *kept.entry((account.clone(), bucket.series, bucket.day, bucket.template.clone())).or_default() += bucket.figure;
        }
    }
    let places: BTreeSet<Place> = lines.keys().chain(kept.keys()).cloned().collect();
    for place in places {
        let (account, series, day, template) = &place;
        let key = format!("account#{account}/m#{}#{}", day.format("%Y-%m"), template.as_ref().map_or("-", TemplateId::as_str));
        let figure = |map: &BTreeMap<Place, Money>| map.get(&place).copied().unwrap_or_default();
        books.differ("charts_equal_lines", &key, &series.name(*day), figure(&kept), figure(&lines));
    }
}

/// The charts as the lines and attributions give them. Raw clicks expire, so their figures can't be checked here.
fn from_lines(books: &Books) -> BTreeMap<Place, Money> {
    let mut sums: BTreeMap<Place, Money> = BTreeMap::new();
    let mut add = |account: &AccountId, series, day, template: Option<TemplateId>, amount: Money| {
        let entry = sums.entry((account.clone(), series, day, template)).or_default();
        *entry += amount;
    };
    for lines in books.lines.values() {
        match lines.values().last().map(|line| &line.body) {
            Some(Body::Purchase { posting, .. }) => {
                if let Some(reward) = &posting.reward {
                    add(&reward.referrer, Series::Earned, reward.day, reward.template.clone(), reward.amount);
                }
            }
            Some(Body::Single { fact }) => {
                if let FactBody::Rental { account, at, amount, .. } = &fact.body {
                    add(account, Series::Rented, at.date_naive(), None, *amount);
                }
            }
            Some(Body::Payout { .. }) | None => {}
        }
    }
    let one = Money::from_minor(1, 0).unwrap_or_default();
    for attribution in books.accounts.values().filter_map(|account| account.attribution.as_ref()) {
        if let Some(credit) = super::attributions::counted(attribution) {
            add(&credit.referrer, Series::Signups, attribution.signed_up_at.date_naive(), credit.template.clone(), one);
        }
    }
    sums.retain(|_, amount| !amount.is_zero());
    sums
}
