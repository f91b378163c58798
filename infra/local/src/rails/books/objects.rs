//! What payments need: accounts, recipients, quotes, links; and what idempotency keys have been answered.

use super::Desk;
use crate::rails::{answer::Answer, error::RailsError};
use http::StatusCode;
use ledger::Rail;
use rusqlite::{OptionalExtension as _, params};
use serde::{Serialize, de::DeserializeOwned};

/// A thing of a rail's own that is kept whole.
pub(in crate::rails) trait Kept: Serialize + DeserializeOwned {
    /// Whose.
    const RAIL: Rail;
    /// What it is.
    const KIND: &'static str;
    /// Its id at the rail.
    fn id(&self) -> String;
}

impl Desk<'_> {
    /// Writes a thing, in place of what had its id.
    pub(in crate::rails) fn keep<T: Kept>(&self, thing: &T) -> Result<(), RailsError> {
        let sql = "INSERT INTO objects VALUES (?1, ?2, ?3, ?4) ON CONFLICT (rail, kind, id) DO UPDATE SET document = ?4";
        let document = serde_json::to_string(thing)?;
        self.database.prepare_cached(sql)?.execute([T::RAIL.as_str(), T::KIND, &thing.id(), &document])?;
        Ok(())
    }

    /// Reads a thing.
    pub(in crate::rails) fn kept<T: Kept>(&self, id: &str) -> Result<Option<T>, RailsError> {
        let sql = "SELECT document FROM objects WHERE rail = ?1 AND kind = ?2 AND id = ?3";
        let mut statement = self.database.prepare_cached(sql)?;
        let document: Option<String> = statement.query_row([T::RAIL.as_str(), T::KIND, id], |row| row.get(0)).optional()?;
        Ok(document.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// What a key was answered: the digest of its request, when, and the answer.
    pub(in crate::rails) fn answered(&self, rail: Rail, key: &str) -> Result<Option<(String, i64, Answer)>, RailsError> {
        let sql = "SELECT digest, at_ms, status, body FROM requests WHERE rail = ?1 AND key = ?2";
        let mut statement = self.database.prepare_cached(sql)?;
        let found = statement.query_row([rail.as_str(), key], |row| {
            let status = StatusCode::from_u16(row.get(2)?).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok((row.get(0)?, row.get(1)?, Answer { status, body: row.get(3)?, kept: true, replayed: true }))
        });
        Ok(found.optional()?)
    }

    /// Keeps what a key was answered, in place of what it was answered before.
    pub(in crate::rails) fn answer_kept(&self, rail: Rail, key: &str, digest: &str, answer: &Answer) -> Result<(), RailsError> {
        let sql = "INSERT OR REPLACE INTO requests VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let status = answer.status.as_u16();
        self.database.prepare_cached(sql)?.execute(params![rail.as_str(), key, digest, status, answer.body, self.now_ms])?;
        Ok(())
    }
}
