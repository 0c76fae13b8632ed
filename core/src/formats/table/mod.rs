//! CSV: tables of objects, one a row, and tables of classes, one image a row; the columns tell which.
//!
//! Corners and sides are continuous pixels, as TensorFlow's object detection, keras-retinanet and Kaggle's sets have
//! them, or fractions of the frame, as Open Images and `AutoML` have them; `x` and `y` beside a width and a height are
//! those of the upper left corner.

mod columns;
mod names;
mod reader;
mod records;
mod rows;
mod write;

pub(super) use columns::could_label;
pub(super) use reader::TableReader;
pub(super) use records::{Delimiter, Records, cells};
pub(super) use write::{TableKind, header, render};

use crate::geometry::Rect;

/// The box of `xmin ymin xmax ymax`.
fn corners_box([xmin, ymin, xmax, ymax]: [f64; 4]) -> Rect {
    Rect::new(xmin, ymin, xmax, ymax)
}
