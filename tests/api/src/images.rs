//! Small test images, different for every number.

use augment_core::codec::{Encoding, PngCompression, Subsampling, encode};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};

fn picture(number: u32) -> Image {
    let (width, height) = (40, 30);
    let samples = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| [(x * 5 + number) as u8, (y * 7) as u8, (number >> 8) as u8])
        .collect();
    Image::from_samples(Size::new(width, height), Channels::Rgb, samples).unwrap()
}

#[must_use]
pub fn jpeg(number: u32) -> Vec<u8> {
    let encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter };
    encode(&picture(number), &encoding, None, Fill::BLACK).unwrap()
}

#[must_use]
pub fn png(number: u32) -> Vec<u8> {
    encode(&picture(number), &Encoding::Png { compression: PngCompression::Fast }, None, Fill::BLACK).unwrap()
}

/// An empty zip.
#[must_use]
pub fn zip() -> Vec<u8> {
    let mut zip = b"PK\x05\x06".to_vec();
    zip.extend([0; 18]);
    zip
}
