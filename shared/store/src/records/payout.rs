//! The head of a payout: where it stands, for decisions and lists. Its lines are the truth; every
//! step writes both in one transaction.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Condition, Item, Operation, Write},
    keys,
};
use ledger::Money;
use programme::{
    cashable::Split,
    payout::{Payout, PayoutAccount, PayoutId},
};

/// The write that puts the head where the step before it left it.
#[must_use]
pub fn write(payout: &Payout) -> Write {
    let key = keys::payout_head(payout.id.as_str());
    let place = format!("{}#{}", time(payout.requested_at), payout.id);
    let mut item = Item::from([
        ("st".into(), payout.status.as_str().into()),
        ("acct".into(), payout.account.as_str().into()),
        ("amt".into(), payout.amount.into()),
        ("cur".into(), payout.currency.as_str().into()),
        ("refl".into(), payout.split.referral.into()),
        ("rent".into(), payout.split.rental.into()),
        ("rail".into(), payout.destination.rail.as_str().into()),
        ("dig".into(), payout.destination.digest.as_str().into()),
        ("mask".into(), payout.destination.masked.as_str().into()),
        ("dver".into(), payout.destination.version.into()),
        ("dat".into(), time(payout.destination.changed_at).into()),
        ("dby".into(), payout.destination.changed_by.as_str().into()),
        ("at".into(), time(payout.requested_at).into()),
        ("ver".into(), payout.version.into()),
        ("appr".into(), json(&payout.approvals)),
        ("g1pk".into(), keys::payouts_of(&payout.account).into()),
        ("g1sk".into(), place.as_str().into()),
        ("g2pk".into(), keys::payouts_in(payout.status).into()),
        ("g2sk".into(), place.into()),
    ]);
    if let Some(reason) = &payout.reason {
        item.insert("why".into(), reason.as_str().into());
    }
    match payout.version {
        0 | 1 => Write::create(key, item),
        version => Write { key, conditions: vec![Condition::Equals("ver", (version - 1).into())], operation: Operation::Put(item) },
    }
}

/// Reads a head.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Payout, StoreError> {
    let reader = Reader::new(item);
    let id =
        reader.text("pk")?.strip_prefix("payout#").and_then(|id| PayoutId::try_new(id).ok()).ok_or_else(|| reader.corrupt("no payout"))?;
    let small = |name| u32::try_from(reader.count(name)?).map_err(|_| reader.corrupt(name));
    let amount: Money = reader.money("amt")?;
    let split = Split { referral: reader.money("refl")?, rental: reader.money("rent")? };
    if split.referral + split.rental != amount {
        return Err(reader.corrupt("its split is not its amount"));
    }
    Ok(Payout {
        id,
        account: reader.parse("acct")?,
        amount,
        currency: reader.parse("cur")?,
        split,
        destination: PayoutAccount {
            rail: reader.parse("rail")?,
            digest: reader.text("dig")?.to_owned(),
            masked: reader.text("mask")?.to_owned(),
            version: small("dver")?,
            changed_at: reader.parse("dat")?,
            changed_by: reader.parse("dby")?,
        },
        status: reader.parse("st")?,
        requested_at: reader.parse("at")?,
        version: small("ver")?,
        approvals: reader.json("appr")?,
        reason: reader.text_or_none("why")?.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use programme::payout::{Approval, PayoutStatus};

    #[test]
    fn a_head_reads_back_in_every_status() {
        let at = "2026-03-10T12:00:00Z".parse().unwrap();
        for status in PayoutStatus::ALL {
            let payout = Payout {
                id: PayoutId::try_new("pay_4YGQGXK5VRGSQN7XQD252HFMW1").unwrap(),
                account: "alice".parse().unwrap(),
                amount: "50".parse().unwrap(),
                currency: "USD".parse().unwrap(),
                split: Split { referral: "49.5".parse().unwrap(), rental: "0.5".parse().unwrap() },
                destination: PayoutAccount {
                    rail: ledger::Rail::Paypal,
                    digest: "k1.00".into(),
                    masked: "a…@example.com".into(),
                    version: 3,
                    changed_at: at,
                    changed_by: "alice".parse().unwrap(),
                },
                status,
                requested_at: at,
                version: 4,
                approvals: vec![Approval {
                    by: "fin1".parse().unwrap(),
                    at,
                    amount: "50".parse().unwrap(),
                    destination: "k1.00".into(),
                    destination_version: 3,
                }],
                reason: (status == PayoutStatus::Rejected).then(|| "no invoice".into()),
            };
            let written = write(&payout);
            assert_eq!(written.conditions, [Condition::Equals("ver", 3_u32.into())]);
            let Operation::Put(mut item) = written.operation else { panic!("a put") };
            item.insert("pk".into(), written.key.pk.into());
            assert_eq!(read(&item), Ok(payout));
            item.insert("amt".into(), crate::backend::Value::N(51.into()));
            assert!(read(&item).is_err(), "an amount that is not its split");
        }
    }
}
