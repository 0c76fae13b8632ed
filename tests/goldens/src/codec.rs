//! What every decoder makes of the fixtures, and every encoder of the pictures.

use augment_core::codec::{Decoded, Encoding, PngCompression, Subsampling, decode, encode};
use augment_core::image::{Channels, Fill, Image};
use augment_core::limits::Limits;

use crate::Golden;
use crate::pictures::picture;

const FIXTURES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/codec_fixtures.rs"));

const ENCODINGS: &[(&str, Encoding)] = &[
    ("jpeg_90_420", Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter }),
    ("jpeg_90_444", Encoding::Jpeg { quality: 90, subsampling: Subsampling::Full }),
    ("jpeg_30_420", Encoding::Jpeg { quality: 30, subsampling: Subsampling::Quarter }),
    ("png_fast", Encoding::Png { compression: PngCompression::Fast }),
    ("png_small", Encoding::Png { compression: PngCompression::Small }),
    ("webp", Encoding::WebP),
];

const BACKGROUND: Fill = Fill([250, 240, 230]);

pub(crate) fn add(goldens: &mut Vec<Golden>) {
    for (name, bytes) in FIXTURES {
        match decode(bytes, &Limits::default()) {
            Ok(decoded) => goldens.extend(fixture(name, &decoded)),
            Err(error) => goldens.push(Golden::refused("codec/decode", name, &error)),
        }
    }
    for (channels_name, channels) in [("gray", Channels::Gray), ("rgb", Channels::Rgb), ("rgba", Channels::Rgba)] {
        // Wide enough for every vector path, with a rest at the end of a row and of the picture.
        let image = picture(523, 301, channels);
        for (name, encoding) in ENCODINGS {
            goldens.extend(there_and_back(&format!("{channels_name}.{name}"), &image, encoding));
        }
    }
}

fn fixture(name: &str, decoded: &Decoded) -> Vec<Golden> {
    let told = format!(
        "{:?} {} {:?} {:?}",
        decoded.header.format,
        decoded.header.orientation,
        decoded.icc.as_deref().map(<[u8]>::len),
        decoded.warnings
    );
    let encoded: Vec<u8> =
        ENCODINGS.iter().flat_map(|(_, encoding)| encoded(&decoded.image, encoding, decoded.icc.as_deref())).collect();
    vec![
        Golden::of("codec/decode", &format!("{name}.pixels"), &pixels(&decoded.image)),
        Golden::of("codec/decode", &format!("{name}.told"), told.as_bytes()),
        Golden::of("codec/decode", &format!("{name}.encoded_again"), &encoded),
    ]
}

fn there_and_back(case: &str, image: &Image, encoding: &Encoding) -> Vec<Golden> {
    let bytes = encoded(image, encoding, None);
    let file = Golden::of("codec/encode", case, &bytes);
    let case = format!("{case}.decoded");
    let back = match decode(&bytes, &Limits::default()) {
        Ok(decoded) => Golden::of("codec/encode", &case, &pixels(&decoded.image)),
        Err(error) => Golden::refused("codec/encode", &case, &error),
    };
    vec![file, back]
}

/// The file, or the words of the refusal.
fn encoded(image: &Image, encoding: &Encoding, icc: Option<&[u8]>) -> Vec<u8> {
    encode(image, encoding, icc, BACKGROUND).unwrap_or_else(|error| error.to_string().into_bytes())
}

/// Size, channels and samples: a turned or regrouped picture has another hash.
pub(crate) fn pixels(image: &Image) -> Vec<u8> {
    let size = image.size();
    // What is hashed does not follow the names in the code.
    let channels = match image.channels() {
        Channels::Gray => "Grey",
        Channels::Rgb => "Rgb",
        Channels::Rgba => "Rgba",
    };
    let mut bytes = format!("{}x{} {channels} ", size.width, size.height).into_bytes();
    bytes.extend_from_slice(image.samples());
    bytes
}
