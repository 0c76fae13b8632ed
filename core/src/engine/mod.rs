//! Executes a plan: drawn numbers and a sample in, the augmented sample out.

mod chain;
mod cover;
mod execute;
mod mix;
#[cfg(test)]
mod tests;
mod warp;

pub use execute::{Sample, Surroundings, execute};
pub(crate) use warp::warp_image;
