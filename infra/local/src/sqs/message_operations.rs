//! The operations on single messages.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{
    digests,
    error::Refusal,
    limits::{self, VISIBILITY_SECONDS_MAX, WAIT_SECONDS_MAX},
    message_attributes::{self, TRACE_HEADER},
    messages::{Message, Received},
    names::{self, ACCOUNT},
    receipts::{self, Receipt},
    requests::{ChangeMessageVisibility, DeleteMessage, Digests, ReceiveMessage, SendMessage},
    server::SqsServer,
};

/// How long a long poll may miss a message that became visible by the clock, in real time.
const RECHECK: Duration = Duration::from_millis(100);
const RECEIVED_MAX: u32 = 10;
const SYSTEM_ATTRIBUTES: [&str; 10] = [
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    TRACE_HEADER,
    "DeadLetterQueueSourceArn",
    // Names of FIFO and fair queues: known, and never there.
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
];

impl SqsServer {
    pub(super) async fn send_message(&self, request: SendMessage) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let (message, digests) = request.message.check()?;
        let queue = name.clone();
        let id = self.writer.run(move |store| store.send(&store.queue(&queue)?, &message)).await?;
        self.arrivals.announce(&name);
        Ok(Value::Object(sent(&id, &digests)))
    }

    pub(super) async fn receive_message(&self, request: ReceiveMessage) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let limit = request.max_number_of_messages.unwrap_or(1);
        let limit = limits::in_range(limit, 1..=RECEIVED_MAX, "MaxNumberOfMessages")?;
        let visibility = request
            .visibility_timeout
            .map(|seconds| limits::in_range(seconds, 0..=VISIBILITY_SECONDS_MAX, "VisibilityTimeout"))
            .transpose()?;
        let wait =
            request.wait_time_seconds.map(|seconds| limits::in_range(seconds, 0..=WAIT_SECONDS_MAX, "WaitTimeSeconds")).transpose()?;
        let mut wanted = request.message_system_attribute_names.unwrap_or_default();
        wanted.extend(request.attribute_names.unwrap_or_default());
        if let Some(unknown) = wanted.iter().find(|name| !SYSTEM_ATTRIBUTES.contains(&name.as_str())) {
            return Err(Refusal::InvalidAttributeName(unknown.clone()));
        }
        let limit = usize::try_from(limit).unwrap_or_default();
        let received = self.poll(&name, limit, visibility, wait).await?;
        if received.messages.is_empty() {
            return Ok(json!({}));
        }
        let names = request.message_attribute_names.unwrap_or_default();
        let messages: Vec<Value> = received
            .messages
            .into_iter()
            .map(|(message, receipt)| delivered(message, receipt, &wanted, &names))
            .collect::<Result<_, _>>()?;
        Ok(json!({ "Messages": messages }))
    }

    /// Receives at once, or waits until there is a message, the time is over or the server closes.
    async fn poll(&self, name: &str, limit: usize, visibility: Option<u32>, wait: Option<u32>) -> Result<Received, Refusal> {
        let first = self.receive_now(name, limit, visibility).await?;
        let wait = wait.unwrap_or(first.wait_seconds);
        if !first.messages.is_empty() || wait == 0 {
            return Ok(first);
        }
        let deadline = tokio::time::sleep(Duration::from_secs(u64::from(wait)));
        tokio::pin!(deadline);
        let bell = self.arrivals.bell(name);
        loop {
            // Listening begins before looking, so that no arrival falls between the two.
            let arrival = bell.notified();
            tokio::pin!(arrival);
            arrival.as_mut().enable();
            if self.arrivals.is_closed() {
                return Ok(first);
            }
            let received = self.receive_now(name, limit, visibility).await?;
            if !received.messages.is_empty() {
                return Ok(received);
            }
            tokio::select! {
                () = &mut deadline => return Ok(received),
                () = arrival => {}
                () = tokio::time::sleep(RECHECK) => {}
            }
        }
    }

    async fn receive_now(&self, name: &str, limit: usize, visibility: Option<u32>) -> Result<Received, Refusal> {
        let name = name.to_owned();
        let received = self
            .writer
            .run(move |store| {
                let queue = store.queue(&name)?;
                let seconds = visibility.unwrap_or(queue.attributes.visibility_timeout_seconds);
                store.receive(&queue, limit, seconds)
            })
            .await?;
        if let Some(dead_letters) = &received.moved_to {
            self.arrivals.announce(dead_letters);
        }
        Ok(received)
    }

    pub(super) async fn delete_message(&self, request: DeleteMessage) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let handle = request.receipt_handle.ok_or(Refusal::MissingParameter("ReceiptHandle"))?;
        self.writer.run(move |store| store.delete(Receipt::parse(&handle, store.queue(&name)?.id)?)).await?;
        Ok(json!({}))
    }

    pub(super) async fn change_message_visibility(&self, request: ChangeMessageVisibility) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let handle = request.receipt_handle.ok_or(Refusal::MissingParameter("ReceiptHandle"))?;
        let seconds = visibility(request.visibility_timeout)?;
        let queue = name.clone();
        self.writer
            .run(move |store| {
                let receipt = Receipt::parse(&handle, store.queue(&queue)?.id)?;
                store.hide(receipt, seconds)
            })
            .await?;
        self.arrivals.announce(&name);
        Ok(json!({}))
    }
}

