//! The request to stop, so that a process gives its jobs back before it ends.

use std::sync::Arc;

use augment_stores_port::StoreError;
use tokio::sync::watch;

/// A request to stop, shared by all jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stopping(Arc<watch::Sender<bool>>);

impl Default for Stopping {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stopping {
    /// Asks all jobs to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether jobs should stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until jobs should stop.
    pub async fn stopped(&self) {
        // The sender lives as long as this.
        let _ = self.0.subscribe().wait_for(|stop| *stop).await;
    }

    /// The error of a job that was stopped.
    pub(crate) fn error() -> StoreError {
        StoreError::other("the service is stopping")
    }
}
