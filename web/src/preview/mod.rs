//! The live preview: a grid of augmented copies of the selected image, and the view of one enlarged output.

mod cell;
mod describe;
mod feed;
pub mod overlay;
mod panel;
mod stage;
mod viewport;
mod zoom;
mod zoom_state;

pub use cell::put;
pub use panel::PreviewPanel;
