//! Shared arithmetic on pixels; no transform has its name here.

pub(crate) mod bilinear;
pub(crate) mod copy;
pub(crate) mod paint;
pub(crate) mod pass;
pub(crate) mod reduce;
pub(crate) mod separable;

pub use pass::{ColourMatrix, Histogram, PixelPass, RowPass, Table, table};
