//! Wise's list of transfers: what went out in a period, and the look-up of a transfer whose id is not known.

use super::{Transfer, WAITING, Wise, misasked};
use crate::{
    Listed, Order, RailError, RailPayment,
    http::{Said, UNREADABLE, read},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use ledger::Currency;
use programme::payout::Destination;

/// How many transfers are asked for at once.
const PAGE: &str = "100";
/// How many pages a look-up reads at most before it gives up.
const LOOK_UP_PAGES: u32 = 40;

impl Wise {
    /// A page of what went out: transfers that something was paid for. How many Wise gives at once is not documented,
    /// so the end is an empty page.
    pub(super) async fn listed(&self, from: DateTime<Utc>, to: DateTime<Utc>, cursor: Option<&str>) -> Result<Listed, RailError> {
        let malformed = |_| RailError::Misconfigured("wise: not a cursor of a listing".to_owned());
        let offset: usize = cursor.unwrap_or("0").parse().map_err(malformed)?;
        let transfers = self.page(from, to, offset).await?;
        let next = (!transfers.is_empty()).then(|| (offset + transfers.len()).to_string());
        let mut payments = Vec::new();
        for transfer in transfers.into_iter().filter(|transfer| transfer.status != WAITING) {
            let payment = self.payment(transfer).await?;
            // Wise counts both ends of the period in.
            if payment.at >= from && payment.at < to {
                payments.push(payment);
            }
        }
        Ok(Listed { payments, next })
    }

    async fn payment(&self, transfer: Transfer) -> Result<RailPayment, RailError> {
        let amount = transfer.amount().ok_or(UNREADABLE)?;
        let currency = Currency::try_new(&transfer.target_currency).map_err(|_| UNREADABLE)?;
        let identity =
            |account: u64| Destination::WiseRecipient { recipient_id: account.to_string(), currency: currency.clone() }.identity();
        Ok(RailPayment {
            reference: transfer.reference(),
            at: transfer.created().ok_or(UNREADABLE)?,
            state: self.state(&transfer, amount).await?,
            destination: transfer.target_account.map(identity),
            payout: transfer.customer_transaction_id,
            amount,
            currency,
        })
    }

    /// The order's transfer, by its own id. The list has no filter for it, so those made since the intent are read.
    pub(super) async fn find(&self, order: &Order) -> Result<Option<Transfer>, RailError> {
        // Wise's clock is not ours.
        let (from, to) = (order.intended_at - TimeDelta::hours(1), order.now + TimeDelta::hours(1));
        let (mut offset, mut found) = (0, None);
        for _ in 0..LOOK_UP_PAGES {
            let transfers = self.page(from, to, offset).await?;
            if transfers.is_empty() {
                return Ok(found);
            }
            offset += transfers.len();
            for transfer in transfers.into_iter().filter(|transfer| transfer.is_named(order)) {
                let other = found.as_ref().is_some_and(|first: &Transfer| first.reference() != transfer.reference());
                if other {
                    return Err(RailError::Conflict);
                }
                found = Some(transfer);
            }
        }
        // Of one that was found, all that is missing is whether there are two; of one that was not, everything.
        found.map(Some).ok_or(UNREADABLE)
    }

    async fn page(&self, from: DateTime<Utc>, to: DateTime<Utc>, offset: usize) -> Result<Vec<Transfer>, RailError> {
        let stamp = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        let call = self.get("transfers of a period", &["v1", "transfers"]).query(&[
            ("profile", &self.profile.to_string()),
            ("createdDateStart", &stamp(from)),
            ("createdDateEnd", &stamp(to)),
            ("limit", PAGE),
            ("offset", &offset.to_string()),
        ]);
        match self.http.send(&call).await?.said()? {
            Said::Yes(body) => read(&body),
            Said::No(_, body) => Err(misasked(&body)),
        }
    }
}
