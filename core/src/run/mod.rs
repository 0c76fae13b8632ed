//! A run over a whole dataset, without a scheduler: reading a source, fetching partners, rendering an output with its
//! tile of the contact sheet, and the words for what fails.

mod guard;
mod input_dataset;
mod partners;
mod told;
mod twins;
mod workload;

pub use crate::pipeline::Raw;
pub use guard::guarded;
pub use input_dataset::InputDataset;
pub use partners::Partners;
pub use told::{CopyFailures, cause, copy_cause};
pub use workload::Workload;
