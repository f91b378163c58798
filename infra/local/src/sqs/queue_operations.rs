//! The operations on queues.

use serde_json::{Map, Value, json};

use super::{
    error::Refusal,
    limits,
    names::{self, ACCOUNT},
    receipts,
    requests::{CreateQueue, GetQueueAttributes, GetQueueUrl, ListQueues, PurgeQueue, SetQueueAttributes, StartMessageMoveTask},
    server::SqsServer,
};

const LISTED_MAX: u32 = 1_000;
const MOVES_PER_SECOND_MAX: u32 = 500;

impl SqsServer {
    pub(super) async fn create_queue(&self, request: CreateQueue, base: &str) -> Result<Value, Refusal> {
        let name = request.queue_name.unwrap_or_default();
        names::check_queue_name(&name)?;
        let url = names::url(base, &name);
        let attributes = request.attributes.unwrap_or_default();
        self.writer.run(move |store| store.create_queue(&name, &attributes)).await?;
        Ok(json!({ "QueueUrl": url }))
    }

    pub(super) async fn get_queue_url(&self, request: GetQueueUrl, base: &str) -> Result<Value, Refusal> {
        let name = request.queue_name.unwrap_or_default();
        names::check_queue_name(&name)?;
        if request.owner.is_some_and(|owner| owner != ACCOUNT) {
            return Err(Refusal::QueueDoesNotExist);
        }
        let queue = self.writer.run(move |store| store.queue(&name)).await?;
        Ok(json!({ "QueueUrl": names::url(base, &queue.name) }))
    }

    /// Pages by name; the token is the last name of the page before.
    pub(super) async fn list_queues(&self, request: ListQueues, base: &str) -> Result<Value, Refusal> {
        let limit = match request.max_results {
            None => LISTED_MAX,
            Some(limit) => limits::in_range(limit, 1..=LISTED_MAX, "MaxResults")?,
        };
        let prefix = request.queue_name_prefix.unwrap_or_default();
        let after = request.next_token.unwrap_or_default();
        let queues = self.writer.run(move |store| store.queues(&prefix, &after, limit)).await?;
        let urls: Vec<String> = queues.iter().map(|queue| names::url(base, &queue.name)).collect();
        let mut reply = json!({ "QueueUrls": urls });
        let is_full = u32::try_from(queues.len()).is_ok_and(|count| count == limit);
        if let Some(last) = queues.last().filter(|_| is_full && request.max_results.is_some()) {
            reply["NextToken"] = json!(last.name);
        }
        Ok(reply)
    }

    pub(super) async fn get_queue_attributes(&self, request: GetQueueAttributes) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let (queue, depth) = self
            .writer
            .run(move |store| {
                let queue = store.queue(&name)?;
                let depth = store.depth(&queue)?;
                Ok((queue, depth))
            })
            .await?;
        let texts = queue.texts(&depth);
        let mut attributes = Map::new();
        for wanted in request.attribute_names.unwrap_or_default() {
            match texts.get(wanted.as_str()) {
                Some(text) => {
                    attributes.insert(wanted, json!(text));
                }
                None if wanted == "All" => {
                    attributes.extend(texts.iter().map(|(name, text)| ((*name).to_owned(), json!(text))));
                }
                // A policy that is not set is known, and not told.
                None if wanted == "RedrivePolicy" => {}
                None => return Err(Refusal::InvalidAttributeName(wanted)),
            }
        }
        if attributes.is_empty() {
            return Ok(json!({}));
        }
        Ok(json!({ "Attributes": attributes }))
    }

    pub(super) async fn set_queue_attributes(&self, request: SetQueueAttributes) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let attributes = request.attributes.ok_or(Refusal::MissingParameter("Attributes"))?;
        self.writer.run(move |store| store.set_attributes(&name, &attributes)).await?;
        Ok(json!({}))
    }

    pub(super) async fn purge_queue(&self, request: PurgeQueue) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        self.writer.run(move |store| store.purge_with_pause(&name)).await?;
        Ok(json!({}))
    }

    /// Moves everything before it answers; the handle names a task that is finished.
    pub(super) async fn start_message_move_task(&self, request: StartMessageMoveTask) -> Result<Value, Refusal> {
        let source = request.source_arn.ok_or(Refusal::MissingParameter("SourceArn"))?;
        // The pace is checked and not kept: a local move has nobody to spare.
        if let Some(pace) = request.max_number_of_messages_per_second {
            let range = 1..=MOVES_PER_SECOND_MAX;
            limits::in_range(pace, range, "MaxNumberOfMessagesPerSecond")?;
        }
        let destination = request.destination_arn;
        let arn = source.clone();
        let (task, started_ms) = self
            .writer
            .run(move |store| {
                let destination = destination.as_deref().map(names::queue_of_arn);
                let task = store.plan_move(names::queue_of_arn(&source), destination)?;
                Ok((task, store.now_ms))
            })
            .await?;
        loop {
            let step = task.clone();
            let reached = self.writer.run(move |store| store.move_some(&step)).await?;
            if reached.is_empty() {
                break;
            }
            reached.iter().for_each(|queue| self.arrivals.announce(queue));
        }
        let id = receipts::uuid(&format!("move:{arn}:{started_ms}"));
        let handle = json!({ "taskId": id, "sourceArn": arn }).to_string();
        Ok(json!({ "TaskHandle": receipts::opaque(&handle) }))
    }
}
