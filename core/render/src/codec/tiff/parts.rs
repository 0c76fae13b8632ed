//! The strips or tiles of a TIFF, unpacked: whatever their compression and planes, rows of samples come out.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use weezl::{BitOrder, LzwStatus, decode as lzw};

use super::compression::{
    DEFLATE, FAX_ROWS, FAX_ROWS_OF_WORDS, GROUP_3, GROUP_4, JPEG, LZW, NONE, OLD_DEFLATE, PACK_BITS,
};
use super::directory::{Directory, tag};
use super::fax::{self, Coding};
use super::layout::Layout;
use super::samples;
use crate::codec::{Format, broken, cut_off, jpeg, unsupported};
use crate::error::{Context as _, Result};
use crate::limits::Limits;

/// The names of others, for error messages.
const UNREAD: [(u64, &str); 8] = [
    (34_676, "SGI Log"),
    (34_677, "SGI Log 24"),
    (34_712, "JPEG 2000"),
    (34_887, "LERC"),
    (34_925, "LZMA"),
    (50_000, "Zstandard"),
    (50_001, "WebP"),
    (52_546, "JPEG XL"),
];

/// How strips or tiles become rows.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    directory: &'a Directory<'a>,
    layout: &'a Layout,
    limits: &'a Limits,
    method: Method<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Method<'a> {
    Stored,
    Fax(Coding),
    Lzw,
    Deflate,
    PackBits,
    /// JPEGs whose tables may stand elsewhere; `converted` where they hold luma and chroma, and RGB is wanted.
    Jpeg {
        tables: Option<&'a [u8]>,
        converted: bool,
    },
}

/// Where a part lies in the picture, and its rows, of each plane.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) left: u32,
    pub(super) top: u32,
    /// Columns and rows of it that are in the picture.
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) planes: Vec<Plane>,
}

/// The rows of one plane of a part, or of all samples together.
#[derive(Debug, Default)]
pub(super) struct Plane {
    /// Bytes from row to row.
    stride: usize,
    bytes: Vec<u8>,
}

impl Plane {
    /// A row, and what comes after it.
    pub(super) fn rows_from(&self, y: usize) -> &[u8] {
        &self.bytes[y * self.stride..]
    }
}

impl<'a> Parts<'a> {
    pub(super) fn new(directory: &'a Directory<'a>, layout: &'a Layout, limits: &'a Limits) -> Result<Self> {
        let fax = |coding| {
            if layout.numbers.bits == 1 && layout.together() == 1 {
                Ok(Method::Fax(coding))
            } else {
                Err(broken(Format::Tiff, "it has the compression of fax, but not its samples"))
            }
        };
        let method = match layout.compression {
            NONE => Method::Stored,
            FAX_ROWS => fax(Coding::Aligned { bytes: 1 })?,
            FAX_ROWS_OF_WORDS => fax(Coding::Aligned { bytes: 2 })?,
            GROUP_3 => {
                let options = directory.number(tag::GROUP_3_OPTIONS)?.unwrap_or(0);
                fax(Coding::Group3 { two_dimensional: options & 1 != 0 })?
            }
            GROUP_4 => fax(Coding::Group4)?,
            LZW => Method::Lzw,
            DEFLATE | OLD_DEFLATE => Method::Deflate,
            PACK_BITS => Method::PackBits,
            JPEG => Method::Jpeg { tables: directory.bytes(tag::JPEG_TABLES)?, converted: layout.of_luma_jpegs },
            other => {
                let name = UNREAD.iter().find(|(code, _)| *code == other).map(|(_, name)| *name);
                let name = name.map_or_else(|| format!("of number {other}"), |name| format!("by {name}"));
                return Err(unsupported(Format::Tiff, format!("compression {name}")));
            }
        };
        let places = if layout.tiled { tag::TILE_OFFSETS } else { tag::STRIP_OFFSETS };
        let planes = if layout.planar { layout.samples as u64 } else { 1 };
        if directory.count(places) < layout.parts() * planes {
            return Err(broken(Format::Tiff, "its parts do not make its size"));
        }
        Ok(Self { directory, layout, limits, method })
    }

