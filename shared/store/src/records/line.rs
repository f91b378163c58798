//! Ledger records as items. The transfers and the posted figures are attributes of their own; the
//! facts and the merged state, which nothing compares or adds, are kept as JSON.

use super::{Reader, json, seal, time};
use crate::{
    StoreError,
    backend::{Item, Value},
    keys,
};
use ledger::{KeyRing, Transfer};
use programme::{
    fact::Fact,
    plan::{Body, Line, PostedPurchase, Subject},
    purchase::PurchaseState,
    reward::Posting,
};
use rust_decimal::prelude::ToPrimitive;

fn transfer_item(transfer: &Transfer) -> Value {
    Value::M(Item::from([
        ("k".into(), transfer.kind().as_str().into()),
        ("dr".into(), transfer.debit().to_string().into()),
        ("cr".into(), transfer.credit().to_string().into()),
        ("amt".into(), transfer.amount().into()),
        ("cur".into(), transfer.currency().as_str().into()),
    ]))
}

fn read_transfer(item: &Item) -> Result<Transfer, StoreError> {
    let reader = Reader::new(item);
    Transfer::try_new(reader.parse("k")?, reader.parse("dr")?, reader.parse("cr")?, reader.money("amt")?, reader.parse("cur")?)
        .map_err(|error| reader.corrupt(error.to_string()))
}

/// As a sealed item, with its entries in the indexes.
#[must_use]
pub fn write(line: &Line, seal_keys: &KeyRing) -> Item {
    let key = keys::line(&line.subject, line.number);
    let mut item = Item::from([
        ("pk".into(), key.pk.clone().into()),
        ("sk".into(), key.sk.clone().into()),
        ("at".into(), time(line.at).into()),
        ("tr".into(), Value::L(line.transfers.iter().map(transfer_item).collect())),
    ]);
    if let Some(account) = &line.listed_for {
        item.insert("g1pk".into(), keys::lines_of(account).into());
        item.insert("g1sk".into(), format!("{}#{}#{}", time(line.at), key.pk, key.sk).into());
    }
    match &line.body {
        Body::Purchase { facts, state, posting } => {
            item.insert("facts".into(), json(facts));
            item.insert("state".into(), json(state));
            item.insert("post".into(), json(posting));
            item.insert("purchased".into(), posting.purchased.into());
            item.insert("reward".into(), posting.reward_amount().into());
            item.insert("why".into(), posting.outcome.as_str().into());
            if let Some(buyer) = &posting.buyer {
                item.insert("g2pk".into(), keys::purchases_of(buyer).into());
                item.insert("g2sk".into(), format!("{}#{}", key.pk, key.sk).into());
            }
        }
        Body::Single { fact } => drop(item.insert("facts".into(), json(&[fact]))),
        Body::Payout { event } => drop(item.insert("event".into(), event.as_str().into())),
    }
    seal::seal(&mut item, seal_keys);
    item
}

/// What a partition key of the ledger names, if it is a subject of lines.
#[must_use]
pub fn subject(pk: &str) -> Option<Subject> {
    let (kind, rest) = pk.split_once('#')?;
    match kind {
        "purchase" => rest.parse().ok().map(Subject::Purchase),
        "usage" => Some(Subject::Usage(rest.to_owned())),
        "rental" => Some(Subject::Rental(rest.to_owned())),
        "payout" => Some(Subject::Payout(rest.to_owned())),
        _ => None,
    }
}

