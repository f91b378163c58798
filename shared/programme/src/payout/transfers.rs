//! What the steps of a payout move.

use super::Payout;
use crate::{account::Total, plan::Moves};
use ledger::{LedgerAccount, Money, Transfer, TransferKind};

/// Takes the amount out of its purses and keeps it aside.
pub(super) fn reserve(payout: &Payout) -> Moves {
    let mut moves = Moves::default();
    for (purse, total, amount) in purses(payout) {
        let aside = LedgerAccount::InPayout(payout.account.clone());
        // A purse that gives nothing makes no transfer.
        moves.transfers.extend(Transfer::try_new(TransferKind::Reserve, purse, aside, amount, payout.currency.clone()));
        moves.account(&payout.account).add(total, amount);
    }
    moves.drop_zeros();
    moves
}

/// Gives the amount back to the purses that it came from.
pub(super) fn release(payout: &Payout) -> Moves {
    let mut moves = Moves::default();
    for (purse, total, amount) in purses(payout) {
        let aside = LedgerAccount::InPayout(payout.account.clone());
        moves.transfers.extend(Transfer::try_new(TransferKind::Release, aside, purse, amount, payout.currency.clone()));
        moves.account(&payout.account).add(total, -amount);
    }
    moves.drop_zeros();
    moves
}

fn purses(payout: &Payout) -> [(LedgerAccount, Total, Money); 2] {
    [
        (LedgerAccount::Referral(payout.account.clone()), Total::ReferralCash, payout.split.referral),
        (LedgerAccount::Rental(payout.account.clone()), Total::RentalCash, payout.split.rental),
    ]
}
