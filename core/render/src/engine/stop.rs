//! A request to end work early, looked at between stages and between bands of rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// A request to stop, shared with the thread that may make it. Work that was not stopped does not depend on it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for the end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Fails once it was asked for.
    ///
    /// # Errors
    /// `Stopped`.
    pub fn check(&self) -> Result<()> {
        if self.is_set() { Err(Error::new(ErrorKind::Stopped, "the work was stopped")) } else { Ok(()) }
    }
}
