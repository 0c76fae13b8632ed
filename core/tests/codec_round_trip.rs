//! What is encoded decodes to the same picture: exactly for PNG and WebP, closely for JPEG.

use augment_core::codec::{Encoding, Format, PngCompression, Subsampling, decode, encode, probe};
use augment_core::error::ErrorKind;
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
    for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
        let image = picture(channels);
        for compression in [PngCompression::Fast, PngCompression::Small] {
            let bytes = encode(&image, &Encoding::Png { compression }, None, Fill::BLACK).unwrap();
            assert_eq!(decode(&bytes, &Limits::default()).unwrap().image, image);
        }
        let bytes = encode(&image, &Encoding::WebP, None, Fill::BLACK).unwrap();
        let back = decode(&bytes, &Limits::default()).unwrap().image;
        // WebP knows no gray.
        let expected: Vec<u8> = match channels {
            Channels::Gray => image.samples().iter().flat_map(|level| [*level; 3]).collect(),
            _ => image.samples().to_vec(),
        };
        assert_eq!(back.samples(), expected);
    }
}

#[test]
fn jpeg_is_close_and_gray_stays_gray() {
    for channels in [Channels::Gray, Channels::Rgb] {
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

/// A profile's head (its size, color space and signature) before `length` bytes of some table.
fn profile(space: &[u8; 4], length: usize) -> Vec<u8> {
    let mut profile: Vec<u8> = (0..length).map(|at| (at * 7 % 251) as u8).collect();
    profile[..4].copy_from_slice(&(length as u32).to_be_bytes());
    profile[16..20].copy_from_slice(space);
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

const ENCODINGS: [Encoding; 3] = [
    Encoding::Jpeg { quality: 90, subsampling: Subsampling::Quarter },
    Encoding::Png { compression: PngCompression::Fast },
    Encoding::WebP,
];

#[test]
fn a_profile_goes_where_it_fits() {
    // More than one segment of a JPEG holds.
    let rgb = profile(b"RGB ", 150_000);
    let gray = profile(b"GRAY", 500);
    for encoding in ENCODINGS {
        for (channels, given, kept) in [
            (Channels::Rgb, &rgb, true),
            (Channels::Rgb, &gray, false),
            // WebP has no gray pixels: it stores RGB ones.
            (Channels::Gray, &rgb, encoding == Encoding::WebP),
            (Channels::Gray, &gray, encoding != Encoding::WebP),
        ] {
            let bytes = encode(&picture(channels), &encoding, Some(given), Fill::BLACK).unwrap();
            let decoded = decode(&bytes, &Limits::default()).unwrap();
            assert_eq!(decoded.icc.as_ref(), kept.then_some(given), "{encoding:?} {channels:?}");
            assert_eq!(decoded.warnings, Vec::<String>::new(), "{encoding:?} {channels:?}");
        }
    }
}

#[test]
fn what_a_format_cannot_hold_is_refused() {
    let refusal = |size, encoding: &Encoding| {
        let error = encode(&Image::zeroed(size, Channels::Gray), encoding, None, Fill::BLACK).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        error.to_string()
    };
    let small = Size::new(1, 1);
    for quality in [0, 101] {
        let encoding = Encoding::Jpeg { quality, subsampling: Subsampling::Full };
        assert_eq!(refusal(small, &encoding), format!("a JPEG quality is from 1 to 100, not {quality}"));
    }
    assert!(refusal(Size::new(16_384, 1), &Encoding::WebP).contains("too large for WebP"));
    assert!(refusal(Size::new(1, 65_501), &ENCODINGS[0]).contains("too large for JPEG"));
    for encoding in ENCODINGS {
        assert!(refusal(Size::new(0, 5), &encoding).contains("0x5"));
        assert!(encode(&Image::zeroed(small, Channels::Rgba), &encoding, None, Fill::BLACK).is_ok());
    }
}

#[test]
fn every_quality_makes_a_baseline_jpeg() {
    for quality in 1..=100 {
        let encoding = Encoding::Jpeg { quality, subsampling: Subsampling::Quarter };
        let bytes = encode(&picture(Channels::Rgb), &encoding, None, Fill::BLACK).unwrap();
        assert!(bytes.windows(2).any(|pair| pair == [0xFF, 0xC0]), "quality {quality} is not baseline");
        assert_eq!(decode(&bytes, &Limits::default()).unwrap().image.size(), Size::new(45, 31));
    }
}

#[test]
fn limits_hold_before_memory_is_taken() {
    for encoding in ENCODINGS {
        let bytes = encode(&picture(Channels::Rgb), &encoding, None, Fill::BLACK).unwrap();
        let narrow = Limits { max_pixels: 45 * 31 - 1, ..Limits::default() };
        assert_eq!(decode(&bytes, &narrow).unwrap_err().kind(), ErrorKind::Limit);
        assert_eq!(probe(&bytes, &narrow).unwrap_err().kind(), ErrorKind::Limit);
        let exact = Limits { max_pixels: 45 * 31, max_file_bytes: bytes.len() as u64, ..Limits::default() };
        assert!(decode(&bytes, &exact).is_ok());
        let short = Limits { max_file_bytes: bytes.len() as u64 - 1, ..Limits::default() };
        assert_eq!(decode(&bytes, &short).unwrap_err().kind(), ErrorKind::Limit);
    }
}

#[test]
fn settings_stand_in_json() {
    for (encoding, json) in ENCODINGS.iter().zip([
        r#"{"format":"jpeg","quality":90,"subsampling":"4:2:0"}"#,
        r#"{"format":"png","compression":"fast"}"#,
        r#"{"format":"webp"}"#,
    ]) {
        assert_eq!(serde_json::to_string(encoding).unwrap(), json);
        assert_eq!(serde_json::from_str::<Encoding>(json).unwrap(), *encoding);
    }
    assert_eq!(serde_json::from_str::<Encoding>(r#"{"format":"png"}"#).unwrap(), ENCODINGS[1]);
    assert!(serde_json::from_str::<Encoding>(r#"{"format":"png","quality":3}"#).is_err());
    assert_eq!(serde_json::to_string(&Format::ALL).unwrap(), r#"["jpeg","png","webp","bmp","gif","tiff"]"#);
}
