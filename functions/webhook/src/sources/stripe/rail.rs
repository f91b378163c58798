//! Stripe as a rail: its events of transfers and of connected accounts say that the worker of payouts should look.
//!
//! No event says what became of a transfer, and none says where anybody is paid to: the worker asks Stripe.

use super::objects::{Account, Event, Transfer};
use crate::translation::{Unreadable, read, sender_id};
use ledger::Rail;
use programme::payout::Errand;

/// The events that concern payouts.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Transfer,
    Account,
}

impl Kind {
    /// `connected`: the event is about a connected account. A transfer there is one of its owner's own, whatever it names.
    pub(super) fn of(name: &str, connected: bool) -> Option<Self> {
        match name {
            "transfer.created" | "transfer.updated" | "transfer.reversed" if !connected => Some(Self::Transfer),
            "account.updated" => Some(Self::Account),
            // Also `payout.*`: the way from the connected account to its owner's bank, where our transfer has arrived already.
            _ => None,
        }
    }
}

/// What the worker is to do about it.
///
/// # Errors
/// [`Unreadable`].
pub(super) fn errands(kind: Kind, body: &[u8]) -> Result<Vec<Errand>, Unreadable> {
    let errand = match kind {
        Kind::Transfer => {
            let transfer = read::<Event<Transfer>>(body)?.data.object;
            // Ours carry the payout's id. Another one may still be known under its own: it was made in the dashboard.
            match transfer.transfer_group.and_then(|group| group.parse().ok()) {
                Some(payout) => Errand::Look { payout },
                None => Errand::Hint { rail: Rail::StripeConnect, reference: sender_id("id of the transfer", transfer.id)? },
            }
        }
        Kind::Account => {
            let account = sender_id("id of the account", read::<Event<Account>>(body)?.data.object.id)?;
            Errand::Account { rail: Rail::StripeConnect, account }
        }
    };
    Ok(vec![errand])
}

/// A failed payout of a connected account is its owner's to mend; whoever is asked about it finds it in the log.
pub(super) fn inform(name: &str, connected: bool, event: &str) {
    if connected && name == "payout.failed" {
        tracing::warn!(event, "the bank of a connected account did not take Stripe's payout");
    }
}
