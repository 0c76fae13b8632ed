//! A part of the page or of its workers that comes later, and did not come.

use wasm_split_helpers::SplitLoaderError;

use crate::Refusal;

/// The file of a part did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

impl From<Missing> for Refusal {
    fn from(_: Missing) -> Self {
        Self::new("a part of the page could not be downloaded; check the network, then try again")
    }
}
