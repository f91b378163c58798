//! `GET /finance/accounts/{id}`: all that a decision about an account looks at.

use crate::{App, rate, rate::RateView, refunds::RefundRate, signals, view::PayoutView};
use chrono::Days;
use edge::{
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::AccountId;
use programme::{
    account::{Account, Total},
    attribution::Attribution,
    cashable::cashable,
    settings::Settings,
};
use serde_json::{Value, json};
use store::records::{book::PayoutBook, destination::StoredDestination, time};

/// How far back payouts are shown here, in days, and how many.
const PAYOUT_DAYS: u64 = 365;
const PAYOUTS_SHOWN: u32 = 20;

/// 404 for an account of which nothing is known.
pub(crate) async fn show(app: &App, call: &Call) -> Result<Reply, Problem> {
    let id = rate::account(call)?;
    let today = call.now.date_naive();
    let since = today.checked_sub_days(Days::new(PAYOUT_DAYS)).unwrap_or(today);
    let store = &app.store;
    let (account, rates, destinations, book, payouts, programme) = tokio::try_join!(
        store.account(&id),
        store.rates(&id),
        store.payout_accounts(&id),
        store.payout_book(&id),
        store.payouts_of(&id, since, today, None, PAYOUTS_SHOWN),
        store.programme(call.now),
    )?;
    let account = account.ok_or_else(|| Problem::not_found("account"))?;
    let settings = programme.at(call.now).1;
    let refunds = RefundRate::load(store, &id, call.now).await?;
    let own_rate = rates.in_force(call.now).map_or(settings.reward_rate, |version| version.value);
    let answer = json!({
        "account_id": id,
        "currency": settings.currency,
        "figures": figures(&account),
        "balance": balance(&account, settings, call),
        "referral_count": account.referrals,
        "refund_rate": refunds,
        "signals": signals::of_account(&account, refunds.as_ref(), settings, call.now),
        "closed_at": account.closed_at.map(time),
        "attribution": account.attribution.as_ref().map(attribution),
        "rate": own_rate,
        "rates": rates.versions().iter().rev().map(RateView::of).collect::<Vec<_>>(),
        "payout_accounts": destinations.iter().map(|stored| destination(stored, &book, settings)).collect::<Vec<_>>(),
        "payouts": {
            "open": book.open.len(),
            "requested_today": book.requested_on(today),
            "latest": payouts.entries.iter().map(|listed| PayoutView::of(&listed.entry, settings)).collect::<Vec<_>>(),
        },
    });
    Reply::json(StatusCode::OK, &answer)
}

fn figures(account: &Account) -> Value {
    let name = |total| match total {
        Total::Purchased => "purchased",
        Total::Spent => "spent",
        Total::Rewards => "rewards",
        Total::InReview => "rewards_in_review",
        Total::ReferralCash => "referral_cash",
        Total::Rental => "rental",
        Total::RentalCash => "rental_cash",
        Total::Paid => "paid",
        Total::Generated => "generated",
        Total::GeneratedInReview => "generated_in_review",
    };
    Total::ALL.into_iter().map(|total| (name(total).to_owned(), json!(account.total(total)))).collect::<serde_json::Map<_, _>>().into()
}

fn balance(account: &Account, settings: &Settings, call: &Call) -> Value {
    let open = cashable(account, settings.cashable_share, call.now.date_naive());
    json!({
        "current_balance": account.balance(),
        "total_earnings": account.total_earnings(),
        "cashable": open.total,
        "not_cashable": open.not_cashable,
        "in_payout": account.in_payout(),
    })
}

pub(crate) fn attribution(attribution: &Attribution) -> Value {
    let credit = attribution.credit.as_ref();
    json!({
        "status": attribution.status.as_str(),
        "reason": attribution.reason,
        "version": attribution.version,
        "signed_up_at": time(attribution.signed_up_at),
        "referrer": credit.map(|credit| &credit.referrer),
        "template": credit.and_then(|credit| credit.template.as_ref()),
        "clicked_at": credit.map(|credit| time(credit.clicked_at)),
    })
}

fn destination(stored: &StoredDestination, book: &PayoutBook, settings: &Settings) -> Value {
    let account = &stored.account;
    let changed_by: &AccountId = &account.changed_by;
    json!({
        "rail": account.rail,
        "destination": account.masked,
        "default": book.default == Some(account.rail),
        "version": account.version,
        "changed_at": time(account.changed_at),
        "changed_by": changed_by,
        "usable_from": time(account.opens_at(settings)),
    })
}
