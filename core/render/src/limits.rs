//! The bounds on what a run takes in, checked before memory is taken.

use crate::error::{Error, ErrorKind, Result};

/// Bounds on the input. The defaults admit any camera's photograph and refuse what would exhaust a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of one image, stored or made.
    pub max_pixels: u64,
    /// Bytes of one file as read.
    pub max_file_bytes: u64,
    /// Bytes of one label file.
    pub max_label_bytes: u64,
    /// Objects in the labels of one image.
    pub max_objects: usize,
    /// Files in one input archive.
    pub max_archive_entries: usize,
    /// Times that an archive entry may grow when it is unpacked, past its first mebibyte.
    pub max_expansion: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 250_000_000,
            max_file_bytes: 1 << 30,
            max_label_bytes: 1 << 30,
            max_objects: 100_000,
            max_archive_entries: 1_000_000,
            max_expansion: 200,
        }
    }
}

impl Limits {
    /// Refuses a frame that is empty or larger than `max_pixels`.
    ///
    /// # Errors
    /// `Decode` for an empty frame, `Limit` for too large a one.
    pub fn check_pixels(&self, width: u64, height: u64) -> Result<()> {
        if width == 0 || height == 0 {
            return Err(Error::new(ErrorKind::Decode, format!("the image is empty ({width}x{height})")));
        }
        if width.saturating_mul(height) > self.max_pixels {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "{width}x{height} pixels are more than the limit of {} (raise it with --max-pixels)",
                    self.max_pixels
                ),
            ));
        }
        Ok(())
    }
}
