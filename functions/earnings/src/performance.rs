//! How each template did in a range: the plain link is one of them.

use crate::{App, fault};
use chrono::NaiveDate;
use edge::{problem::Problem, range::DateRange};
use ledger::{AccountId, Money, TemplateId};
use programme::chart::{Period, points};
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};
use store::{
    records::month::{Bucket, Series},
    records::referral::Template,
};

/// The most templates shown apart. Anybody's public template can be shared with an account's code,
/// so their number is not the account's choice.
const TEMPLATES_MAX: usize = 200;
/// The most points of all templates' charts together: they keep the answer below 6 MB.
const POINTS_MAX: usize = 50_000;
/// What stands for all templates beyond the best ones: their sum, so that figures still add up.
const OTHERS: &str = "other";

/// A template's figures of the range.
#[derive(Debug, Serialize)]
pub(crate) struct Performance {
    /// None for the plain link.
    template_id: Option<String>,
    name: String,
    clicks: u64,
    signups: u64,
    total: Money,
    chart: Vec<Point>,
}

#[derive(Debug, Serialize)]
struct Point {
    start: NaiveDate,
    amount: Money,
    clicks: u64,
    signups: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Figures {
    amount: Money,
    clicks: u64,
    signups: u64,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.amount += other.amount;
        self.clicks += other.clicks;
        self.signups += other.signups;
    }
}

/// None for what is no figure of a template.
fn figures(bucket: &Bucket) -> Option<Figures> {
    let count = bucket.figure.decimal().to_u64().unwrap_or_default();
    match bucket.series {
        Series::Earned => Some(Figures { amount: bucket.figure, ..Figures::default() }),
        Series::Clicks => Some(Figures { clicks: count, ..Figures::default() }),
        Series::Signups => Some(Figures { signups: count, ..Figures::default() }),
        Series::Rented => None,
    }
}

type Days = Vec<(NaiveDate, Figures)>;

fn sum(days: &Days) -> Figures {
    let mut sum = Figures::default();
    days.iter().for_each(|(_, figures)| sum += *figures);
    sum
}

struct Drawing {
    period: Period,
    range: DateRange,
}

impl Drawing {
    fn performance(&self, template_id: Option<String>, name: String, days: Days) -> Performance {
        let Figures { amount: total, clicks, signups } = sum(&days);
        let points = points(self.period, self.range.from, self.range.to, days);
        let chart =
            points.into_iter().map(|(start, Figures { amount, clicks, signups })| Point { start, amount, clicks, signups }).collect();
        Performance { template_id, name, clicks, signups, total, chart }
    }

    /// How many templates are shown apart.
    fn apart(&self) -> usize {
        let each = points::<u64>(self.period, self.range.from, self.range.to, []).len().max(1);
        TEMPLATES_MAX.min(POINTS_MAX / each)
    }
}

/// The plain link, then the templates with any figure in the range, the best first.
pub(crate) async fn of(
    app: &App,
    account: &AccountId,
    period: Period,
    range: DateRange,
    buckets: &[Bucket],
) -> Result<Vec<Performance>, Problem> {
    let drawing = Drawing { period, range };
    let mut plain = Days::new();
    let mut by_template: BTreeMap<&TemplateId, Days> = BTreeMap::new();
    for bucket in buckets.iter().filter(|bucket| range.contains(bucket.day)) {
        let days = bucket.template.as_ref().map_or(&mut plain, |template| by_template.entry(template).or_default());
        days.extend(figures(bucket).map(|figures| (bucket.day, figures)));
    }
    let mut ranked: Vec<(&TemplateId, Days)> = by_template.into_iter().collect();
    ranked.sort_by_cached_key(|(id, days)| {
        let Figures { amount, clicks, signups } = sum(days);
        (Reverse((amount, signups, clicks)), *id)
    });
    let others: Days = ranked.split_off(drawing.apart().min(ranked.len())).into_iter().flat_map(|(_, days)| days).collect();
    let ids: BTreeSet<TemplateId> = ranked.iter().map(|(id, _)| (*id).clone()).collect();
    let known = if ids.is_empty() { BTreeMap::new() } else { app.store.templates(&ids).await.map_err(fault::of_store)? };
    let mut performances = vec![drawing.performance(None, "Plain link".into(), plain)];
    performances
        .extend(ranked.into_iter().map(|(id, days)| drawing.performance(Some(id.to_string()), name(account, id, known.get(id)), days)));
    if !others.is_empty() {
        performances.push(drawing.performance(Some(OTHERS.into()), "Other templates".into(), others));
    }
    Ok(performances)
}

/// The name of a template that is the account's own or public. Of another's that was made private since, only the id is shown.
fn name(account: &AccountId, id: &TemplateId, known: Option<&Template>) -> String {
    let told = known.filter(|template| template.public || template.account == *account);
    told.map_or_else(|| id.to_string(), |template| template.name.clone())
}
