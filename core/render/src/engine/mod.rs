//! Executes a plan: drawn numbers and a sample in, the augmented sample out.

mod chain;
mod cover;
mod execute;
mod mix;
mod row_source;
mod sample;
mod small;
#[cfg(test)]
mod tests;
mod warp;

pub use execute::{RenderContext, execute, execute_rows};
pub use row_source::RowSource;
pub use sample::Sample;
pub use small::{Small, SmallRenderContext, execute_small, fit};
pub use warp::{warp_image, warp_mask};
