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

/// What was kept aside has left by the rail.
pub(super) fn pay(payout: &Payout) -> Moves {
    let mut moves = Moves::default();
    let (aside, out) = (LedgerAccount::InPayout(payout.account.clone()), paid(payout));
    moves.transfers.extend(Transfer::try_new(TransferKind::Payout, aside, out, payout.amount, payout.currency.clone()));
    moves.account(&payout.account).add(Total::Paid, payout.amount);
    moves
}

/// What never left came back whole: it goes to the purses that it came from.
pub(super) fn give_back(payout: &Payout) -> Moves {
    let aside = LedgerAccount::InPayout(payout.account.clone());
    returned(payout, &aside, Money::ZERO, payout.amount)
}

/// After what was paid came back up to `total` in all, of which `payout.returned` is given back
/// already: the purse that was taken from last is filled first.
pub(super) fn undo(payout: &Payout, total: Money) -> Moves {
    let mut moves = returned(payout, &paid(payout), payout.returned, total);
    moves.account(&payout.account).add(Total::Paid, payout.returned - total);
    moves
}

/// Gives back what lies between two cumulative sums.
fn returned(payout: &Payout, from: &LedgerAccount, before: Money, after: Money) -> Moves {
    let rental = |sum: Money| sum.min(payout.split.rental);
    let of_rental = rental(after) - rental(before);
    let amounts = [after - before - of_rental, of_rental];
    let mut moves = Moves::default();
    for ((purse, total, _), amount) in purses(payout).into_iter().zip(amounts) {
        moves.transfers.extend(Transfer::try_new(TransferKind::Return, from.clone(), purse, amount, payout.currency.clone()));
        moves.account(&payout.account).add(total, -amount);
    }
    moves.drop_zeros();
    moves
}

fn paid(payout: &Payout) -> LedgerAccount {
    LedgerAccount::Paid(payout.account.clone(), payout.destination.rail)
}

fn purses(payout: &Payout) -> [(LedgerAccount, Total, Money); 2] {
    [
        (LedgerAccount::Referral(payout.account.clone()), Total::ReferralCash, payout.split.referral),
        (LedgerAccount::Rental(payout.account.clone()), Total::RentalCash, payout.split.rental),
    ]
}
