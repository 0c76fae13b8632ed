//! Rows of RGB pixels from the planes of a JPEG, as the decoder itself makes them all at once.

use libjpeg_turbo_rs::simd::{SimdRoutines, detect};
use libjpeg_turbo_rs::{ColorSpace, Decoder, RawImage};

use crate::kernels::simd::loops;

/// Narrower pictures have rules of their own.
const NARROWEST: usize = 8;

/// How many samples of luma there are for one of chroma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    /// One: 4:4:4.
    Whole,
    /// Two beside each other: 4:2:2.
    Halved,
    /// Two by two: 4:2:0.
    Quartered,
}

impl Sampling {
    /// That of the files of cameras and nearly all programs; `None` for every other kind, and what is very narrow.
    pub(super) fn of(decoder: &Decoder<'_>) -> Option<Self> {
        let frame = decoder.header();
        // Raw planes are without the smoothing of progressive files that end early.
        let is_plain = !frame.is_progressive && !frame.is_lossless && frame.precision == 8;
        if !is_plain || frame.width() < NARROWEST || decoder.jpeg_color_space() != ColorSpace::YCbCr {
            return None;
        }
        let factors = frame.components.iter().map(|part| (part.horizontal_sampling, part.vertical_sampling));
        match factors.collect::<Vec<_>>()[..] {
            [(1, 1), (1, 1), (1, 1)] => Some(Self::Whole),
            [(2, 1), (1, 1), (1, 1)] => Some(Self::Halved),
            [(2, 2), (1, 1), (1, 1)] => Some(Self::Quartered),
            _ => None,
        }
    }
}

/// Planes of luma and chroma, and what makes rows of them.
pub(super) struct ColorRows {
    planes: RawImage,
    sampling: Sampling,
    routines: SimdRoutines,
    /// Rows of chroma as wide as luma.
    chroma: [Vec<u8>; 2],
    sums: Vec<u16>,
}

impl ColorRows {
    pub(super) fn new(planes: RawImage, sampling: Sampling) -> Self {
        let line = vec![0; planes.width.next_multiple_of(2)];
        Self { planes, sampling, routines: detect(), chroma: [line.clone(), line], sums: Vec::new() }
    }

    /// Makes a row.
    pub(super) fn make(&mut self, y: usize, rgb: &mut [u8]) {
        let Self { planes, sampling, routines, chroma, sums } = self;
        let width = planes.width;
        let row = |plane: usize, y: usize| &planes.planes[plane][y * planes.plane_widths[plane]..];
        if *sampling == Sampling::Whole {
            return routines.ycbcr_to_rgb_row(row(0, y), row(1, y), row(2, y), rgb, width);
        }
        let (half, rows) = (width.div_ceil(2), planes.height.div_ceil(2));
        for (plane, line) in chroma.iter_mut().enumerate() {
            if *sampling == Sampling::Halved {
                routines.fancy_upsample_h2v1(row(plane + 1, y), half, line);
            } else {
                let near = y / 2;
                let far = if y.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(rows - 1) };
                loops::widened(&row(plane + 1, near)[..half], &row(plane + 1, far)[..half], sums, line);
            }
        }
        routines.ycbcr_to_rgb_row(row(0, y), &chroma[0], &chroma[1], rgb, width);
    }
}

#[cfg(test)]
mod tests {
    use libjpeg_turbo_rs::{PixelFormat, Subsampling, compress, compress_progressive};

    use super::*;
    use crate::codec::orientation::upright;
    use crate::codec::{decode, jpeg};
    use crate::limits::Limits;

    /// Noise and edges, so that every sample of chroma counts.
    fn pixels(width: usize, height: usize) -> Vec<u8> {
        let level =
            |at: usize| if (at / 23).is_multiple_of(4) { [0, 255][at / 3 % 2] } else { (at * at * 31 / 7) as u8 };
        (0..3 * width * height).map(level).collect()
    }

    /// A JPEG with an EXIF block of this orientation.
    fn with_orientation(file: &[u8], orientation: u8) -> Vec<u8> {
        let (start, rest) = file.split_at(2);
        let directory = [1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
        let block = [&b"Exif\0\0II*\0\x08\0\0\0"[..], &directory].concat();
        [start, &[0xFF, 0xE1, 0, block.len() as u8 + 2], &block, rest].concat()
    }

    fn begun(file: &[u8]) -> jpeg::Begun<'_> {
        let decoder = jpeg::open(file, &Limits::default()).ok().unwrap();
        jpeg::Begun::new(decoder, file).ok().unwrap()
    }

    #[test]
    fn pictures_turned_while_they_are_decoded_are_those_turned_after() {
        let kinds = [
            (Subsampling::S444, Some(Sampling::Whole)),
            (Subsampling::S422, Some(Sampling::Halved)),
            (Subsampling::S420, Some(Sampling::Quartered)),
            (Subsampling::S440, None),
            (Subsampling::S411, None),
        ];
        for (stored, sampling) in kinds {
            for width in [1, 2, 5, 7, 8, 9, 15, 16, 17, 33, 64, 130] {
                for height in [1, 2, 3, 16, 17, 63, 64, 65, 129] {
                    let file = compress(&pixels(width, height), width, height, PixelFormat::Rgb, 90, stored).unwrap();
                    let suits = if width < NARROWEST { None } else { sampling };
                    assert_eq!(Sampling::of(&begun(&file).decoder), suits, "{stored:?} {width}x{height}");
                    let plain = decode(&file, &Limits::default()).unwrap().image;
                    for orientation in 5..=8 {
                        let turned = decode(&with_orientation(&file, orientation), &Limits::default()).unwrap();
                        let header = (turned.header.stored, turned.header.orientation);
                        assert_eq!(header, (plain.size(), orientation), "{stored:?} {width}x{height}");
                        let wanted = upright(plain.clone(), orientation).unwrap();
                        assert!(turned.image == wanted, "{stored:?} {width}x{height}, orientation {orientation}");
                    }
                }
            }
        }
        let progressive =
            compress_progressive(&pixels(40, 30), 40, 30, PixelFormat::Rgb, 90, Subsampling::S420).unwrap();
        assert_eq!(Sampling::of(&begun(&progressive).decoder), None, "it may need smoothing");
    }

    #[test]
    fn damage_is_told_in_the_same_words() {
        let file = compress(&pixels(70, 50), 70, 50, PixelFormat::Rgb, 90, Subsampling::S420).unwrap();
        let said =
            |file: &[u8]| decode(file, &Limits::default()).map(|decoded| decoded.warnings).map_err(|e| e.to_string());
        let mut refused = 0;
        // From what comes after the first marker on.
        for at in (20..file.len()).step_by(11) {
            let mut changed = file.clone();
            changed[at] ^= 0x55;
            for damaged in [&file[..at], &changed] {
                let plain = said(damaged);
                refused += usize::from(plain.is_err());
                assert_eq!(said(&with_orientation(damaged, 6)), plain, "at {at}");
            }
        }
        assert!(refused > 100, "{refused}: damage is mostly seen");
    }
}
