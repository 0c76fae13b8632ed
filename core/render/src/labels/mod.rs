//! What is known about an image besides its pixels: objects, their shapes and joints, masks, a class.

mod bitmap;
mod classes;
mod filter;
mod mask;
mod mirrored;
mod object;
mod object_state;
mod oriented;
mod outline;
mod policy;

pub use bitmap::Bitmap;
pub use classes::mirror_by_name;
pub use classes::{Class, Classes};
pub use filter::{Dropped, keep_or_drop};
pub use mask::{Mask, Palette, Value, Values};
pub use mirrored::carry_all;
pub use object::{Keypoint, Object, Polygon, Shape, Stated, Visibility};
pub use object_state::ObjectState;
pub use outline::winds_around;
pub use policy::{BoxMode, LabelPolicy, Mirrored};

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
