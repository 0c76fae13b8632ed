//! Masks: a value for every pixel of an image, which moves with the image and is never blended.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Size;
use crate::image::{Channels, Image, keep_samples};

/// What the value of a pixel is, and in which bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// 0 or 255, of files with one bit a pixel: one byte.
    Bits,
    /// A number up to 255, shown as a gray level: one byte.
    Bytes,
    /// A number up to 65,535, shown as a gray level of 16 bits: two bytes, the high one first.
    Words,
    /// A number up to 255, shown as a color of a palette: one byte.
    Indices(Arc<Palette>),
    /// A color: red, green, blue.
    Rgb,
    /// A color with alpha, which is not multiplied into it.
    Rgba,
}

/// The colors that numbers are shown as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// Red, green and blue by number; 256 at most.
    pub colors: Vec<[u8; 3]>,
    /// The alpha of the first numbers; the others are opaque.
    pub alphas: Vec<u8>,
}

/// The value of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// The number of a class or of a thing.
    Number(u16),
    /// Red, green, blue.
    Color([u8; 3]),
}

impl Value {
    /// Whether it is 0 or black, which stands for the background almost everywhere.
    #[must_use]
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Number(0) | Self::Color([0, 0, 0]))
    }
}

impl Values {
    /// Bytes of a pixel: 1 to 4.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        match self {
            Self::Bits | Self::Bytes | Self::Indices(_) => 1,
            Self::Words => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    const fn are_colors(&self) -> bool {
        matches!(self, Self::Rgb | Self::Rgba)
    }

    /// What can hold the values of both.
    ///
    /// # Errors
    /// `Label` for numbers and colors.
    pub(crate) fn joined(&self, other: &Self) -> Result<Self> {
        if self.are_colors() != other.are_colors() {
            let why =
                "the masks of the images that are mixed hold numbers in one and colors in another: save them alike";
            return Err(Error::new(ErrorKind::Label, why));
        }
        Ok(match (self, other) {
            (Self::Indices(a), Self::Indices(b)) if b.colors.len() > a.colors.len() => other.clone(),
            (Self::Bits, _) | (Self::Bytes, Self::Indices(_)) => other.clone(),
            _ if other.bytes() > self.bytes() => other.clone(),
            _ => self.clone(),
        })
    }
}

/// A mask of an image, of the image's size.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask {
    role: Arc<str>,
    size: Size,
    values: Values,
    data: Vec<u8>,
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({} {}x{} of {} bytes)", self.role, self.size.width, self.size.height, self.values.bytes())
    }
}

impl Mask {
    /// The role of the mask that shows the classes.
    pub const CLASSES: &str = "mask";

    /// A mask over existing bytes, row by row without padding, of the role [`Mask::CLASSES`].
    ///
    /// # Errors
    /// `Decode` when the number of bytes is not that of the pixels.
    pub fn new(size: Size, values: Values, data: Vec<u8>) -> Result<Self> {
        if data.len() != size.area() * values.bytes() {
            let why = format!("{} bytes do not make a mask of {}x{}", data.len(), size.width, size.height);
            return Err(Error::new(ErrorKind::Decode, why));
        }
        Ok(Self { role: Self::CLASSES.into(), size, values, data })
    }

    /// The same in another role: what it shows of its image, as outputs are named after it.
    #[must_use]
    pub fn with_role(mut self, role: &Arc<str>) -> Self {
        self.role = Arc::clone(role);
        self
    }

    /// The same in the role of another.
    pub(crate) fn with_role_of(self, other: &Self) -> Self {
        self.with_role(&other.role)
    }

    /// A mask of one pixel everywhere in the role of this one; the first bytes of `pixel` count.
    pub(crate) fn blank(&self, size: Size, values: Values, pixel: [u8; 4]) -> Self {
        let n = values.bytes();
        let mut data = vec![0; size.area() * n];
        if pixel != [0; 4] {
            data.chunks_exact_mut(n).for_each(|to| to.copy_from_slice(&pixel[..n]));
        }
        Self { role: Arc::clone(&self.role), size, data, values }
    }

