//! DynamoDB: conditions and changes as expressions, its errors as ours.

mod convert;
mod expression;

use super::{Backend, Item, Key, Operation, Page, Query, Reason, Scan, Table, Write, WriteError};
use crate::StoreError;
use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, CancellationReason, ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem, Update},
};
use convert::{from_attributes, key_attributes, to_attributes, to_value};
use expression::Expression;
use futures::future::BoxFuture;
use std::collections::HashMap;

/// The names of the three tables.
#[derive(Debug, Clone)]
pub struct TableNames {
    /// Accounts.
    pub accounts: String,
    /// Referrals.
    pub referrals: String,
    /// Ledger.
    pub ledger: String,
}

/// Tables in DynamoDB.
#[derive(Debug, Clone)]
pub struct Dynamo {
    client: Client,
    names: TableNames,
}

impl Dynamo {
    /// Tables by their names.
    #[must_use]
    pub const fn new(client: Client, names: TableNames) -> Self {
        Self { client, names }
    }

    fn name(&self, table: Table) -> &str {
        match table {
            Table::Accounts => &self.names.accounts,
            Table::Referrals => &self.names.referrals,
            Table::Ledger => &self.names.ledger,
        }
    }

    fn table(&self, name: &str) -> Option<Table> {
        Table::ALL.into_iter().find(|table| self.name(*table) == name)
    }

    fn transact_item(&self, write: &Write) -> Result<TransactWriteItem, WriteError> {
        let table = self.name(write.key.table);
        let mut expression = Expression::default();
        let condition = expression.conditions(&write.conditions);
        let built = |error: aws_sdk_dynamodb::error::BuildError| WriteError::Rejected(error.to_string());
        let item = TransactWriteItem::builder();
        let item = match &write.operation {
            Operation::Put(attributes) => {
                let mut attributes = to_attributes(attributes);
                attributes.extend(key_attributes(&write.key));
                let put = Put::builder().table_name(table).set_item(Some(attributes)).set_condition_expression(condition);
                item.put(
                    put.set_expression_attribute_names(expression.names())
                        .set_expression_attribute_values(expression.values())
                        .build()
                        .map_err(built)?,
                )
            }
            Operation::Update(changes) => {
                let changes = expression.changes(changes);
                let update = Update::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&write.key)))
                    .set_condition_expression(condition)
                    .update_expression(changes);
                item.update(
                    update
                        .set_expression_attribute_names(expression.names())
                        .set_expression_attribute_values(expression.values())
                        .build()
                        .map_err(built)?,
                )
            }
            Operation::Delete => {
                let delete =
                    Delete::builder().table_name(table).set_key(Some(key_attributes(&write.key))).set_condition_expression(condition);
                item.delete(
                    delete
                        .set_expression_attribute_names(expression.names())
                        .set_expression_attribute_values(expression.values())
                        .build()
                        .map_err(built)?,
                )
            }
            Operation::Check => {
                let check = ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(key_attributes(&write.key)))
                    .set_condition_expression(condition);
                item.condition_check(
                    check
                        .set_expression_attribute_names(expression.names())
                        .set_expression_attribute_values(expression.values())
                        .build()
                        .map_err(built)?,
                )
            }
        };
        Ok(item.build())
    }

    /// One put needs no transaction, which would cost twice.
    async fn put_alone(&self, write: &Write, attributes: &Item) -> Result<(), WriteError> {
        let mut expression = Expression::default();
        let condition = expression.conditions(&write.conditions);
        let mut attributes = to_attributes(attributes);
        attributes.extend(key_attributes(&write.key));
        let put =
            self.client.put_item().table_name(self.name(write.key.table)).set_item(Some(attributes)).set_condition_expression(condition);
        let sent = put.set_expression_attribute_names(expression.names()).set_expression_attribute_values(expression.values()).send().await;
        sent.map(drop).map_err(|error| alone(&error))
    }

    async fn update_alone(&self, write: &Write, changes: &[super::Change]) -> Result<(), WriteError> {
        let mut expression = Expression::default();
        let condition = expression.conditions(&write.conditions);
        let changes = expression.changes(changes);
        let update = self.client.update_item().table_name(self.name(write.key.table)).set_key(Some(key_attributes(&write.key)));
        let update = update.set_condition_expression(condition).update_expression(changes);
        let sent =
            update.set_expression_attribute_names(expression.names()).set_expression_attribute_values(expression.values()).send().await;
        sent.map(drop).map_err(|error| alone(&error))
    }
}

const REFUSED: [&str; 4] =
    ["ValidationException", "ResourceNotFoundException", "AccessDeniedException", "ItemCollectionSizeLimitExceededException"];

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    error.code().unwrap_or("no answer").to_owned()
}

/// What is neither refused nor answered may pass on another try.
fn read_error<E: ProvideErrorMetadata>(error: &SdkError<E>) -> StoreError {
    let code = code(error);
    if REFUSED.contains(&code.as_str()) {
        StoreError::Rejected(format!("{code}: {}", error.message().unwrap_or_default()))
    } else {
        StoreError::Unavailable(code)
    }
}

fn write_error<E: ProvideErrorMetadata>(error: &SdkError<E>) -> WriteError {
    match read_error(error) {
        StoreError::Unavailable(reason) => WriteError::Unavailable(reason),
        StoreError::Rejected(reason) | StoreError::Corrupt { reason, .. } => WriteError::Rejected(reason),
    }
}

fn alone<E: ProvideErrorMetadata>(error: &SdkError<E>) -> WriteError {
    match code(error).as_str() {
        "ConditionalCheckFailedException" => WriteError::Canceled(vec![Reason::ConditionFailed]),
        "TransactionConflictException" => WriteError::Canceled(vec![Reason::Conflict]),
        _ => write_error(error),
    }
}

