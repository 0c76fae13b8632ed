//! The stores of one machine: records in an embedded database, objects in a folder behind an embedded S3 server.
//!
//! The server verifies every request's signature, so addresses signed for it are as good as those of a cloud.

mod signed_only;
mod folder;
mod lock;
mod objects;
mod orphans;
mod records;
mod s3;
mod server;
mod writer;

pub use folder::Folder;
pub use lock::{DataLock, LockError};
pub use orphans::Orphans;
pub use records::LocalRecords;
pub use server::{AccessKey, PutHook, ORIGINALS_BUCKET, REGION, RESULTS_BUCKET, S3Server, s3_server};
