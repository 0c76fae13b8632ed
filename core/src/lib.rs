//! Augments images and their labels: bytes, a recipe and a seed in, bytes out, the same ones on every target.
//!
//! No I/O, clock, environment, threads or global state: callers bring bytes and take bytes away.

pub mod archive;
pub mod files;
mod fingerprints;
mod flips;
pub mod formats;
pub mod output;
pub mod pipeline;
pub mod preview;
pub mod run;
pub mod scratch;

pub use augment_render::{
    Error, ErrorKind, Result, codec, digest, engine, error, geometry, image, kernels, labels, limits, math, plan,
    reading, sampling, transforms,
};
