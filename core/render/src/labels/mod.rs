//! What is known about an image besides its pixels: objects, their shapes and joints, masks, a class.

mod bitmap;
mod classes;
mod mask;
mod mirrored;
mod object;
mod oriented;
mod outline;
mod survive;
mod track;

pub use bitmap::Bitmap;
pub use classes::mirror_by_name;
pub use classes::{Class, Classes};
pub use mask::{Mask, Palette, Value, Values};
pub use mirrored::{Mirrored, carry_all};
pub use object::{Keypoint, Object, Polygon, Shape, Stated, Visibility};
pub use outline::winds_around;
pub use survive::{BoxMode, Dropped, LabelPolicy, survive};
pub use track::Tracked;

use std::sync::Arc;

/// The labels of one image, in continuous pixels of the upright image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// Objects, in the order of the label file.
    pub objects: Vec<Object>,
    /// Masks, of the image's size: that of the classes first, where there is one.
    pub masks: Vec<Arc<Mask>>,
    /// The class of the whole image, by name: the folder that it lies in.
    pub class: Option<String>,
    /// Other fields of the image in its source (COCO's `license`, VOC's `source`), carried through.
    pub extra: serde_json::Map<String, serde_json::Value>,
}
