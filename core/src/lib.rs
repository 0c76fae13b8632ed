//! Augments images and their labels: bytes, a recipe and a seed in, bytes out, the same ones on every target.
//!
//! Three ways in:
//! - [`Augmenter`] augments one image with its labels, as pixels or as a file.
//! - [`run`] and [`pipeline`] augment a dataset: [`formats`] finds images and labels in any common layout, [`output`]
//!   writes the dataset that comes out. These need the feature `datasets`, which is on by default.
//! - [`preview`] shows what a run would make, over reduced pixels.
//!
//! No I/O, clock, environment, threads or global state: callers bring bytes and take bytes away.

#[cfg(feature = "datasets")]
pub mod archive;
mod augmenter;
#[cfg(feature = "datasets")]
pub mod files;
#[cfg(feature = "datasets")]
mod filled;
#[cfg(feature = "datasets")]
mod fingerprints;
#[cfg(feature = "datasets")]
mod flips;
#[cfg(feature = "datasets")]
pub mod formats;
#[cfg(feature = "datasets")]
pub mod output;
#[cfg(feature = "datasets")]
pub mod pipeline;
#[cfg(feature = "datasets")]
pub mod preview;
#[cfg(feature = "datasets")]
pub mod run;
#[cfg(feature = "datasets")]
pub mod scratch;

pub use augment_render::plan::Recipe;
pub use augmenter::{Augmented, AugmentedFile, Augmenter};

use augment_render::engine;
pub use augment_render::{
    Error, ErrorKind, Result, codec, digest, error, geometry, image, labels, limits, math, plan, reading, sampling,
    transforms,
};
