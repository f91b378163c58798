//! Schedules on the stack's clock.

use crate::{
    clock::Clock,
    runtime::{Functions, InvokeError},
    template::{ACCOUNT, FunctionSpec, REGION},
};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, watch};

/// One schedule.
pub(crate) struct Job {
    /// The function's name where it has one schedule, else with the event's.
    pub(crate) name: String,
    function: String,
    every: Duration,
    /// Held while it runs: one at a time, whoever starts it.
    running: Mutex<()>,
}

/// Every schedule of a stack.
pub(crate) struct Schedules {
    jobs: Vec<Arc<Job>>,
    functions: Arc<Functions>,
    clock: Arc<Clock>,
    fired: AtomicU64,
    /// Whether nothing fires by itself.
    resting: AtomicBool,
}

impl Schedules {
    pub(crate) fn new(specs: &[FunctionSpec], functions: Arc<Functions>, clock: Arc<Clock>) -> Arc<Self> {
        let jobs = specs.iter().flat_map(|function| {
            function.schedules.iter().map(|schedule| {
                let name =
                    if function.schedules.len() == 1 { function.name.clone() } else { format!("{}-{}", function.name, schedule.name) };
                Arc::new(Job { name, function: function.name.clone(), every: schedule.every, running: Mutex::new(()) })
            })
        });
        Arc::new(Self { jobs: jobs.collect(), functions, clock, fired: AtomicU64::new(0), resting: AtomicBool::new(false) })
    }

    pub(crate) fn jobs(&self) -> &[Arc<Job>] {
        &self.jobs
    }

    /// Lets nothing fire by itself, or again: while a long past is made in a moment, whoever makes it says what runs when.
    pub(crate) fn rest(&self, resting: bool) {
        self.resting.store(resting, Ordering::SeqCst);
    }

    /// Fires one now, and waits for its end.
    ///
    /// # Errors
    /// As [`Functions::invoke`]; [`InvokeError::Unknown`] where no schedule has this name.
    pub(crate) async fn fire(&self, name: &str) -> Result<Bytes, InvokeError> {
        let job = self.jobs.iter().find(|job| job.name == name);
        self.run(job.ok_or_else(|| InvokeError::Unknown(name.to_owned()))?).await
    }

    /// Fires a job whenever the clock passes its time, until `stopping` says so.
    ///
    /// The next time is counted from when it fires: a clock that jumps over many of them fires once.
    pub(crate) fn keep(self: Arc<Self>, job: Arc<Job>, stopping: watch::Receiver<bool>) -> impl Future<Output = ()> {
        let every_ms = i64::try_from(job.every.as_millis()).unwrap_or(i64::MAX);
        // Counted from this call, not from when its task first runs: the clock may have been moved by then.
        let first_ms = self.clock.now_ms().saturating_add(every_ms);
        self.keep_from(first_ms, every_ms, job, stopping)
    }

    async fn keep_from(self: Arc<Self>, first_ms: i64, every_ms: i64, job: Arc<Job>, stopping: watch::Receiver<bool>) {
        let stop = crate::stopped(stopping);
        tokio::pin!(stop);
        let mut next_ms = first_ms;
        loop {
            tokio::select! {
                () = &mut stop => return,
                () = self.clock.wait_until(next_ms) => {}
            }
            next_ms = self.clock.now_ms().saturating_add(every_ms);
            if self.resting.load(Ordering::SeqCst) {
                continue;
            }
            tokio::select! {
                () = &mut stop => return,
                ended = self.run(&job) => {
                    if let Err(error) = ended {
                        tracing::warn!(schedule = job.name, %error, "the schedule failed");
                    }
                }
            }
        }
    }

    async fn run(&self, job: &Job) -> Result<Bytes, InvokeError> {
        let _one = job.running.lock().await;
        let _flowing = self.clock.flowing().await;
        let number = self.fired.fetch_add(1, Ordering::Relaxed);
        let at = DateTime::from_timestamp_millis(self.clock.now_ms()).unwrap_or_default();
        let event = json!({
            "version": "0",
            "id": format!("00000000-0000-4000-8000-{number:012x}"),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "region": REGION,
            "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", job.name)],
            "detail": {},
        });
        self.functions.invoke(&job.function, Bytes::from(event.to_string())).await
    }
}
