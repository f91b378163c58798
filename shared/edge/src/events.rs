//! Invocations that are not HTTP alone: batches of a queue, and schedules.

use crate::{
    Error, clock,
    config::Env,
    http::{Call, GatewayEvent, Reply, answer, log_problem},
    problem::Problem,
};
use chrono::{DateTime, Utc};
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::lambda_runtime::{Context, Diagnostic, LambdaEvent, Runtime, service_fn};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tracing::Instrument;

/// One message of a queue.
#[derive(Clone)]
pub struct Record {
    /// The queue's id of it.
    pub message_id: String,
    /// What was sent.
    pub body: String,
    /// How often it was handed out, this time included.
    pub receive_count: u32,
    /// When it was sent, where the queue says so.
    pub sent_at: Option<DateTime<Utc>>,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("message_id", &self.message_id).field("receive_count", &self.receive_count).finish_non_exhaustive()
    }
}

/// The messages of one invocation.
#[derive(Debug, Clone)]
pub struct Batch {
    /// When it is: never before one of its messages was sent.
    pub now: DateTime<Utc>,
    /// The messages, in the order in which they came.
    pub records: Vec<Record>,
}

impl Batch {
    /// Every message's id: what a handler returns when nothing of the batch could be done.
    #[must_use]
    pub fn all_ids(&self) -> Vec<String> {
        self.records.iter().map(|record| record.message_id.clone()).collect()
    }
}

/// One run of a scheduled job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// When it is.
    pub now: DateTime<Utc>,
    /// Which run: the same when a run is tried again. It looks like a time and is none: jobs run late and twice.
    pub job_id: String,
}

#[derive(Deserialize)]
struct QueueEvent {
    #[serde(rename = "Records")]
    records: Vec<QueueRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueRecord {
    message_id: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default, rename = "eventSourceARN")]
    queue_arn: String,
}

#[derive(Deserialize)]
struct ScheduleEvent {
    #[serde(default)]
    time: Option<String>,
}

/// Which messages the queue is to hand out again.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct BatchReply {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum EitherReply {
    Http(Box<ApiGatewayV2httpResponse>),
    Job(()),
}

/// What Lambda is told of a failed invocation; the cause is in the log.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the invocation has no deadline to take the time from")]
    NoTime,
    #[error("the scheduled job failed")]
    Job,
}

impl From<Failed> for Diagnostic {
    fn from(failed: Failed) -> Self {
        Self { error_type: "Failed".to_owned(), error_message: failed.to_string() }
    }
}

/// Handles every batch of this function's queue until the instance ends. The handler returns the ids of the messages
/// that it could not handle; the others are done and will not come again.
///
/// # Errors
/// When `FUNCTION_TIMEOUT_SECONDS` is not set, or Lambda's runtime interface is away.
pub async fn serve_batch<H: AsyncFn(Batch) -> Vec<String>>(env: &Env, handler: H) -> Result<(), Error> {
    serve_queues(env, async move |_, batch| handler(batch).await).await
}

/// As [`serve_batch`], for a function of several queues: it is also told the name of the one that a batch came from, which is empty
/// where the event does not say it.
///
/// # Errors
/// As [`serve_batch`].
pub async fn serve_queues<H: AsyncFn(&str, Batch) -> Vec<String>>(env: &Env, handler: H) -> Result<(), Error> {
    let (timeout, handler) = (clock::timeout(env)?, Arc::new(handler));
    let service = service_fn(move |event: LambdaEvent<QueueEvent>| {
        let handler = Arc::clone(&handler);
        async move { run_batch(&*handler, event.payload, &event.context, timeout).await }
    });
    Runtime::new(service).run().await
}

async fn run_batch<H: AsyncFn(&str, Batch) -> Vec<String>>(
    handler: &H,
    event: QueueEvent,
    context: &Context,
    timeout: Duration,
) -> Result<BatchReply, Failed> {
    // An invocation has messages of one queue alone; the last part of its ARN is its name.
    let queue = event.records.first().and_then(|record| record.queue_arn.rsplit(':').next()).unwrap_or_default().to_owned();
    let records: Vec<_> = event.records.into_iter().map(read_record).collect();
    let latest_sent = records.iter().filter_map(|record| record.sent_at).max();
    let now = clock::of_invocation(context.deadline, timeout, latest_sent).ok_or(Failed::NoTime)?;
    let span = tracing::info_span!("batch", request_id = context.request_id);
    async {
        let (watch, messages) = (clock::Stopwatch::start(), records.len());
        let failed = Box::pin(handler(&queue, Batch { now, records })).await;
        tracing::info!(messages, failed = failed.len(), ms = watch.millis(), "batch");
        Ok(BatchReply { batch_item_failures: failed.into_iter().map(|item_identifier| ItemFailure { item_identifier }).collect() })
    }
    .instrument(span)
    .await
}

