//! The icons: each is one stroked path on a grid of 20.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A plus.
    Add,
    /// A triangle that points right.
    Play,
    /// Two bars.
    Pause,
    /// A square.
    Stop,
    /// A cross.
    Close,
    /// A check mark.
    Check,
    /// A check mark in a circle.
    CheckCircle,
    /// An i in a circle.
    Info,
    /// An exclamation mark in a triangle.
    Warning,
    /// An exclamation mark in a circle.
    Error,
    /// A folder.
    Folder,
    /// A sheet of paper.
    File,
    /// A picture.
    Image,
    /// Two pictures, one behind the other.
    Images,
    /// An arrow into a tray.
    Save,
    /// An arrow out of a tray.
    Upload,
    /// A bin.
    Trash,
    /// A curved arrow to the left.
    Undo,
    /// A curved arrow to the right.
    Redo,
    /// Two arrows in a circle.
    Refresh,
    /// A die.
    Dice,
    /// Two sheets.
    Copy,
    /// A chain link.
    Link,
    /// Angle brackets.
    Code,
    /// A magnifying glass.
    Search,
    /// Sliders.
    Sliders,
    /// A gear.
    Settings,
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// A circle, half of it dark.
    Contrast,
    /// A shield with a check mark.
    Shield,
    /// A cloud.
    Cloud,
    /// A cloud, crossed out.
    Offline,
    /// A chevron to the right.
    Right,
    /// A chevron down.
    Down,
    /// A chevron up.
    Up,
    /// Six dots: a drag handle.
    Grip,
    /// Three dots.
    More,
    /// An eye.
    Eye,
    /// An eye, crossed out.
    EyeOff,
    /// A grid of four.
    Grid,
    /// A rectangle with a handle at each corner.
    Bounds,
    /// Two halves side by side.
    Compare,
    /// A keyboard.
    Keyboard,
    /// A stack of layers.
    Layers,
    /// A tag.
    Tag,
    /// A bolt.
    Bolt,
}

