//! What is known of every job afterwards: metrics without anything of the image itself.

use std::time::Duration;

use augment_records::dataset::{DatasetOutcome, StoredJob};
use serde_json::{Value, json};

use crate::run::Ended;

/// The metrics' namespace, the API's too.
const NAMESPACE: &str = "DeltaAugment";

/// A line of metrics in the embedded metric format: jobs by how they ended, and how much there was to do.
pub(crate) fn of_job(at_ms: u64, ended: &Ended, took: Duration) -> Value {
    let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
    let mut metrics = vec![metric("Jobs", "Count"), metric("Duration", "Milliseconds")];
    let result = ended.failure.as_ref().map_or("done", |failure| failure.kind.word());
    let mut line = json!({ "Result": result, "Jobs": 1, "Duration": took.as_secs_f64() * 1000.0 });
    if let Some(made) = &ended.made {
        metrics.extend([metric("BytesBefore", "Bytes"), metric("BytesAfter", "Bytes")]);
        metrics.extend([metric("Outputs", "Count"), metric("Pixels", "Count")]);
        line["BytesBefore"] = made.bytes_before.into();
        line["BytesAfter"] = made.bytes_after.into();
        line["Outputs"] = made.outputs.into();
        line["Pixels"] = made.pixels.into();
    }
    let sets = json!([{ "Namespace": NAMESPACE, "Dimensions": [["Result"]], "Metrics": metrics }]);
    line["_aws"] = json!({ "Timestamp": at_ms, "CloudWatchMetrics": sets });
    line
}

/// The same of a job over a dataset.
pub(crate) fn of_dataset(at_ms: u64, job: &StoredJob, outcome: &DatasetOutcome) -> Value {
    let metric = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
    let mut metrics =
        vec![metric("Datasets", "Count"), metric("DatasetImages", "Count"), metric("FailedImages", "Count")];
    let result = outcome.result.as_ref().map_or_else(|failure| failure.kind.word(), |_| "done");
    let mut line =
        json!({ "Result": result, "Datasets": 1, "DatasetImages": job.images, "FailedImages": outcome.failed });
    if let Ok((_, made)) = &outcome.result {
        metrics.extend([metric("BytesAfter", "Bytes"), metric("Outputs", "Count"), metric("Pixels", "Count")]);
        line["BytesAfter"] = made.bytes_after.into();
        line["Outputs"] = made.outputs.into();
        line["Pixels"] = made.pixels.into();
    }
    let sets = json!([{ "Namespace": NAMESPACE, "Dimensions": [["Result"]], "Metrics": metrics }]);
    line["_aws"] = json!({ "Timestamp": at_ms, "CloudWatchMetrics": sets });
    line
}
