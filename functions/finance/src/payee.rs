//! Who is to be paid, as far as a decision about a payout looks at it.

use crate::{
    App,
    refunds::RefundRate,
    signals::{self, Signal},
};
use chrono::{DateTime, Utc};
use edge::problem::Problem;
use futures::future::try_join_all;
use ledger::{AccountId, Money};
use programme::{
    account::{Account, Total},
    attribution::AttributionStatus,
    payout::Payout,
    settings::Settings,
};
use serde::Serialize;
use store::records::{destination::StoredDestination, time};

/// A payout's payee, and the payout account as it stands now.
pub(crate) struct Payee {
    pub(crate) account: Account,
    pub(crate) refunds: Option<RefundRate>,
    pub(crate) current: Option<StoredDestination>,
}

/// A row's worth of a payee.
#[derive(Serialize)]
pub(crate) struct PayeeView {
    account_id: AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    referral_count: u64,
    total_earnings: Money,
    current_balance: Money,
    paid: Money,
    /// Whether the account's own referral is in review.
    open_review: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_rate: Option<RefundRate>,
}

impl Payee {
    /// What is known of the payee now.
    pub(crate) async fn load(app: &App, payout: &Payout, now: DateTime<Utc>) -> Result<Self, Problem> {
        let (account, rail) = (&payout.account, payout.destination.rail);
        let read = async { Ok::<_, Problem>(tokio::try_join!(app.store.account(account), app.store.payout_account(account, rail))?) };
        let ((figures, current), refunds) = tokio::try_join!(read, RefundRate::load(&app.store, account, now))?;
        Ok(Self { account: figures.unwrap_or_default(), refunds, current })
    }

    /// The payees of several payouts, in their order.
    pub(crate) async fn load_all(app: &App, payouts: &[&Payout], now: DateTime<Utc>) -> Result<Vec<Self>, Problem> {
        try_join_all(payouts.iter().map(|payout| Self::load(app, payout, now))).await
    }

    /// What somebody should look at before deciding about that payout of theirs.
    pub(crate) fn signals(&self, payout: &Payout, settings: &Settings, now: DateTime<Utc>) -> Vec<Signal> {
        let mut found = signals::of_account(&self.account, self.refunds.as_ref(), settings, now);
        found.extend(signals::of_destination(payout, self.current.as_ref().map(|stored| &stored.account)));
        found
    }

    pub(crate) fn view(&self, id: &AccountId) -> PayeeView {
        let account = &self.account;
        let attribution = account.attribution.as_ref();
        PayeeView {
            account_id: id.clone(),
            created_at: attribution.map(|attribution| time(attribution.signed_up_at)),
            referral_count: account.referrals,
            total_earnings: account.total_earnings(),
            current_balance: account.balance(),
            paid: account.total(Total::Paid),
            open_review: attribution.is_some_and(|attribution| attribution.status == AttributionStatus::InReview),
            refund_rate: self.refunds.clone(),
        }
    }
}