impl Glyph {
    /// The data of its SVG path.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Add => "M10 4v12M4 10h12",
            Self::Play => "M6.5 4.5v11l9-5.5z",
            Self::Pause => "M7 4.5v11M13 4.5v11",
            Self::Stop => "M5.5 5.5h9v9h-9z",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Check => "M4 10.5l4 4 8-9",
            Self::CheckCircle => "M17.2 10a7.2 7.2 0 1 1-14.4 0 7.2 7.2 0 0 1 14.4 0zM6.8 10.3l2.2 2.2 4.2-4.8",
            Self::Info => "M17.2 10a7.2 7.2 0 1 1-14.4 0 7.2 7.2 0 0 1 14.4 0zM10 9v4.5M10 6.3v.2",
            Self::Warning => "M10 3.2L2.6 16.2h14.8zM10 8v4M10 14v.2",
            Self::Error => "M17.2 10a7.2 7.2 0 1 1-14.4 0 7.2 7.2 0 0 1 14.4 0zM10 6v5M10 13.6v.2",
            Self::Folder => {
                "M2.8 15.2V5.3c0-.6.4-1 1-1h3.7l1.9 2.2h6.8c.6 0 1 .4 1 1v7.7c0 .6-.4 1-1 1H3.8c-.6 0-1-.4-1-1z"
            }
            Self::File => "M5 2.8h6.5L15.5 7v9.2c0 .6-.4 1-1 1H5c-.6 0-1-.4-1-1V3.8c0-.6.4-1 1-1zM11.2 3v4.3h4.2",
            Self::Image => "M3 4.2h14v11.6H3zM3.2 13.8l4-4.3 3.2 3.3 2.3-2.2 4.1 3.9M13.3 7.6v.1",
            Self::Images => "M6 3h11v10.5H6zM6.2 11.7l3-3.2 2.4 2.5 1.9-1.7 3.3 3M3 6.5V17h11",
            Self::Save => "M10 3v9M6 8.5l4 4 4-4M3.5 13.5v3h13v-3",
            Self::Upload => "M10 12.5v-9M6 7l4-4 4 4M3.5 13.5v3h13v-3",
            Self::Trash => "M3.5 5.5h13M8 5.3V3.2h4v2.1M5 5.7l.8 11.1h8.4L15 5.7M8.4 8.5v5.3M11.6 8.5v5.3",
            Self::Undo => "M7 4L3.5 7.5 7 11M3.7 7.5H12a4.2 4.2 0 0 1 0 8.5H7",
            Self::Redo => "M13 4l3.5 3.5L13 11M16.3 7.5H8A4.2 4.2 0 0 0 8 16h5",
            Self::Refresh => {
                "M16.5 8.5A6.8 6.8 0 0 0 4.2 6.3M4 3.2v3.4h3.4M3.5 11.5a6.8 6.8 0 0 0 12.3 2.2M16 16.8v-3.4h-3.4"
            }
            Self::Dice => {
                "M3.5 5.5a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2zM7 7v.1M13 7v.1M10 10v.1M7 13v.1M13 13v.1"
            }
            Self::Copy => "M7 7h9.5v9.5H7zM4.5 13h-1V3.5H13v1",
            Self::Link => {
                "M8.3 11.7a3 3 0 0 0 4.3 0l3.3-3.3a3 3 0 0 0-4.3-4.3L10.4 5.3M11.7 8.3a3 3 0 0 0-4.3 0l-3.3 3.3a3 3 0 0 0 4.3 4.3l1.2-1.2"
            }
            Self::Code => "M6.5 5.5L2.5 10l4 4.5M13.5 5.5l4 4.5-4 4.5",
            Self::Search => "M13.8 8.7a5.1 5.1 0 1 1-10.2 0 5.1 5.1 0 0 1 10.2 0zM12.5 12.5L17 17",
            Self::Sliders => {
                "M3 6h6.5M13.5 6H17M3 14h2.5M9.5 14H17M9.5 6a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM5.5 14a2 2 0 1 0 4 0 2 2 0 0 0-4 0z"
            }
            Self::Settings => "M10 2.6l6.4 3.7v7.4L10 17.4l-6.4-3.7V6.3zM12.5 10a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
            Self::Sun => {
                "M13.2 10a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0zM10 2.5v1.6M10 15.9v1.6M2.5 10h1.6M15.9 10h1.6M4.7 4.7l1.1 1.1M14.2 14.2l1.1 1.1M4.7 15.3l1.1-1.1M14.2 5.8l1.1-1.1"
            }
            Self::Moon => "M16.5 11.6A7 7 0 0 1 8.4 3.5a7 7 0 1 0 8.1 8.1z",
            Self::Contrast => "M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0zM10 3v14M12 4v12M14 5.5v9M16 8v4",
            Self::Shield => "M10 2.7l6 2.3v4.5c0 3.6-2.4 6.4-6 7.8-3.6-1.4-6-4.2-6-7.8V5zM7.2 9.8l2 2 3.6-4",
            Self::Cloud => "M6 14.6A3.8 3.8 0 0 1 5.8 7a4.5 4.5 0 0 1 8.6 1.3 3.2 3.2 0 0 1 .1 6.3z",
            Self::Offline => "M3 3l14 14M6 7a3.8 3.8 0 0 0-.3 7.6h8.6M8.2 5.2A4.3 4.3 0 0 1 14 8.3a3.2 3.2 0 0 1 2.5 5",
            Self::Right => "M7.5 4.5L13 10l-5.5 5.5",
            Self::Down => "M4.5 7.5L10 13l5.5-5.5",
            Self::Up => "M4.5 12.5L10 7l5.5 5.5",
            Self::Grip => "M7.5 5v.1M12.5 5v.1M7.5 10v.1M12.5 10v.1M7.5 15v.1M12.5 15v.1",
            Self::More => "M4.5 10v.1M10 10v.1M15.5 10v.1",
            Self::Eye => {
                "M2.3 10S5 4.8 10 4.8 17.7 10 17.7 10 15 15.2 10 15.2 2.3 10 2.3 10zM12.3 10a2.3 2.3 0 1 1-4.6 0 2.3 2.3 0 0 1 4.6 0z"
            }
            Self::EyeOff => {
                "M3 3l14 14M8 5c.6-.1 1.3-.2 2-.2 5 0 7.7 5.2 7.7 5.2a13 13 0 0 1-2.2 2.8M12.9 14.7c-.9.3-1.8.5-2.9.5-5 0-7.7-5.2-7.7-5.2a13 13 0 0 1 2.9-3.4"
            }
            Self::Grid => "M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z",
            Self::Bounds => "M4 4h12v12H4zM2.5 2.5h3v3h-3zM14.5 2.5h3v3h-3zM2.5 14.5h3v3h-3zM14.5 14.5h3v3h-3z",
            Self::Compare => "M3 4.5h14v11H3zM10 2.5v15M6.5 8v4M13.5 10v.1",
            Self::Keyboard => "M2.5 5h15v10h-15zM5.5 8v.1M8.5 8v.1M11.5 8v.1M14.5 8v.1M5.5 12v.1M14.5 12v.1M8 12h4",
            Self::Layers => "M10 3L2.5 7 10 11l7.5-4zM2.5 10.5l7.5 4 7.5-4M2.5 13.5l7.5 4 7.5-4",
            Self::Tag => "M3 3.5v6.2l7.3 7.3 6.7-6.7L9.7 3zM6.5 6.7v.1",
            Self::Bolt => "M11 2.5L4.5 11.5h5l-.5 6 6.5-9h-5z",
        }
    }
}

/// An icon, hidden from screen readers: the label beside it has the meaning.
#[component]
pub fn Icon(
    /// The icon.
    #[prop(into)]
    glyph: Signal<Glyph>,
    /// The size: "s", "l", or empty for the default.
    #[prop(optional)]
    size: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("icon {size}") viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=move || glyph.get().path() />
        </svg>
    }
}
