//! `GET /payouts.csv?from&to`: an account's payouts as a table.

use crate::App;
use edge::{
    csv::Table,
    http::{Call, Reply},
    problem::Problem,
    range::DateRange,
};
use ledger::AccountId;
use programme::payout::Payout;
use store::records::time;

/// Payouts read at once.
const PAGE: u32 = 100;

const HEADER: [&str; 15] = [
    "payout_id",
    "requested_at",
    "status",
    "amount",
    "currency",
    "from_referral",
    "from_rental",
    "rail",
    "destination",
    "paid_at",
    "reference",
    "invoice",
    "returned",
    "credit_notes",
    "reason",
];

/// Those asked for on the days of the range, newest first.
pub(crate) async fn export(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let range = DateRange::of(call)?;
    let mut table = Table::new(&HEADER);
    let mut before: Option<String> = None;
    loop {
        let page = app.store.payouts_of(account, range.from, range.to, before.as_deref(), PAGE).await?;
        for listed in &page.entries {
            table.add(&cells(&listed.entry))?;
        }
        match page.next_place() {
            Some(place) => before = Some(place.to_owned()),
            None => return table.into_reply(&format!("payouts-{}-{}.csv", range.from, range.to)),
        }
    }
}

fn cells(payout: &Payout) -> [String; 15] {
    let credit_notes: Vec<String> = payout.credit_notes.iter().map(ToString::to_string).collect();
    [
        payout.id.to_string(),
        time(payout.requested_at),
        payout.status.as_str().to_owned(),
        payout.amount.to_string(),
        payout.currency.to_string(),
        payout.split.referral.to_string(),
        payout.split.rental.to_string(),
        payout.destination.rail.as_str().to_owned(),
        payout.destination.masked.clone(),
        payout.paid_at.map(time).unwrap_or_default(),
        payout.reference.clone().unwrap_or_default(),
        payout.invoice.map(|number| number.to_string()).unwrap_or_default(),
        payout.returned.to_string(),
        credit_notes.join(" "),
        payout.reason.clone().unwrap_or_default(),
    ]
}
