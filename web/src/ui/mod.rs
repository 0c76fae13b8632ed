//! The widgets that all rooms build from. Their looks are in `styles/3x-*.css`.

mod button;
mod copy;
mod dialog;
mod field;
mod icon;
mod menu;
mod notice;
mod progress;
mod text;
mod toast;
mod when;

pub use button::{Button, Kind};
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use field::{NumberField, Segments, Switch};
pub use icon::{Glyph, Icon};
pub use menu::{Menu, MenuItem};
pub use notice::{Notice, Tone};
pub use progress::Progress;
pub use text::{bytes, count, counted, duration, ratio};
pub use toast::{Toaster, Toasts};
pub use when::When;
