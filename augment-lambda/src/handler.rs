//! Handles an invocation: runs the tasks of its event and reports failed messages of a queue one by one.

use std::time::{Duration, Instant};

use augment_api::{FailureKind, JobState, State};
use augment_records::ImageRecord;
use augment_records::jobs::{Claimed, claim_one};
use augment_stores_port::{StoreError, StoreResult};
use serde_json::{Value, json};

use crate::bucket_ingest::{Ingested, ingest, register_large};
use crate::dataset::{self, Assembly, ItemOutcome};
use crate::event::{Event, EventTask, JobStep};
use crate::run_image::run;
use crate::service::Service;

/// A job does not start with less time than this.
const MIN_TIME: Duration = Duration::from_secs(8);
/// Lease in seconds without a deadline: far longer than any job.
const LEASE: u64 = 900;

/// The result of a task.
enum Handled {
    /// It is done.
    Done(Value),
    /// It can never succeed; its message belongs in the dead-letter queue, where the operator finds it.
    Poison(Value, String),
    /// It must be retried, with the reason for the log.
    Retry(String),
}

/// Handles an event before `until`.
///
/// Failed messages of a queue are listed as `batchItemFailures`; a direct request is answered with the state of each
/// image.
///
/// # Errors
/// Why a direct request must be retried, or why the event is invalid.
pub async fn handle(service: &Service, event: &Value, until: Option<Instant>) -> Result<Value, String> {
    match Event::parse(event, &service.originals)? {
        Event::Dataset(id, order) => step(service, &id, order, until).await.map_err(|error| error.to_string()),
        Event::Direct(tasks) => {
            let mut ended = Vec::new();
            for task in tasks {
                match perform(service, &task, until).await {
                    Handled::Done(value) | Handled::Poison(value, _) => ended.push(value),
                    Handled::Retry(why) => return Err(why),
                }
            }
            Ok(json!({ "images": ended }))
        }
        Event::Queue(messages) => {
            let mut failures = Vec::new();
            for message in messages {
                let again = match &message.tasks {
                    Ok(tasks) => all(service, tasks, until).await.err(),
                    Err(why) => Some(why.clone()),
                };
                if let Some(why) = again {
                    tracing::warn!(message.id = %message.id, %why, "a message must be redelivered");
                    failures.push(json!({ "itemIdentifier": message.id }));
                }
            }
            Ok(json!({ "batchItemFailures": failures }))
        }
    }
}

/// A step of a job over a dataset.
async fn step(service: &Service, id: &str, order: JobStep, until: Option<Instant>) -> StoreResult<Value> {
    let state = match order {
        JobStep::Item(number) => match dataset::run_item(service, id, number, until).await? {
            ItemOutcome::Done(failed) => return Ok(json!({ "job": id, "item": number, "failed": failed })),
            ItemOutcome::NotRun(state) => state,
        },
        JobStep::Assemble => match dataset::assemble(service, id, until).await? {
            Assembly::State(state) => return Ok(json!({ "job": id, "state": state, "again": false })),
            Assembly::Again => return Ok(json!({ "job": id, "state": JobState::Running, "again": true })),
        },
        JobStep::Stopped(why) => dataset::give_up(service, id, &why).await?,
    };
    Ok(json!({ "job": id, "state": state }))
}

/// Runs all tasks of a message, or says why it must be redelivered.
async fn all(service: &Service, tasks: &[EventTask], until: Option<Instant>) -> Result<(), String> {
    for task in tasks {
        match perform(service, task, until).await {
            Handled::Done(_) => {}
            Handled::Retry(why) | Handled::Poison(_, why) => return Err(why),
        }
    }
    Ok(())
}

async fn perform(service: &Service, task: &EventTask, until: Option<Instant>) -> Handled {
    if until.is_some_and(|until| Instant::now() + MIN_TIME > until) {
        return Handled::Retry("no time is left".to_owned());
    }
    let done = match task {
        EventTask::Image(id) => image(service, id, until).await,
        EventTask::Object(key) => ingested(service, ingest(service, key).await, until).await,
        EventTask::Large(key, sha256) => ingested(service, register_large(service, key, sha256).await, until).await,
    };
    done.unwrap_or_else(|error| Handled::Retry(error.to_string()))
}

/// The job of an ingested file.
async fn ingested(service: &Service, ingested: StoreResult<Ingested>, until: Option<Instant>) -> StoreResult<Handled> {
    match ingested? {
        Ingested::Image(id) => image(service, &id, until).await,
        Ingested::Nothing | Ingested::Orphan => Ok(Handled::Done(Value::Null)),
    }
}

/// The job of an image.
async fn image(service: &Service, id: &str, until: Option<Instant>) -> StoreResult<Handled> {
    // The lease ends with the worker's deadline.
    let lease = until.map_or(LEASE, |until| until.saturating_duration_since(Instant::now()).as_secs() + 1);
    match claim_one(&service.stores, id, lease).await? {
        Claimed::Mine(claim) => {
            let is_ingested = claim.image.dropped.is_some();
            let ended = run(service, *claim, until).await?;
            let failure = ended.failure.as_ref();
            let kind = failure.map(|failure| failure.kind);
            let value = json!({
                "id": ended.id, "state": ended.state, "error": failure.map(|failure| &failure.detail),
                "error_kind": kind, "made": ended.made,
            });
            Ok(if is_poison(is_ingested, kind) { Handled::Poison(value, unreadable(id)) } else { Handled::Done(value) })
        }
        Claimed::Busy => Ok(Handled::Retry(format!("another worker runs the job of {id}"))),
        Claimed::GivenUp => Ok(Handled::Retry(given_up(id))),
        Claimed::Nothing => match service.stores.load::<ImageRecord>(id).await {
            // A job that kills its workers belongs in the dead-letter queue for the operator.
            Ok((image, _)) if image.state == State::Failed && image.error_kind == Some(FailureKind::Stopped) => {
                Ok(Handled::Retry(given_up(id)))
            }
            Ok((image, _)) => {
                let value =
                    json!({ "id": id, "state": image.state, "error": image.error, "error_kind": image.error_kind });
                let poison = is_poison(image.dropped.is_some(), image.error_kind);
                Ok(if poison { Handled::Poison(value, unreadable(id)) } else { Handled::Done(value) })
            }
            Err(StoreError::NotFound) => Ok(Handled::Done(json!({ "id": id, "state": null }))),
            Err(error) => Err(error),
        },
    }
}

/// Whether it is an unreadable ingested file. Its sender gets no answer, unlike a client of the API.
fn is_poison(is_ingested: bool, kind: Option<FailureKind>) -> bool {
    is_ingested && kind == Some(FailureKind::Image)
}

fn unreadable(id: &str) -> String {
    format!("the ingested file of {id} is unreadable")
}

fn given_up(id: &str) -> String {
    format!("the job of {id} stopped too often")
}
