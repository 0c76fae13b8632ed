//! The widgets that all rooms build from. Their looks are in `styles/3x-*.css`.

pub mod button;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod menu;
pub mod notice;
pub mod progress;
mod text;
pub mod toast;

pub use button::{Button, Kind};
pub use dialog::Dialog;
pub use field::{NumberField, Segments, Switch};
pub use icon::{Glyph, Icon};
pub use menu::{Menu, MenuItem};
pub use notice::{Notice, Tone};
pub use progress::Progress;
pub use text::{bytes, count, counted, duration, ratio};
pub use toast::{Toaster, Toasts};
