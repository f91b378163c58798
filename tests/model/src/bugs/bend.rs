//! What a deliberate bug makes of a transaction.

use super::LayerBug;
use crate::random::Random;
use store::backend::{Change, Condition, Key, Operation, Table, Value, Write};

fn is_line(key: &Key) -> bool {
    key.table == Table::Ledger && key.sk.len() == 8 && key.sk.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a bug makes of a transaction: one or several, in order.
#[must_use]
pub fn bend_writes(bug: LayerBug, writes: &[Write], random: &mut Random) -> Vec<Vec<Write>> {
    if bug == LayerBug::SplitTransaction {
        let (first, rest) = writes.split_at(1.min(writes.len()));
        return vec![first.to_vec(), rest.to_vec()];
    }
    if bug == LayerBug::ReserveOutside {
        return reserve_outside(writes);
    }
    if bug == LayerBug::IntentUnwritten && writes.iter().any(is_intent) {
        return Vec::new();
    }
    let mut bent = writes.to_vec();
    bent.iter_mut().for_each(|write| bend(bug, write, random));
    if bug == LayerBug::BucketsMissing {
        bent.retain(|write| !write.key.sk.starts_with("m#"));
    }
    if bug == LayerBug::ReferenceUnwritten {
        bent.retain(|write| !write.key.pk.starts_with("ref#"));
    }
    if bug == LayerBug::VoucherUnwritten {
        bent.retain(|write| !is_voucher(&write.key) || write.key.sk == "last");
    }
    vec![bent]
}

fn is_voucher(key: &Key) -> bool {
    key.pk.starts_with("invoice#") || key.pk.starts_with("creditnote#")
}

/// Whether it is the record of an intent to pay.
fn is_intent(write: &Write) -> bool {
    let Operation::Put(item) = &write.operation else { return false };
    is_line(&write.key) && item.get("event").and_then(Value::as_text).is_some_and(|event| event.contains(r#""type":"submitting""#))
}

/// A payout's line and head first, the account's figures after them, whatever they are by then.
fn reserve_outside(writes: &[Write]) -> Vec<Vec<Write>> {
    let payout = writes.iter().any(|write| is_line(&write.key) && write.key.pk.starts_with("payout#"));
    let figures = |write: &&Write| payout && write.key.table == Table::Accounts && write.key.sk == "n";
    let first: Vec<Write> = writes.iter().filter(|write| !figures(write)).cloned().collect();
    let mut second: Vec<Write> = writes.iter().filter(figures).cloned().collect();
    second.iter_mut().for_each(|write| write.conditions.clear());
    vec![first, second]
}

fn unchecked(write: &mut Write, name: &str) {
    let of = |condition: &Condition| match condition {
        Condition::Absent(found) | Condition::Present(found) | Condition::Equals(found, _) | Condition::AbsentOrEquals(found, _) => *found,
    };
    write.conditions.retain(|condition| of(condition) != name);
    if write.conditions.is_empty() && write.operation == Operation::Check {
        // A check must have a condition.
        write.conditions.push(Condition::Absent("never"));
    }
}

fn bend(bug: LayerBug, write: &mut Write, random: &mut Random) {
    let figures = write.key.table == Table::Accounts && write.key.sk == "n";
    let line = is_line(&write.key);
    let conditions: &[&str] = match bug {
        LayerBug::AttributionUnchecked if figures => &["av"],
        LayerBug::CashVersionUnchecked if figures => &["cv"],
        LayerBug::WaitingUnchecked if figures => &["wt", "ft"],
        LayerBug::LineUnchecked if line => &["pk"],
        LayerBug::SignalUnchecked if write.key.pk.starts_with("sig#") => &["pk"],
        LayerBug::BookUnchecked => &["bv"],
        LayerBug::LeaseUnchecked if write.key.pk.starts_with("lease#") => &["tok"],
        LayerBug::NumberUnchecked if is_voucher(&write.key) => &["n", "pk"],
        LayerBug::AddLost | LayerBug::AddTwice => {
            additions(bug, write, random);
            &[]
        }
        LayerBug::LinesExpire | LayerBug::UnlistedLines | LayerBug::LineBent if line => {
            bend_line(bug, write, random);
            &[]
        }
        LayerBug::AttributionUnchecked
        | LayerBug::CashVersionUnchecked
        | LayerBug::WaitingUnchecked
        | LayerBug::LineUnchecked
        | LayerBug::SignalUnchecked
        | LayerBug::LinesExpire
        | LayerBug::UnlistedLines
        | LayerBug::LineBent
        | LayerBug::BucketsMissing
        | LayerBug::SplitTransaction
        | LayerBug::ReserveOutside
        | LayerBug::SentAndLost
        | LayerBug::FailedAcked
        | LayerBug::AckedBeforeHandled
        | LayerBug::LeaseUnchecked
        | LayerBug::IntentUnwritten
        | LayerBug::DoubtIsFailure
        | LayerBug::NumberUnchecked
        | LayerBug::SwitchUnseen
        | LayerBug::ReferenceUnwritten
        | LayerBug::VoucherUnwritten => &[],
    };
    conditions.iter().for_each(|name| unchecked(write, name));
}

fn bend_line(bug: LayerBug, write: &mut Write, random: &mut Random) {
    let Operation::Put(item) = &mut write.operation else { return };
    if bug == LayerBug::LinesExpire {
        item.insert("ttl".into(), 2_000_000_000_u32.into());
    } else if bug == LayerBug::UnlistedLines {
        item.remove("g2pk");
        item.remove("g2sk");
    } else if random.chance(50) {
        item.insert("purchased".into(), Value::N(rust_decimal::Decimal::ONE));
    }
}

fn additions(bug: LayerBug, write: &mut Write, random: &mut Random) {
    let Operation::Update(changes) = &mut write.operation else { return };
    if bug == LayerBug::AddLost {
        changes.retain(|change| !matches!(change, Change::Add(name, _) if name != "v") || !random.chance(20));
        return;
    }
    for change in changes {
        if let Change::Add(name, added) = change
            && name != "v"
            && random.chance(20)
        {
            *added += *added;
        }
    }
}
