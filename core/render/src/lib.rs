//! One image's way from pixels to pixels: codecs, the catalog of transforms, plans and their execution.
//!
//! The part of the core where the time goes, a package of its own so that it is optimized for speed while what reads and
//! writes datasets around it may be optimized for size. Use it as `augment_core`, which has all of it.

pub mod codec;
pub mod digest;
pub mod engine;
pub mod error;
pub mod geometry;
pub mod image;
pub mod kernels;
pub mod labels;
pub mod limits;
pub mod math;
pub mod plan;
pub mod reading;
pub mod sampling;
pub mod transforms;

pub use error::{Error, ErrorKind, Result};
