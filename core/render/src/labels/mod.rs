//! What is known about an image besides its pixels: objects, their shapes and joints, a mask, a class.

mod bitmap;
mod classes;
mod mirrored;
mod object;
mod oriented;
mod outline;
mod survive;
mod track;

pub use bitmap::Bitmap;
pub use classes::mirror_by_name;
pub use classes::{Class, Classes};
pub use mirrored::{Mirrored, carry_all};
pub use object::{Keypoint, Object, Polygon, Shape, Stated, Visibility};
pub use outline::winds_around;
pub use survive::{BoxMode, Dropped, LabelPolicy, survive};
pub use track::Tracked;

use crate::image::Image;

/// The labels of one image, in continuous pixels of the upright image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Objects, in the order of the label file.
    pub objects: Vec<Object>,
    /// A class index for every pixel (grey) or a colour for every pixel (RGB), of the image's size.
    pub mask: Option<Image>,
    /// The class of the whole image, by name: the folder that it lies in.
    pub class: Option<String>,
    /// Other fields of the image in its source (COCO's `license`, VOC's `source`), carried through.
    pub extra: serde_json::Map<String, serde_json::Value>,
}
