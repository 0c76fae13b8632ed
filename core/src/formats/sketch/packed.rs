//! Pixels as label files pack them: unpacked when their image is placed, within the limits.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::codec;
use crate::geometry::Size;
use crate::image::Channels;
use crate::labels::{Bitmap, Shape};
use crate::limits::Limits;

type Read<T> = std::result::Result<T, String>;

/// Some tools leave the padding away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes that any packed picture may unpack to.
const FREE_BYTES: u64 = 1 << 20;

/// A packed picture of pixels of an object.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Packed {
    /// As the file has it.
    pub(in crate::formats) bytes: Vec<u8>,
    /// Where its first pixel lies in the image: column and row.
    pub(in crate::formats) at: [i64; 2],
    /// Unpacks it; the image's size is given.
    pub(in crate::formats) open: fn(&[u8], Size, &Limits) -> Read<Patch>,
}

/// Pixels of a rectangle, row by row.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Patch {
    pub(in crate::formats) size: Size,
    /// Whether each belongs to the object.
    pub(in crate::formats) inside: Vec<bool>,
}

impl Packed {
    /// A PNG in base64, whose pixels that are not zero (not transparent, where there is alpha) are the object's.
    pub(in crate::formats) fn png(text: &str, at: [i64; 2]) -> Self {
        Self { bytes: text.as_bytes().to_vec(), at, open: |text, _, limits| png(&base64(text)?, limits) }
    }

    /// As [`Packed::png`], with the PNG packed by zlib.
    pub(in crate::formats) fn zipped_png(text: &str, at: [i64; 2]) -> Self {
        Self {
            bytes: text.as_bytes().to_vec(),
            at,
            open: |text, _, limits| png(&inflate(&base64(text)?, limits)?, limits),
        }
    }
}

fn base64(text: &[u8]) -> Read<Vec<u8>> {
    // The address of a picture that holds its own bytes: `data:image/png;base64,…`.
    let start =
        if text.starts_with(b"data:") { text.iter().position(|byte| *byte == b',').map_or(0, |at| at + 1) } else { 0 };
    let bare: Vec<u8> = text[start..].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(bare).map_err(|_| "its mask is not in base64".to_owned())
}

fn inflate(bytes: &[u8], limits: &Limits) -> Read<Vec<u8>> {
    let most = FREE_BYTES.saturating_add((bytes.len() as u64).saturating_mul(limits.max_expansion));
    let mut unpacked = Vec::new();
    let read = flate2::read::ZlibDecoder::new(bytes).take(most).read_to_end(&mut unpacked);
    read.map_err(|_| "its mask is not packed by zlib")?;
    Ok(unpacked)
}

fn png(bytes: &[u8], limits: &Limits) -> Read<Patch> {
    let image =
        codec::decode(bytes, limits).map_err(|error| format!("its mask is no picture: {}", error.message()))?.image;
    let channels = image.channels().count();
    let is_inside = |pixel: &[u8]| match image.channels() {
        Channels::Rgba => pixel[3] != 0,
        Channels::Gray | Channels::Rgb => pixel.iter().any(|level| *level != 0),
    };
    Ok(Patch { size: image.size(), inside: image.samples().chunks_exact(channels).map(is_inside).collect() })
}

/// The union of some packed pictures as a bitmap of the frame.
pub(super) fn unpack(packed: &[Packed], frame: Option<Size>, limits: &Limits) -> Read<Shape> {
    let frame = frame.ok_or("the size of its image is not stated, so its pixels have no place")?;
    limits.check_pixels(u64::from(frame.width), u64::from(frame.height)).map_err(|error| error.message().to_owned())?;
    let open = |packed: &Packed| Ok(((packed.open)(&packed.bytes, frame, limits)?, packed.at));
    let patches: Vec<(Patch, [i64; 2])> = packed.iter().map(open).collect::<Read<_>>()?;
    bitmap(frame, &patches).map(Shape::Bitmap).ok_or_else(|| "no pixel of its mask is in the image".to_owned())
}

/// The part of one side of a frame that a patch covers.
fn span(at: i64, length: u32, side: u32) -> std::ops::Range<usize> {
    let inside = |v: i64| usize::try_from(v.clamp(0, i64::from(side))).unwrap_or(0);
    inside(at)..inside(at.saturating_add(i64::from(length)))
}

