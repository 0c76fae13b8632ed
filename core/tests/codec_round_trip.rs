//! What is encoded decodes to the same picture: exactly for PNG and WebP, closely for JPEG.

use augment_core::codec::{Encoding, Format, PngCompression, Subsampling, decode, encode, probe};
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::limits::Limits;

fn picture(channels: Channels) -> Image {
    let size = Size::new(45, 31);
    let mut image = Image::zeroed(size, channels);
    let n = channels.count();
    for (at, level) in image.samples_mut().iter_mut().enumerate() {
        let (x, y, c) = (at / n % 45, at / n / 45, at % n);
        *level = (x * 3 + y * 4 + c * 40 + (x * y) % 7) as u8;
    }
    image
}

#[test]
fn png_and_webp_keep_every_level() {
    for channels in [Channels::Grey, Channels::Rgb, Channels::Rgba] {
        let image = picture(channels);
        for compression in [PngCompression::Fast, PngCompression::Small] {
            let bytes = encode(&image, &Encoding::Png { compression }, None, Fill::BLACK).unwrap();
            assert_eq!(decode(&bytes, &Limits::default()).unwrap().image, image);
        }
        let bytes = encode(&image, &Encoding::WebP, None, Fill::BLACK).unwrap();
        let back = decode(&bytes, &Limits::default()).unwrap().image;
        // WebP knows no grey.
        let expected: Vec<u8> = match channels {
            Channels::Grey => image.samples().iter().flat_map(|level| [*level; 3]).collect(),
            _ => image.samples().to_vec(),
        };
        assert_eq!(back.samples(), expected);
    }
}

#[test]
fn jpeg_is_close_and_grey_stays_grey() {
    for channels in [Channels::Grey, Channels::Rgb] {
        let image = picture(channels);
        let encoding = Encoding::Jpeg { quality: 95, subsampling: Subsampling::Full };
        let bytes = encode(&image, &encoding, None, Fill::BLACK).unwrap();
        let header = probe(&bytes, &Limits::default()).unwrap();
        assert_eq!((header.format, header.upright(), header.orientation), (Format::Jpeg, image.size(), 1));
        let back = decode(&bytes, &Limits::default()).unwrap().image;
        assert_eq!(back.channels(), channels);
        let worst = back.samples().iter().zip(image.samples()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(worst <= Some(40), "off by {worst:?}");
    }
}

#[test]
fn jpeg_composes_alpha_on_the_background() {
    let mut image = Image::filled(Size::new(16, 16), Channels::Rgba, Fill([200, 100, 0]));
    let encoding = Encoding::Jpeg { quality: 100, subsampling: Subsampling::Full };
    for (alpha, expected) in [(255, [200, 100, 0]), (0, [0, 0, 255]), (51, [40, 20, 204])] {
        image.samples_mut().iter_mut().skip(3).step_by(4).for_each(|sample| *sample = alpha);
        let bytes = encode(&image, &encoding, None, Fill([0, 0, 255])).unwrap();
        let back = decode(&bytes, &Limits::default()).unwrap().image;
        for (level, wanted) in back.pixel(7, 7).iter().zip(expected) {
            assert!(level.abs_diff(wanted) <= 2, "{:?} is not {expected:?}", back.pixel(7, 7));
        }
    }
}
