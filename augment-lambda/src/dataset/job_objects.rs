//! What the items of a job leave in the store for each other and for assembly.

use augment_api::JobFailure;
use augment_core::output::Notes;
use augment_core::plan::Recipe;
use augment_records::Stores;
use augment_records::dataset::JobRecord;
use augment_stores_port::{Area, Key, ObjectStore, StoreError, StoreResult};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A finished item: what assembly needs besides its zip.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ItemDone {
    /// The job's round of the run.
    pub(super) round: u32,
    /// Listed images without output.
    pub(super) failed: u32,
    /// Images with missing outputs.
    pub(super) failures: Vec<JobFailure>,
    /// Names of unusable images.
    pub(super) unusable: Vec<String>,
    /// Unusable images known at the time of the run, which mixing steps did not choose.
    pub(super) excluded: usize,
    /// Bytes of the zip before its directory; 0 without a zip.
    pub(super) front: u64,
    /// Bytes of the zip.
    pub(super) size: u64,
    /// Duration in milliseconds.
    pub(super) work_ms: u64,
    /// Notes on its outputs.
    pub(super) notes: Notes,
}

/// Images of a mixing job that turned out to be unusable, so that no step chooses them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Unusable {
    pub(super) names: Vec<String>,
    /// How often all items were asked to run again.
    pub(super) asked: u32,
}

/// The key of the list of unusable images.
pub(super) fn unusable_key(job: &JobRecord) -> StoreResult<Key> {
    Key::new(Area::Results, &["jobs", &job.id, "unusable.json"])
}

/// The known images that mixing steps must not choose.
pub(super) async fn unusable(stores: &Stores, job: &JobRecord) -> StoreResult<Unusable> {
    if !Recipe::from_value(job.recipe.clone()).is_ok_and(|recipe| recipe.mixes()) {
        return Ok(Unusable::default());
    }
    match stores.get_json(&unusable_key(job)?).await {
        Err(StoreError::NotFound) => Ok(Unusable::default()),
        read => read,
    }
}

/// Larger than any object that is read whole.
const MAX_WHOLE: u64 = 1 << 40;

/// A whole object, if it exists.
pub(super) async fn read_whole(objects: &dyn ObjectStore, key: &Key) -> StoreResult<Option<Bytes>> {
    match objects.read(key, 0, MAX_WHOLE).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
