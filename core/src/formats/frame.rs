//! The frame that labels are drawn on: an image's sizes before and after its EXIF orientation is applied.

use crate::geometry::Size;

/// The sizes of an image before and after its EXIF orientation is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// As stored in the file.
    pub stored: Size,
    /// As displayed.
    pub upright: Size,
    /// EXIF orientation, 1 to 8; 1 where there is none.
    pub orientation: u8,
}

impl Frame {
    /// The frame of an image that is stored as it is displayed.
    #[must_use]
    pub const fn plain(size: Size) -> Self {
        Self { stored: size, upright: size, orientation: 1 }
    }

    /// The orientation, where the sizes agree with it; else 1.
    pub(super) fn turn(&self) -> u8 {
        let upright = if self.orientation >= 5 { self.stored.transposed() } else { self.stored };
        if upright == self.upright { self.orientation } else { 1 }
    }
}