    /// Unpacks a part, counted along the rows of parts, all planes of it.
    pub(super) fn read(&self, number: u64, part: &mut Part) -> Result<()> {
        let layout = self.layout;
        let across = u64::from(layout.across());
        // The part is one of the picture's, whose sides are numbers of 32 bits.
        (part.left, part.top) =
            ((number % across) as u32 * layout.part.width, (number / across) as u32 * layout.part.height);
        part.columns = layout.part.width.min(layout.size.width - part.left) as usize;
        part.rows = layout.part.height.min(layout.size.height - part.top) as usize;
        // Strips end with the picture, tiles stand out over it.
        let rows = if layout.tiled { layout.part.height as usize } else { part.rows };
        part.planes.resize_with(if layout.planar { layout.samples } else { 1 }, Plane::default);
        for (plane, to) in (0..).zip(&mut part.planes) {
            let index = plane * layout.parts() + number;
            let unpacked = match self.method {
                Method::Jpeg { tables, converted } => {
                    self.decode(index, tables, converted, (part.columns, part.rows)).map(|plane| *to = plane)
                }
                _ => self.unpack(index, rows, to),
            };
            unpacked.within(|| format!("part {index} of the TIFF"))?;
        }
        Ok(())
    }

    fn decode(
        &self,
        index: u64,
        tables: Option<&[u8]>,
        converted: bool,
        (columns, rows): (usize, usize),
    ) -> Result<Plane> {
        let data = self.bytes(index)?;
        let joined = tables.map(|tables| joined(tables, data));
        let data = joined.as_deref().unwrap_or(data);
        let (found, channels, bytes) = jpeg::decode_part(data, self.limits, converted)?;
        let together = self.layout.together();
        let is_whole = found.width as usize >= columns && found.height as usize >= rows;
        if channels.count() != together || !is_whole {
            return Err(broken(Format::Tiff, "one of its parts is of another size or kind"));
        }
        Ok(Plane { stride: found.width as usize * together, bytes })
    }

    fn unpack(&self, index: u64, rows: usize, plane: &mut Plane) -> Result<()> {
        let data = self.bytes(index)?;
        let data = if self.layout.reversed {
            Cow::Owned(data.iter().map(|byte| byte.reverse_bits()).collect())
        } else {
            Cow::Borrowed(data)
        };
        let (stride, lines) = (self.layout.stride() as usize, rows.div_ceil(self.layout.subsampling.1));
        plane.stride = stride;
        let to = &mut plane.bytes;
        to.clear();
        to.resize(stride * lines, 0);
        match self.method {
            Method::Stored => {
                let length = to.len();
                to.copy_from_slice(data.get(..length).ok_or_else(|| cut_off(Format::Tiff))?);
            }
            Method::Fax(coding) => fax::decode(&data, coding, self.layout.part.width, stride, to)?,
            Method::Lzw => unpack_lzw(&data, to)?,
            Method::Deflate => ZlibDecoder::new(&*data).read_exact(to).map_err(|cause| match cause.kind() {
                std::io::ErrorKind::UnexpectedEof => cut_off(Format::Tiff),
                _ => broken(Format::Tiff, cause),
            })?,
            Method::PackBits => unpack_bits(&data, to).ok_or_else(|| cut_off(Format::Tiff))?,
            Method::Jpeg { .. } => {}
        }
        for row in to.chunks_exact_mut(stride) {
            samples::restore(self.layout, self.directory.order, row);
        }
        Ok(())
    }

