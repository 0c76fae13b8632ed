//! Jobs as a Lambda function: settings from the environment, stores on AWS.

mod environment;

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use augment_lambda::{Datasets, Service, Stopping, handle};
use augment_records::Stores;
use augment_stores_aws::{DynamoRecords, S3Objects};
use augment_stores_port::system_clock;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

use crate::environment::Environment;

fn main() -> Result<(), Error> {
    // JSON lines of our own crates only: messages of libraries may contain signatures.
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    let ours = tracing_subscriber::filter::Targets::new().with_target("augment_lambda", tracing::Level::INFO);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true);
    tracing_subscriber::registry().with(lines).with(ours).init();

    let environment = Environment::read(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))?;
    let service = service(environment);
    let answer = service_fn(|event: LambdaEvent<Value>| {
        let service = &service;
        async move { handle(service, &event.payload, until(service, event.context.deadline)).await.map_err(Error::from) }
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(lambda_runtime::run(answer))
}

/// The service over the configured stores.
fn service(Environment { stores, limits, memory_bytes, sign_in }: Environment) -> Service {
    let objects = S3Objects::new(stores.connection.s3(), &stores.originals, &stores.results);
    let records = DynamoRecords::new(stores.connection.dynamodb(), &stores.table);
    Service {
        stores: Stores { objects: Arc::new(objects), records: Arc::new(records), clock: system_clock() },
        limits,
        memory_bytes,
        originals: stores.originals,
        sign_in,
        datasets: Datasets::default(),
        metrics: Arc::new(|line| {
            // A lost line only loses a metric.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }),
        stopping: Stopping::default(),
    }
}

/// The deadline of an invocation as an `Instant`, from milliseconds since 1970.
fn until(service: &Service, deadline_ms: u64) -> Option<Instant> {
    let left = deadline_ms.saturating_sub(service.stores.now_ms());
    Instant::now().checked_add(Duration::from_millis(left))
}