    /// The same values as others hold them, which [`Values::joined`] made of its own.
    pub(crate) fn held_as(mut self, values: &Values) -> Self {
        let data = std::mem::take(&mut self.data);
        let data = match (&self.values, values) {
            (Values::Bits | Values::Bytes | Values::Indices(_), Values::Words) => {
                data.iter().flat_map(|byte| [0, *byte]).collect()
            }
            (Values::Rgb, Values::Rgba) => {
                data.as_chunks::<3>().0.iter().flat_map(|[r, g, b]| [*r, *g, *b, 255]).collect()
            }
            _ => data,
        };
        Self { role: Arc::clone(&self.role), size: self.size, values: values.clone(), data }
    }

    /// What it shows of its image.
    #[must_use]
    pub fn role(&self) -> &str {
        &self.role
    }

    /// Width and height in pixels.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// What its values are.
    #[must_use]
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// The bytes of all pixels, row by row.
    #[must_use]
    pub fn samples(&self) -> &[u8] {
        &self.data
    }

    /// The bytes of all pixels, to change.
    #[must_use]
    pub fn samples_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// The bytes of all pixels, given away.
    #[must_use]
    pub fn into_samples(mut self) -> Vec<u8> {
        std::mem::take(&mut self.data)
    }

    /// The bytes of one pixel.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> &[u8] {
        let n = self.values.bytes();
        let at = (y * self.size.width as usize + x) * n;
        &self.data[at..at + n]
    }

    /// The value of one pixel.
    #[must_use]
    pub fn value(&self, x: usize, y: usize) -> Value {
        value_of(self.pixel(x, y))
    }

    /// The values of all pixels, row by row.
    pub fn each_value(&self) -> impl Iterator<Item = Value> + '_ {
        self.data.chunks_exact(self.values.bytes()).map(value_of)
    }
}

fn value_of(pixel: &[u8]) -> Value {
    match *pixel {
        [byte] => Value::Number(byte.into()),
        [high, low] => Value::Number(u16::from_be_bytes([high, low])),
        [r, g, b, ..] => Value::Color([r, g, b]),
        [] => Value::Number(0),
    }
}

impl Drop for Mask {
    fn drop(&mut self) {
        keep_samples(std::mem::take(&mut self.data));
    }
}

impl From<Image> for Mask {
    /// The levels of an image as values.
    fn from(image: Image) -> Self {
        let values = match image.channels() {
            Channels::Gray => Values::Bytes,
            Channels::Rgb => Values::Rgb,
            Channels::Rgba => Values::Rgba,
        };
        Self { role: Self::CLASSES.into(), size: image.size(), values, data: image.into_samples() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_that_are_mixed_keep_their_values() {
        let palette = |n: u8| Values::Indices(Arc::new(Palette { colors: vec![[n; 3]; n.into()], alphas: Vec::new() }));
        for (a, b, joined) in [
            (Values::Bits, Values::Bits, Values::Bits),
            (Values::Bits, Values::Bytes, Values::Bytes),
            (Values::Bytes, Values::Bits, Values::Bytes),
            (Values::Bytes, palette(3), palette(3)),
            (palette(3), Values::Bytes, palette(3)),
            (palette(3), palette(4), palette(4)),
            (palette(4), palette(3), palette(4)),
            (palette(4), Values::Words, Values::Words),
            (Values::Words, Values::Bytes, Values::Words),
            (Values::Rgb, Values::Rgba, Values::Rgba),
        ] {
            assert_eq!(a.joined(&b).unwrap(), joined, "{a:?} and {b:?}");
            for values in [a, b] {
                let data = (1..=2 * values.bytes() as u8).collect();
                let mask = Mask::new(Size::new(2, 1), values.clone(), data).unwrap();
                let held = mask.clone().held_as(&joined);
                assert_eq!(held.values(), &joined);
                assert!(held.each_value().eq(mask.each_value()), "{values:?} as {joined:?}");
            }
        }
        assert!(Values::Bytes.joined(&Values::Rgb).is_err(), "numbers are no colors");
    }

    #[test]
    fn numbers_of_two_bytes_are_one_value() {
        let mask = Mask::new(Size::new(2, 1), Values::Words, vec![1, 2, 0, 9]).unwrap();
        assert_eq!((mask.value(0, 0), mask.value(1, 0)), (Value::Number(258), Value::Number(9)));
        assert!(Mask::new(Size::new(2, 1), Values::Words, vec![0; 3]).is_err(), "a byte is missing");
    }
}
