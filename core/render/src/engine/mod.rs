//! Executes a plan: drawn numbers and a sample in, the augmented sample out.

mod chain;
mod cover;
mod execute;
mod mix;
mod small;
#[cfg(test)]
mod tests;
mod warp;

pub use execute::{Sample, Surroundings, execute};
pub use small::{Small, SmallSurroundings, execute_small, fit};
pub use warp::{warp_image, warp_mask};
