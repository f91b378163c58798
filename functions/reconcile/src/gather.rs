//! Both sides: what a rail lists, and the payouts that it should list.

use crate::{App, compare::LAG};
use chrono::{DateTime, Duration, Utc};
use edge::problem::Problem;
use programme::payout::{Payout, PayoutStatus};
use rails::{Rail, RailError, RailPayment};
use std::collections::BTreeMap;

/// How far back the rails' lists are read: PayPal tells of 31 days at most.
pub(crate) const WINDOW: Duration = Duration::days(30);
/// A payout may have waited so long between request and sending, to be found by its request.
const WAITED_MAX: Duration = Duration::days(60);
/// Pages of one list: far beyond a month of any programme, and an end to a list that has none.
const PAGES_MAX: usize = 10_000;
const PAGE: u32 = 100;

/// Everything that a rail lists in the window, each payment once.
pub(crate) async fn theirs(rail: &dyn Rail, now: DateTime<Utc>) -> Result<Vec<RailPayment>, RailError> {
    let (mut payments, mut cursor) = (BTreeMap::new(), None::<String>);
    for _ in 0..PAGES_MAX {
        let listed = rail.list(now - WINDOW, now, cursor.as_deref()).await?;
        payments.extend(listed.payments.into_iter().map(|payment| (payment.reference.clone(), payment)));
        match listed.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    Ok(payments.into_values().collect())
}

/// The payouts that rails were asked to pay within the window, and those that are open however old they are. What was
/// sent a moment ago may not be in a list yet.
pub(crate) async fn ours(app: &App, now: DateTime<Utc>) -> Result<Vec<Payout>, Problem> {
    let mut payouts = Vec::new();
    for status in [PayoutStatus::Submitting, PayoutStatus::Unknown, PayoutStatus::Submitted] {
        payouts.extend(of_status(app, status, DateTime::<Utc>::MIN_UTC).await?);
    }
    let oldest = now - WINDOW - WAITED_MAX;
    for status in [PayoutStatus::Paid, PayoutStatus::Returned, PayoutStatus::Failed] {
        let sent = |payout: &Payout| payout.submitting_since.is_some_and(|since| since > now - WINDOW);
        payouts.extend(of_status(app, status, oldest).await?.into_iter().filter(sent));
    }
    payouts.retain(|payout| payout.submitting_since.is_some_and(|since| since + LAG < now));
    Ok(payouts)
}

/// The payouts of a status that were asked for since `oldest`: they are listed newest first.
async fn of_status(app: &App, status: PayoutStatus, oldest: DateTime<Utc>) -> Result<Vec<Payout>, Problem> {
    let (mut payouts, mut place) = (Vec::new(), None::<String>);
    loop {
        let page = app.store.payouts_in(status, place.as_deref(), PAGE).await?;
        let next = page.next_place().map(str::to_owned);
        let before = payouts.len();
        let listed = page.entries.len();
        payouts.extend(page.entries.into_iter().map(|listed| listed.entry).filter(|payout| payout.requested_at >= oldest));
        match next {
            Some(next) if payouts.len() - before == listed => place = Some(next),
            Some(_) | None => return Ok(payouts),
        }
    }
}
