//! Turns of uploads: those of one id wait for each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::lock::{Mutex as Turn, OwnedMutexGuard};

/// A lock for each id that was uploaded, shared by clones of a client.
///
/// Files with the same content often have the same id. Without a turn, the second would take the first's upload for one
/// that was abandoned, and replace it.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns(Arc<Mutex<BTreeMap<String, Arc<Turn<()>>>>>);

impl Turns {
    /// Waits until no other upload of the id is under way.
    pub(super) async fn wait(&self, id: &str) -> OwnedMutexGuard<()> {
        let turn = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(id.to_owned()).or_default());
        turn.lock_owned().await
    }
}
