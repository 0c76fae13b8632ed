//! Settings: their values, stored in this browser, and the page that changes them.

mod page;
pub mod theme;
mod theme_button;
mod values;

use leptos::prelude::*;

use self::page::SettingsPage;
pub use self::theme_button::ThemeButton;
pub use self::values::Settings;
use crate::lazy::Room;

/// The settings as a room of the page.
pub static ROOM: Room = Room { begin: || (), always: || ().into_any(), page: || view! { <SettingsPage /> }.into_any() };
