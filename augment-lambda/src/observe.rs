//! What is known of every job afterwards: metrics without anything of the image itself.

use std::time::Duration;

use augment_api::Made;
use augment_records::dataset::{DatasetOutcome, StoredJob};
use serde_json::{Value, json};

use crate::run::Ended;

/// The metrics' namespace, the API's too.
const NAMESPACE: &str = "DeltaAugment";

/// A line of metrics in the embedded metric format: jobs by how they ended, and how much there was to do.
pub(crate) fn of_job(at_ms: u64, ended: &Ended, took: Duration) -> Value {
    let result = ended.failure.as_ref().map_or("done", |failure| failure.kind.word());
    let mut figures =
        vec![("Jobs", "Count", json!(1)), ("Duration", "Milliseconds", json!(took.as_secs_f64() * 1000.0))];
    if let Some(made) = &ended.made {
        figures.push(("BytesBefore", "Bytes", made.bytes_before.into()));
        figures.extend(of_made(made));
    }
    line(at_ms, result, figures)
}

/// The same of a job over a dataset.
pub(crate) fn of_dataset(at_ms: u64, job: &StoredJob, outcome: &DatasetOutcome) -> Value {
    let result = outcome.result.as_ref().map_or_else(|failure| failure.kind.word(), |_| "done");
    let mut figures = vec![
        ("Datasets", "Count", json!(1)),
        ("DatasetImages", "Count", job.images.into()),
        ("FailedImages", "Count", outcome.failed.into()),
    ];
    if let Ok((_, made)) = &outcome.result {
        figures.extend(of_made(made));
    }
    line(at_ms, result, figures)
}

/// A figure's name, unit and value.
type Figure = (&'static str, &'static str, Value);

/// The figures of results.
fn of_made(made: &Made) -> [Figure; 3] {
    [
        ("BytesAfter", "Bytes", made.bytes_after.into()),
        ("Outputs", "Count", made.outputs.into()),
        ("Pixels", "Count", made.pixels.into()),
    ]
}

/// Figures as a line of the embedded metric format.
fn line(at_ms: u64, result: &str, figures: Vec<Figure>) -> Value {
    let metrics: Vec<Value> = figures.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let sets = json!([{ "Namespace": NAMESPACE, "Dimensions": [["Result"]], "Metrics": metrics }]);
    let mut line = json!({ "Result": result, "_aws": { "Timestamp": at_ms, "CloudWatchMetrics": sets } });
    for (name, _, value) in figures {
        line[name] = value;
    }
    line
}
