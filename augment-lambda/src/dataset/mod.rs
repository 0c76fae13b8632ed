//! Jobs over datasets: each item renders a range of images into its own zip, and assembly joins these into one.
//!
//! Items use the same engine and order as `delta augment`. The fronts of their zips (everything before the directory),
//! the dataset-wide files and one joined directory equal the zip of `delta augment`, byte for byte. Mixing steps choose
//! among usable images, which are known only after all were read: if one turns out to be unusable, all items run again
//! without it. Assembly reads only the notes and the directory of an item.

mod assemble;
mod files;
mod job_objects;
mod open_dataset;
mod render_item;
mod run_item;
mod run_local;
mod zip_parts;

pub(crate) use assemble::{Assembly, assemble, give_up};
pub use open_dataset::Datasets;
pub(crate) use open_dataset::OpenDataset;
pub(crate) use run_item::{ItemOutcome, run_item};
pub use run_local::run_dataset;
