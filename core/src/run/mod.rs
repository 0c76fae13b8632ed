//! A run over a whole dataset, without a scheduler: reading a source, fetching partners, rendering an output with its
//! tile of the contact sheet, and the words for what fails.

mod found;
mod guard;
mod partners;
mod told;
mod twins;
mod work;

pub use crate::pipeline::Raw;
pub use found::Found;
pub use guard::guarded;
pub use partners::Partners;
pub use told::{CopyFailures, cause, copy_cause};
pub use work::Work;
