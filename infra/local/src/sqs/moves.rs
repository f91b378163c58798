//! Move tasks: what sits in a dead-letter queue goes back to where it came from.

use rusqlite::{OptionalExtension, params};

use super::{error::Refusal, queues::Queue, writer::Store};

/// Messages moved in one job, so that a long task does not keep others from the database.
const MOVES_IN_ONE_JOB: u32 = 500;
/// Queues looked through for one that has this dead-letter queue.
const QUEUES_MAX: u32 = 1_000;

/// A task that passed its checks.
#[derive(Debug, Clone)]
pub(super) struct MoveTask {
    pub(super) source: Queue,
    /// None: each message goes back to the queue that gave it up.
    destination: Option<Queue>,
    /// Messages that arrive later are not part of the task, so that it ends even while some fail again.
    last_row: i64,
}

impl Store<'_> {
    /// Checks a task: its source must be a dead-letter queue of some queue, its destination another queue.
    pub(super) fn plan_move(&self, source: Option<&str>, destination: Option<Option<&str>>) -> Result<MoveTask, Refusal> {
        let found = |name: Option<&str>, parameter| match name {
            None => Err(Refusal::ResourceNotFound(parameter)),
            Some(name) => self.find_queue(name)?.ok_or(Refusal::ResourceNotFound(parameter)),
        };
        let source = found(source, "SourceArn")?;
        let destination = destination.map(|name| found(name, "DestinationArn")).transpose()?;
        let is_dead_letter_queue = self
            .queues("", "", QUEUES_MAX)?
            .iter()
            .any(|queue| queue.attributes.redrive.as_ref().is_some_and(|redrive| redrive.dead_letter_queue == source.name));
        if !is_dead_letter_queue {
            return Err(Refusal::InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.".to_owned()));
        }
        if destination.as_ref().is_some_and(|queue| queue.id == source.id) {
            return Err(Refusal::InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.".to_owned()));
        }
        let last_row: Option<i64> = self
            .database
            .prepare_cached("SELECT max(row) FROM messages WHERE queue = ?1")?
            .query_row([source.id], |row| row.get(0))
            .optional()?
            .flatten();
        Ok(MoveTask { source, destination, last_row: last_row.unwrap_or_default() })
    }

    /// Moves the next messages of a task and names the queues that got some; none means that the task is done.
    ///
    /// A moved message is a new one, as on AWS: new id, sent now, never received. Messages in flight stay, and so do
    /// those of which nobody knows whence they came, unless the task has a destination.
    pub(super) fn move_some(&self, task: &MoveTask) -> Result<Vec<String>, Refusal> {
        self.expire(&task.source)?;
        let mut statement = self.database.prepare_cached(
            "SELECT messages.row, coalesce(?4, home.id) AS target FROM messages
             LEFT JOIN queues AS home ON home.name = messages.source
             WHERE messages.queue = ?1 AND visible_ms <= ?2 AND row <= ?3 AND target IS NOT NULL
             ORDER BY visible_ms, row LIMIT ?5",
        )?;
        let fixed = task.destination.as_ref().map(|queue| queue.id);
        let rows: Vec<(i64, i64)> = statement
            .query_map(params![task.source.id, self.now_ms, task.last_row, fixed, MOVES_IN_ONE_JOB], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let mut targets = Vec::new();
        for (row, target) in rows {
            self.send_again(row, target)?;
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        targets.into_iter().map(|id| self.queue_name(id)).collect()
    }

    fn send_again(&self, row: i64, target: i64) -> Result<(), Refusal> {
        self.database
            .prepare_cached(
                "INSERT INTO messages (queue, body, attributes, trace_header, sent_ms, visible_ms)
                 SELECT ?2, body, attributes, trace_header, ?3, ?3 FROM messages WHERE row = ?1",
            )?
            .execute(params![row, target, self.now_ms])?;
        self.database.prepare_cached("DELETE FROM messages WHERE row = ?1")?.execute([row])?;
        Ok(())
    }

    fn queue_name(&self, id: i64) -> Result<String, Refusal> {
        let mut statement = self.database.prepare_cached("SELECT name FROM queues WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0))?)
    }
}
