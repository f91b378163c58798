//! Webhooks that are to be delivered: written in the transaction of what they tell, so that none is lost.

use super::Desk;
use crate::rails::{error::RailsError, faults::FaultKind};
use ledger::Rail;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

/// The longest that a webhook stays behind the next one of its payment.
const BEHIND_MAX_MS: i64 = 600_000;

/// Where a webhook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookState {
    /// It is to be delivered.
    Waiting,
    /// It waits to be released.
    Held,
    /// It was answered 2xx.
    Delivered,
    /// It never comes.
    Lost,
    /// It was tried as often as the provider tries.
    GivenUp,
}

impl WebhookState {
    const ALL: [Self; 5] = [Self::Waiting, Self::Held, Self::Delivered, Self::Lost, Self::GivenUp];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Delivered => "delivered",
            Self::Lost => "lost",
            Self::GivenUp => "given_up",
        }
    }
}

/// A webhook that is about to be written.
pub(in crate::rails) struct NewEvent {
    /// The provider's name of what happened.
    pub(in crate::rails) kind: &'static str,
    /// The exact bytes that will be signed.
    pub(in crate::rails) body: String,
}

/// A webhook as the books have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookRow {
    /// Its number in the books.
    pub id: i64,
    /// Who sends it.
    pub rail: Rail,
    /// The provider's name of what happened.
    #[serde(rename = "type")]
    pub kind: String,
    /// Our id of the payment that it is about, where there is one.
    pub payout: Option<String>,
    /// Where it is.
    pub state: WebhookState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is to be tried next, in milliseconds since 1970.
    pub due_ms: i64,
    /// The exact bytes that are signed.
    pub body: String,
}

const COLUMNS: &str = "SELECT row, rail, kind, payout, state, attempts, due_ms, body FROM events";

fn webhook(row: &Row<'_>) -> rusqlite::Result<WebhookRow> {
    let (rail, state): (String, String) = (row.get(1)?, row.get(4)?);
    Ok(WebhookRow {
        id: row.get(0)?,
        // Both were written by this program.
        rail: rail.parse().unwrap_or(Rail::StripeConnect),
        kind: row.get(2)?,
        payout: row.get(3)?,
        state: WebhookState::ALL.into_iter().find(|known| known.as_str() == state).unwrap_or(WebhookState::Lost),
        attempts: row.get(5)?,
        due_ms: row.get(6)?,
        body: row.get(7)?,
    })
}

impl Desk<'_> {
    /// Writes a webhook about `reference`, with what a fault makes of it. `names` are all names of that payment.
    pub(in crate::rails) fn tell(
        &self,
        rail: Rail,
        reference: &str,
        payout: Option<&str>,
        names: &[String],
        event: &NewEvent,
    ) -> Result<(), RailsError> {
        let fault = self.armed.strike_event(rail, names);
        let state = match fault {
            Some(FaultKind::HoldWebhooks) => WebhookState::Held,
            Some(FaultKind::LoseWebhooks) => WebhookState::Lost,
            Some(_) | None => WebhookState::Waiting,
        };
        let behind = fault == Some(FaultKind::ReorderWebhooks);
        let due_ms = if behind { self.now_ms.saturating_add(BEHIND_MAX_MS) } else { self.now_ms };
        let sql = "INSERT INTO events (rail, kind, payout, reference, body, state, behind, due_ms)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let copies = if fault == Some(FaultKind::DuplicateWebhooks) { 2 } else { 1 };
        for _ in 0..copies {
            let found = params![rail.as_str(), event.kind, payout, reference, event.body, state.as_str(), behind, due_ms];
            self.database.prepare_cached(sql)?.execute(found)?;
            self.written.borrow_mut().push(self.database.last_insert_rowid());
        }
        Ok(())
    }

    /// Webhooks that are to be delivered now, the longest due first.
    pub(in crate::rails) fn webhooks_due(&self, limit: u32) -> Result<Vec<WebhookRow>, RailsError> {
        let sql = format!("{COLUMNS} WHERE state = 'waiting' AND due_ms <= ?1 ORDER BY due_ms, row LIMIT ?2");
        self.webhooks_by(&sql, params![self.now_ms, limit])
    }

    /// One webhook, where it still waits.
    pub(in crate::rails) fn webhook_waiting(&self, id: i64) -> Result<Option<WebhookRow>, RailsError> {
        let found = self.webhooks_by(&format!("{COLUMNS} WHERE row = ?1 AND state = 'waiting'"), params![id])?;
        Ok(found.into_iter().next())
    }

    /// Every webhook of a rail, oldest first.
    pub(in crate::rails) fn webhooks(&self, rail: Rail) -> Result<Vec<WebhookRow>, RailsError> {
        self.webhooks_by(&format!("{COLUMNS} WHERE rail = ?1 ORDER BY row"), params![rail.as_str()])
    }

    fn webhooks_by(&self, sql: &str, found: &[&dyn rusqlite::ToSql]) -> Result<Vec<WebhookRow>, RailsError> {
        let mut statement = self.database.prepare_cached(sql)?;
        Ok(statement.query_map(found, webhook)?.collect::<rusqlite::Result<_>>()?)
    }

    /// When the next webhook is due.
    pub(in crate::rails) fn next_webhook_ms(&self) -> Result<Option<i64>, RailsError> {
        Ok(self.database.query_row("SELECT min(due_ms) FROM events WHERE state = 'waiting'", [], |row| row.get(0))?)
    }

    /// How many webhooks wait, and how many are held.
    pub(in crate::rails) fn webhooks_open(&self) -> Result<(u32, u32), RailsError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'held') FROM events";
        Ok(self.database.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// A webhook was answered 2xx: what stayed behind it may go.
    pub(in crate::rails) fn delivered(&self, id: i64) -> Result<(), RailsError> {
        self.database.execute("UPDATE events SET state = 'delivered', attempts = attempts + 1 WHERE row = ?1", [id])?;
        let sql = "UPDATE events SET behind = 0, due_ms = ?2 WHERE behind = 1 AND row < ?1
                   AND (rail, reference) = (SELECT rail, reference FROM events WHERE row = ?1)";
        self.database.execute(sql, params![id, self.now_ms])?;
        Ok(())
    }

    /// A webhook was not answered 2xx: it is tried again at `due_ms`, or given up.
    pub(in crate::rails) fn not_delivered(&self, id: i64, due_ms: Option<i64>) -> Result<(), RailsError> {
        let state = if due_ms.is_some() { WebhookState::Waiting } else { WebhookState::GivenUp };
        let sql = "UPDATE events SET state = ?2, attempts = attempts + 1, due_ms = coalesce(?3, due_ms) WHERE row = ?1";
        self.database.execute(sql, params![id, state.as_str(), due_ms])?;
        Ok(())
    }

    /// Lets go what is held, the newest first, and says how many.
    pub(in crate::rails) fn release(&self, rail: Rail) -> Result<usize, RailsError> {
        let mut statement = self.database.prepare("SELECT row FROM events WHERE rail = ?1 AND state = 'held' ORDER BY row DESC")?;
        let held = statement.query_map([rail.as_str()], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        // Due a millisecond apart, so that the order is this one.
        for (place, id) in held.iter().enumerate() {
            let due_ms = self.now_ms.saturating_sub(i64::try_from(held.len() - place).unwrap_or(0));
            self.database.execute("UPDATE events SET state = 'waiting', due_ms = ?2 WHERE row = ?1", params![id, due_ms])?;
        }
        Ok(held.len())
    }
}
