//! Jobs of the service over any stores: originals in, zips and thumbnails out, made by the same engine as everywhere.
//!
//! [`run()`] runs one claimed job; [`register`] and [`ingest`] make an image from a file that another client put into the
//! originals; [`handle`] handles an event of the Lambda function. `delta serve` uses all but the last.
//!
//! # Events
//!
//! | form | task |
//! | --- | --- |
//! | `{"id": ID}` | the waiting job of an image, if any |
//! | `{"Records": [{"eventSource": "aws:s3", …}]}` | every new object in the bucket of originals: it becomes an image and its job runs; files of announced uploads are left to the API's `complete` |
//! | `{"eventName": …, "dynamodb": {"NewImage": …}}`, one or a list | the job of the image whose record or list entry the row is |
//! | `{"large": KEY, "sha256": HASH}` | the batch service's zip of a large ingested file, to add to its record |
//! | `{"Records": [{"eventSource": "aws:sqs", "messageId": …, "body": any of the above as text}]}` | each message on its own; the answer lists failed ones as `batchItemFailures` |
//!
//! The API requests a job by writing the row `pk = "list#jobs"` with `key = "image/ID"`. A stream of new images, filtered
//! to `{"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": ["list#jobs"]}}}}`,
//! contains exactly the new jobs.
//!
//! A job over a dataset starts with the row `pk = "list#datasets"` with `key = "dataset/ID"`. The engine that schedules
//! its items (`infra/state-machine.asl.json`) invokes the function directly:
//!
//! | form | task | answer |
//! | --- | --- | --- |
//! | `{"job": ID, "item": N}` | one item, for every entry of `jobs/ID/items.json` | `{"job", "item", "failed"}` |
//! | `{"job": ID, "assemble": true}` | the assembly of all items, which ends the job | `{"job", "state", "again"}` |
//! | `{"job": ID, "stopped": WHY}` | the failure of a job that could not be assembled | `{"job", "state"}` |
//!
//! `state` is `null` if the job was deleted. `again` means that all items in `items.json` must run again. Repeated calls
//! change nothing. [`run_dataset`] replaces the engine where there is none.
//!
//! The answer to a direct request is `{"images": [{"id", "state", "error", "error_kind", "made"}]}`, or an error if it
//! must be retried.
//!
//! # Retries
//!
//! An image that cannot be augmented (damaged, too large, an unfit recipe, too little time) is marked as failed with the
//! reason, and its message is done. Only the message of an unreadable ingested file is redelivered until it is a dead
//! letter; each redelivery costs one read of the record. Tasks that may succeed later are retried: a store that failed, a
//! job that another worker holds. After [`MAX_ATTEMPTS`] attempts a job is marked as failed, and its message becomes a
//! dead letter. So a queue must deliver a message at least [`MAX_ATTEMPTS`] + 1 times, with a visibility timeout longer
//! than the function's.
//!
//! # Environment
//!
//! Required: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`), `DELTA_TABLE`,
//! `DELTA_ORIGINALS_BUCKET`, `DELTA_RESULTS_BUCKET`. Optional: `DELTA_MAX_COUNT`, `DELTA_S3_ENDPOINT`,
//! `DELTA_DYNAMODB_ENDPOINT`. `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, which the platform sets, limits the images.
//!
//! # Permissions
//!
//! Originals: `s3:GetObject` (heads too) and `s3:PutObjectTagging`. Results: `s3:PutObject` (parts too),
//! `s3:AbortMultipartUpload`, `s3:PutObjectTagging`; `s3:DeleteObject` in both, for an image that is deleted during its
//! job; `s3:ListBucket` on both, to distinguish a missing object from a forbidden one. The table:
//! `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:DeleteItem` (in transactions and alone). `infra/checks` derives
//! these from the sources and compares the template with them.

mod attempt;
mod bucket_ingest;
mod dataset;
mod deadline;
mod event;
mod handler;
mod memory_limit;
mod metrics;
mod render_image;
mod run_image;
mod service;
mod stopping;
mod thumbnails;
mod zip_upload;

pub use augment_records::jobs::MAX_ATTEMPTS;
pub use bucket_ingest::{Ingested, ingest, register};
pub use dataset::{Datasets, run_dataset};
pub use event::{Event, EventTask, JobStep, Message};
pub use handler::handle;
pub use run_image::{JobReport, READ_BYTES, run};
pub use service::Service;
pub use stopping::Stopping;
pub use zip_upload::PART_BYTES;