/// Reads a record.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Line, StoreError> {
    let reader = Reader::new(item);
    let subject = subject(reader.text("pk")?).ok_or_else(|| reader.corrupt("no subject of lines"))?;
    let number = reader.text("sk")?.parse().map_err(|_| reader.corrupt("no number"))?;
    let transfers = match item.get("tr") {
        Some(Value::L(list)) => list
            .iter()
            .map(|value| match value {
                Value::M(map) => read_transfer(map),
                Value::S(_) | Value::N(_) | Value::Bool(_) | Value::L(_) => Err(reader.corrupt("a transfer is no map")),
            })
            .collect::<Result<_, _>>()?,
        Some(Value::S(_) | Value::N(_) | Value::Bool(_) | Value::M(_)) | None => return Err(reader.corrupt("no transfers")),
    };
    let body = match &subject {
        Subject::Purchase(_) => {
            let (state, posting): (PurchaseState, Posting) = (reader.json("state")?, reader.json("post")?);
            if reader.money("purchased")? != posting.purchased || reader.money("reward")? != posting.reward_amount() {
                return Err(reader.corrupt("its figures differ from its posting"));
            }
            Body::Purchase { facts: reader.json("facts")?, state: Box::new(state), posting: Box::new(posting) }
        }
        Subject::Usage(_) | Subject::Rental(_) => {
            let mut facts: Vec<Fact> = reader.json("facts")?;
            Body::Single { fact: facts.pop().ok_or_else(|| reader.corrupt("no fact"))? }
        }
        Subject::Payout(_) => Body::Payout { event: reader.text("event")?.to_owned() },
    };
    let listed_for = match reader.text_or_none("g1pk")?.and_then(|owner| owner.strip_prefix("lines#")) {
        Some(account) => Some(account.parse().map_err(|error: ledger::IdError| reader.corrupt(error.to_string()))?),
        None => None,
    };
    Ok(Line { subject, number, at: reader.parse("at")?, transfers, listed_for, body })
}

/// The newest record of a purchase, as the next decision needs it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_posted(item: &Item) -> Result<PostedPurchase, StoreError> {
    let reader = Reader::new(item);
    let number =
        item.get("sk").and_then(Value::as_text).and_then(|sk| sk.parse::<u32>().ok()).ok_or_else(|| reader.corrupt("no number"))?;
    match read(item)?.body {
        Body::Purchase { state, posting, .. } => Ok(PostedPurchase { number, state: *state, posting: *posting }),
        Body::Single { .. } | Body::Payout { .. } => Err(reader.corrupt("not a purchase")),
    }
}

/// A count as `u32`, for versions.
#[must_use]
pub fn small(number: rust_decimal::Decimal) -> Option<u32> {
    number.to_u32()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use programme::{
        fact::{Buyer, FactBody, Naming, PurchaseFact, Source},
        plan::{Views, purchase_line},
    };

    #[test]
    fn a_record_reads_back_and_stays_small() {
        let keys = KeyRing::parse("k1:000102030405060708090a0b0c0d0e0f").unwrap();
        let purchase = "stripe:pi_3PgafyB7WZ01zgkWSjxsAJo3".parse().unwrap();
        let buyer = Some(Buyer { by: Naming::Payment, account: "acct_bob".parse().unwrap() });
        let fact = PurchaseFact::Captured {
            amount: "10.99".parse().unwrap(),
            currency: "USD".parse().unwrap(),
            at: "2026-02-01T12:00:00Z".parse().unwrap(),
            credits: None,
            buyer,
        };
        let fact =
            Fact { source: Source::Stripe, event: "evt_1PgafyB7WZ01zgkWSjxsAJo3".into(), body: FactBody::Purchase { purchase, fact } };
        let FactBody::Purchase { purchase, .. } = &fact.body else { panic!("a purchase") };
        let plan =
            purchase_line(purchase, None, std::slice::from_ref(&fact), &Views::default(), "2026-02-01T12:00:05Z".parse().unwrap()).unwrap();
        let item = write(&plan.lines[0], &keys);
        assert_eq!(read(&item).unwrap(), plan.lines[0]);
        assert_eq!(read_posted(&item).unwrap().number, 0);
        let mut bent = item.clone();
        bent.insert("reward".into(), Value::N(1.into()));
        assert!(read(&bent).is_err() && !seal::holds(&bent, &keys) && seal::holds(&item, &keys));
    }
}
