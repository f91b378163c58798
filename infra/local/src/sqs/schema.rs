//! Opening the database: tables, durability settings, and what a restart does to messages in flight.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode, params};

use super::{error::SqsError, limits::DELAY_SECONDS_MAX, server::SqsLocation};

/// Stored in the file, so that another version of the tables is noticed instead of misread.
const VERSION: i64 = 1;
/// A predecessor that was just stopped may still hold the file for a moment.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Messages: `visible_ms` is the time from which a message may be received; `receipt` is the number of the receive
/// whose handle is the latest, NULL while this queue has not delivered it; `source` is the queue that gave it up.
/// `AUTOINCREMENT` keeps a row number from being used again, which handles and ids rely on.
const TABLES: &str = "
    CREATE TABLE queues (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        attributes TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        modified_ms INTEGER NOT NULL,
        purged_ms INTEGER
    ) STRICT;
    CREATE TABLE messages (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        queue INTEGER NOT NULL REFERENCES queues (id),
        body TEXT NOT NULL,
        attributes TEXT,
        trace_header TEXT,
        sent_ms INTEGER NOT NULL,
        visible_ms INTEGER NOT NULL,
        receives INTEGER NOT NULL DEFAULT 0,
        first_received_ms INTEGER,
        receipt INTEGER,
        source TEXT
    ) STRICT;
    CREATE INDEX messages_by_visibility ON messages (queue, visible_ms, row, receipt);
    CREATE INDEX messages_by_age ON messages (queue, sent_ms);
";

/// Opens the database and makes every message that was in flight visible again. Its count of receives stays, and so
/// does its receipt: a consumer that outlived the stack may still delete what it has done.
pub(super) fn open(location: &SqsLocation, now_ms: i64) -> Result<Connection, SqsError> {
    let mut connection = match location {
        SqsLocation::Memory => Connection::open_in_memory()?,
        SqsLocation::File(path) => Connection::open(path)?,
    };
    prepare(&mut connection, now_ms).map_err(|error| match (error, location) {
        (SqsError::Database(error), SqsLocation::File(path)) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
            SqsError::InUse(path.clone())
        }
        (error, SqsLocation::Memory | SqsLocation::File(_)) => error,
    })?;
    Ok(connection)
}

fn prepare(connection: &mut Connection, now_ms: i64) -> Result<(), SqsError> {
    connection.busy_timeout(LOCK_WAIT)?;
    // Exclusive: a second stack on the same file would make the first one's messages in flight visible.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // FULL syncs the log at every commit; NORMAL would lose the last commits with the machine.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(64);
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        VERSION => {}
        found => {
            return Err(SqsError::Version { found, expected: VERSION });
        }
    }
    // No delay is longer than this: what is further ahead was stamped by a clock that has been set back since.
    let latest_ms = now_ms.saturating_add(i64::from(DELAY_SECONDS_MAX) * 1_000);
    transaction.execute(
        "UPDATE messages SET visible_ms = ?1
         WHERE visible_ms > ?1 AND (receipt IS NOT NULL OR visible_ms > ?2)",
        params![now_ms, latest_ms],
    )?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_has_one_owner_and_syncs_every_commit() {
        let folder = tempfile::tempdir().unwrap();
        let location = SqsLocation::File(folder.path().join("queues.sqlite"));
        let connection = open(&location, 0).unwrap();
        let setting = |name: &str| -> String {
            connection
                .pragma_query_value(None, name, |row| row.get::<_, String>(0).or_else(|_| row.get::<_, i64>(0).map(|n| n.to_string())))
                .unwrap()
        };
        assert_eq!(setting("journal_mode"), "wal");
        assert_eq!(setting("synchronous"), "2");
        assert!(matches!(open(&location, 0), Err(SqsError::InUse(_))));
        drop(connection);
        assert!(open(&location, 0).is_ok());
    }

    #[test]
    fn another_version_of_the_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues.sqlite");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(open(&SqsLocation::File(path), 0), Err(SqsError::Version { found: 99, expected: VERSION })));
    }

    #[test]
    fn a_file_that_is_no_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queues.sqlite");
        std::fs::write(&path, "nonsense ".repeat(1_000)).unwrap();
        assert!(matches!(open(&SqsLocation::File(path), 0), Err(SqsError::Database(_))));
    }
}
