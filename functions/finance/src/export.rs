//! `GET /finance/payouts.csv?from&to`: the payouts of everybody as a table.

use crate::App;
use chrono::NaiveDate;
use edge::{
    csv::Table,
    http::{Call, Reply},
    problem::Problem,
    range::DateRange,
};
use programme::payout::{Payout, PayoutStatus};
use std::collections::BTreeMap;
use store::records::time;

/// Payouts read at once.
const PAGE: u32 = 500;
/// The most in one file; what comes out is well below what an answer may have.
const ROWS_MAX: usize = 20_000;

const HEADER: [&str; 19] = [
    "payout_id",
    "account_id",
    "requested_at",
    "status",
    "amount",
    "currency",
    "from_referral",
    "from_rental",
    "rail",
    "destination",
    "approved_by",
    "run_id",
    "sent_at",
    "paid_at",
    "reference",
    "invoice",
    "returned",
    "credit_notes",
    "reason",
];

type Cells = [String; HEADER.len()];

/// By day of the request, the oldest first. The statuses are read one after the other: one that moved on meanwhile is taken as it was
/// seen last.
pub(crate) async fn export(app: &App, call: &Call) -> Result<Reply, Problem> {
    let range = DateRange::of(call)?;
    let mut rows: BTreeMap<(String, String), (u32, Cells)> = BTreeMap::new();
    for status in PayoutStatus::ALL {
        collect(app, status, range, &mut rows).await?;
    }
    let mut table = Table::new(&HEADER);
    for (_, cells) in rows.values() {
        table.add(cells)?;
    }
    table.into_reply(&format!("payouts-{}-{}.csv", range.from, range.to))
}

async fn collect(
    app: &App,
    status: PayoutStatus,
    range: DateRange,
    rows: &mut BTreeMap<(String, String), (u32, Cells)>,
) -> Result<(), Problem> {
    // A place in the list begins with the time of the request: this one is behind the last day.
    let mut before = Some(range.to.succ_opt().unwrap_or(NaiveDate::MAX).to_string());
    loop {
        let page = app.store.payouts_in(status, before.as_deref(), PAGE).await?;
        for payout in page.entries.iter().map(|listed| &listed.entry) {
            if payout.requested_at.date_naive() < range.from {
                return Ok(());
            }
            let row = rows.entry((time(payout.requested_at), payout.id.to_string())).or_insert_with(|| (0, Cells::default()));
            if payout.version > row.0 {
                *row = (payout.version, cells(payout));
            }
        }
        if rows.len() > ROWS_MAX {
            return Err(Problem::refused("too_many_lines", "There are too many payouts in this range for one file; take a shorter range."));
        }
        match page.next_place() {
            Some(place) => before = Some(place.to_owned()),
            None => return Ok(()),
        }
    }
}

fn cells(payout: &Payout) -> Cells {
    let approved_by: Vec<&str> = payout.approvals_that_hold().map(|approval| approval.by.as_str()).collect();
    let credit_notes: Vec<String> = payout.credit_notes.iter().map(ToString::to_string).collect();
    [
        payout.id.to_string(),
        payout.account.to_string(),
        time(payout.requested_at),
        payout.status.as_str().to_owned(),
        payout.amount.to_string(),
        payout.currency.to_string(),
        payout.split.referral.to_string(),
        payout.split.rental.to_string(),
        payout.destination.rail.as_str().to_owned(),
        payout.destination.masked.clone(),
        approved_by.join(" "),
        payout.run.as_ref().map(ToString::to_string).unwrap_or_default(),
        payout.submitting_since.map(time).unwrap_or_default(),
        payout.paid_at.map(time).unwrap_or_default(),
        payout.reference.clone().unwrap_or_default(),
        payout.invoice.map(|number| number.to_string()).unwrap_or_default(),
        payout.returned.to_string(),
        credit_notes.join(" "),
        payout.reason.clone().unwrap_or_default(),
    ]
}
