//! Bytes of an image file to pixels and back: the first bytes tell the format, not the name.

mod bmp;
mod decode;
mod decoded;
mod encode;
mod encoding;
mod errors;
mod format;
mod gif;
mod icc;
mod jpeg;
mod kind;
mod lab;
mod levels;
mod mask;
mod orientation;
mod png;
mod samples;
mod tiff;
mod webp;

pub use decode::{decode, decode_as, decode_small, probe, upright};
use decoded::Stored;
pub use decoded::{Decoded, Glance, Header};
pub use encode::{encode, encode_rows};
pub use encoding::{Encoding, PngCompression, Subsampling};
use errors::{broken, cut_off, too_large, unsupported};
pub use format::Format;
pub use kind::{FileKind, Foreign, HEAD_BYTES, kind};
pub use mask::{decode_mask, encode_mask, upright_mask};
use samples::{cmyk_to_rgb, gray_alpha_to_rgba, shorten, zeroed};
