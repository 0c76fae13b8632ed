//! What a run writes: names, manifest lines, and the order of a dataset's files.

mod assemble;
pub mod contact_sheet;
mod manifest;
mod names;

pub use assemble::{Assembler, Failure, Notes, Sink, Summary};
pub use manifest::{LabelCounts, Line, Manifest, Unchanged, read_manifest};
pub use names::output_bases;
