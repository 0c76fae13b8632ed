//! Files of an input that cannot be used, each with the reason.

use super::listed::listed;
use crate::error::Error;

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name in the input.
    pub file: String,
    /// Why.
    pub error: Error,
}

const ABSENT_IMAGES: &str = "it labels images that are not there";

/// The words for images that a file speaks of and that are not in the input.
pub(super) fn absent_images(names: &[&str]) -> String {
    format!("{ABSENT_IMAGES} ({}): {}", names.len(), listed(names))
}

impl Problem {
    /// Whether it is only that a file about many images speaks of some that are not in the input.
    #[must_use]
    pub fn is_absent_image(&self) -> bool {
        self.error.message().starts_with(ABSENT_IMAGES)
    }
}
