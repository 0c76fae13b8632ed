//! An invocation from event to answer: every order by itself, messages of a queue with failures of their own.

use std::time::{Duration, Instant};

use augment_api::{FailureKind, State};
use augment_records::jobs::{Claimed, claim_one};
use augment_stores_port::{StoreError, StoreResult};
use serde_json::{Value, json};

use crate::drops::{Adopted, adopt};
use crate::event::{Event, Order};
use crate::run::run;
use crate::service::Service;

/// A job is not begun when less time than this is left.
const LEAST_TIME: Duration = Duration::from_secs(8);
/// Seconds that a job is one worker's alone where nothing limits its time: far longer than any takes.
const LEASE: u64 = 900;

/// What came of an order.
enum Done {
    /// It need not come again.
    Ended(Value),
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
        Event::Direct(orders) => {
            let mut ended = Vec::new();
            for order in orders {
                match obey(service, &order, until).await {
                    Done::Ended(value) => ended.push(value),
                    Done::Again(why) => return Err(why),
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

/// Does all orders of a message, or tells why it must come again.
async fn all(service: &Service, orders: &[Order], until: Option<Instant>) -> Result<(), String> {
    for order in orders {
        if let Done::Again(why) = obey(service, order, until).await {
            return Err(why);
        }
    }
    Ok(())
}

async fn obey(service: &Service, order: &Order, until: Option<Instant>) -> Done {
    if until.is_some_and(|until| Instant::now() + LEAST_TIME > until) {
        return Done::Again("there is no time left for it".to_owned());
    }
    let done = match order {
        Order::Image(id) => image(service, id, until).await,
        Order::Object(key) => match adopt(service, key).await {
            Ok(Adopted::Image(id)) => image(service, &id, until).await,
            Ok(Adopted::Nothing) => Ok(Done::Ended(Value::Null)),
            Err(error) => Err(error),
        },
    };
    done.unwrap_or_else(|error| Done::Again(error.to_string()))
}

/// The job of an image.
async fn image(service: &Service, id: &str, until: Option<Instant>) -> StoreResult<Done> {
    // Whoever is killed at its deadline holds nothing longer.
    let lease = until.map_or(LEASE, |until| until.saturating_duration_since(Instant::now()).as_secs() + 1);
    match claim_one(&service.stores, id, lease).await? {
        Claimed::Mine(claim) => {
            let ended = run(service, *claim, until).await?;
            let failure = ended.failure.as_ref();
            Ok(Done::Ended(json!({
                "id": ended.id, "state": ended.state, "error": failure.map(|failure| &failure.detail),
                "error_kind": failure.map(|failure| failure.kind), "made": ended.made,
            })))
        }
        Claimed::Busy => Ok(Done::Again(format!("another has the job of {id}"))),
        Claimed::GivenUp => Ok(Done::Again(given_up(id))),
        Claimed::Nothing => match service.stores.load(id).await {
            // What kills whoever runs it belongs into the queue of dead letters, for the operator to look at.
            Ok((image, _)) if image.state == State::Failed && image.error_kind == Some(FailureKind::Stopped) => {
                Ok(Done::Again(given_up(id)))
            }
            Ok((image, _)) => Ok(Done::Ended(json!({ "id": id, "state": image.state }))),
            Err(StoreError::NotFound) => Ok(Done::Ended(json!({ "id": id, "state": null }))),
            Err(error) => Err(error),
        },
    }
}

fn given_up(id: &str) -> String {
    format!("the job of {id} stopped too often")
}