fn reason(told: &CancellationReason) -> Reason {
    match told.code().unwrap_or("None") {
        "None" => Reason::None,
        "ConditionalCheckFailed" => Reason::ConditionFailed,
        "TransactionConflict" => Reason::Conflict,
        "ProvisionedThroughputExceeded" | "ThrottlingError" => Reason::Throttled,
        other => Reason::Other(other.to_owned()),
    }
}

fn transact_error(error: &SdkError<TransactWriteItemsError>) -> WriteError {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            WriteError::Canceled(canceled.cancellation_reasons().iter().map(reason).collect())
        }
        _ => write_error(error),
    }
}

impl Backend for Dynamo {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async move {
            let get =
                self.client.get_item().table_name(self.name(key.table)).set_key(Some(key_attributes(key))).consistent_read(consistent);
            let answer = get.send().await.map_err(|error| read_error(&error))?;
            answer.item.map(from_attributes).transpose()
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async move {
            let mut asked: HashMap<String, KeysAndAttributes> = HashMap::new();
            for table in Table::ALL {
                let of_table: Vec<_> = keys.iter().filter(|key| key.table == table).map(key_attributes).collect();
                if !of_table.is_empty() {
                    let built = KeysAndAttributes::builder().set_keys(Some(of_table)).consistent_read(consistent).build();
                    asked.insert(self.name(table).to_owned(), built.map_err(|error| StoreError::Rejected(error.to_string()))?);
                }
            }
            let mut found = Vec::new();
            // What a busy table leaves unprocessed is asked again a few times; then it is away.
            for _ in 0..8 {
                if asked.is_empty() {
                    return Ok(found);
                }
                let answer =
                    self.client.batch_get_item().set_request_items(Some(asked)).send().await.map_err(|error| read_error(&error))?;
                for (name, items) in answer.responses.unwrap_or_default() {
                    let table = self.table(&name).ok_or_else(|| StoreError::Rejected(format!("unknown table {name}")))?;
                    for item in items {
                        let item = from_attributes(item)?;
                        let part = |name: &str| item.get(name).and_then(super::Value::as_text).unwrap_or_default().to_owned();
                        found.push((Key { table, pk: part("pk"), sk: part("sk") }, item));
                    }
                }
                asked = answer.unprocessed_keys.unwrap_or_default();
            }
            if asked.is_empty() { Ok(found) } else { Err(StoreError::Unavailable("unprocessed keys".into())) }
        })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            let (pk_name, sk_name) = query.index.map_or(("pk", "sk"), |index| (index.names().1, index.names().2));
            let limit = i32::try_from(query.limit).unwrap_or(i32::MAX);
            let ask = self
                .client
                .query()
                .table_name(self.name(query.table))
                .set_index_name(query.index.map(|index| index.names().0.to_owned()))
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :to")
                .expression_attribute_names("#pk", pk_name)
                .expression_attribute_names("#sk", sk_name)
                .expression_attribute_values(":pk", AttributeValue::S(query.pk.clone()))
                .expression_attribute_values(":from", AttributeValue::S(query.from.clone()))
                .expression_attribute_values(":to", AttributeValue::S(query.to.clone()))
                .scan_index_forward(!query.backward)
                .consistent_read(query.consistent && query.index.is_none())
                .set_exclusive_start_key(query.after.as_ref().map(to_attributes))
                .limit(limit);
            let answer = ask.send().await.map_err(|error| read_error(&error))?;
            let items = answer.items.unwrap_or_default().into_iter().map(from_attributes).collect::<Result<_, _>>()?;
            Ok(Page { items, next: answer.last_evaluated_key.map(from_attributes).transpose()? })
        })
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async move {
            match writes {
                [write] if let Operation::Put(attributes) = &write.operation => self.put_alone(write, attributes).await,
                [write] if let Operation::Update(changes) = &write.operation => self.update_alone(write, changes).await,
                _ => {
                    let items = writes.iter().map(|write| self.transact_item(write)).collect::<Result<_, _>>()?;
                    let sent = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
                    sent.map(drop).map_err(|error| transact_error(&error))
                }
            }
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<super::Scanned, StoreError>> {
        Box::pin(async move {
            let limit = i32::try_from(scan.limit).unwrap_or(i32::MAX);
            let ask = self
                .client
                .scan()
                .table_name(self.name(scan.table))
                .set_exclusive_start_key(scan.after.as_ref().map(key_attributes))
                .consistent_read(true)
                .limit(limit);
            let answer = ask.send().await.map_err(|error| read_error(&error))?;
            let items = answer.items.unwrap_or_default().into_iter().map(from_attributes).collect::<Result<_, _>>()?;
            let part = |last: &HashMap<String, AttributeValue>, name: &str| {
                last.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
            };
            let next = answer.last_evaluated_key.map(|last| Key { table: scan.table, pk: part(&last, "pk"), sk: part(&last, "sk") });
            Ok((items, next))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_apart() {
        let told = |code: &str| reason(&CancellationReason::builder().code(code).build());
        assert_eq!(told("None"), Reason::None);
        assert_eq!(told("ConditionalCheckFailed"), Reason::ConditionFailed);
        assert_eq!(told("TransactionConflict"), Reason::Conflict);
        assert_eq!(told("ProvisionedThroughputExceeded"), Reason::Throttled);
        assert_eq!(told("ThrottlingError"), Reason::Throttled);
        assert_eq!(told("ValidationError"), Reason::Other("ValidationError".into()));
        assert_eq!(to_value(&super::super::Value::Bool(true)), AttributeValue::Bool(true));
    }
}
