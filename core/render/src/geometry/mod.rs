//! Points, frames and maps in continuous coordinates: pixel (x, y) covers [x, x+1) × [y, y+1), y down.

mod clip;
mod field;
mod matrix;
mod rect;
mod warp;

pub use clip::{clip_half_plane, clip_ring, disjoint_cover};
pub use field::DisplacementField;
pub use matrix::Matrix3;
pub use rect::{Point, Rect, Size};
pub use warp::{Border, Map, Warp};
