//! What becomes of a transfer, before and after it was funded.

use crate::rails::{
    behaviour::Behaviour,
    payment::{self, Step},
};
use ledger::Money;
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// A transfer that nobody funds is canceled.
const UNFUNDED_MS: i64 = 14 * DAY_MS;
const CONVERTED_MS: i64 = 2 * MINUTE_MS;
const SENT_MS: i64 = HOUR_MS;
const HOLD_MS: i64 = 7 * DAY_MS;
const BOUNCE_MS: i64 = 14 * DAY_MS;
const CHARGE_BACK_MS: i64 = 21 * DAY_MS;
/// From the bounce until the money is back.
const REFUND_MS: i64 = DAY_MS;

/// Where a transfer is, in Wise's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is made, and not funded.
    IncomingPaymentWaiting,
    /// It is funded.
    Processing,
    /// The money is in the currency of the recipient.
    FundsConverted,
    /// It is sent. That does not say that it has arrived.
    OutgoingPaymentSent,
    /// The recipient's bank sent it back.
    BouncedBack,
    /// It was canceled.
    Cancelled,
    /// The money is back.
    FundsRefunded,
    /// The funding was taken back.
    ChargedBack,
}

impl State {
    const ALL: [Self; 8] = [
        Self::IncomingPaymentWaiting,
        Self::Processing,
        Self::FundsConverted,
        Self::OutgoingPaymentSent,
        Self::BouncedBack,
        Self::Cancelled,
        Self::FundsRefunded,
        Self::ChargedBack,
    ];

    pub(in crate::rails) const fn as_str(self) -> &'static str {
        match self {
            Self::IncomingPaymentWaiting => "incoming_payment_waiting",
            Self::Processing => "processing",
            Self::FundsConverted => "funds_converted",
            Self::OutgoingPaymentSent => "outgoing_payment_sent",
            Self::BouncedBack => "bounced_back",
            Self::Cancelled => "cancelled",
            Self::FundsRefunded => "funds_refunded",
            Self::ChargedBack => "charged_back",
        }
    }

    pub(in crate::rails) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    pub(in crate::rails) const fn gives_back(self) -> bool {
        matches!(self, Self::FundsRefunded | Self::ChargedBack)
    }
}

/// What only a transfer of Wise's has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Details {
    pub(in crate::rails) quote: String,
    pub(in crate::rails) target_account: i64,
    pub(in crate::rails) target_currency: String,
    pub(in crate::rails) target_amount: Money,
    pub(in crate::rails) rate: Money,
    pub(in crate::rails) session: String,
    /// When it was funded: each time took the money.
    pub(in crate::rails) fundings: Vec<Funding>,
}

/// One funding of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rails) struct Funding {
    pub(in crate::rails) id: i64,
    pub(in crate::rails) at_ms: i64,
}

/// What is to come after a transfer was made, unless it is funded.
pub(in crate::rails) fn unfunded_plan(at_ms: i64) -> Vec<Step> {
    vec![Step::to(payment::State::Wise(State::Cancelled), at_ms + UNFUNDED_MS)]
}

/// What is to come after a transfer was funded, and so is `processing`.
pub(in crate::rails) fn funded_plan(behaviour: Behaviour, at_ms: i64) -> Vec<Step> {
    let sent = [(State::FundsConverted, CONVERTED_MS), (State::OutgoingPaymentSent, SENT_MS)];
    let later: Vec<(State, i64)> = match behaviour {
        Behaviour::Ok | Behaviour::Restricted | Behaviour::Unclaimed | Behaviour::Claimed | Behaviour::Partly | Behaviour::PayoutFails => {
            sent.to_vec()
        }
        Behaviour::Instant => sent.map(|(state, _)| (state, 0)).to_vec(),
        Behaviour::OnHold => sent.map(|(state, after_ms)| (state, HOLD_MS + after_ms)).to_vec(),
        Behaviour::Bounced => [&sent[..], &[(State::BouncedBack, BOUNCE_MS), (State::FundsRefunded, BOUNCE_MS + REFUND_MS)]].concat(),
        Behaviour::Reversed => [&sent[..], &[(State::ChargedBack, CHARGE_BACK_MS)]].concat(),
        Behaviour::RolledBack => [&sent[..], &[(State::Processing, 2 * HOUR_MS), (State::OutgoingPaymentSent, 3 * HOUR_MS)]].concat(),
        Behaviour::Denied => vec![(State::Cancelled, 10 * MINUTE_MS), (State::FundsRefunded, 20 * MINUTE_MS)],
        // These are never funded.
        Behaviour::Closed | Behaviour::Insufficient => Vec::new(),
    };
    later.into_iter().map(|(state, after_ms)| Step::to(payment::State::Wise(state), at_ms + after_ms)).collect()
}
