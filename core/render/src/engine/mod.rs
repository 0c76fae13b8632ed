//! Executes a plan: drawn numbers and a sample in, the augmented sample out.

mod chain;
mod cover;
mod execute;
mod mix;
mod row_source;
mod sample;
mod small;
mod stop;
#[cfg(test)]
mod tests;
mod warp;
mod work;

pub use execute::{RenderContext, execute, execute_rows, execute_rows_until};
pub use row_source::RowSource;
pub use sample::Sample;
pub use small::{Small, SmallRenderContext, execute_small, fit};
pub use stop::Stop;
pub use warp::{warp_image, warp_mask};
pub use work::pixel_steps;
