//! Colors that areas are filled with, and how JSON has them.

use serde_json::Value;

use super::{Channels, luma};

/// An opaque color: sRGB levels. In JSON `[red, green, blue]`, or one number for a gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Value")]
pub struct Fill(pub [u8; 3]);

impl TryFrom<Value> for Fill {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let levels = match value.as_array().map(Vec::as_slice) {
            Some([red, green, blue]) => level(red).zip(level(green)).zip(level(blue)).map(|((r, g), b)| [r, g, b]),
            Some(_) => None,
            None => level(&value).map(|gray| [gray; 3]),
        };
        levels.map(Self).ok_or("expected a level from 0 to 255 or three, [red, green, blue]")
    }
}

impl Fill {
    /// Black.
    pub const BLACK: Self = Self([0; 3]);

    /// The pixel of this color: luma for gray images, alpha 255; only the first `channels.count()` samples count.
    #[must_use]
    pub fn samples(self, channels: Channels) -> [u8; 4] {
        Rgba::from(self).samples(channels)
    }
}

/// A color with alpha: straight sRGB levels. In JSON `[red, green, blue]` for an opaque one, `[red, green, blue, alpha]`,
/// or one number for an opaque gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Value", into = "Vec<u8>")]
pub struct Rgba(pub [u8; 4]);

impl TryFrom<Value> for Rgba {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let levels: Option<Vec<u8>> = value
            .as_array()
            .map_or_else(|| level(&value).map(|gray| vec![gray; 3]), |levels| levels.iter().map(level).collect());
        match levels.as_deref() {
            Some([red, green, blue]) => Ok(Self([*red, *green, *blue, 255])),
            Some([red, green, blue, alpha]) => Ok(Self([*red, *green, *blue, *alpha])),
            _ => Err("expected a level from 0 to 255, three of them or four, [red, green, blue, alpha]"),
        }
    }
}

impl From<Rgba> for Vec<u8> {
    fn from(Rgba(levels): Rgba) -> Self {
        if levels[3] == 255 { levels[..3].to_vec() } else { levels.to_vec() }
    }
}

impl From<Fill> for Rgba {
    fn from(Fill([red, green, blue]): Fill) -> Self {
        Self([red, green, blue, 255])
    }
}

impl Default for Rgba {
    /// What manifests leave out.
    fn default() -> Self {
        Self::BLACK
    }
}

impl Rgba {
    /// Opaque black.
    pub const BLACK: Self = Self([0, 0, 0, 255]);

    /// Transparent where there is alpha, else black.
    pub const CLEAR: Self = Self([0; 4]);

    /// Whether this is opaque black, which manifests leave out.
    #[must_use]
    pub fn is_black(&self) -> bool {
        *self == Self::BLACK
    }

    /// Whether this is [`Self::CLEAR`].
    #[must_use]
    pub fn is_clear(&self) -> bool {
        *self == Self::CLEAR
    }

    /// The pixel of this color: luma for gray images; only the first `channels.count()` samples count.
    #[must_use]
    pub fn samples(self, channels: Channels) -> [u8; 4] {
        let [red, green, blue, alpha] = self.0;
        match channels {
            Channels::Gray => [luma(red, green, blue), 0, 0, 0],
            Channels::Rgb | Channels::Rgba => [red, green, blue, alpha],
        }
    }
}

/// A sample from a JSON number.
fn level(value: &Value) -> Option<u8> {
    u8::try_from(value.as_u64()?).ok()
}
