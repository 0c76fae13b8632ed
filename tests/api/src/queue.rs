//! A queue like SQS for tests: received messages are hidden, redelivered unless deleted, and dead letters after too many
//! deliveries. The embedded S3 server cannot feed the emulator's queue.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::workers::Worker;

/// A queue.
#[derive(Debug)]
pub struct Queue {
    inner: Mutex<Inner>,
    most_receives: u32,
    hidden: Duration,
}

#[derive(Debug, Default)]
struct Inner {
    messages: VecDeque<Message>,
    dead: Vec<String>,
    made: u64,
    deliveries: u64,
}

#[derive(Clone, Debug)]
struct Message {
    id: String,
    body: String,
    receives: u32,
    visible: Instant,
}

impl Queue {
    #[must_use]
    pub fn new(most_receives: u32, hidden: Duration) -> Self {
        Self { inner: Mutex::default(), most_receives, hidden }
    }

    pub fn send(&self, body: &Value) {
        let mut inner = self.inner.lock().unwrap();
        inner.made += 1;
        let id = inner.made.to_string();
        // Every second message overtakes the others, since SQS guarantees no order.
        let message = Message { id, body: body.to_string(), receives: 0, visible: Instant::now() };
        if inner.made.is_multiple_of(2) {
            inner.messages.push_front(message);
        } else {
            inner.messages.push_back(message);
        }
    }

    /// Sends the S3 notification of a new object.
    pub fn arrived(&self, bucket: &str, key: &str) {
        let encoded = augment_stores_port::sigv4::encode(key, true).replace("%20", "+");
        self.send(&json!({ "Records": [{
            "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": { "bucket": { "name": bucket }, "object": { "key": encoded } },
        }]}));
    }

    /// The dead letters.
    #[must_use]
    pub fn dead(&self) -> Vec<String> {
        self.inner.lock().unwrap().dead.clone()
    }

    /// Messages in the queue, and deliveries so far.
    #[must_use]
    pub fn counts(&self) -> (usize, u64) {
        let inner = self.inner.lock().unwrap();
        (inner.messages.len(), inner.deliveries)
    }

    fn take(&self, most: usize) -> Vec<Message> {
        let mut inner = self.inner.lock().unwrap();
        let now = Instant::now();
        let mut taken = Vec::new();
        for _ in 0..inner.messages.len() {
            let Some(mut message) = inner.messages.pop_front() else { break };
            if message.visible <= now && message.receives >= self.most_receives {
                inner.dead.push(message.body);
                continue;
            }
            if message.visible <= now && taken.len() < most {
                message.receives += 1;
                message.visible = now + self.hidden;
                inner.deliveries += 1;
                taken.push(message.clone());
            }
            inner.messages.push_back(message);
        }
        taken
    }

    fn delete(&self, id: &str) {
        self.inner.lock().unwrap().messages.retain(|message| message.id != id);
    }

    /// Delivers batches of messages to a worker until dropped.
    pub async fn feed(self: Arc<Self>, worker: Arc<Worker>, batch: usize) {
        loop {
            let messages = self.take(batch);
            if messages.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            let records: Vec<Value> = messages
                .iter()
                .map(|message| {
                    json!({ "messageId": message.id, "eventSource": "aws:sqs", "body": message.body,
                            "attributes": { "ApproximateReceiveCount": message.receives.to_string() } })
                })
                .collect();
            // All messages of a failed invocation are redelivered.
            let Ok(answer) = worker.invoke(json!({ "Records": records })).await else { continue };
            let failed: Vec<&str> = answer["batchItemFailures"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|failure| failure["itemIdentifier"].as_str())
                .collect();
            for message in messages.iter().filter(|message| !failed.contains(&message.id.as_str())) {
                self.delete(&message.id);
            }
        }
    }

    /// Waits until every message is done or a dead letter.
    ///
    /// # Panics
    /// If that takes longer than `timeout`.
    pub async fn drained(&self, timeout: Duration) {
        let until = Instant::now() + timeout;
        while self.counts().0 > 0 {
            assert!(Instant::now() < until, "{} messages are left", self.counts().0);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
