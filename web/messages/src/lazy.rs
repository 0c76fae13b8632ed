//! A part of the page or of its workers that comes later, and did not come.

use wasm_split_helpers::SplitLoaderError;

use crate::Refusal;

/// The file of a part did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadFailed;

impl From<SplitLoaderError> for LoadFailed {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

impl From<LoadFailed> for Refusal {
    fn from(_: LoadFailed) -> Self {
        Self::new("a part of the page could not be downloaded; check the network, then try again")
    }
}
