//! Values of TIFF's compression tag.

pub(super) const NONE: u64 = 1;
pub(super) const FAX_ROWS: u64 = 2;
pub(super) const GROUP_3: u64 = 3;
pub(super) const GROUP_4: u64 = 4;
pub(super) const LZW: u64 = 5;
pub(super) const OLD_JPEG: u64 = 6;
/// TIFF Technical Note 2.
pub(super) const JPEG: u64 = 7;
pub(super) const DEFLATE: u64 = 8;
pub(super) const OLD_DEFLATE: u64 = 32_946;
pub(super) const FAX_ROWS_OF_WORDS: u64 = 32_771;
pub(super) const PACK_BITS: u64 = 32_773;
