//! LabelMe: one JSON file an image, as labelme and X-AnyLabeling write it; coordinates are continuous pixels.

mod read;
mod reader;
mod write;

pub(super) use reader::LabelMeReader;
pub(super) use write::render;

/// Fields of a file that are written from the image itself.
const OF_IMAGE: [&str; 6] = ["version", "shapes", "imagePath", "imageData", "imageHeight", "imageWidth"];
/// Fields of a shape that are written from the object itself.
const OF_SHAPE: [&str; 5] = ["label", "points", "shape_type", "mask", "direction"];
