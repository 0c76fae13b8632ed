//! The error of a part of the page or its workers that could not be downloaded.

use wasm_split_helpers::SplitLoaderError;

use crate::Refusal;

/// A part could not be downloaded.
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
