//! Payments, and the platform's money at each rail.

use super::Desk;
use crate::rails::{error::RailsError, payment::Payment, wise};
use ledger::{Money, Rail};
use rusqlite::{OptionalExtension as _, Row, params};
use std::collections::BTreeMap;

/// What the platform has at a rail at first, in units of any currency: enough that nothing runs dry by accident.
const FIRST_BALANCE: i64 = 10_000_000;

/// The documents in a statement's result.
const DOCUMENT: &str = "SELECT document FROM payments";

/// The books of one rail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The stack's time, in milliseconds since 1970.
    pub now_ms: i64,
    /// What the platform has there, by currency.
    pub balances: BTreeMap<String, Money>,
    /// Every payment, oldest first.
    pub payments: Vec<Payment>,
}

fn document(row: &Row<'_>) -> rusqlite::Result<String> {
    row.get(0)
}

impl Desk<'_> {
    /// A text that no other call of this name, and no other books, get.
    pub(in crate::rails) fn seed(&self, name: &str) -> Result<String, RailsError> {
        let salt: String = self.database.query_row("SELECT value FROM notes WHERE name = 'salt'", [], |row| row.get(0))?;
        Ok(format!("{salt}/{}", self.count(name)?))
    }

    /// Counts up, from one.
    pub(in crate::rails) fn count(&self, name: &str) -> Result<i64, RailsError> {
        let sql = "INSERT INTO counters VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
        Ok(self.database.prepare_cached(sql)?.query_row([name], |row| row.get(0))?)
    }

    /// Writes a new payment.
    pub(in crate::rails) fn insert(&self, payment: &Payment) -> Result<(), RailsError> {
        let sql = "INSERT INTO payments (rail, reference, batch, transaction_id, payout, key, created_ms, due_ms, document)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        self.database.prepare_cached(sql)?.execute(params![
            payment.rail.as_str(),
            payment.reference,
            payment.batch,
            payment.transaction,
            payment.payout,
            payment.idempotency_key,
            payment.created_ms,
            payment.due_ms(),
            serde_json::to_string(payment)?,
        ])?;
        Ok(())
    }

    /// Writes what became of a payment.
    pub(in crate::rails) fn update(&self, payment: &Payment) -> Result<(), RailsError> {
        let sql = "UPDATE payments SET transaction_id = ?3, due_ms = ?4, document = ?5 WHERE rail = ?1 AND reference = ?2";
        let document = serde_json::to_string(payment)?;
        let found = params![payment.rail.as_str(), payment.reference, payment.transaction, payment.due_ms(), document];
        self.database.prepare_cached(sql)?.execute(found)?;
        Ok(())
    }

    /// Takes a payment out of the books, as if it had never been.
    pub(in crate::rails) fn forget(&self, payment: &Payment) -> Result<(), RailsError> {
        let sql = "DELETE FROM payments WHERE rail = ?1 AND reference = ?2";
        self.database.prepare_cached(sql)?.execute([payment.rail.as_str(), &payment.reference])?;
        Ok(())
    }

    /// The payment by the rail's own id.
    pub(in crate::rails) fn payment(&self, rail: Rail, reference: &str) -> Result<Option<Payment>, RailsError> {
        let found = self.payments(&format!("{DOCUMENT} WHERE rail = ?1 AND reference = ?2"), &[&rail.as_str(), &reference])?;
        Ok(found.into_iter().next())
    }

    /// The payments that have a name: the rail's id, its batch's, ours (also where only its mark is known), or the key. Oldest first.
    pub(in crate::rails) fn payments_named(&self, rail: Rail, name: &str) -> Result<Vec<Payment>, RailsError> {
        let sql = format!(
            "{DOCUMENT} WHERE rail = ?1 AND (reference = ?2 OR batch = ?2 OR transaction_id = ?2 OR payout = ?2 OR key = ?2) ORDER BY row"
        );
        let mut found = self.payments(&sql, &[&rail.as_str(), &name])?;
        if rail == Rail::Wise && found.is_empty() {
            found = self.payments(&sql, &[&rail.as_str(), &wise::mark(name)])?;
            // Wise was not told our id; who asks by it knows.
            found.iter_mut().for_each(|payment| payment.payout = payment.payout.take().or_else(|| Some(name.to_owned())));
        }
        Ok(found)
    }

    /// The newest payments that a key made, newest first.
    pub(in crate::rails) fn payments_of_key(&self, rail: Rail, key: &str) -> Result<Vec<Payment>, RailsError> {
        self.payments(&format!("{DOCUMENT} WHERE rail = ?1 AND key = ?2 ORDER BY row DESC"), &[&rail.as_str(), &key])
    }

    /// The items of a batch.
    pub(in crate::rails) fn payments_of_batch(&self, rail: Rail, batch: &str) -> Result<Vec<Payment>, RailsError> {
        self.payments(&format!("{DOCUMENT} WHERE rail = ?1 AND batch = ?2 ORDER BY row"), &[&rail.as_str(), &batch])
    }

    /// The payments made in a time, newest first: both ends included.
    pub(in crate::rails) fn payments_between(&self, rail: Rail, from_ms: i64, to_ms: i64) -> Result<Vec<Payment>, RailsError> {
        let sql = format!("{DOCUMENT} WHERE rail = ?1 AND created_ms BETWEEN ?2 AND ?3 ORDER BY created_ms DESC, row DESC");
        self.payments(&sql, &[&rail.as_str(), &from_ms, &to_ms])
    }

    /// Payments with a state that is due, the longest due first.
    pub(in crate::rails) fn payments_due(&self, at_ms: i64, limit: u32) -> Result<Vec<Payment>, RailsError> {
        self.payments(&format!("{DOCUMENT} WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2"), &[&at_ms, &limit])
    }

    /// When the next state of any payment is due.
    pub(in crate::rails) fn next_state_ms(&self) -> Result<Option<i64>, RailsError> {
        Ok(self.database.query_row("SELECT min(due_ms) FROM payments WHERE due_ms IS NOT NULL", [], |row| row.get(0))?)
    }

    fn payments(&self, sql: &str, found: &[&dyn rusqlite::ToSql]) -> Result<Vec<Payment>, RailsError> {
        let mut statement = self.database.prepare_cached(sql)?;
        let documents = statement.query_map(found, document)?.collect::<rusqlite::Result<Vec<String>>>()?;
        Ok(documents.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?)
    }

    /// What the platform has at a rail.
    pub(in crate::rails) fn balance(&self, rail: Rail, currency: &str) -> Result<Money, RailsError> {
        let sql = "SELECT amount FROM balances WHERE rail = ?1 AND currency = ?2";
        let found: Option<String> = self.database.prepare_cached(sql)?.query_row([rail.as_str(), currency], |row| row.get(0)).optional()?;
        let first = Money::from_minor(FIRST_BALANCE, 0).unwrap_or_default();
        Ok(found.and_then(|text| text.parse().ok()).unwrap_or(first))
    }

    /// Says what the platform has at a rail.
    pub(in crate::rails) fn set_balance(&self, rail: Rail, currency: &str, amount: Money) -> Result<(), RailsError> {
        let sql = "INSERT INTO balances VALUES (?1, ?2, ?3) ON CONFLICT (rail, currency) DO UPDATE SET amount = ?3";
        self.database.prepare_cached(sql)?.execute([rail.as_str(), currency, &amount.to_string()])?;
        Ok(())
    }

    /// Takes money of the platform's (or gives it, below zero).
    pub(in crate::rails) fn take_money(&self, rail: Rail, currency: &str, amount: Money) -> Result<(), RailsError> {
        let left = self.balance(rail, currency)? - amount;
        self.set_balance(rail, currency, left)
    }

    /// The whole books of a rail; with a name, of those payments alone.
    pub(in crate::rails) fn ledger(&self, rail: Rail, name: Option<&str>) -> Result<Ledger, RailsError> {
        let payments = match name {
            Some(name) => self.payments_named(rail, name)?,
            None => self.payments(&format!("{DOCUMENT} WHERE rail = ?1 ORDER BY row"), &[&rail.as_str()])?,
        };
        Ok(Ledger { now_ms: self.now_ms, balances: self.balances(rail)?, payments })
    }

    /// What the platform has at a rail, by currency.
    pub(in crate::rails) fn balances(&self, rail: Rail) -> Result<BTreeMap<String, Money>, RailsError> {
        let mut statement = self.database.prepare_cached("SELECT currency, amount FROM balances WHERE rail = ?1")?;
        let rows = statement.query_map([rail.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut balances = BTreeMap::from([("USD".to_owned(), self.balance(rail, "USD")?)]);
        for row in rows {
            let (currency, amount): (String, String) = row?;
            balances.insert(currency, amount.parse().unwrap_or_default());
        }
        Ok(balances)
    }
}
