//! Records in DynamoDB: a record and its list entries change in one transaction, conditional on the version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use augment_stores_port::{Record, RecordPage, RecordStore, Spend, StoreError, StoreResult};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, KeysAndAttributes, Put, Select, TransactWriteItem};

use crate::counter;
use crate::errors::of_dynamodb;
use crate::row::{ALONE, NAMES, RECORD, Row, in_list, key_of, list_of, number, of_record, row_key, text, to_record};

/// The index of records by when they expire.
pub(crate) const EXPIRY: &str = "expiry";
/// Rows per read request.
const READ_AT_ONCE: usize = 100;
/// Attempts of a write that conflicts with others.
const MAX_TRIES: u32 = 12;
/// First backoff in milliseconds after a conflict, doubled up to 64 times this.
const WAIT_MS: u64 = 5;

/// Records in one table.
#[derive(Clone, Debug)]
pub struct DynamoRecords {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// List names that this process knows to be in the table.
    known_lists: Arc<Mutex<BTreeSet<String>>>,
}

/// Why a transaction failed.
enum Lost {
    /// The record has another version.
    Condition,
    /// Another transaction changed the same rows.
    Conflict,
    Failed(StoreError),
}

impl From<SdkError<TransactWriteItemsError>> for Lost {
    fn from(error: SdkError<TransactWriteItemsError>) -> Self {
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() {
            let codes: Vec<&str> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
            if codes.contains(&"ConditionalCheckFailed") {
                return Self::Condition;
            }
            if codes.contains(&"TransactionConflict") {
                return Self::Conflict;
            }
        }
        match error.code() {
            Some("TransactionInProgressException" | "TransactionConflictException") => Self::Conflict,
            _ => Self::Failed(of_dynamodb(&error)),
        }
    }
}

