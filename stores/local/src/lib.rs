//! The stores of one machine: records in an embedded database, objects in a folder behind an embedded S3 server.
//!
//! The server verifies the signature of every request, so its signed URLs are as safe as those of a cloud.

mod database;
mod folder;
mod lock;
mod no_forms;
mod objects;
mod orphans;
mod records;
mod s3;
mod server;
mod signed_only;
mod writer;

pub use folder::Folder;
pub use lock::{DataLock, LockError};
pub use no_forms::NoForms;
pub use orphans::Orphans;
pub use records::LocalRecords;
pub use s3::{ORIGINALS_BUCKET, PutHook, RESULTS_BUCKET};
pub use server::{AccessKey, REGION, S3Server, s3_server};
