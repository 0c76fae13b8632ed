//! An invocation from event to answer: every order by itself, messages of a queue with failures of their own.

use std::time::{Duration, Instant};

use augment_api::{FailureKind, JobState, State};
use augment_records::ImageRecord;
use augment_records::jobs::{Claimed, claim_one};
use augment_stores_port::{StoreError, StoreResult};
use serde_json::{Value, json};

use crate::dataset::{self, Assembly, ItemOutcome};
use crate::bucket_ingest::{IngestOutcome, register_large, ingest};
use crate::event::{Event, JobStep, Task};
use crate::run_image::run;
use crate::service::Service;

/// A job is not begun when less time than this is left.
const LEAST_TIME: Duration = Duration::from_secs(8);
/// Seconds that a job is one worker's alone where nothing limits its time: far longer than any takes.
const LEASE: u64 = 900;

/// What came of an order.
enum TaskResult {
    /// It need not come again.
    Ended(Value),
    /// Nothing will ever end it better: its message is for the queue of dead letters, where an operator finds the file.
    Poison(Value, String),
    /// It must come again; why, for the log.
    Again(String),
}

/// Does what an event asks for, before `until`.
///
/// Messages of a queue that must come again are named as `batchItemFailures`; a direct request is answered with how the
/// images ended.
///
/// # Errors
/// Why a direct request must come again, or that the event is none.
pub async fn handle(service: &Service, event: &Value, until: Option<Instant>) -> Result<Value, String> {
    match Event::parse(event, &service.originals)? {
        Event::Dataset(id, order) => step(service, &id, order, until).await.map_err(|error| error.to_string()),
        Event::Direct(orders) => {
            let mut ended = Vec::new();
            for order in orders {
                match perform(service, &order, until).await {
                    TaskResult::Ended(value) | TaskResult::Poison(value, _) => ended.push(value),
                    TaskResult::Again(why) => return Err(why),
                }
            }
            Ok(json!({ "images": ended }))
        }
        Event::Queue(messages) => {
            let mut failures = Vec::new();
            for message in messages {
                let again = match &message.orders {
                    Ok(orders) => all(service, orders, until).await.err(),
                    Err(why) => Some(why.clone()),
                };
                if let Some(why) = again {
                    tracing::warn!(message.id = %message.id, %why, "a message must come again");
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
            ItemOutcome::TaskResult(failed) => return Ok(json!({ "job": id, "item": number, "failed": failed })),
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

/// Does all orders of a message, or tells why it must come again.
async fn all(service: &Service, orders: &[Task], until: Option<Instant>) -> Result<(), String> {
    for order in orders {
        match perform(service, order, until).await {
            TaskResult::Ended(_) => {}
            TaskResult::Again(why) | TaskResult::Poison(_, why) => return Err(why),
        }
    }
    Ok(())
}

async fn perform(service: &Service, order: &Task, until: Option<Instant>) -> TaskResult {
    if until.is_some_and(|until| Instant::now() + LEAST_TIME > until) {
        return TaskResult::Again("there is no time left for it".to_owned());
    }
    let done = match order {
        Task::Image(id) => image(service, id, until).await,
        Task::Object(key) => ingested(service, ingest(service, key).await, until).await,
        Task::Large(key, sha256) => ingested(service, register_large(service, key, sha256).await, until).await,
    };
    done.unwrap_or_else(|error| TaskResult::Again(error.to_string()))
}

/// The job of a file that was ingested.
async fn ingested(service: &Service, ingested: StoreResult<IngestOutcome>, until: Option<Instant>) -> StoreResult<TaskResult> {
    match ingested? {
        IngestOutcome::Image(id) => image(service, &id, until).await,
        IngestOutcome::Nothing | IngestOutcome::Orphan => Ok(TaskResult::Ended(Value::Null)),
    }
}

/// The job of an image.
async fn image(service: &Service, id: &str, until: Option<Instant>) -> StoreResult<TaskResult> {
    // Whoever is killed at its deadline holds nothing longer.
    let lease = until.map_or(LEASE, |until| until.saturating_duration_since(Instant::now()).as_secs() + 1);
    match claim_one(&service.stores, id, lease).await? {
        Claimed::Mine(claim) => {
            let is_drop = claim.image.dropped.is_some();
            let ended = run(service, *claim, until).await?;
            let failure = ended.failure.as_ref();
            let kind = failure.map(|failure| failure.kind);
            let value = json!({
                "id": ended.id, "state": ended.state, "error": failure.map(|failure| &failure.detail),
                "error_kind": kind, "made": ended.made,
            });
            Ok(if is_poison(is_drop, kind) { TaskResult::Poison(value, unreadable(id)) } else { TaskResult::Ended(value) })
        }
        Claimed::Busy => Ok(TaskResult::Again(format!("another has the job of {id}"))),
        Claimed::GivenUp => Ok(TaskResult::Again(given_up(id))),
        Claimed::Nothing => match service.stores.load::<ImageRecord>(id).await {
            // What kills whoever runs it belongs into the queue of dead letters, for the operator to look at.
            Ok((image, _)) if image.state == State::Failed && image.error_kind == Some(FailureKind::Stopped) => {
                Ok(TaskResult::Again(given_up(id)))
            }
            Ok((image, _)) => {
                let value =
                    json!({ "id": id, "state": image.state, "error": image.error, "error_kind": image.error_kind });
                let poison = is_poison(image.dropped.is_some(), image.error_kind);
                Ok(if poison { TaskResult::Poison(value, unreadable(id)) } else { TaskResult::Ended(value) })
            }
            Err(StoreError::NotFound) => Ok(TaskResult::Ended(json!({ "id": id, "state": null }))),
            Err(error) => Err(error),
        },
    }
}

/// Whether it is a dropped file that nobody can read. Who uploads by the API is told by it; who drops is not.
fn is_poison(is_drop: bool, kind: Option<FailureKind>) -> bool {
    is_drop && kind == Some(FailureKind::Image)
}

fn unreadable(id: &str) -> String {
    format!("the dropped file of {id} cannot be read")
}

fn given_up(id: &str) -> String {
    format!("the job of {id} stopped too often")
}