fn bitmap(frame: Size, patches: &[(Patch, [i64; 2])]) -> Option<Bitmap> {
    let place = |(patch, [x, y]): &(Patch, [i64; 2])| {
        (span(*x, patch.size.width, frame.width), span(*y, patch.size.height, frame.height))
    };
    let places: Vec<_> =
        patches.iter().map(place).filter(|(columns, rows)| !columns.is_empty() && !rows.is_empty()).collect();
    let (x0, x1) = (places.iter().map(|p| p.0.start).min()?, places.iter().map(|p| p.0.end).max()?);
    let (y0, y1) = (places.iter().map(|p| p.1.start).min()?, places.iter().map(|p| p.1.end).max()?);
    // Column by column, as bitmaps are kept.
    let mut inside = vec![false; (x1 - x0) * (y1 - y0)];
    for patch in patches {
        let (columns, rows) = place(patch);
        let (Patch { size, inside: samples }, [left, top]) = patch;
        for y in rows {
            let row = (y as i64 - top) as usize * size.width as usize;
            for x in columns.clone() {
                inside[(x - x0) * (y1 - y0) + y - y0] |= samples[row + (x as i64 - left) as usize];
            }
        }
    }
    if !inside.contains(&true) {
        return None;
    }
    let mut runs = Runs::default();
    let (before, after) = (y0 as u32, frame.height - y1 as u32);
    runs.push(false, frame.height * x0 as u32);
    for column in inside.chunks_exact(y1 - y0) {
        runs.push(false, before);
        column.iter().for_each(|pixel| runs.push(*pixel, 1));
        runs.push(false, after);
    }
    runs.push(false, frame.height * (frame.width - x1 as u32));
    runs.done.push(runs.length);
    Some(Bitmap { size: frame, runs: runs.done })
}

#[derive(Default)]
struct Runs {
    done: Vec<u32>,
    inside: bool,
    length: u32,
}

impl Runs {
    fn push(&mut self, inside: bool, length: u32) {
        if length > 0 && inside != self.inside {
            self.done.push(std::mem::take(&mut self.length));
            self.inside = inside;
        }
        self.length += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(width: u32, rows: &str) -> Patch {
        let inside: Vec<bool> = rows.chars().map(|c| c == '#').collect();
        Patch { size: Size::new(width, inside.len() as u32 / width), inside }
    }

    #[test]
    fn patches_lie_where_they_say_and_are_cut_at_the_frame() {
        let frame = Size::new(5, 4);
        let drawn = |patches: &[(Patch, [i64; 2])]| {
            bitmap(frame, patches).map(|bitmap| {
                let text: String = bitmap.to_samples().iter().map(|v| if *v > 0 { '#' } else { '.' }).collect();
                assert_eq!(bitmap, Bitmap::from_samples(frame, &bitmap.to_samples()), "runs are the usual ones");
                text
            })
        };
        assert_eq!(drawn(&[(patch(2, "##.#"), [1, 2])]).unwrap(), "...........##....#..");
        assert_eq!(drawn(&[(patch(2, "####"), [-1, -1])]).unwrap(), "#...................");
        assert_eq!(drawn(&[(patch(2, "####"), [4, 3])]).unwrap(), "...................#");
        let two = [(patch(1, "#"), [0, 0]), (patch(1, "#"), [4, 3])];
        assert_eq!(drawn(&two).unwrap(), "#..................#", "the union of both");
        assert_eq!(drawn(&[(patch(2, "####"), [5, 0])]), None, "outside");
        assert_eq!(drawn(&[(patch(2, "...."), [0, 0])]), None, "empty");
        assert_eq!(drawn(&[(patch(2, "####"), [i64::MAX, i64::MIN])]), None, "far outside");
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        let limits = Limits::default();
        let frame = Some(Size::new(5, 4));
        for text in ["", "!!!!", "AAAA", "data:image/png;base64,AAAA"] {
            for packed in [Packed::png(text, [0, 0]), Packed::zipped_png(text, [0, 0])] {
                assert!(unpack(&[packed], frame, &limits).is_err(), "{text}");
            }
        }
        assert!(unpack(&[Packed::png("", [0, 0])], None, &limits).unwrap_err().contains("not stated"), "no frame");
        let huge = Some(Size::new(u32::MAX, u32::MAX));
        assert!(unpack(&[Packed::png("", [0, 0])], huge, &limits).is_err(), "limits come first");
    }
}
