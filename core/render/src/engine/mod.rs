//! Executes a plan: drawn numbers and a sample in, the augmented sample out.

mod chain;
mod cover;
mod execute;
mod mix;
mod small;
#[cfg(test)]
mod tests;
mod unfinished;
mod warp;

pub use execute::{Sample, Surroundings, execute, execute_rows};
pub use small::{Small, SmallSurroundings, execute_small, fit};
pub use unfinished::Unfinished;
pub use warp::{warp_image, warp_mask};
