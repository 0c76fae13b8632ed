//! Decoded pictures and masks: what decoders return, and what callers get.

use super::encoding::{Encoding, Subsampling};
use super::format::Format;
use super::orientation;
use crate::error::Result;
use crate::geometry::Size;
use crate::image::Image;
use crate::labels::Mask;

/// What the head of a file tells about its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The file format.
    pub format: Format,
    /// Columns and rows as stored, before the orientation is applied.
    pub stored: Size,
    /// The EXIF orientation, 1 to 8; 1 where there is none.
    pub orientation: u8,
    /// Chroma resolution of a JPEG in colors: the coarsest that can be written and has all of it.
    pub subsampling: Option<Subsampling>,
}

impl Header {
    /// The size of the picture as displayed: that of the decoded image.
    #[must_use]
    pub const fn upright(&self) -> Size {
        if self.orientation >= 5 { self.stored.transposed() } else { self.stored }
    }

    /// Whether an encoding would write the file's own format, stored as it is displayed: then its bytes can stay.
    #[must_use]
    pub fn is_written_as(&self, encoding: &Encoding) -> bool {
        self.orientation == 1 && encoding.format() == self.format
    }
}

/// A decoded picture, upright.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// The pixels with the orientation applied.
    pub image: Image,
    /// What the file said.
    pub header: Header,
    /// The color profile, where there is one that fits the channels of the image.
    pub icc: Option<Vec<u8>>,
    /// What was not kept or could not be read, though the picture could.
    pub warnings: Vec<String>,
}

/// A picture as a decoder of one format returns it: not yet upright.
pub(super) struct Stored {
    pub(super) image: Image,
    pub(super) orientation: u8,
    pub(super) subsampling: Option<Subsampling>,
    pub(super) icc: Option<Vec<u8>>,
    pub(super) warnings: Vec<String>,
}

impl Stored {
    /// What the head of the file says; `size` is the picture's as stored.
    pub(super) const fn header(&self, format: Format, size: Size) -> Header {
        Header { format, stored: size, orientation: self.orientation, subsampling: self.subsampling }
    }

    /// With the image upright, and the size that it had.
    pub(super) fn upright(mut self) -> Result<(Self, Size)> {
        let size = self.image.size();
        self.image = orientation::upright(self.image, self.orientation)?;
        Ok((self, size))
    }
}

/// A picture decoded for the eye, upright only after [`decode::upright`](super::upright).
#[derive(Clone, Debug)]
pub struct Glance {
    /// Stored pixels, each standing for `by` × `by` of the file's; those at the edges may reach over it.
    pub image: Image,
    /// How many of the file's columns, and rows, one of the image's stands for.
    pub by: u32,
    /// What the head of the file says.
    pub header: Header,
    /// What was not kept or could not be read, though the picture could.
    pub warnings: Vec<String>,
}

/// A mask whose numbers are as they are stored, not yet upright.
pub(super) struct StoredMask {
    pub(super) mask: Mask,
    pub(super) orientation: u8,
    pub(super) warnings: Vec<String>,
}
