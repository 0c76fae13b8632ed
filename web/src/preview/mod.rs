//! The live preview: a grid of draws of the chosen image with their labels over them, and one output enlarged.

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
