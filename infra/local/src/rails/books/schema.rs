//! Opening the books: tables, and what keeps them whole.

use super::{RailsError, RailsLocation};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use std::time::Duration;

/// Stored in the file, so that another version of the tables is noticed instead of misread.
const VERSION: i64 = 1;
/// A predecessor that was just stopped may still hold the file for a moment.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// A payment is a document; what it is found by stands beside it. `due_ms` is the time of its next state.
/// `events` are the webhooks: `state` is one of [`super::WebhookState`], `behind` says that the next one goes first.
/// `objects` are what payments need: accounts, links, recipients, quotes. `requests` are what idempotency keys have been answered.
const TABLES: &str = "
    CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    CREATE TABLE balances (rail TEXT NOT NULL, currency TEXT NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (rail, currency)) STRICT;
    CREATE TABLE payments (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        rail TEXT NOT NULL,
        reference TEXT NOT NULL,
        batch TEXT,
        transaction_id TEXT,
        payout TEXT,
        key TEXT,
        created_ms INTEGER NOT NULL,
        due_ms INTEGER,
        document TEXT NOT NULL,
        UNIQUE (rail, reference)
    ) STRICT;
    CREATE INDEX payments_by_batch ON payments (rail, batch);
    CREATE INDEX payments_by_transaction ON payments (rail, transaction_id);
    CREATE INDEX payments_by_payout ON payments (rail, payout);
    CREATE INDEX payments_by_key ON payments (rail, key);
    CREATE INDEX payments_by_time ON payments (rail, created_ms);
    CREATE INDEX payments_by_due ON payments (due_ms) WHERE due_ms IS NOT NULL;
    CREATE TABLE requests (
        rail TEXT NOT NULL,
        key TEXT NOT NULL,
        digest TEXT NOT NULL,
        status INTEGER NOT NULL,
        body TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (rail, key)
    ) STRICT;
    CREATE TABLE objects (rail TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (rail, kind, id)) STRICT;
    CREATE TABLE events (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        rail TEXT NOT NULL,
        kind TEXT NOT NULL,
        payout TEXT,
        reference TEXT NOT NULL,
        body TEXT NOT NULL,
        state TEXT NOT NULL,
        behind INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX events_by_due ON events (due_ms) WHERE state = 'waiting';
    CREATE INDEX events_by_reference ON events (rail, reference);
";

pub(super) fn open(location: &RailsLocation) -> Result<Connection, RailsError> {
    let mut connection = match location {
        RailsLocation::Memory => Connection::open_in_memory()?,
        RailsLocation::File(path) => Connection::open(path)?,
    };
    prepare(&mut connection).map_err(|error| match (error, location) {
        (RailsError::Database(error), RailsLocation::File(path)) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            RailsError::InUse(path.clone())
        }
        (error, RailsLocation::Memory | RailsLocation::File(_)) => error,
    })?;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<(), RailsError> {
    connection.busy_timeout(LOCK_WAIT)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // FULL syncs the log at every commit: what a caller was told is not lost with the machine.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.execute("INSERT INTO notes VALUES ('salt', ?1)", [crate::secrets::token()?])?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        found => return Err(RailsError::Version { found, expected: VERSION }),
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_has_one_owner_and_one_version() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rails.sqlite");
        let location = RailsLocation::File(path.clone());
        let connection = open(&location).unwrap();
        assert!(matches!(open(&location), Err(RailsError::InUse(_))));
        drop(connection);
        drop(open(&location).unwrap());
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open(&location), Err(RailsError::Version { found: 99, expected: VERSION })));
        std::fs::write(&path, "nonsense ".repeat(1_000)).unwrap();
        assert!(matches!(open(&location), Err(RailsError::Database(_))));
    }
}
