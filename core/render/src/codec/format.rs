//! The file formats, told by their first bytes.

use serde::{Deserialize, Serialize};

/// A file format that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JPEG: baseline, extended, progressive, arithmetic; gray, RGB, CMYK.
    Jpeg,
    /// PNG; of an animated one the still picture.
    Png,
    /// WebP, lossy and lossless; of an animated one the first frame.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// GIF; of an animated one the first frame.
    Gif,
    /// TIFF; of several pages the first.
    Tiff,
}

impl Format {
    /// Every format, in the order of their declaration.
    pub const ALL: [Self; 6] = [Self::Jpeg, Self::Png, Self::WebP, Self::Bmp, Self::Gif, Self::Tiff];

    /// The format that the first bytes of a file tell.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Self::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Self::Png,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            [b'B', b'M', rest @ ..] if may_be_bmp(rest) => Self::Bmp,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            // 43 is BigTIFF.
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            _ => return None,
        })
    }

    /// The usual extension of file names, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Tiff => "tiff",
        }
    }

    /// The media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
        }
    }

    /// The name for people.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
        }
    }
}

/// Whether the length of a BMP's second header, as far as it is there, is one of those that there are: texts begin with
/// these two letters, too.
fn may_be_bmp(rest: &[u8]) -> bool {
    let length = rest.get(12..16).and_then(|field| field.try_into().ok()).map(u32::from_le_bytes);
    length.is_none_or(|length| matches!(length, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124)) && rest.len() >= 4
}
