//! Numbers of more than 8 bits and of other kinds: which become black and white, and that none is lost in silence.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is wrong")]

use augment_core::codec::{Decoded, decode, decode_as};
use augment_core::error::{Error, ErrorKind};
use augment_core::limits::Limits;
use augment_core::reading::{LevelRange, Reading};

/// The sample formats of TIFF.
const UNSIGNED: u16 = 1;
const SIGNED: u16 = 2;
const FLOAT: u16 = 3;

/// A gray TIFF of one row.
fn tiff(bits: u16, format: u16, row: &[u8]) -> Vec<u8> {
    let width = row.len() as u32 * 8 / u32::from(bits);
    let tags = [
        (256, width),
        (257, 1),
        (258, u32::from(bits)),
        (259, 1),
        (262, 1),
        (273, 8 + 2 + 9 * 12 + 4),
        (278, 1),
        (279, row.len() as u32),
        (339, u32::from(format)),
    ];
    let mut file = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in tags {
        file.extend(u16::to_le_bytes(tag));
        file.extend(4_u16.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file.extend_from_slice(row);
    file
}

fn floats(numbers: &[f32]) -> Vec<u8> {
    tiff(32, FLOAT, numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>().as_slice())
}

fn words(numbers: &[u16]) -> Vec<u8> {
    tiff(16, UNSIGNED, numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>().as_slice())
}

fn png_words(numbers: &[u16]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, numbers.len() as u32, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Sixteen);
    let samples: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    encoder.write_header().unwrap().write_image_data(&samples).unwrap();
    file
}

fn read(file: &[u8], range: Option<LevelRange>) -> Result<Decoded, Error> {
    decode_as(file, &Limits::default(), &Reading { range, ..Reading::default() })
}

fn between(low: f64, high: f64) -> Option<LevelRange> {
    Some(LevelRange::between(low, high).unwrap())
}

#[track_caller]
fn refused(file: &[u8], words: &[&str]) {
    let error = decode(file, &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    for word in words {
        assert!(error.message().contains(word), "{error}: it does not say '{word}'");
    }
}

#[test]
fn heights_in_metres_are_refused_with_their_range_and_read_with_one() {
    let file = floats(&[202.0, 551.0, 900.0, 376.5]);
    refused(&file, &["202", "900", "--range LOW,HIGH", "--range file"]);
    let stated = read(&file, between(202.0, 900.0)).unwrap();
    assert_eq!(stated.image.samples(), [0, 128, 255, 64]);
    assert!(stated.warnings[0].contains("202 as black and 900 as white"), "{:?}", stated.warnings);
    assert_eq!(read(&file, Some(LevelRange::File)).unwrap().image, stated.image);
    let narrow = read(&file, between(500.0, 600.0)).unwrap();
    assert_eq!(narrow.image.samples(), [0, 130, 255, 0]);
    assert!(narrow.warnings[0].contains("3 samples outside are cut"), "{:?}", narrow.warnings);
}

#[test]
fn floating_point_levels_need_no_range() {
    let levels: Vec<f32> = (0..=255).map(|level| level as f32 / 255.0).collect();
    let decoded = decode(&floats(&levels), &Limits::default()).unwrap();
    assert_eq!(decoded.image.samples(), (0..=255).collect::<Vec<u8>>());
    refused(&floats(&[0.0, 1.001]), &["0 to 1.001"]);
    refused(&floats(&[-0.5, 1.0]), &["-0.5 to 1"]);
    let odd = decode(&floats(&[f32::NAN, f32::NEG_INFINITY, f32::INFINITY, 0.5]), &Limits::default()).unwrap();
    assert_eq!(odd.image.samples(), [0, 0, 255, 128]);
    assert!(odd.warnings.iter().any(|warning| warning.contains("3 samples are not finite")), "{:?}", odd.warnings);
}

#[test]
fn twelve_bits_in_sixteen_are_refused_in_every_format_and_read_with_a_range() {
    let numbers = [0, 1365, 2730, 4095];
    for file in [words(&numbers), png_words(&numbers)] {
        refused(&file, &["0 to 4095", "65535", "nearly black", "--range"]);
        for range in [between(0.0, 4095.0), Some(LevelRange::File)] {
            assert_eq!(read(&file, range).unwrap().image.samples(), [0, 85, 170, 255]);
        }
        assert_eq!(read(&file, between(0.0, 65_535.0)).unwrap().image.samples(), [0, 5, 11, 16], "as they are");
    }
    for file in [words(&[0, 4096]), png_words(&[0, 4096])] {
        let dark = decode(&file, &Limits::default()).unwrap();
        assert_eq!(dark.image.samples(), [0, 16]);
        assert!(dark.warnings[0].contains("0 to 4096") && dark.warnings[0].contains("--range"), "{:?}", dark.warnings);
    }
    for file in [words(&[0, 0, 0]), png_words(&[0, 0, 0])] {
        assert_eq!(decode(&file, &Limits::default()).unwrap().image.samples(), [0, 0, 0], "black is black");
    }
    for file in [words(&[0, 65_535, 30_000]), png_words(&[0, 65_535, 30_000])] {
        let bright = decode(&file, &Limits::default()).unwrap();
        assert_eq!((bright.image.samples(), bright.warnings.len()), (&[0, 255, 117][..], 1));
    }
}

#[test]
fn signed_numbers_use_all_levels_or_are_refused() {
    let signed = |numbers: &[i16]| {
        tiff(16, SIGNED, numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>().as_slice())
    };
    let whole = decode(&signed(&[i16::MIN, 0, i16::MAX]), &Limits::default()).unwrap();
    assert_eq!(whole.image.samples(), [0, 128, 255]);
    let scan = signed(&[-1024, 1023, 3071]);
    refused(&scan, &["-1024 to 3071", "one shade of gray"]);
    assert_eq!(read(&scan, between(-1024.0, 3071.0)).unwrap().image.samples(), [0, 127, 255]);
    assert_eq!(decode(&signed(&[7, 7]), &Limits::default()).unwrap().image.samples(), [128, 128], "nothing to lose");
}

#[test]
fn levels_of_8_bits_and_alpha_have_no_other_range() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codec");
    let of = |name: &str| std::fs::read(folder.join(name)).unwrap();
    for name in ["rgb8.png", "gray8.png", "plain.tiff", "420.jpg", "lossless.webp", "palette.tiff", "lab_icc.tiff"] {
        let usual = decode(&of(name), &Limits::default()).unwrap();
        assert_eq!(read(&of(name), between(0.0, 100.0)).unwrap().image, usual.image, "{name}");
    }
    for name in ["rgba16.png", "rgba16_interlaced.png", "gray_alpha16.png", "associated16.tiff"] {
        let alpha = |decoded: &Decoded| decoded.image.samples().iter().skip(3).step_by(4).copied().collect::<Vec<u8>>();
        let (usual, other) =
            (decode(&of(name), &Limits::default()).unwrap(), read(&of(name), between(0.0, 9e4)).unwrap());
        assert_eq!(alpha(&usual), alpha(&other), "{name}");
        assert_ne!(usual.image, other.image, "{name}: colors have");
    }
    let plain = read(&of("gray16.png"), Some(LevelRange::File)).unwrap();
    assert_eq!(read(&of("gray16_interlaced.png"), Some(LevelRange::File)).unwrap().image, plain.image);
}

#[test]
fn ranges_are_written_as_they_are_read() {
    for (json, reading) in [
        ("{}", Reading::default()),
        (r#"{"range":"file"}"#, Reading { range: Some(LevelRange::File), keep_truncated: false }),
        (
            r#"{"range":[-1024.0,3071.5],"keep_truncated":true}"#,
            Reading { range: between(-1024.0, 3071.5), keep_truncated: true },
        ),
    ] {
        assert_eq!(serde_json::from_str::<Reading>(json).unwrap(), reading);
        assert_eq!(serde_json::to_string(&reading).unwrap(), json);
    }
    for wrong in
        [r#"{"range":[1,1]}"#, r#"{"range":[2,1]}"#, r#"{"range":[0]}"#, r#"{"range":"auto"}"#, r#"{"span":1}"#]
    {
        assert!(serde_json::from_str::<Reading>(wrong).is_err(), "{wrong}");
    }
}
