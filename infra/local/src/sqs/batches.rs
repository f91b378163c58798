//! The three batch operations. A batch that breaks a rule fails as a whole; an entry that does fails alone.

use serde_json::{Value, json};

use super::{
    error::Refusal,
    limits,
    message_operations::{sent, visibility},
    names,
    receipts::Receipt,
    requests::{Batch, Entry, MessageFields, ReceiptFields},
    server::SqsServer,
    writer::Store,
};

impl SqsServer {
    pub(super) async fn send_message_batch(&self, request: Batch<MessageFields>) -> Result<Value, Refusal> {
        let name = names::queue_of_url(request.queue_url.as_deref())?;
        let entries = entries(request.entries, "SendMessageBatchRequestEntry")?;
        limits::check_batch_bytes(entries.iter().map(|entry| entry.fields.bytes()).sum())?;
        let checked: Vec<_> = entries.into_iter().map(|entry| (entry.id, entry.fields.check())).collect();
        let queue = name.clone();
        let outcomes = self
            .writer
            .run(move |store| {
                let queue = store.queue(&queue)?;
                let send = |entry: Result<_, Refusal>| {
                    let (message, digests) = entry?;
                    let id = store.send(&queue, &message)?;
                    Ok(sent(&id, &digests))
                };
                each(checked, send)
            })
            .await?;
        self.arrivals.announce(&name);
        Ok(report(outcomes))
    }

    pub(super) async fn delete_message_batch(&self, request: Batch<ReceiptFields>) -> Result<Value, Refusal> {
        let entries = (request.entries, "DeleteMessageBatchRequestEntry");
        let delete = |store: &Store<'_>, queue: i64, fields: ReceiptFields| store.delete(receipt(fields.receipt_handle, queue)?);
        let (_, reply) = self.on_receipts(request.queue_url, entries, delete).await?;
        Ok(reply)
    }

    pub(super) async fn change_message_visibility_batch(&self, request: Batch<ReceiptFields>) -> Result<Value, Refusal> {
        let entries = (request.entries, "ChangeMessageVisibilityBatchRequestEntry");
        let hide = |store: &Store<'_>, queue: i64, fields: ReceiptFields| {
            let seconds = visibility(fields.visibility_timeout)?;
            store.hide(receipt(fields.receipt_handle, queue)?, seconds)
        };
        let (name, reply) = self.on_receipts(request.queue_url, entries, hide).await?;
        self.arrivals.announce(&name);
        Ok(reply)
    }

    /// Does the same with every receipt of a batch, and names the queue beside the report.
    async fn on_receipts(
        &self,
        url: Option<String>,
        (given, shape): (Option<Vec<Entry<ReceiptFields>>>, &'static str),
        act: impl Fn(&Store<'_>, i64, ReceiptFields) -> Result<(), Refusal> + Send + 'static,
    ) -> Result<(String, Value), Refusal> {
        let name = names::queue_of_url(url.as_deref())?;
        let entries: Vec<_> = entries(given, shape)?.into_iter().map(|entry| (entry.id, entry.fields)).collect();
        let queue = name.clone();
        let outcomes = self
            .writer
            .run(move |store| {
                let queue = store.queue(&queue)?.id;
                each(entries, |fields| act(store, queue, fields).map(|()| Default::default()))
            })
            .await?;
        Ok((name, report(outcomes)))
    }
}

/// An entry's id, and what its success adds to its line of the report.
type Outcome = (String, Result<serde_json::Map<String, Value>, Refusal>);

/// Handles the entries in their order. A refusal is the entry's own, a failure of the database is everybody's.
fn each<E>(entries: Vec<(String, E)>, act: impl Fn(E) -> Result<serde_json::Map<String, Value>, Refusal>) -> Result<Vec<Outcome>, Refusal> {
    entries
        .into_iter()
        .map(|(id, entry)| match act(entry) {
            Err(Refusal::Unavailable) => Err(Refusal::Unavailable),
            outcome => Ok((id, outcome)),
        })
        .collect()
}

fn entries<Fields>(given: Option<Vec<Entry<Fields>>>, shape: &'static str) -> Result<Vec<Entry<Fields>>, Refusal> {
    let entries = given.unwrap_or_default();
    limits::check_entry_ids(entries.iter().map(|entry| entry.id.as_str()), shape)?;
    Ok(entries)
}

fn receipt(handle: Option<String>, queue: i64) -> Result<Receipt, Refusal> {
    let handle = handle.ok_or(Refusal::MissingParameter("ReceiptHandle"))?;
    Receipt::parse(&handle, queue)
}

fn report(outcomes: Vec<Outcome>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, outcome) in outcomes {
        match outcome {
            Ok(mut line) => {
                line.insert("Id".to_owned(), json!(id));
                successful.push(Value::Object(line));
            }
            Err(refusal) => {
                let (_, _, code) = refusal.names();
                failed.push(json!({
                    "Id": id,
                    "SenderFault": refusal.is_sender_fault(),
                    "Code": code,
                    "Message": refusal.to_string(),
                }));
            }
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}
