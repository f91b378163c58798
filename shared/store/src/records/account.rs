//! An account's figures: item `n`.
//!
//! Totals are one letter or two, as the rules name them; a hold is `h` and its day, `h20261205`.
//! `v` counts all writes, `cv` those that can lower what is cashable, `av` the attribution's changes.

use super::{Reader, json, time};
use crate::{
    StoreError,
    backend::{Change, Item},
};
use chrono::{DateTime, NaiveDate, Utc};
use ledger::AccountId;
use programme::{
    account::{Account, Total},
    attribution::Attribution,
    plan::AccountMove,
};
use rust_decimal::Decimal;

/// The attribute of a total.
#[must_use]
pub const fn total_name(total: Total) -> &'static str {
    match total {
        Total::Purchased => "P",
        Total::Spent => "U",
        Total::Rewards => "R",
        Total::InReview => "W",
        Total::ReferralCash => "C",
        Total::Rental => "E",
        Total::RentalCash => "K",
        Total::Paid => "X",
        Total::Generated => "G",
        Total::GeneratedInReview => "GW",
    }
}

/// The attribute of a hold.
#[must_use]
pub fn hold_name(day: NaiveDate) -> String {
    format!("h{}", day.format("%Y%m%d"))
}

/// The day of a hold's attribute.
#[must_use]
pub fn hold_day(name: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(name.strip_prefix('h')?, "%Y%m%d").ok()
}

/// Reads an account.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(item: &Item) -> Result<Account, StoreError> {
    let reader = Reader::new(item);
    let mut account = Account {
        referrals: reader.count("cnt")?,
        waiting: reader.count("wt")?,
        attribution: reader.text_or_none("att")?.map(|_| reader.json("att")).transpose()?,
        first_fact: reader.parse_or_none::<DateTime<Utc>>("ft")?,
        closed_at: reader.parse_or_none::<DateTime<Utc>>("cl")?,
        cash_version: reader.count("cv")?,
        ..Account::default()
    };
    for total in Total::ALL {
        let amount = reader.money(total_name(total))?;
        if !amount.is_zero() {
            account.totals.insert(total, amount);
        }
    }
    for name in item.keys() {
        if let Some(day) = hold_day(name) {
            account.holds.insert(day, reader.money(name)?);
        }
    }
    Ok(account)
}

/// What moves become as changes of the item.
#[must_use]
pub fn changes(moved: &AccountMove) -> Vec<Change> {
    let totals = moved.totals.iter().map(|(total, amount)| Change::Add(total_name(*total).to_owned(), amount.decimal()));
    let holds = moved.holds.iter().map(|(day, amount)| Change::Add(hold_name(*day), amount.decimal()));
    let drops = moved.matured.iter().filter(|day| !moved.holds.contains_key(day)).map(|day| Change::Remove(hold_name(*day)));
    let mut changes: Vec<Change> = totals.chain(holds).chain(drops).collect();
    if moved.waiting != 0 {
        changes.push(Change::Add("wt".into(), moved.waiting.into()));
    }
    if let Some(at) = moved.fact_at {
        changes.push(Change::SetOnce("ft".into(), time(at).into()));
    }
    changes.push(Change::Add("v".into(), Decimal::ONE));
    if moved.lowers_cash() {
        changes.push(Change::Add("cv".into(), Decimal::ONE));
    }
    changes
}

/// The changes that write an attribution.
#[must_use]
pub fn attribution_changes(attribution: &Attribution) -> Vec<Change> {
    vec![Change::Set("att".into(), json(attribution)), Change::Set("av".into(), attribution.version.into())]
}

/// The account that a partition belongs to.
#[must_use]
pub fn owner(partition: &str) -> Option<AccountId> {
    AccountId::try_new(partition.strip_prefix("account#")?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::backend::Value;

    #[test]
    fn figures_are_numbers_and_read_back() {
        let mut moved = AccountMove::default();
        moved.add(Total::Rewards, "3.000001".parse().unwrap());
        moved.hold("2026-12-05".parse().unwrap(), "3".parse().unwrap());
        moved.fact_at = Some("2026-11-21T10:00:00Z".parse().unwrap());
        moved.waiting = 1;
        let mut item = Item::new();
        moved.matured.insert("2026-11-01".parse().unwrap());
        for change in changes(&moved) {
            match change {
                Change::Add(name, amount) => drop(item.insert(name, Value::N(amount))),
                Change::Set(name, value) | Change::SetOnce(name, value) => drop(item.insert(name, value)),
                Change::Remove(name) => assert_eq!(name, "h20261101"),
            }
        }
        let account = read(&item).unwrap();
        assert_eq!(account.total(Total::Rewards).to_string(), "3.000001");
        assert_eq!(account.on_hold("2026-12-04".parse().unwrap()).to_string(), "3.00");
        assert_eq!(account.on_hold("2026-12-05".parse().unwrap()).to_string(), "0.00");
        assert_eq!((account.waiting, account.cash_version), (1, 0));
        assert_eq!(account.first_fact, moved.fact_at);
    }

    #[test]
    fn a_figure_of_another_kind_is_named() {
        let item = Item::from([("pk".into(), "account#a".into()), ("sk".into(), "n".into()), ("R".into(), "3.00".into())]);
        assert_eq!(read(&item), Err(StoreError::Corrupt { key: "account#a/n".into(), reason: "R is no number".into() }));
        let item = Item::from([("cnt".into(), Value::N("1.5".parse().unwrap()))]);
        assert!(matches!(read(&item), Err(StoreError::Corrupt { .. })));
    }
}
