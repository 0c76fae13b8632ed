//! Pascal VOC: one XML file an image, boxes 1-based with both ends inside (`x0 = xmin − 1`, `x1 = xmax`).
//!
//! The annotation tool LabelMe writes a dialect of it: objects with a polygon instead of a box, in continuous pixels.

mod read;
mod reader;
mod write;

pub(super) use reader::VocReader;
pub(super) use write::render;

use crate::geometry::Rect;

/// The box of VOC's `xmin ymin xmax ymax`.
fn corners_box([xmin, ymin, xmax, ymax]: [f64; 4]) -> Rect {
    Rect::new(xmin - 1.0, ymin - 1.0, xmax, ymax)
}

/// Children of an object that are written from the object itself.
const OWN: [&str; 2] = ["name", "bndbox"];
/// The same in LabelMe's dialect.
const OWN_OF_DIALECT: [&str; 3] = ["name", "polygon", "deleted"];
