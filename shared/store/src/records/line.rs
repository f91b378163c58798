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
    fact::{Fact, FactBody},
    plan::{Body, Line, PostedPurchase, PostedUsage, Subject},
    purchase::PurchaseState,
    reward::{Outcome, Posting, UsagePosting},
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
        Body::Spent { fact, outcome } => {
            item.insert("facts".into(), json(&[fact]));
            item.insert("why".into(), outcome.as_str().into());
            // Found by its account's signup. Once that is known, nobody looks for it.
            if let (Outcome::Waiting, FactBody::Spent { account, .. }) = (outcome, &fact.body) {
                item.insert("g2pk".into(), keys::purchases_of(account).into());
                item.insert("g2sk".into(), format!("{}#{}", key.pk, key.sk).into());
            }
        }
        Body::UsageReward { counted, posting } => {
            item.insert("counted".into(), json(counted));
            item.insert("post".into(), json(posting));
            item.insert("bought".into(), posting.bought.into());
            item.insert("spent".into(), posting.spent.into());
            item.insert("reward".into(), posting.reward_amount().into());
        }
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
        "usage_reward" => rest.parse().ok().map(Subject::UsageReward),
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
        Subject::Usage(_) => Body::Spent { fact: only_fact(&reader)?, outcome: spending_outcome(&reader)? },
        Subject::Rental(_) => Body::Single { fact: only_fact(&reader)? },
        Subject::UsageReward(_) => {
            let posting: UsagePosting = reader.json("post")?;
            let figures = [("bought", posting.bought), ("spent", posting.spent), ("reward", posting.reward_amount())];
            for (name, figure) in figures {
                if reader.money(name)? != figure {
                    return Err(reader.corrupt(format!("{name} differs from its posting")));
                }
            }
            Body::UsageReward { counted: reader.json("counted")?, posting: Box::new(posting) }
        }
        Subject::Payout(_) => Body::Payout { event: reader.text("event")?.to_owned() },
    };
    let listed_for = match reader.text_or_none("g1pk")?.and_then(|owner| owner.strip_prefix("lines#")) {
        Some(account) => Some(account.parse().map_err(|error: ledger::IdError| reader.corrupt(error.to_string()))?),
        None => None,
    };
    Ok(Line { subject, number, at: reader.parse("at")?, transfers, listed_for, body })
}

fn only_fact(reader: &Reader<'_>) -> Result<Fact, StoreError> {
    let mut facts: Vec<Fact> = reader.json("facts")?;
    facts.pop().ok_or_else(|| reader.corrupt("no fact"))
}

/// Records from before there were rewards by usage have none: they were by purchase.
fn spending_outcome(reader: &Reader<'_>) -> Result<Outcome, StoreError> {
    let Some(name) = reader.text_or_none("why")? else { return Ok(Outcome::ByPurchase) };
    Outcome::named(name).ok_or_else(|| reader.corrupt("no outcome"))
}

/// The newest record of a purchase, as the next decision needs it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_posted(item: &Item) -> Result<PostedPurchase, StoreError> {
    let line = read(item)?;
    match line.body {
        Body::Purchase { state, posting, .. } => Ok(PostedPurchase { number: line.number, state: *state, posting: *posting }),
        Body::Single { .. } | Body::Spent { .. } | Body::UsageReward { .. } | Body::Payout { .. } => {
            Err(Reader::new(item).corrupt("not a purchase"))
        }
    }
}

/// The newest record of a referee's reward by usage, as the next decision needs it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_usage(item: &Item) -> Result<PostedUsage, StoreError> {
    let line = read(item)?;
    match line.body {
        Body::UsageReward { posting, .. } => Ok(PostedUsage { number: line.number, posting: *posting }),
        Body::Purchase { .. } | Body::Single { .. } | Body::Spent { .. } | Body::Payout { .. } => {
            Err(Reader::new(item).corrupt("no reward by usage"))
        }
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
