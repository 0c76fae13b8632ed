//! A run over a whole dataset, without threads or workers: reading a source, fetching partners, rendering an output with
//! its tile of the contact sheet, delivering outputs in order, and the words for what fails.

mod delivery;
mod guard;
mod input_dataset;
mod partners;
mod told;
mod twins;
mod workload;

pub use crate::pipeline::Raw;
pub use delivery::{Delivered, Delivery};
pub use guard::guarded;
pub use input_dataset::InputDataset;
pub use partners::Partners;
pub use told::{CopyFailures, cause, copy_cause};
pub use workload::Workload;
