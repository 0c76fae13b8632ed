//! Jobs over datasets: items, each some images that become a zip of their own, and the zip that they are put together to.
//!
//! An item's zip is written by the same engine in the same order as `delta augment` writes, so the fronts of all items
//! one after the other, the files about all outputs and one directory are what `delta augment` makes of the whole
//! dataset, byte for byte. Mixing steps choose among the images that can be used, which nobody knows before all were
//! read: where one cannot, all items are run once more without it. Nothing of an item passes through whoever puts them together but its notes and its directory.

mod assemble;
mod files;
mod run_local;
mod run_item;
mod open_dataset;
mod zip_parts;
mod render_item;

use augment_api::JobFailure;
use augment_core::output::Notes;
use augment_core::plan::Recipe;
use augment_records::dataset::JobRecord;
use augment_stores_port::{Area, Key, ObjectStore, StoreError, StoreResult};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::service::Service;

pub(crate) use assemble::{Assembly, assemble, give_up};
pub use run_local::run_dataset;
pub(crate) use run_item::{ItemOutcome, run_item};
pub use open_dataset::Datasets;

/// An item that is done, well or badly: what assembling needs beside its zip.
#[derive(Debug, Serialize, Deserialize)]
struct ItemDone {
    /// The job's round in which it was run.
    round: u32,
    /// Listed images that gave no output.
    failed: u32,
    /// Images that gave none, or not all.
    failures: Vec<JobFailure>,
    /// Images that cannot be used at all, by their names.
    unusable: Vec<String>,
    /// How many of such were known when it was run: mixing steps choose among the others.
    excluded: usize,
    /// Bytes of the zip before its directory; 0 where there is none.
    front: u64,
    /// Bytes of the zip.
    size: u64,
    /// Milliseconds that it took.
    work_ms: u64,
    /// What is noted of its outputs.
    notes: Notes,
}

/// Images of a job that mixes that turned out to be none, so that no step chooses them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Unusable {
    names: Vec<String>,
    /// How often it was asked that all items be run without them.
    asked: u32,
}

/// Where that is written.
fn unusable_key(job: &JobRecord) -> StoreResult<Key> {
    Key::new(Area::Results, &["jobs", &job.id, "unusable.json"])
}

/// The images that no mixing step may choose, as far as they are known.
async fn unusable(service: &Service, job: &JobRecord) -> StoreResult<Unusable> {
    if !Recipe::from_value(job.recipe.clone()).is_ok_and(|recipe| recipe.mixes()) {
        return Ok(Unusable::default());
    }
    match service.stores.get_json(&unusable_key(job)?).await {
        Err(StoreError::NotFound) => Ok(Unusable::default()),
        read => read,
    }
}

/// More bytes than any object has that is read as a whole.
const WHOLE: u64 = 1 << 40;

/// All of an object, if it is there.
async fn read_whole(objects: &dyn ObjectStore, key: &Key) -> StoreResult<Option<Bytes>> {
    match objects.read(key, 0, WHOLE).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
