//! Points, frames and maps in continuous coordinates: pixel (x, y) covers [x, x+1) × [y, y+1), y down.

mod matrix;
mod rect;

pub use matrix::Matrix3;
pub use rect::{Point, Rect, Size};
