//! How much of an account's rewards was taken back again: what refunds, disputes and confirmed reviews left of them.

use chrono::{DateTime, Days, Utc};
use edge::problem::Problem;
use ledger::{AccountId, Money, Rate, TransferKind};
use programme::plan::Line;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use store::{Store, records::time};

/// How far back is looked, in days, and at how many of the newest lines: a figure to decide by, not one to account by.
const DAYS: u64 = 365;
const LINES_MAX: u32 = 50;

/// Above this share somebody should look twice.
const HIGH: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// The share of rewards that was taken back, by an account's newest lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefundRate {
    rate: Rate,
    rewarded: Money,
    taken_back: Money,
    /// How many lines it is of.
    lines: usize,
    /// The time of the oldest of them.
    since: String,
}

impl RefundRate {
    /// None where none of the newest lines is about a reward.
    pub(crate) async fn load(store: &Store, account: &AccountId, now: DateTime<Utc>) -> Result<Option<Self>, Problem> {
        let today = now.date_naive();
        let since = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
        let page = store.lines_of(account, since, today, None, LINES_MAX).await?;
        let lines: Vec<&Line> = page.entries.iter().map(|listed| &listed.entry).collect();
        Ok(Self::of(account, &lines))
    }

    /// Of lines from the newest to the oldest.
    fn of(account: &AccountId, lines: &[&Line]) -> Option<Self> {
        let sum = |kind: TransferKind| -> Money { lines.iter().map(|line| moved(account, line, kind)).sum() };
        let (rewarded, taken_back) = (sum(TransferKind::Reward), sum(TransferKind::Clawback));
        let about: Vec<&&Line> = lines
            .iter()
            .filter(|line| [TransferKind::Reward, TransferKind::Clawback].iter().any(|kind| moved(account, line, *kind).is_positive()))
            .collect();
        let oldest = about.last()?;
        Some(Self { rate: rate(taken_back, rewarded), rewarded, taken_back, lines: about.len(), since: time(oldest.at) })
    }

    /// Whether it is more than what honest customers bring.
    pub(crate) fn is_high(&self) -> bool {
        self.rate.decimal() > HIGH
    }
}

/// What a line moved for or against the account.
fn moved(account: &AccountId, line: &Line, kind: TransferKind) -> Money {
    let own = |transfer: &&ledger::Transfer| {
        transfer.kind() == kind && [transfer.debit(), transfer.credit()].iter().any(|side| side.owner() == Some(account))
    };
    line.transfers.iter().filter(own).map(ledger::Transfer::amount).sum()
}

/// Rounded down to what a rate holds; all of it where more was taken back than these lines gave.
fn rate(taken_back: Money, rewarded: Money) -> Rate {
    let share = taken_back.decimal().checked_div(rewarded.decimal());
    share.and_then(|share| Rate::try_new(share.round_dp_with_strategy(4, RoundingStrategy::ToZero)).ok()).unwrap_or(Rate::ONE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ledger::{LedgerAccount, Transfer};
    use programme::plan::{Body, Subject};

    fn line(minute: u32, kind: TransferKind, of: &str, amount: &str) -> Line {
        let own = LedgerAccount::Referral(of.parse().unwrap());
        let taken = kind == TransferKind::Clawback;
        let (debit, credit) = if taken { (own, LedgerAccount::RewardExpense) } else { (LedgerAccount::RewardExpense, own) };
        let transfer = Transfer::try_new(kind, debit, credit, amount.parse().unwrap(), "USD".parse().unwrap()).unwrap();
        Line {
            subject: Subject::Payout("pay_1".into()),
            number: minute,
            at: format!("2026-03-10T12:{minute:02}:00Z").parse().unwrap(),
            transfers: vec![transfer],
            listed_for: None,
            body: Body::Payout { event: String::new() },
        }
    }

    #[test]
    fn it_is_of_the_lines_that_gave_or_took_rewards() {
        let alice: AccountId = "alice".parse().unwrap();
        let lines = [
            line(9, TransferKind::Clawback, "alice", "1"),
            line(8, TransferKind::Reward, "bob", "50"),
            line(7, TransferKind::Rental, "alice", "99"),
            line(6, TransferKind::Reward, "alice", "4"),
            line(5, TransferKind::Reward, "alice", "2"),
            line(4, TransferKind::Rental, "alice", "99"),
        ];
        let of = |lines: &[Line]| RefundRate::of(&alice, &lines.iter().collect::<Vec<_>>());
        let rate = of(&lines).unwrap();
        assert_eq!(
            serde_json::to_value(&rate).unwrap(),
            serde_json::json!({ "rate": "0.1666", "rewarded": "6.00", "taken_back": "1.00", "lines": 3, "since": "2026-03-10T12:05:00.000Z" })
        );
        assert!(rate.is_high());
        assert_eq!(of(&lines[1..3]), None, "no reward, no rate");
        let none_taken = of(&lines[3..]).unwrap();
        assert!(!none_taken.is_high() && none_taken.taken_back.is_zero());
        let only_taken = of(&lines[..1]).unwrap();
        assert_eq!(only_taken.rate, Rate::ONE, "what it is a share of is older");
        let tenth = of(&[line(2, TransferKind::Clawback, "alice", "1"), line(1, TransferKind::Reward, "alice", "10")]).unwrap();
        assert!(!tenth.is_high(), "a tenth is not above a tenth");
    }
}
