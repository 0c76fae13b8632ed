//! COCO: one JSON file for all images; boxes and polygons continuous, keypoints as pixel indices (`+0.5`).

mod annotation;
mod id;
mod index;
mod labels;
mod reader;
mod rle;
mod write;

pub(super) use reader::CocoReader;
pub(super) use write::{CocoStyle, render, write};

use crate::geometry::Rect;

/// The box of COCO's `[x, y, width, height]`.
fn corner_box([x, y, width, height]: [f64; 4]) -> Rect {
    Rect::new(x, y, x + width, y + height)
}
