//! A run in the browser: its scheduler, its workers, and the handle that controls it.

mod control;
mod driver;
mod events;
mod pace;
mod scheduler;
mod survey;
mod worker_pool;

pub use self::control::RunHandle;
pub use self::events::{OneImage, Progress, RunEvent, RunRequest, RunResult};
pub(super) use self::survey::partners_for_preview;
