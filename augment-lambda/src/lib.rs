//! Jobs of the server over any stores: originals in, zips and thumbnails out, by the engine that runs everywhere else.
//!
//! [`run()`] does one claimed job; [`register`] and [`ingest`] make an image of a file that another client put into the
//! originals; [`handle`] does what an event of the Lambda function asks for. `delta serve` uses all but the last.
//!
//! # Events
//!
//! | form | asks for |
//! | --- | --- |
//! | `{"id": ID}` | the job of an image, if one waits |
//! | `{"Records": [{"eventSource": "aws:s3", …}]}` | every object that was created in the bucket of originals: a drop becomes an image and is run; the file of an announced upload is left to the API's `complete` |
//! | `{"eventName": …, "dynamodb": {"NewImage": …}}`, one or a list | the job of the image whose record, or whose place in a list, the row is |
//! | `{"large": KEY, "sha256": HASH}` | the record of a large drop to name the zip that the batch service made of it |
//! | `{"Records": [{"eventSource": "aws:sqs", "messageId": …, "body": any of the above as text}]}` | each message by itself; the answer names those to come again as `batchItemFailures` |
//!
//! The API asks for a job by a write that puts the row `pk = "list#jobs"` with `key = "image/ID"` into the table: a
//! stream of new images, filtered to `{"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": ["list#jobs"]}}}}`,
//! carries exactly the jobs that begin to wait.
//!
//! A job over a dataset is begun by the row `pk = "list#datasets"` with `key = "dataset/ID"`. An engine that schedules
//! items (`infra/state-machine.asl.json`) calls directly:
//!
//! | form | asks for | answer |
//! | --- | --- | --- |
//! | `{"job": ID, "item": N}` | one item, for every entry of `jobs/ID/items.json` | `{"job", "item", "failed"}` |
//! | `{"job": ID, "assemble": true}` | the zip of all items, and the end of the job | `{"job", "state", "again"}` |
//! | `{"job": ID, "stopped": WHY}` | the end of a job that could not be assembled | `{"job", "state"}` |
//!
//! `state` is `null` where the job is gone. `again` says that all items must be run once more, as `items.json` lists them. A repeat of any of them changes nothing. [`run_dataset`] does all of it where
//! there is no engine.
//!
//! A direct request is answered by `{"images": [{"id", "state", "error", "error_kind", "made"}]}`, and is an error where
//! it must come again.
//!
//! # Coming again
//!
//! An image that cannot be augmented (damaged, too large, a recipe that does not fit, too little time) has failed, its
//! record says why, and its message is done; but that of a dropped file which cannot be read is told to come again,
//! which costs a look at the record each time, until the queue puts it among the dead letters. What comes again is what may end better: a store that failed, a job that
//! another holds. A job is begun [`MOST_ATTEMPTS`] times; who finds it after that writes it down as failed and lets the
//! message come again until the queue puts it among the dead letters. So a queue must deliver a message at least
//! [`MOST_ATTEMPTS`] + 1 times, and hide one that was delivered for longer than the function may take.
//!
//! # Environment
//!
//! Needed: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`), `DELTA_TABLE`,
//! `DELTA_ORIGINALS_BUCKET`, `DELTA_RESULTS_BUCKET`. Not needed: `DELTA_MAX_COUNT`, `DELTA_S3_ENDPOINT`,
//! `DELTA_DYNAMODB_ENDPOINT`. `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`, which the platform sets, bounds the images.
//!
//! # What it calls
//!
//! Originals: `s3:GetObject` (heads too) and `s3:PutObjectTagging`. Results: `s3:PutObject` (parts too),
//! `s3:AbortMultipartUpload`, `s3:PutObjectTagging`; `s3:DeleteObject` in both, for an image that is deleted while its
//! job runs; `s3:ListBucket` on both, so that a missing object is told from a forbidden one. The table:
//! `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:DeleteItem` (in transactions and alone). `infra/checks` reads these
//! out of the sources, and holds the template to them.

mod dataset;
mod bucket_ingest;
mod render_image;
mod event;
mod handler;
mod memory_limit;
mod metrics;
mod zip_upload;
mod run_image;
mod service;
mod thumbnails;

pub use augment_records::jobs::MOST_ATTEMPTS;
pub use dataset::{Datasets, run_dataset};
pub use bucket_ingest::{IngestOutcome, register, ingest};
pub use event::{JobStep, Event, Message, Task};
pub use handler::handle;
pub use run_image::{JobReport, run};
pub use service::Service;
