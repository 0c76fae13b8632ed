//! Shared arithmetic on pixels; no transform has its name here.

pub(crate) mod bilinear;
pub(crate) mod blocks;
pub(crate) mod color;
pub(crate) mod convolve;
pub(crate) mod copy;
mod histogram;
pub(crate) mod huffman;
pub(crate) mod noise;
pub(crate) mod paint;
pub(crate) mod pass;
pub(crate) mod reduce;
pub(crate) mod separable;
pub(crate) mod simd;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod window;
pub(crate) mod ycc;

pub use color::ColorMatrix;
pub use histogram::{Histogram, Levels};
pub use pass::{PixelPass, RowPass, Table};
