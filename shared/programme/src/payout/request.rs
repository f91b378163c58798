//! Asking for a payout: every rule, in the order in which a person would want to hear of them.

use super::{Change, Payout, PayoutAccount, PayoutId, PayoutStatus, transfers};
use crate::{
    account::Account,
    cashable::{NotCashableReason, cashable},
    plan::Guard,
    settings::Settings,
};
use chrono::{DateTime, Utc};
use ledger::{AccountId, Money, Rail};

/// What a request is decided on.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The id made from account and key.
    pub id: &'a PayoutId,
    /// The payee.
    pub account: &'a AccountId,
    /// How much.
    pub amount: Money,
    /// When.
    pub now: DateTime<Utc>,
    /// Version and settings in force.
    pub settings: (u32, &'a Settings),
    /// The payee's figures as they were read.
    pub figures: &'a Account,
    /// The default payout account.
    pub destination: Option<&'a PayoutAccount>,
    /// What the account has asked for today already, without what was released again.
    pub requested_today: Money,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestRefusal {
    /// There is nowhere to pay to.
    #[error("There is no payout account yet.")]
    NoPayoutAccount,
    /// The payout account was changed too recently.
    #[error("The payout account was changed a short time ago and opens later.")]
    DestinationCooldown {
        /// When it opens.
        opens_at: DateTime<Utc>,
    },
    /// More decimal places than the rail can send.
    #[error("The amount has more decimal places than the rail can send.")]
    RailPrecision {
        /// How many it can.
        places: u32,
    },
    /// Below the least payout.
    #[error("The amount is below the least payout.")]
    Minimum {
        /// The least.
        minimum: Money,
    },
    /// Above the greatest payout.
    #[error("The amount is above the greatest payout.")]
    Maximum {
        /// The greatest.
        maximum: Money,
    },
    /// Above what the account may ask for in a day.
    #[error("The amount is above what is left of the account's limit for today.")]
    AccountDailyLimit {
        /// What is left of it.
        left: Money,
    },
    /// More was cashed than is left after clawbacks.
    #[error("More was cashed out than is left after clawbacks; later rewards fill that first.")]
    Debt {
        /// How much, above zero.
        debt: Money,
    },
    /// More than can be cashed.
    #[error("The amount is more than can be cashed out.")]
    Cashable {
        /// What can.
        cashable: Money,
    },
}

impl RequestRefusal {
    /// The rule's name.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::NoPayoutAccount => "no_payout_account",
            Self::DestinationCooldown { .. } => "destination_cooldown",
            Self::RailPrecision { .. } => "rail_precision",
            Self::Minimum { .. } => "payout_minimum",
            Self::Maximum { .. } => "payout_maximum",
            Self::AccountDailyLimit { .. } => "account_daily_limit",
            Self::Debt { .. } => "debt",
            Self::Cashable { .. } => "cashable",
        }
    }
}

/// How many decimal places a rail can send. The one currency of credits has cents on all of them.
#[must_use]
pub const fn rail_places(rail: Rail) -> u32 {
    match rail {
        Rail::StripeConnect | Rail::Paypal | Rail::Wise => 2,
    }
}

/// Decides a request: the payout and its reserve, which holds only as long as nothing lowers what is cashable.
///
/// # Errors
/// [`RequestRefusal`]: the first rule that it breaks.
pub fn request(asked: &Request<'_>) -> Result<Change, RequestRefusal> {
    let (settings_version, settings) = asked.settings;
    #[cfg(feature = "bugs")]
    let lenient = crate::bug::lenient(settings);
    #[cfg(feature = "bugs")]
    let settings = &lenient;
    let destination = asked.destination.ok_or(RequestRefusal::NoPayoutAccount)?;
    let opens_at = destination.opens_at(settings);
    if asked.now < opens_at {
        return Err(RequestRefusal::DestinationCooldown { opens_at });
    }
    let places = rail_places(destination.rail);
    if asked.amount.floor_to(places) != asked.amount {
        return Err(RequestRefusal::RailPrecision { places });
    }
    limits(asked, settings)?;
    let open = cashable(asked.figures, settings.cashable_share, asked.now.date_naive());
    let Some(split) = open.split(asked.amount) else {
        let debt: Money = open.not_cashable.iter().filter(|part| part.reason == NotCashableReason::Debt).map(|part| -part.amount).sum();
        return Err(if debt.is_positive() { RequestRefusal::Debt { debt } } else { RequestRefusal::Cashable { cashable: open.total } });
    };
    let payout = Payout {
        id: asked.id.clone(),
        account: asked.account.clone(),
        amount: asked.amount,
        currency: settings.currency.clone(),
        split,
        destination: destination.clone(),
        status: PayoutStatus::Requested,
        requested_at: asked.now,
        version: 1,
        approvals: Vec::new(),
        reason: None,
        run: None,
        submitting_since: None,
        to: None,
        reference: None,
        note: None,
        paid_at: None,
        invoice: None,
        returned: Money::ZERO,
        credit_notes: Vec::new(),
    };
    let moves = transfers::reserve(&payout);
    let mut change = Change::first(payout, settings_version, moves);
    change.plan.guards.insert(asked.account.clone(), Guard::CashVersion(asked.figures.cash_version));
    Ok(change)
}

fn limits(asked: &Request<'_>, settings: &Settings) -> Result<(), RequestRefusal> {
    if asked.amount < settings.payout_minimum {
        return Err(RequestRefusal::Minimum { minimum: settings.payout_minimum });
    }
    if asked.amount > settings.payout_maximum {
        return Err(RequestRefusal::Maximum { maximum: settings.payout_maximum });
    }
    let left = (settings.account_daily_limit - asked.requested_today).floor_zero();
    if asked.amount > left { Err(RequestRefusal::AccountDailyLimit { left }) } else { Ok(()) }
}
