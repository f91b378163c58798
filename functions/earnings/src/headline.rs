//! `GET /earnings`: the figures, what can be cashed and what not, and the charts.

use crate::{
    App, fault,
    performance::{self, Performance},
};
use chrono::NaiveDate;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
    range::{DateRange, Group},
};
use ledger::{AccountId, Currency, Money};
use programme::{
    account::Total,
    cashable::{NotCashable, cashable},
    chart::{Period, points},
};
use serde::Serialize;
use std::ops::AddAssign;
use store::records::month::{Bucket, Series, month_of};

#[derive(Serialize)]
struct Headline<'a> {
    currency: &'a Currency,
    current_balance: Money,
    total_earnings: Money,
    total_referral_earnings: Money,
    total_rental_earnings: Money,
    referral_count: u64,
    cashable: Money,
    not_cashable: Vec<NotCashable>,
    chart: Vec<Point>,
    templates: Vec<Performance>,
}

/// What was earned in one period: rewards and their clawbacks on the day of capture.
#[derive(Serialize)]
struct Point {
    start: NaiveDate,
    referral: Money,
    rental: Money,
}

#[derive(Default, Clone, Copy)]
struct Earned {
    referral: Money,
    rental: Money,
}

impl AddAssign for Earned {
    fn add_assign(&mut self, other: Self) {
        self.referral += other.referral;
        self.rental += other.rental;
    }
}

const fn period(group: Group) -> Period {
    match group {
        Group::Day => Period::Day,
        Group::Week => Period::Week,
        Group::Month => Period::Month,
    }
}

fn chart(period: Period, range: DateRange, buckets: &[Bucket]) -> Vec<Point> {
    let earned = buckets.iter().filter_map(|bucket| match bucket.series {
        Series::Earned => Some((bucket.day, Earned { referral: bucket.figure, ..Earned::default() })),
        Series::Rented => Some((bucket.day, Earned { rental: bucket.figure, ..Earned::default() })),
        Series::Clicks | Series::Signups => None,
    });
    let points = points(period, range.from, range.to, earned);
    points.into_iter().map(|(start, Earned { referral, rental })| Point { start, referral, rental }).collect()
}

/// The totals are of all time, the charts and the templates' figures of the range that was asked for.
pub(crate) async fn show(app: &App, call: &Call, id: &AccountId) -> Result<Reply, Problem> {
    let range = DateRange::of(call)?;
    let period = period(Group::of(call)?);
    let read = app.store.account_with_months(id, &month_of(range.from), &month_of(range.to)).await;
    let (account, buckets) = read.map_err(fault::of_store)?;
    // Whoever never signed up has earned nothing yet: that is an answer, not an error.
    let account = account.unwrap_or_default();
    let programme = app.store.programme(call.now).await.map_err(fault::of_store)?;
    let (_, settings) = programme.at(call.now);
    let cash = cashable(&account, settings.cashable_share, call.now.date_naive());
    let headline = Headline {
        currency: &settings.currency,
        current_balance: account.balance(),
        total_earnings: account.total_earnings(),
        total_referral_earnings: account.total(Total::Rewards),
        total_rental_earnings: account.total(Total::Rental),
        referral_count: account.referrals,
        cashable: cash.total,
        not_cashable: cash.not_cashable,
        chart: chart(period, range, &buckets),
        templates: performance::of(app, id, period, range, &buckets).await?,
    };
    Reply::json(StatusCode::OK, &headline)
}
