//! Messages on their way to the functions that handle them.

use super::{ACCRUAL_TIMEOUT_MS, Lane, Origin, Scheduler, Task, WORKER_TIMEOUT_MS, WORKERS_MAX};
use crate::{
    clock::time,
    world::{Done, Work},
};
use edge::events::Batch;
use std::sync::Arc;

/// Messages in a batch of the payout worker at most, as the template says.
const ERRANDS_MAX: usize = 10;

impl Scheduler<'_> {
    /// A queue that has a message for somebody who has time; of two, one by chance.
    pub(super) fn lane(&mut self) -> Option<Lane> {
        if self.tasks.len() > self.width {
            return None;
        }
        let at_work = |lane: Lane| self.tasks.iter().filter(|task| matches!(task.origin, Origin::Batch(of, _) if of == lane)).count();
        let [facts, errands] = Lane::ALL.map(|lane| at_work(lane) < WORKERS_MAX && lane.queue(self.world).has_visible());
        match (facts, errands) {
            (true, true) => Some(if self.random.chance(500) { Lane::Facts } else { Lane::Errands }),
            (true, false) => Some(Lane::Facts),
            (false, true) => Some(Lane::Errands),
            (false, false) => None,
        }
    }

    /// When the next message can be had; none where there is none at all.
    pub(super) fn next_visible_ms(&self) -> Option<i64> {
        Lane::ALL.into_iter().filter_map(|lane| lane.queue(self.world).next_visible_ms()).min()
    }

    pub(super) fn receive(&mut self, lane: Lane) {
        let most = match lane {
            Lane::Facts if self.random.chance(300) => 100,
            Lane::Facts => 1 + self.random.index(6),
            Lane::Errands => 1 + self.random.index(ERRANDS_MAX),
        };
        let received = lane.queue(self.world).receive(most);
        if received.records.is_empty() {
            return;
        }
        self.numbered += 1;
        let (kind, short, timeout_ms) = match lane {
            Lane::Facts => ("accrual batches", "accrual", ACCRUAL_TIMEOUT_MS),
            Lane::Errands => ("worker batches", "worker", WORKER_TIMEOUT_MS),
        };
        let told = self.world.control.state().story.is_some();
        let name = if told { format!("#{} {short}", self.numbered) } else { String::new() };
        self.take_turn(&name, (self.numbered, 0), (0, false));
        self.world.control.tell(|| {
            let one = |record: &edge::events::Record| format!("m{} (delivery {}) {}", record.message_id, record.receive_count, record.body);
            format!("receives {}", received.records.iter().map(one).collect::<Vec<_>>().join("; "))
        });
        self.world.control.state().tally.operation(kind);
        let clock = self.world.control.clock.millis();
        let sent = received.records.iter().filter_map(|record| record.sent_at).max();
        // It is never before one of the messages was sent.
        let now = sent.map_or(time(clock), |sent| sent.max(time(clock + self.skew())));
        let work = self.work(lane, Batch { now, records: received.records.clone() });
        self.tasks.push(Task {
            number: self.numbered,
            name,
            origin: Origin::Batch(lane, received),
            work,
            ends_ms: clock + timeout_ms,
            began: self.world.control.state().tally.turns,
            met: 0,
            aside: 0,
        });
    }

    fn work(&mut self, lane: Lane, batch: Batch) -> Work {
        let (apps, instance) = (Arc::clone(&self.world.apps), self.random.index(2));
        match lane {
            Lane::Facts => {
                Box::pin(async move { Done::Batch(accrual::handle(apps.accrual.get(instance).unwrap_or(&apps.accrual[0]), batch).await) })
            }
            Lane::Errands => {
                Box::pin(
                    async move { Done::Batch(payout_worker::handle(apps.worker.get(instance).unwrap_or(&apps.worker[0]), batch).await) },
                )
            }
        }
    }
}