fn read_record(record: QueueRecord) -> Record {
    let attribute = |name: &str| record.attributes.get(name);
    Record {
        receive_count: attribute("ApproximateReceiveCount").and_then(|text| text.parse().ok()).unwrap_or(1),
        sent_at: attribute("SentTimestamp").and_then(|text| text.parse().ok()).and_then(clock::from_epoch_millis),
        message_id: record.message_id,
        body: record.body,
    }
}

/// Runs the function's scheduled job whenever it is due. A problem fails the invocation, so that Lambda tries it again
/// and its alarm sees it.
///
/// # Errors
/// When `FUNCTION_TIMEOUT_SECONDS` is not set, or Lambda's runtime interface is away.
pub async fn serve_schedule<H: AsyncFn(Schedule) -> Result<(), Problem>>(env: &Env, handler: H) -> Result<(), Error> {
    let (timeout, handler) = (clock::timeout(env)?, Arc::new(handler));
    let service = service_fn(move |event: LambdaEvent<ScheduleEvent>| {
        let handler = Arc::clone(&handler);
        async move { run_job(&*handler, event.payload.time, &event.context, timeout).await }
    });
    Runtime::new(service).run().await
}

#[derive(Deserialize)]
struct WorkEvent {
    #[serde(rename = "Records")]
    records: Option<Vec<QueueRecord>>,
    #[serde(default)]
    time: Option<String>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WorkReply {
    Batch(BatchReply),
    Job(()),
}

/// Serves a function that has both a queue and a schedule.
///
/// # Errors
/// As [`serve_batch`].
pub async fn serve_work<H, S>(env: &Env, batch: H, schedule: S) -> Result<(), Error>
where
    H: AsyncFn(Batch) -> Vec<String>,
    S: AsyncFn(Schedule) -> Result<(), Problem>,
{
    let (timeout, handlers) = (clock::timeout(env)?, Arc::new((async move |_: &str, records| batch(records).await, schedule)));
    let service = service_fn(move |event: LambdaEvent<WorkEvent>| {
        let handlers = Arc::clone(&handlers);
        async move {
            match event.payload.records {
                Some(records) => run_batch(&handlers.0, QueueEvent { records }, &event.context, timeout).await.map(WorkReply::Batch),
                None => run_job(&handlers.1, event.payload.time, &event.context, timeout).await.map(WorkReply::Job),
            }
        }
    });
    Runtime::new(service).run().await
}

/// Serves a function that has both routes and a schedule.
///
/// # Errors
/// As [`serve_schedule`].
pub async fn serve_either<H, S>(env: &Env, http: H, schedule: S) -> Result<(), Error>
where
    H: AsyncFn(Call) -> Result<Reply, Problem>,
    S: AsyncFn(Schedule) -> Result<(), Problem>,
{
    let (timeout, handlers) = (clock::timeout(env)?, Arc::new((http, schedule)));
    let service = service_fn(move |event: LambdaEvent<GatewayEvent>| {
        let handlers = Arc::clone(&handlers);
        async move { run_either(&handlers.0, &handlers.1, event, timeout).await }
    });
    Runtime::new(service).run().await
}

async fn run_either<H, S>(http: &H, schedule: &S, event: LambdaEvent<GatewayEvent>, timeout: Duration) -> Result<EitherReply, Failed>
where
    H: AsyncFn(Call) -> Result<Reply, Problem>,
    S: AsyncFn(Schedule) -> Result<(), Problem>,
{
    if event.payload.request_context.is_some() {
        Ok(EitherReply::Http(Box::new(answer(http, event.payload, &event.context.request_id).await)))
    } else {
        run_job(schedule, event.payload.time, &event.context, timeout).await.map(EitherReply::Job)
    }
}

async fn run_job<H: AsyncFn(Schedule) -> Result<(), Problem>>(
    handler: &H,
    time: Option<String>,
    context: &Context,
    timeout: Duration,
) -> Result<(), Failed> {
    let now = clock::of_invocation(context.deadline, timeout, None).ok_or(Failed::NoTime)?;
    let job_id = time.filter(|text| !text.is_empty()).unwrap_or_else(|| context.request_id.clone());
    let span = tracing::info_span!("job", request_id = context.request_id, job_id);
    async {
        let watch = clock::Stopwatch::start();
        let outcome = Box::pin(handler(Schedule { now, job_id: job_id.clone() })).await;
        tracing::info!(ok = outcome.is_ok(), ms = watch.millis(), "job");
        outcome.map_err(|problem| {
            log_problem(&problem);
            Failed::Job
        })
    }
    .instrument(span)
    .await
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
