//! Augments images and their labels: bytes, a recipe and a seed in, bytes out, the same ones on every target.
//!
//! No I/O, clock, environment, threads or global state: callers bring bytes and take bytes away.

pub mod archive;
pub mod codec;
pub mod digest;
pub mod engine;
pub mod error;
pub mod files;
pub mod formats;
pub mod geometry;
pub mod image;
pub mod kernels;
pub mod labels;
pub mod limits;
pub mod math;
pub mod output;
pub mod pipeline;
pub mod plan;
pub mod preview;
pub mod run;
pub mod sampling;
pub mod transforms;

pub use error::{Error, ErrorKind, Result};
