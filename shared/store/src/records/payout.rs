//! The head of a payout: where it stands, for decisions and lists. Its lines are the truth; every
//! step writes both in one transaction. What alone stands here is `to`, the whole destination, frozen
//! with the intent: it is for the rail, and in no line.

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
    item.extend(sent(payout));
    match payout.version {
        0 | 1 => Write::create(key, item),
        version => Write { key, conditions: vec![Condition::Equals("ver", (version - 1).into())], operation: Operation::Put(item) },
    }
}

/// What a head has from the intent on, and why it ended.
fn sent(payout: &Payout) -> Item {
    let texts = [
        ("why", payout.reason.clone()),
        ("run", payout.run.as_ref().map(ToString::to_string)),
        ("since", payout.submitting_since.map(time)),
        ("ref", payout.reference.clone()),
        ("note", payout.note.clone()),
        ("paid", payout.paid_at.map(time)),
        ("inv", payout.invoice.map(|number| number.to_string())),
    ];
    let mut item: Item = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    if let Some(to) = &payout.to {
        item.insert("to".into(), json(to));
    }
    if !payout.returned.is_zero() {
        item.insert("ret".into(), payout.returned.into());
    }
    if !payout.credit_notes.is_empty() {
        item.insert("cn".into(), json(&payout.credit_notes));
    }
    item
}

/// Reads a head.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Payout, StoreError> {
    let reader = Reader::new(item);
    let id =
        reader.text("pk")?.strip_prefix("payout#").and_then(|id| PayoutId::try_new(id).ok()).ok_or_else(|| reader.corrupt("no payout"))?;
    let text = |name| Ok::<_, StoreError>(reader.text_or_none(name)?.map(str::to_owned));
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
        reason: text("why")?,
        run: reader.parse_or_none("run")?,
        submitting_since: reader.parse_or_none("since")?,
        // What does not read is not told: it is somebody's destination.
        to: reader.text_or_none("to")?.map(|to| serde_json::from_str(to).map_err(|_| reader.corrupt("to"))).transpose()?,
        reference: text("ref")?,
        note: text("note")?,
        paid_at: reader.parse_or_none("paid")?,
        invoice: reader.parse_or_none("inv")?,
        returned: reader.money("ret")?,
        credit_notes: reader.text_or_none("cn")?.map_or_else(|| Ok(Vec::new()), |_| reader.json("cn"))?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use programme::payout::{Approval, Destination, PayoutStatus};

    #[test]
    fn a_head_reads_back_in_every_status() {
        let at = "2026-03-10T12:00:00Z".parse().unwrap();
        for status in PayoutStatus::ALL {
            let sent = ![PayoutStatus::Requested, PayoutStatus::Rejected].contains(&status);
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
                run: sent.then(|| "run_4YGQGXK5VRGSQN7XQD252HFMW1".parse().unwrap()),
                submitting_since: sent.then_some(at),
                to: sent.then(|| Destination::paypal_email("ann.smith@example.com").unwrap()),
                reference: sent.then(|| "1234".into()),
                note: (status == PayoutStatus::Submitted).then(|| "UNCLAIMED".into()),
                paid_at: sent.then_some(at),
                invoice: sent.then(|| "INV-2026-000001".parse().unwrap()),
                returned: if status == PayoutStatus::Returned { "7.5".parse().unwrap() } else { Money::ZERO },
                credit_notes: if status == PayoutStatus::Returned { vec!["CN-2026-000007".parse().unwrap()] } else { vec![] },
            };
            let written = write(&payout);
            assert_eq!(written.conditions, [Condition::Equals("ver", 3_u32.into())]);
            let Operation::Put(mut item) = written.operation else { panic!("a put") };
            item.insert("pk".into(), written.key.pk.into());
            assert_eq!(read(&item), Ok(payout));
            if sent {
                let mut bent = item.clone();
                bent.insert("to".into(), r#"{"kind":"cash","email":"ann.smith@example.com"}"#.into());
                let told = read(&bent).unwrap_err().to_string();
                assert!(!told.contains("smith"), "{told}");
            }
            item.insert("amt".into(), crate::backend::Value::N(51.into()));
            assert!(read(&item).is_err(), "an amount that is not its split");
        }
    }
}
