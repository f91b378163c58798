//! PayPal's transaction search: what went out in a period, and the look-up of what its own interface for payouts can no
//! longer be asked about.

use super::{Paypal, RAIL, misasked, wire::is_id};
use crate::{
    Listed, Order, RailError, RailPayment,
    http::{Call, Said, UNREADABLE, read},
    window,
};
use chrono::{DateTime, TimeDelta, Utc};
use ledger::{Currency, Money};
use programme::payout::Sighting;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The event code of a payout's item. PayPal still calls it a mass payment.
const PAYOUT: &str = "T0001";
/// As many lines as a page may have.
const PAGE: &str = "500";
/// How long a period one search may cover: PayPal takes 31 days.
const PERIOD: TimeDelta = TimeDelta::days(30);
/// How many pages a look-up reads at most before it gives up.
const LOOK_UP_PAGES: u32 = 20;
/// What stands before the id of a transaction in a reference, which else is a batch's.
const TRANSACTION: &str = "transaction/";

/// Whether a reference names a transaction instead of a batch.
pub(super) fn is_transaction(reference: &str) -> bool {
    reference.starts_with(TRANSACTION)
}

#[derive(Deserialize)]
struct Report {
    #[serde(default)]
    transaction_details: Vec<Detail>,
    total_pages: Option<u32>,
}

#[derive(Deserialize)]
struct Detail {
    transaction_info: Transaction,
}

#[derive(Deserialize)]
struct Transaction {
    transaction_id: String,
    transaction_event_code: Option<String>,
    transaction_initiation_date: String,
    transaction_amount: Amount,
    transaction_status: String,
    /// The `sender_item_id` of a payout.
    custom_field: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    currency_code: String,
    value: String,
}

/// Where a listing stands: which period, which page of it.
#[derive(Clone, Copy)]
struct Place {
    start: DateTime<Utc>,
    page: u32,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (start, page) = text.split_once(':')?;
        Some(Self { start: DateTime::from_timestamp(start.parse().ok()?, 0)?, page: page.parse().ok()? })
    }

    fn text(self) -> String {
        format!("{}:{}", self.start.timestamp(), self.page)
    }
}

impl Paypal {
    /// A page of what went out; a period longer than PayPal takes is asked for in parts.
    pub(super) async fn listed(&self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&str>) -> Result<Listed, RailError> {
        let place = match cursor {
            None => Place { start: from, page: 1 },
            Some(text) => Place::parse(text).ok_or_else(|| RailError::Misconfigured("paypal: not a cursor of a listing".to_owned()))?,
        };
        let end = to.min(place.start + PERIOD);
        let report = self.report(place, end).await?;
        let next = if place.page < report.total_pages.unwrap_or(1) {
            Some(Place { page: place.page + 1, ..place })
        } else if end < to {
            Some(Place { start: end, page: 1 })
        } else {
            None
        };
        let within = |payment: &RailPayment| payment.at >= from && payment.at < to;
        let payments = report.payments()?.into_iter().filter(within).collect();
        Ok(Listed { payments, next: next.map(Place::text) })
    }

    /// What the search knows of an order whose batch is not known.
    pub(super) async fn searched(&self, order: &Order) -> Result<Sighting, RailError> {
        // The clocks differ, and the last attempt may have been at the end of the window.
        let start = order.intended_at - TimeDelta::hours(1);
        let end = start + window::length(RAIL) + TimeDelta::days(1);
        let mut found = BTreeMap::new();
        for page in 1..=LOOK_UP_PAGES {
            let report = self.report(Place { start, page }, end).await?;
            let last = page >= report.total_pages.unwrap_or(1);
            let ours = report.payments()?.into_iter().filter(|payment| payment.payout.as_deref() == Some(order.payout.as_str()));
            found.extend(ours.map(|payment| (payment.reference.clone(), payment)));
            if last {
                let mut payments = found.into_values();
                return match (payments.next(), payments.next()) {
                    (None, _) => Ok(Sighting::Absent),
                    (Some(payment), None) if payment.amount == order.amount && payment.currency == order.currency => Ok(payment.state),
                    (Some(_), _) => Err(RailError::Conflict),
                };
            }
        }
        Err(UNREADABLE)
    }

    async fn report(&self, place: Place, end: DateTime<Utc>) -> Result<Report, RailError> {
        let page = place.page.to_string();
        let stamp = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (start, end) = (stamp(place.start), stamp(end));
        let url = self.base.path(&["v1", "reporting", "transactions"]);
        let pairs = [
            ("start_date", start.as_str()),
            ("end_date", &end),
            ("transaction_type", PAYOUT),
            ("fields", "transaction_info"),
            ("page_size", PAGE),
            ("page", &page),
        ];
        match self.send(|auth| Call::get(RAIL, "transactions", url.clone(), auth).query(&pairs)).await? {
            Said::Yes(body) => read(&body),
            Said::No(_, body) => Err(misasked(&body)),
        }
    }
}

impl Report {
    fn payments(self) -> Result<Vec<RailPayment>, RailError> {
        let details = self.transaction_details.into_iter();
        details.filter_map(|detail| detail.transaction_info.payment().transpose()).collect()
    }
}

impl Transaction {
    /// It as a payment; none where it is no payout that went out.
    fn payment(self) -> Result<Option<RailPayment>, RailError> {
        let amount: Money = self.transaction_amount.value.parse().map_err(|_| UNREADABLE)?;
        if self.transaction_event_code.as_deref().is_some_and(|code| code != PAYOUT) || !amount.is_negative() {
            return Ok(None);
        }
        if !is_id(&self.transaction_id) {
            return Err(UNREADABLE);
        }
        let (amount, reference) = (amount.abs(), format!("{TRANSACTION}{}", self.transaction_id));
        let state = match self.transaction_status.as_str() {
            "S" => Sighting::Paid { reference: reference.clone(), returned: Money::ZERO },
            "P" => Sighting::Underway { reference: reference.clone(), note: Some("PENDING".to_owned()) },
            "D" => Sighting::Failed { reference: Some(reference.clone()), reason: "DENIED".to_owned() },
            "V" => Sighting::Returned { reference: reference.clone(), returned: amount, note: Some("REVERSED".to_owned()) },
            _ => return Err(UNREADABLE),
        };
        Ok(Some(RailPayment {
            payout: self.custom_field,
            currency: Currency::try_new(&self.transaction_amount.currency_code).map_err(|_| UNREADABLE)?,
            at: time(&self.transaction_initiation_date).ok_or(UNREADABLE)?,
            amount,
            state,
            reference,
            destination: None,
        }))
    }
}

/// PayPal writes `2018-08-27T01:20:19+0000` where its own description says RFC 3339.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    parsed.ok().map(|time| time.to_utc())
}