    /// The bytes of a part in the file; where it says no length, all from its start on.
    fn bytes(&self, index: u64) -> Result<&'a [u8]> {
        let (offsets, lengths) = if self.layout.tiled {
            (tag::TILE_OFFSETS, tag::TILE_LENGTHS)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_LENGTHS)
        };
        let offset = self.directory.at(offsets, index)?.unwrap_or(u64::MAX);
        let rest = (self.directory.file.len() as u64).saturating_sub(offset);
        self.directory.part(offset, self.directory.at(lengths, index)?.unwrap_or(rest))
    }
}

/// A JPEG whose tables stand elsewhere, whole: the tables end and the data begins with a marker that goes.
fn joined(tables: &[u8], data: &[u8]) -> Vec<u8> {
    let tables = tables.strip_suffix(&[0xFF, 0xD9]).unwrap_or(tables);
    [tables, data.strip_prefix(&[0xFF, 0xD8]).unwrap_or(data)].concat()
}

fn unpack_lzw(mut data: &[u8], mut to: &mut [u8]) -> Result<()> {
    // The first code makes the table empty: 256 in 9 bits. Before TIFF 5 its lowest bit came first.
    let mut decoder = match data {
        [0, second, ..] if second & 1 == 1 => lzw::Decoder::new(BitOrder::Lsb, 8),
        _ => lzw::Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
    };
    while !to.is_empty() {
        let done = decoder.decode_bytes(data, to);
        data = &data[done.consumed_in..];
        to = &mut to[done.consumed_out..];
        match done.status {
            Ok(LzwStatus::Ok) if done.consumed_in + done.consumed_out > 0 => {}
            Ok(_) if to.is_empty() => {}
            Ok(_) => return Err(cut_off(Format::Tiff)),
            Err(cause) => return Err(broken(Format::Tiff, cause)),
        }
    }
    Ok(())
}

/// Runs of one byte, and of different ones; `None` where there are too few.
fn unpack_bits(mut data: &[u8], mut to: &mut [u8]) -> Option<()> {
    while !to.is_empty() {
        let (head, rest) = data.split_first()?;
        data = rest;
        // A run at the end of the part may be longer than what is left of it.
        match *head as i8 {
            -128 => {}
            count @ 0.. => {
                let count = (count as usize + 1).min(to.len());
                let (run, rest) = data.split_at_checked(count)?;
                to[..count].copy_from_slice(run);
                (data, to) = (rest, &mut to[count..]);
            }
            count => {
                let count = (1 - isize::from(count)).unsigned_abs().min(to.len());
                let (byte, rest) = data.split_first()?;
                to[..count].fill(*byte);
                (data, to) = (rest, &mut to[count..]);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use weezl::encode::Encoder;

    use super::*;

    fn data() -> Vec<u8> {
        (0..20_000_usize).map(|at| (at * at / 97 % 251) as u8).collect()
    }

    #[test]
    fn lzw_is_unpacked_in_its_old_order_of_bits_too() {
        let new = Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(&data()).unwrap();
        let old = Encoder::new(BitOrder::Lsb, 8).encode(&data()).unwrap();
        for packed in [new, old] {
            let mut unpacked = vec![0; data().len()];
            unpack_lzw(&packed, &mut unpacked).unwrap();
            assert!(unpacked == data());
            let cut = unpack_lzw(&packed[..packed.len() / 2], &mut unpacked).unwrap_err();
            assert!(cut.message().contains("cut off"), "{cut}");
        }
    }

    #[test]
    fn runs_of_bytes_are_unpacked() {
        // The example of TIFF 6.0, section 9, with a byte that does nothing.
        let packed = [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0x80, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA];
        let right =
            [&[0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22][..], &[0xAA; 10]];
        let mut unpacked = vec![0; 24];
        assert!(unpack_bits(&packed, &mut unpacked).is_some());
        assert_eq!(unpacked, right.concat());
        assert!(unpack_bits(&packed, &mut [0; 25]).is_none(), "one byte too few");
        assert!(unpack_bits(&packed, &mut unpacked[..20]).is_some(), "a run longer than what is left");
    }
}
