//! What a file is by its first bytes: a picture that is read, one that is not, or none.

use super::Format;

/// First bytes of a file that tell all that [`kind`] knows; fewer tell less.
pub const HEAD_BYTES: usize = 64;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture that [`super::decode`] takes, as far as its first bytes say.
    Picture(Format),
    /// A picture of a format that is not read.
    Foreign(Foreign),
    /// No picture, or none that is known.
    Other,
}

/// A format of pictures that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its name, as people write it.
    pub name: &'static str,
    /// What can be done.
    pub advice: &'static str,
}

const CONVERT: &str = "convert it to JPEG, PNG or TIFF first";
const DEVELOP: &str = "develop it and save it as JPEG, PNG or TIFF";
const EXPORT: &str = "export it as PNG";

/// Formats by the bytes that they begin with.
const BEGINNINGS: &[(&[u8], &str, &str)] = &[
    (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL", CONVERT),
    (b"\xFF\x0A", "JPEG XL", CONVERT),
    (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000", CONVERT),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000", CONVERT),
    (b"II\xBC\x01", "JPEG XR", CONVERT),
    (b"8BPS", "Photoshop", CONVERT),
    (b"gimp xcf", "GIMP", CONVERT),
    (b"\x76\x2F\x31\x01", "OpenEXR", CONVERT),
    (b"#?RADIANCE", "Radiance HDR", CONVERT),
    (b"#?RGBE", "Radiance HDR", CONVERT),
    (b"DDS ", "DirectDraw", CONVERT),
    (b"qoif", "QOI", CONVERT),
    (b"FLIF", "FLIF", CONVERT),
    (b"BPG\xFB", "BPG", CONVERT),
    (b"SIMPLE  =", "FITS", CONVERT),
    (b"\x59\xA6\x6A\x95", "Sun raster", CONVERT),
    (b"/* XPM */", "XPM", CONVERT),
    (b"AT&TFORM", "DjVu", CONVERT),
    (b"icns", "Apple icon", CONVERT),
    (b"\x8AMNG\r\n\x1A\n", "MNG", CONVERT),
    (b"\x8BJNG\r\n\x1A\n", "JNG", CONVERT),
    (b"FUJIFILMCCD-RAW", "Fujifilm raw", DEVELOP),
    (b"IIRO", "Olympus raw", DEVELOP),
    (b"IIRS", "Olympus raw", DEVELOP),
    (b"MMOR", "Olympus raw", DEVELOP),
    (b"IIU\0", "Panasonic raw", DEVELOP),
    (b"FOVb", "Sigma raw", DEVELOP),
    (b"II\x1A\0\0\0HEAPCCDR", "Canon raw (CRW)", DEVELOP),
];

/// Brands of files of boxes (ISO/IEC 14496-12), the more telling ones first.
const BRANDS: &[(&[u8; 4], &str, &str)] = &[
    (b"avif", "AVIF", CONVERT),
    (b"avis", "AVIF", CONVERT),
    (b"heic", "HEIC", CONVERT),
    (b"heix", "HEIC", CONVERT),
    (b"heim", "HEIC", CONVERT),
    (b"heis", "HEIC", CONVERT),
    (b"hevc", "HEIC", CONVERT),
    (b"hevx", "HEIC", CONVERT),
    (b"crx ", "Canon raw (CR3)", DEVELOP),
    (b"mif1", "HEIF", CONVERT),
    (b"mif2", "HEIF", CONVERT),
    (b"msf1", "HEIF", CONVERT),
];

/// Tells what a file is from its first bytes, [`HEAD_BYTES`] of them or all that it has. Names play no part: an MPO, a
/// `.jfif` and a `.jpe` are JPEGs, a `.dib` is a BMP.
#[must_use]
pub fn kind(head: &[u8]) -> FileKind {
    // Some raw files begin as TIFFs do.
    if let Some(foreign) = foreign(head) {
        return FileKind::Foreign(foreign);
    }
    Format::sniff(head).map_or(FileKind::Other, FileKind::Picture)
}

fn foreign(head: &[u8]) -> Option<Foreign> {
    let (_, name, advice) =
        BEGINNINGS.iter().find(|(beginning, ..)| head.starts_with(beginning)).copied().or_else(|| {
            let (name, advice) = match head {
                [_, _, _, _, b'f', b't', b'y', b'p', ..] => {
                    return brand(head).map(|(name, advice)| (&[][..], name, advice));
                }
                [b'I', b'I', 42, 0, _, _, _, _, b'C', b'R', ..] => ("Canon raw (CR2)", DEVELOP),
                // Netpbm: P1 to P7, or floating-point PF and Pf, and white space.
                [b'P', b'1'..=b'7' | b'F' | b'f', b' ' | b'\t' | b'\r' | b'\n', ..] => ("Netpbm", CONVERT),
                // Of so many images, the first with a reserved 0.
                [0, 0, 1, 0, 1..=255, 0, _, _, _, 0, ..] => ("icon", CONVERT),
                [0, 0, 2, 0, 1..=255, 0, _, _, _, 0, ..] => ("cursor", CONVERT),
                [0x0A, 0 | 2..=5, 1, 1 | 2 | 4 | 8, ..] => ("PCX", CONVERT),
                _ if is_svg(head) => ("SVG", EXPORT),
                _ => return None,
            };
            Some((&[][..], name, advice))
        })?;
    Some(Foreign { name, advice })
}

/// By the file's own brand, and those that it says it is compatible with.
fn brand(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let length = u32::from_be_bytes(*head.first_chunk()?) as usize;
    let brands = head.get(8..head.len().min(length.max(12)))?.as_chunks::<4>().0;
    // After its own brand comes a version.
    let is_there = |wanted: &[u8; 4]| brands.iter().enumerate().any(|(at, brand)| at != 1 && brand == wanted);
    BRANDS.iter().find(|(brand, ..)| is_there(brand)).map(|(_, name, advice)| (*name, *advice))
}

fn is_svg(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    head.starts_with(b"<svg") || (head.starts_with(b"<?xml") && head.windows(4).any(|bytes| bytes == b"<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(brands: &[&[u8; 4]]) -> Vec<u8> {
        let length = 12 + 4 * brands.len() as u32;
        let mut head = [&length.to_be_bytes()[..], b"ftyp", brands[0], b"\0\0\0\0"].concat();
        brands[1..].iter().for_each(|brand| head.extend_from_slice(*brand));
        head.extend(b"\0\0\0\x20meta and so on, with avif in its text");
        head
    }

    #[test]
    fn pictures_that_are_not_read_have_a_name() {
        for (head, name) in [
            (boxes(&[b"heic", b"mif1", b"heic"]), "HEIC"),
            (boxes(&[b"mif1", b"heic", b"hevc"]), "HEIC"),
            (boxes(&[b"mif1", b"miaf"]), "HEIF"),
            (boxes(&[b"avif", b"mif1", b"miaf"]), "AVIF"),
            (boxes(&[b"mif1", b"avif"]), "AVIF"),
            (boxes(&[b"crx ", b"isom"]), "Canon raw (CR3)"),
            (b"\0\0\0\x0CJXL \r\n\x87\n\0\0".to_vec(), "JPEG XL"),
            (b"\xFF\x0A\x00".to_vec(), "JPEG XL"),
            (b"\0\0\0\x0CjP  \r\n\x87\n\0\0".to_vec(), "JPEG 2000"),
            (b"8BPS\0\x01".to_vec(), "Photoshop"),
            (b"II*\0\x10\0\0\0CR\x02\0".to_vec(), "Canon raw (CR2)"),
            (b"P6\n45 31\n255\n".to_vec(), "Netpbm"),
            (b"\0\0\x01\0\x02\0\x10\x10\0\0\x01\0".to_vec(), "icon"),
            (b"\x0A\x05\x01\x08\0\0".to_vec(), "PCX"),
            (b"\xEF\xBB\xBF <?xml version=\"1.0\"?>\n<svg xmlns=".to_vec(), "SVG"),
        ] {
            let FileKind::Foreign(foreign) = kind(&head) else { panic!("{name}: {:?}", kind(&head)) };
            assert_eq!(foreign.name, name);
        }
    }

    #[test]
    fn what_is_read_is_told_and_what_is_no_picture_is_not() {
        let bmp = b"BM\x9A\x02\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0";
        for (head, format) in [
            (&b"\xFF\xD8\xFF\xE1\x12\x34Exif"[..], Format::Jpeg),
            (b"\xFF\xD8\xFF\xDB", Format::Jpeg),
            (bmp, Format::Bmp),
            (b"II*\0\x08\0\0\0\x0C\0\0\x01", Format::Tiff),
            (b"GIF89a", Format::Gif),
        ] {
            assert_eq!(kind(head), FileKind::Picture(format));
        }
        for head in [
            &b""[..],
            b"B",
            b"BMW 320, a car that is red and fast",
            b"PNG is a format",
            b"P 12 14\n",
            b"0 0.5 0.5 0.1 0.1\n",
            b"<?xml version=\"1.0\"?>\n<annotation>",
            b"{\"images\": []}",
            b"%PDF-1.7",
            b"PK\x03\x04",
            &boxes(&[b"isom", b"mp42"]),
            &boxes(&[b"qt  "]),
        ] {
            assert_eq!(kind(head), FileKind::Other, "{}", String::from_utf8_lossy(head));
        }
    }
}
