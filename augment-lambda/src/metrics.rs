//! Metrics of finished jobs, without image data.

use std::time::Duration;

use augment_api::Made;
use augment_records::dataset::{DatasetOutcome, JobRecord};
use augment_records::jobs::JobError;
use augment_records::{Figure, metric_line};
use serde_json::{Value, json};

/// The metric line of an image's job: result and amount of work.
pub(crate) fn of_job(at_ms: u64, failure: Option<&JobError>, made: Option<&Made>, took: Duration) -> Value {
    let result = failure.map_or("done", |failure| failure.kind.word());
    let mut figures =
        vec![("Jobs", "Count", json!(1)), ("Duration", "Milliseconds", json!(took.as_secs_f64() * 1000.0))];
    if let Some(made) = made {
        figures.push(("BytesBefore", "Bytes", made.bytes_before.into()));
        figures.extend(of_made(made));
    }
    metric_line(at_ms, vec![("Result", result, figures)])
}

/// The metric line of a job over a dataset.
pub(crate) fn of_dataset(at_ms: u64, job: &JobRecord, outcome: &DatasetOutcome) -> Value {
    let result = outcome.result.as_ref().map_or_else(|failure| failure.kind.word(), |_| "done");
    let mut figures = vec![
        ("Datasets", "Count", json!(1)),
        ("DatasetImages", "Count", job.images.into()),
        ("FailedImages", "Count", outcome.failed.into()),
    ];
    if let Ok((_, made)) = &outcome.result {
        figures.extend(of_made(made));
    }
    metric_line(at_ms, vec![("Result", result, figures)])
}

/// The figures of results.
fn of_made(made: &Made) -> [Figure; 3] {
    [
        ("BytesAfter", "Bytes", made.bytes_after.into()),
        ("Outputs", "Count", made.outputs.into()),
        ("Pixels", "Count", made.pixels.into()),
    ]
}
