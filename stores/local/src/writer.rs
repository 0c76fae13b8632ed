//! The single writer of the record database: batches queued writes so that they share one sync to disk.

use std::sync::{Arc, mpsc};
use std::thread;

use augment_stores_port::{Record, Spend, StoreError, StoreResult};
use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};
use tokio::sync::oneshot;

use crate::database::OpenDatabase;

/// Records as JSON, by key.
pub(crate) const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
/// List entries: list, sort, key.
pub(crate) const LISTS: TableDefinition<'_, (&str, &str, &str), ()> = TableDefinition::new("lists");
/// When records expire: seconds since 1970, key.
pub(crate) const EXPIRES: TableDefinition<'_, (u64, &str), ()> = TableDefinition::new("expires");
/// Counters: amount and expiry.
pub(crate) const COUNTERS: TableDefinition<'_, &str, (u64, u64)> = TableDefinition::new("counters");

/// Writes per sync at most: enough for throughput, few enough for latency.
const MAX_BATCH: usize = 256;

/// A write.
#[derive(Debug)]
pub(crate) enum Write {
    Create(Record),
    Replace(Record),
    Remove(String, u64),
    Spend(Spend),
    /// Removes counters that expired before a time.
    SweepCounters(u64),
}

type QueuedWrite = (Write, oneshot::Sender<StoreResult<()>>);

/// Queues writes for the writer's thread.
#[derive(Clone, Debug)]
pub(crate) struct RecordWriter(mpsc::Sender<QueuedWrite>);

impl RecordWriter {
    /// Starts the thread; it ends with the last handle.
    pub(crate) fn start(database: Arc<OpenDatabase>) -> Result<Self, std::io::Error> {
        let (sender, receiver) = mpsc::channel();
        let run = move || serve(&database, &receiver);
        thread::Builder::new().name("records".to_owned()).spawn(run)?;
        Ok(Self(sender))
    }

    /// Writes, and returns when the write is on disk.
    pub(crate) async fn write(&self, write: Write) -> StoreResult<()> {
        let (sender, receiver) = oneshot::channel();
        self.0.send((write, sender)).map_err(|_| StoreError::other("the record writer has stopped"))?;
        receiver.await.map_err(|_| StoreError::other("the record writer has stopped"))?
    }
}

fn serve(database: &OpenDatabase, receiver: &mpsc::Receiver<QueuedWrite>) {
    while let Ok(first) = receiver.recv() {
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH
            && let Ok(next) = receiver.try_recv()
        {
            batch.push(next);
        }
        let (writes, senders): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let answers = match database.with(|database| commit(database, &writes)) {
            Ok(answers) => answers,
            Err(error) => {
                // The whole batch failed, so every write gets the error.
                let text = error.to_string();
                writes.iter().map(|_| Err(StoreError::other(text.clone()))).collect()
            }
        };
        for (sender, answer) in senders.into_iter().zip(answers) {
            // The caller may have been cancelled.
            let _ = sender.send(answer);
        }
    }
}

fn commit(database: &Database, writes: &[Write]) -> Result<Vec<StoreResult<()>>, redb::Error> {
    let transaction = database.begin_write()?;
    let mut answers = Vec::with_capacity(writes.len());
    for write in writes {
        answers.push(match apply(&transaction, write)? {
            None => Ok(()),
            Some(refusal) => Err(refusal),
        });
    }
    transaction.commit()?;
    Ok(answers)
}

/// Applies one write, or refuses it without changes. An error aborts the whole transaction.
fn apply(transaction: &WriteTransaction, write: &Write) -> Result<Option<StoreError>, redb::Error> {
    match write {
        Write::Create(record) => {
            if stored(transaction, &record.key)?.is_some() {
                return Ok(Some(StoreError::AlreadyExists));
            }
            put(transaction, &Record { version: 1, ..record.clone() })?;
        }
        Write::Replace(record) => {
            match stored(transaction, &record.key)? {
                None => return Ok(Some(StoreError::NotFound)),
                Some(old) if old.version.checked_add(1) != Some(record.version) => {
                    return Ok(Some(StoreError::Precondition));
                }
                Some(old) => unlist(transaction, &old)?,
            }
            put(transaction, record)?;
        }
        Write::Remove(key, version) => match stored(transaction, key)? {
            None => return Ok(Some(StoreError::NotFound)),
            Some(old) if old.version != *version => return Ok(Some(StoreError::Precondition)),
            Some(old) => {
                unlist(transaction, &old)?;
                transaction.open_table(RECORDS)?.remove(key.as_str())?;
            }
        },
        Write::Spend(spend) => {
            let mut counters = transaction.open_table(COUNTERS)?;
            let spent = counters.get(spend.key.as_str())?.map_or(0, |counter| counter.value().0);
            let Some(total) = spent.checked_add(spend.amount).filter(|total| *total <= spend.limit) else {
                return Ok(Some(StoreError::Precondition));
            };
            counters.insert(spend.key.as_str(), (total, spend.expires))?;
        }
        Write::SweepCounters(before) => {
            transaction.open_table(COUNTERS)?.retain(|_, (_, expires)| expires >= *before)?;
        }
    }
    Ok(None)
}

fn stored(transaction: &WriteTransaction, key: &str) -> Result<Option<Record>, redb::Error> {
    let records = transaction.open_table(RECORDS)?;
    let found = records.get(key)?;
    found.map(|bytes| decode(bytes.value())).transpose()
}

fn put(transaction: &WriteTransaction, record: &Record) -> Result<(), redb::Error> {
    let bytes = serde_json::to_vec(record).map_err(|error| redb::Error::Corrupted(error.to_string()))?;
    transaction.open_table(RECORDS)?.insert(record.key.as_str(), bytes.as_slice())?;
    let mut lists = transaction.open_table(LISTS)?;
    for list in &record.lists {
        lists.insert((list.as_str(), record.sort.as_str(), record.key.as_str()), ())?;
    }
    if let Some(expires) = record.expires {
        transaction.open_table(EXPIRES)?.insert((expires, record.key.as_str()), ())?;
    }
    Ok(())
}

fn unlist(transaction: &WriteTransaction, record: &Record) -> Result<(), redb::Error> {
    let mut lists = transaction.open_table(LISTS)?;
    for list in &record.lists {
        lists.remove((list.as_str(), record.sort.as_str(), record.key.as_str()))?;
    }
    if let Some(expires) = record.expires {
        transaction.open_table(EXPIRES)?.remove((expires, record.key.as_str()))?;
    }
    Ok(())
}

/// Decodes a stored record.
pub(crate) fn decode(bytes: &[u8]) -> Result<Record, redb::Error> {
    serde_json::from_slice(bytes).map_err(|error| redb::Error::Corrupted(format!("a record: {error}")))
}
