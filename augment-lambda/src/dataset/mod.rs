//! Jobs over datasets: each item renders a range of images into its own zip, and assembly joins these into one.
//!
//! Items use the same engine and order as `delta augment`. The fronts of their zips (everything before the directory),
//! the dataset-wide files and one joined directory equal the zip of `delta augment`, byte for byte. Mixing steps choose
//! among usable images, which are known only after all were read: if one turns out to be unusable, all items run again
//! without it. Assembly reads only the notes and the directory of an item.

mod assemble;
mod files;
mod open_dataset;
mod render_item;
mod run_item;
mod run_local;
mod zip_parts;

use augment_api::JobFailure;
use augment_core::output::Notes;
use augment_core::plan::Recipe;
use augment_records::dataset::JobRecord;
use augment_stores_port::{Area, Key, ObjectStore, StoreError, StoreResult};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::service::Service;

pub(crate) use assemble::{Assembly, assemble, give_up};
pub use open_dataset::Datasets;
pub(crate) use run_item::{ItemOutcome, run_item};
pub use run_local::run_dataset;

/// A finished item: what assembly needs besides its zip.
#[derive(Debug, Serialize, Deserialize)]
struct ItemDone {
    /// The job's round of the run.
    round: u32,
    /// Listed images without output.
    failed: u32,
    /// Images with missing outputs.
    failures: Vec<JobFailure>,
    /// Names of unusable images.
    unusable: Vec<String>,
    /// Unusable images known at the time of the run, which mixing steps did not choose.
    excluded: usize,
    /// Bytes of the zip before its directory; 0 without a zip.
    front: u64,
    /// Bytes of the zip.
    size: u64,
    /// Duration in milliseconds.
    work_ms: u64,
    /// Notes on its outputs.
    notes: Notes,
}

/// Images of a mixing job that turned out to be unusable, so that no step chooses them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Unusable {
    names: Vec<String>,
    /// How often all items were asked to run again.
    asked: u32,
}

/// The key of the list of unusable images.
fn unusable_key(job: &JobRecord) -> StoreResult<Key> {
    Key::new(Area::Results, &["jobs", &job.id, "unusable.json"])
}

/// The known images that mixing steps must not choose.
async fn unusable(service: &Service, job: &JobRecord) -> StoreResult<Unusable> {
    if !Recipe::from_value(job.recipe.clone()).is_ok_and(|recipe| recipe.mixes()) {
        return Ok(Unusable::default());
    }
    match service.stores.get_json(&unusable_key(job)?).await {
        Err(StoreError::NotFound) => Ok(Unusable::default()),
        read => read,
    }
}

/// Larger than any object that is read whole.
const MAX_WHOLE: u64 = 1 << 40;

/// A whole object, if it exists.
async fn read_whole(objects: &dyn ObjectStore, key: &Key) -> StoreResult<Option<Bytes>> {
    match objects.read(key, 0, MAX_WHOLE).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
