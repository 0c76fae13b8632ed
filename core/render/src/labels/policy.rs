//! The label policy of a recipe: how boxes turn, which objects stay, what uncovered mask pixels become.

use super::mask::Values;
use crate::error::{Error, ErrorKind, Result};
use crate::image::Rgba;

/// How a box without a shape is turned and sheared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoxMode {
    /// As the ellipse inside it: tight for most objects.
    #[default]
    Ellipse,
    /// As its corners: never too small, mostly too large.
    Corners,
}

/// Which objects stay in the labels.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelPolicy {
    /// An object of which less than this fraction of its input area is left is dropped.
    pub min_visibility: f64,
    /// An object that is smaller than this, in square pixels of the output, is dropped.
    pub min_area: f64,
    /// How boxes without a shape follow turns and shears.
    pub box_mode: BoxMode,
    /// What becomes of objects that a reflecting or wrapping border shows once more.
    #[serde(skip_serializing_if = "is_default")]
    pub mirrored: Mirrored,
    /// Whether flips are drawn for keypoints of which nothing says which become which.
    #[serde(skip_serializing_if = "is_default")]
    pub flip_unpaired: bool,
    /// What a mask has where no image lies: an index in its first sample, or a color.
    #[serde(skip_serializing_if = "Rgba::is_clear")]
    pub mask_fill: Rgba,
}

/// What is not set is not written.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl LabelPolicy {
    /// The bytes of a mask's pixel where no image lies; those that a pixel has come first.
    ///
    /// # Errors
    /// `Recipe` when [`Self::mask_fill`] is a color and the mask has one number a pixel.
    pub fn mask_pixel(&self, mask: &Values) -> Result<[u8; 4]> {
        let fill @ [number, green, blue, _] = self.mask_fill.0;
        match mask {
            Values::Rgb | Values::Rgba => Ok(fill),
            _ if number != green || green != blue => {
                let problem = "labels.mask_fill is a color, but the mask has one number a pixel: give one number";
                Err(Error::new(ErrorKind::Recipe, problem))
            }
            Values::Words => Ok([0, number, 0, 0]),
            Values::Bits => Ok([if number > 0 { 255 } else { 0 }, 0, 0, 0]),
            Values::Bytes | Values::Indices(_) => Ok([number, 0, 0, 0]),
        }
    }
}

impl Default for LabelPolicy {
    fn default() -> Self {
        Self {
            min_visibility: 0.1,
            min_area: 1.0,
            box_mode: BoxMode::default(),
            mirrored: Mirrored::default(),
            flip_unpaired: false,
            mask_fill: Rgba::CLEAR,
        }
    }
}

/// What becomes of objects that a border shows once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mirrored {
    /// They have no label.
    #[default]
    Leave,
    /// Each is an object of its own, of the same class, with the index of the one in the source.
    Label,
}
