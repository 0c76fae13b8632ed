//! Files of an input that cannot be used, each with the reason.

use super::listed::listed;
use crate::error::{Error, ErrorKind};

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name in the input.
    pub file: String,
    /// Why.
    pub error: Error,
    /// Whether it is only that a file about many images speaks of some that are not in the input.
    is_absent_image: bool,
}

impl Problem {
    pub(super) fn new(file: &str, error: Error) -> Self {
        Self { file: file.to_owned(), error, is_absent_image: false }
    }

    /// That a file about many images speaks of some that are not in the input.
    pub(super) fn absent_images(file: &str, names: &[&str]) -> Self {
        let why = format!("it labels images that are not there ({}): {}", names.len(), listed(names));
        Self { is_absent_image: true, ..Self::new(file, Error::new(ErrorKind::Label, why)) }
    }

    /// Whether it is only that a file about many images speaks of some that are not in the input.
    #[must_use]
    pub const fn is_absent_image(&self) -> bool {
        self.is_absent_image
    }
}
