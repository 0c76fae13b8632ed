//! The widgets of all rooms. Their styles are in `styles/3x-*.css`.

mod button;
mod copy;
mod dialog;
mod field;
mod format;
mod icon;
mod menu;
mod notice;
mod progress;
mod toast;
mod when;

pub use button::{Button, ButtonKind};
pub use copy::CopyButton;
pub use dialog::Dialog;
pub use field::{NumberField, Segments, Switch};
pub use format::{bytes, count, counted, duration, ratio};
pub use icon::{Glyph, Icon};
pub use menu::{Menu, MenuItem};
pub use notice::{Notice, Tone};
pub use progress::Progress;
pub use toast::{Toaster, Toasts};
pub use when::When;
