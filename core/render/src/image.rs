//! An image in memory: 8-bit samples, interleaved, row by row, without padding.

mod buffer_pool;
mod fill;

use std::borrow::Cow;
use std::ops::Range;

pub use self::fill::{Fill, Rgba};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;

/// What the samples of a pixel mean. Color is stored as sRGB levels; alpha is straight (not premultiplied).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// One gray level.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue, alpha.
    Rgba,
}

impl Channels {
    /// Samples a pixel: 1, 3 or 4.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// Samples a pixel without alpha: 1 or 3.
    #[must_use]
    pub const fn colors(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb | Self::Rgba => 3,
        }
    }
}

/// Pixels: `height` rows of `width` pixels of `channels` bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    size: Size,
    channels: Channels,
    data: Vec<u8>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}x{} {:?})", self.size.width, self.size.height, self.channels)
    }
}

impl Image {
    /// An image over existing samples.
    ///
    /// # Errors
    /// `Decode` when the number of samples is not width × height × channels.
    pub fn from_samples(size: Size, channels: Channels, data: Vec<u8>) -> Result<Self> {
        if data.len() != size.area() * channels.count() {
            return Err(Error::new(
                ErrorKind::Decode,
                format!("{} samples do not make an image of {}x{}", data.len(), size.width, size.height),
            ));
        }
        Ok(Self { size, channels, data })
    }

    /// An image of zeros: black, and transparent where there is alpha.
    #[must_use]
    pub fn zeroed(size: Size, channels: Channels) -> Self {
        Self { size, channels, data: vec![0; size.area() * channels.count()] }
    }

    /// An image whose samples are anything, for those who write them all.
    pub(crate) fn unset(size: Size, channels: Channels) -> Self {
        let length = size.area() * channels.count();
        Self { size, channels, data: buffer_pool::take(length).unwrap_or_else(|| vec![0; length]) }
    }

    /// An image of one color, opaque; gray images take its luma.
    #[must_use]
    pub fn filled(size: Size, channels: Channels, fill: Fill) -> Self {
        Self::of_pixel(size, channels, fill.samples(channels))
    }

    /// An image of one pixel everywhere, of which the first `channels.count()` samples count.
    pub(crate) fn of_pixel(size: Size, channels: Channels, pixel: [u8; 4]) -> Self {
        let mut image = Self::zeroed(size, channels);
        for target in image.data.chunks_exact_mut(channels.count()) {
            target.copy_from_slice(&pixel[..channels.count()]);
        }
        image
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// What the samples mean.
    #[must_use]
    pub const fn channels(&self) -> Channels {
        self.channels
    }

    /// All samples.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.data
    }

    /// All samples, to change.
    #[must_use]
    pub fn samples_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The samples, given away.
    #[must_use]
    pub fn into_samples(mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }

    /// Bytes of one row.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.size.width as usize * self.channels.count()
    }

    /// One row of samples.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        let stride = self.stride();
        &self.data[y * stride..(y + 1) * stride]
    }

    /// One row of samples, to change.
    #[must_use]
    pub fn row_mut(&mut self, y: usize) -> &mut [u8] {
        let stride = self.stride();
        &mut self.data[y * stride..(y + 1) * stride]
    }

    /// The samples of one pixel.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> &[u8] {
        let n = self.channels.count();
        let at = (y * self.size.width as usize + x) * n;
        &self.data[at..at + n]
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        buffer_pool::put(std::mem::take(&mut self.data));
    }
}

/// A picture whose rows are made when they are asked for, each once, from the top.
pub trait Rows {
    /// Width and height in pixels.
    fn size(&self) -> Size;

    /// What the samples mean.
    fn channels(&self) -> Channels;

    /// Writes some rows: interleaved samples without padding.
    ///
    /// # Errors
    /// What making them fails with.
    fn read(&mut self, rows: Range<u32>, to: &mut [u8]) -> Result<()>;

    /// The whole picture, before any row of it was read.
    ///
    /// # Errors
    /// What making it fails with.
    fn whole(&mut self) -> Result<Cow<'_, Image>>;
}

impl Rows for &Image {
    fn size(&self) -> Size {
        self.size
    }

    fn channels(&self) -> Channels {
        self.channels
    }

    fn read(&mut self, rows: Range<u32>, to: &mut [u8]) -> Result<()> {
        for (y, to) in rows.zip(to.chunks_exact_mut(self.stride().max(1))) {
            to.copy_from_slice(self.row(y as usize));
        }
        Ok(())
    }

    fn whole(&mut self) -> Result<Cow<'_, Image>> {
        Ok(Cow::Borrowed(self))
    }
}

/// A buffer of anything from a frame that is done with, where this thread keeps one of about the length.
pub(crate) fn pooled_samples(length: usize) -> Option<Vec<u8>> {
    buffer_pool::take(length)
}

/// Keeps a buffer that is done with for a later frame of this thread, where it is worth it.
pub(crate) fn keep_samples(samples: Vec<u8>) {
    buffer_pool::put(samples);
}

/// Rec. 601 luma of sRGB levels in 16-bit fixed point, as JPEG uses it.
#[must_use]
#[inline]
pub fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((19_595 * u32::from(r) + 38_470 * u32::from(g) + 7_471 * u32::from(b) + 32_768) >> 16) as u8
}
