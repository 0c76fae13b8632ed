//! Jobs over datasets: items, each some images that become a zip of their own, and the zip that they are put together to.
//!
//! An item's zip is written by the same engine in the same order as `delta augment` writes, so the fronts of all items
//! one after the other, the files about all outputs and one directory are what `delta augment` makes of the whole
//! dataset, byte for byte. Nothing of an item passes through whoever puts them together but its notes and its directory.

mod assemble;
mod files;
mod here;
mod item;
mod opened;
mod pieces;
mod work;

use augment_api::JobFailure;
use augment_core::output::Notes;
use augment_stores_port::{Key, ObjectStore, StoreError, StoreResult};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub(crate) use assemble::{assemble, give_up};
pub use here::run_dataset;
pub(crate) use item::{Item, item};
pub use opened::Datasets;

/// An item that is done, well or badly: what assembling needs beside its zip.
#[derive(Debug, Serialize, Deserialize)]
struct ItemDone {
    /// The job's round in which it was run.
    round: u32,
    /// Listed images that gave no output.
    failed: u32,
    /// Images that gave none, or not all.
    failures: Vec<JobFailure>,
    /// Bytes of the zip before its directory; 0 where there is none.
    front: u64,
    /// Bytes of the zip.
    size: u64,
    /// Milliseconds that it took.
    work_ms: u64,
    /// What is noted of its outputs.
    notes: Notes,
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
