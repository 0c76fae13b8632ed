//! The page's side of the engine: datasets, pictures and runs, made by workers.
//!
//! [`Engine`] is a cheap handle that rooms take from the context. It starts workers when they are needed and replaces
//! workers that stop. Nothing here computes, and nothing blocks the page.

mod dataset;
mod destination;
mod handle;
mod preview;
mod run;
mod upload_source;
mod worker_client;
mod worker_slot;

pub use self::dataset::{OpenOptions, Source};
pub use self::destination::ZipDestination;
pub use self::handle::{Engine, processors};
pub use self::preview::Pixels;
pub use self::run::{OneImage, Progress, RunEvent, RunHandle, RunRequest, RunResult};
pub use self::upload_source::UploadSource;