/// A visibility timeout that a request must carry.
pub(super) fn visibility(seconds: Option<i64>) -> Result<u32, Refusal> {
    let seconds = seconds.ok_or(Refusal::MissingParameter("VisibilityTimeout"))?;
    limits::in_range(seconds, 0..=VISIBILITY_SECONDS_MAX, "VisibilityTimeout")
}

/// The answer to one sent message.
pub(super) fn sent(id: &str, digests: &Digests) -> Map<String, Value> {
    let mut reply = Map::new();
    reply.insert("MessageId".to_owned(), json!(id));
    reply.insert("MD5OfMessageBody".to_owned(), json!(digests.body));
    if let Some(digest) = &digests.attributes {
        reply.insert("MD5OfMessageAttributes".to_owned(), json!(digest));
    }
    if let Some(digest) = &digests.system_attributes {
        reply.insert("MD5OfMessageSystemAttributes".to_owned(), json!(digest));
    }
    reply
}

/// One received message, with the attributes that were asked for. Their checksum covers only those.
fn delivered(message: Message, receipt: Receipt, wanted: &[String], names: &[String]) -> Result<Value, Refusal> {
    let mut reply = json!({
        "MessageId": receipts::message_id(message.row, message.sent_ms),
        "ReceiptHandle": receipt.handle(),
        "MD5OfBody": digests::of_body(&message.body),
    });
    let system: Map<String, Value> = system_attributes(&message)
        .into_iter()
        .filter(|(name, _)| wanted.iter().any(|wish| wish == "All" || wish == name))
        .map(|(name, text)| (name.to_owned(), json!(text)))
        .collect();
    if !system.is_empty() {
        reply["Attributes"] = Value::Object(system);
    }
    let attributes = message_attributes::select(message.attributes, names);
    if let Some(digest) = digests::of_attributes(&attributes)? {
        reply["MD5OfMessageAttributes"] = json!(digest);
        reply["MessageAttributes"] = json!(attributes);
    }
    reply["Body"] = Value::String(message.body);
    Ok(reply)
}

fn system_attributes(message: &Message) -> Vec<(&'static str, String)> {
    let mut attributes = vec![
        ("SenderId", ACCOUNT.to_owned()),
        ("SentTimestamp", message.sent_ms.to_string()),
        ("ApproximateReceiveCount", message.receives.to_string()),
    ];
    if let Some(first_ms) = message.first_received_ms {
        attributes.push(("ApproximateFirstReceiveTimestamp", first_ms.to_string()));
    }
    if let Some(header) = &message.trace_header {
        attributes.push((TRACE_HEADER, header.clone()));
    }
    if let Some(source) = &message.source {
        attributes.push(("DeadLetterQueueSourceArn", names::arn(source)));
    }
    attributes
}