/// The write of the record, whose version is the condition.
enum MainWrite<'a> {
    Create(&'a Record),
    Replace(&'a Record),
    Remove(&'a Record),
}

impl DynamoRecords {
    /// Records in an existing table, made by [`DynamoRecords::make_table`] or a template.
    #[must_use]
    pub fn new(client: Client, table: &str) -> Self {
        Self { client, table: table.to_owned(), known_lists: Arc::default() }
    }

    /// Writes list names to the table. They are written before the first record of a list and stay.
    async fn name_lists(&self, lists: &[String]) -> StoreResult<()> {
        let known = |name: &String| self.known_lists.lock().unwrap_or_else(PoisonError::into_inner).contains(name);
        for list in lists.iter().filter(|list| !known(list)) {
            let put = self.client.put_item().table_name(&self.table);
            let put = put.set_item(Some(row_key(NAMES, list).into_iter().collect()));
            put.send().await.map_err(|error| of_dynamodb(&error))?;
            self.known_lists.lock().unwrap_or_else(PoisonError::into_inner).insert(list.clone());
        }
        Ok(())
    }

    fn put(&self, item: Row) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder().table_name(&self.table).set_item(Some(item.into_iter().collect()))
    }

    fn delete(&self, item: Row) -> aws_sdk_dynamodb::types::builders::DeleteBuilder {
        Delete::builder().table_name(&self.table).set_key(Some(key_of(item).into_iter().collect()))
    }

    fn main(&self, main: &MainWrite<'_>) -> StoreResult<TransactWriteItem> {
        let built = match main {
            MainWrite::Create(record) => {
                let put = self.put(of_record(record)?).condition_expression("attribute_not_exists(pk)");
                put.build().map(|put| TransactWriteItem::builder().put(put).build())
            }
            MainWrite::Replace(record) => {
                let put = self.put(of_record(record)?).condition_expression("version = :before");
                let put = put.expression_attribute_values(":before", number(record.version.saturating_sub(1)));
                put.build().map(|put| TransactWriteItem::builder().put(put).build())
            }
            MainWrite::Remove(record) => {
                let delete = self.delete(of_record(record)?).condition_expression("version = :before");
                let delete = delete.expression_attribute_values(":before", number(record.version));
                delete.build().map(|delete| TransactWriteItem::builder().delete(delete).build())
            }
        };
        built.map_err(StoreError::other)
    }

    /// Writes a record and its list entries; entries of `before` that are not in `after` are removed.
    async fn transact(&self, main: MainWrite<'_>, before: Option<&Record>, after: Option<&Record>) -> Result<(), Lost> {
        let other = |error| Lost::Failed(StoreError::other(error));
        let mut writes = vec![self.main(&main).map_err(Lost::Failed)?];
        let stays = |list: &String| after.is_some_and(|after| after.lists.contains(list));
        if let Some(record) = before {
            for list in record.lists.iter().filter(|list| !stays(list)) {
                let delete = self.delete(in_list(record, list)).build().map_err(other)?;
                writes.push(TransactWriteItem::builder().delete(delete).build());
            }
        }
        let is_there = |list: &String, after: &Record| {
            before.is_some_and(|before| before.lists.contains(list) && before.expires == after.expires)
        };
        if let Some(record) = after {
            for list in record.lists.iter().filter(|list| !is_there(list, record)) {
                let put = self.put(in_list(record, list)).build().map_err(other)?;
                writes.push(TransactWriteItem::builder().put(put).build());
            }
        }
        self.client.transact_write_items().set_transact_items(Some(writes)).send().await?;
        Ok(())
    }

    /// Records by key, in that order; missing ones are skipped.
    async fn read_all(&self, keys: &[String]) -> StoreResult<Vec<Record>> {
        let mut found = BTreeMap::new();
        for keys in keys.chunks(READ_AT_ONCE) {
            let mut left: Vec<_> = keys.iter().map(|key| row_key(key, ALONE).into_iter().collect()).collect();
            while !left.is_empty() {
                let wanted = KeysAndAttributes::builder().set_keys(Some(left)).consistent_read(true).build();
                let wanted = wanted.map_err(StoreError::other)?;
                let request = self.client.batch_get_item().request_items(&self.table, wanted);
                let answer = request.send().await.map_err(|error| of_dynamodb(&error))?;
                for item in answer.responses().and_then(|tables| tables.get(&self.table)).into_iter().flatten() {
                    let record = to_record(item.get("record"))?;
                    found.insert(record.key.clone(), record);
                }
                let unread = answer.unprocessed_keys().and_then(|tables| tables.get(&self.table));
                left = unread.map(|unread| unread.keys().to_vec()).unwrap_or_default();
            }
        }
        Ok(keys.iter().filter_map(|key| found.remove(key)).collect())
    }

    /// Whether a list has no entries.
    async fn is_empty(&self, list: &str) -> StoreResult<bool> {
        let query = self.client.query().table_name(&self.table).key_condition_expression("pk = :list");
        let query = query.expression_attribute_values(":list", text(list_of(list))).consistent_read(true);
        let answer = query.limit(1).select(Select::Count).send().await.map_err(|error| of_dynamodb(&error))?;
        Ok(answer.count() == 0)
    }
}

/// Waits a random time before a conflicting write is retried, so that the same writers do not collide again.
async fn wait(tries: u32) -> StoreResult<()> {
    let most = WAIT_MS << tries.min(6);
    let chance = getrandom::u64().map_err(StoreError::other)? % most;
    tokio::time::sleep(Duration::from_millis(1 + chance)).await;
    Ok(())
}

fn given_up() -> StoreError {
    StoreError::other("DynamoDB: too many concurrent writes of the same rows")
}

#[async_trait]
impl RecordStore for DynamoRecords {
    async fn get(&self, key: &str) -> StoreResult<Record> {
        let request =
            self.client.get_item().table_name(&self.table).set_key(Some(row_key(key, ALONE).into_iter().collect()));
        let answer = request.consistent_read(true).send().await.map_err(|error| of_dynamodb(&error))?;
        match answer.item() {
            Some(item) => to_record(item.get("record")),
            None => Err(StoreError::NotFound),
        }
    }

    async fn create(&self, record: Record) -> StoreResult<()> {
        let record = Record { version: 1, ..record };
        self.name_lists(&record.lists).await?;
        for tries in 0..MAX_TRIES {
            match self.transact(MainWrite::Create(&record), None, Some(&record)).await {
                Ok(()) => return Ok(()),
                Err(Lost::Condition) => return Err(StoreError::AlreadyExists),
                Err(Lost::Conflict) => wait(tries).await?,
                Err(Lost::Failed(error)) => return Err(error),
            }
        }
        Err(given_up())
    }

    async fn replace(&self, record: Record) -> StoreResult<()> {
        self.name_lists(&record.lists).await?;
        for tries in 0..MAX_TRIES {
            let before = self.get(&record.key).await?;
            if before.version.checked_add(1) != Some(record.version) {
                return Err(StoreError::Precondition);
            }
            match self.transact(MainWrite::Replace(&record), Some(&before), Some(&record)).await {
                Ok(()) => return Ok(()),
                // Read the record again: its version decides.
                Err(Lost::Condition | Lost::Conflict) => wait(tries).await?,
                Err(Lost::Failed(error)) => return Err(error),
            }
        }
        Err(given_up())
    }

    async fn remove(&self, key: &str, version: u64) -> StoreResult<()> {
        for tries in 0..MAX_TRIES {
            let before = self.get(key).await?;
            if before.version != version {
                return Err(StoreError::Precondition);
            }
            match self.transact(MainWrite::Remove(&before), Some(&before), None).await {
                Ok(()) => return Ok(()),
                Err(Lost::Condition | Lost::Conflict) => wait(tries).await?,
                Err(Lost::Failed(error)) => return Err(error),
            }
        }
        Err(given_up())
    }

    async fn list(&self, list: &str, before: Option<&str>, limit: usize) -> StoreResult<RecordPage> {
        let mut listed = RecordPage::default();
        let mut start = None;
        loop {
            let wanted = limit - listed.records.len();
            let at_once = i32::try_from(wanted.saturating_add(1)).unwrap_or(i32::MAX);
            let query = self.client.query().table_name(&self.table).scan_index_forward(false).limit(at_once);
            let query = query.consistent_read(true).set_exclusive_start_key(start);
            let query = query.expression_attribute_values(":list", text(list_of(list)));
            let query = match before {
                Some(before) => query
                    .key_condition_expression("pk = :list AND sk < :before")
                    .expression_attribute_values(":before", text(before)),
                None => query.key_condition_expression("pk = :list"),
            };
            let page = query.send().await.map_err(|error| of_dynamodb(&error))?;
            let mut keys: Vec<String> = Vec::new();
            for item in page.items() {
                keys.extend(item.get("key").and_then(|key| key.as_s().ok()).cloned());
            }
            // A record may have left the list since the entry was read.
            let mut records = self.read_all(&keys).await?;
            records.retain(|record| record.lists.iter().any(|other| other == list));
            listed.more = records.len() > wanted;
            records.truncate(wanted);
            listed.records.extend(records);
            start = page.last_evaluated_key().cloned();
            if listed.more || start.is_none() {
                return Ok(listed);
            }
        }
    }

    async fn oldest(&self, list: &str, limit: usize) -> StoreResult<Vec<Record>> {
        let query = self.client.query().table_name(&self.table).scan_index_forward(true).consistent_read(true);
        let query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX)).key_condition_expression("pk = :list");
        let query = query.expression_attribute_values(":list", text(list_of(list)));
        let page = query.send().await.map_err(|error| of_dynamodb(&error))?;
        let keys = page.items().iter().filter_map(|item| item.get("key").and_then(|key| key.as_s().ok()));
        self.read_all(&keys.cloned().collect::<Vec<_>>()).await
    }

    async fn lists(&self, prefix: &str, limit: usize) -> StoreResult<Vec<String>> {
        let mut names = Vec::new();
        let mut start = None;
        loop {
            let query = self.client.query().table_name(&self.table).consistent_read(true);
            let query = query.key_condition_expression("pk = :names AND begins_with(sk, :prefix)");
            let query = query.expression_attribute_values(":names", text(NAMES));
            let query = query.expression_attribute_values(":prefix", text(prefix)).set_exclusive_start_key(start);
            let page = query.send().await.map_err(|error| of_dynamodb(&error))?;
            for name in page.items().iter().filter_map(|item| item.get("sk").and_then(|name| name.as_s().ok())) {
                if names.len() == limit {
                    return Ok(names);
                }
                if !self.is_empty(name).await? {
                    names.push(name.clone());
                }
            }
            start = page.last_evaluated_key().cloned();
            if start.is_none() {
                return Ok(names);
            }
        }
    }

    async fn expired(&self, before: u64, limit: usize) -> StoreResult<Vec<String>> {
        let query = self.client.query().table_name(&self.table).index_name(EXPIRY);
        let query = query.key_condition_expression("kind = :record AND expires < :before");
        let query = query.expression_attribute_values(":record", text(RECORD));
        let query = query.expression_attribute_values(":before", number(before));
        let query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let page = query.send().await.map_err(|error| of_dynamodb(&error))?;
        let keys = page.items().iter().filter_map(|item| item.get("pk").and_then(|key| key.as_s().ok()));
        // DynamoDB removes counters: `expires` is the table's time to live.
        Ok(keys.cloned().collect())
    }

    async fn spend(&self, spend: &Spend) -> StoreResult<()> {
        counter::spend(&self.client, &self.table, spend).await
    }
}
