//! Every variant of every format, against what Pillow or the known samples say of it; hostile files against the errors
//! that they must give. The files and their judge are made by `tests/fixtures/codec/make.py`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use augment_core::codec::{Encoding, Subsampling, decode, decode_mask, encode, encode_mask, probe, upright};
use augment_core::error::ErrorKind;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill};
use augment_core::labels::{Value, Values};
use augment_core::limits::Limits;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// What a file must decode to, or the error that it must give.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Verdict {
    Picture {
        size: [u32; 2],
        channels: String,
        sha256: String,
        warning: Option<String>,
        /// The samples of the file read as a mask.
        mask_sha256: Option<String>,
    },
    Refused {
        error: String,
        says: String,
    },
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codec")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn judge() -> BTreeMap<String, Verdict> {
    serde_json::from_slice(&read("judge.json")).expect("judge.json is of this form")
}

#[test]
fn every_variant_decodes_to_the_judged_samples() {
    let mut failures = Vec::new();
    for (name, verdict) in judge() {
        let Verdict::Picture { size, channels, sha256, warning, mask_sha256 } = verdict else { continue };
        let bytes = read(&name);
        let decoded = match decode(&bytes, &Limits::default()) {
            Ok(decoded) => decoded,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        let image = &decoded.image;
        let found = match image.channels() {
            Channels::Gray => "gray",
            Channels::Rgb => "rgb",
            Channels::Rgba => "rgba",
        };
        if (image.size(), found) != (Size::new(size[0], size[1]), channels.as_str()) {
            failures.push(format!("{name}: {:?} {found} is not {size:?} {channels}", image.size()));
        } else if hex::encode(Sha256::digest(image.samples())) != sha256 {
            failures.push(format!("{name}: samples differ"));
        }
        if warning.as_ref().map_or(!decoded.warnings.is_empty(), |part| !decoded.warnings.join("; ").contains(part)) {
            failures.push(format!("{name}: warns {:?}, not {warning:?}", decoded.warnings));
        }
        if let Some(sha256) = mask_sha256 {
            let (mask, _) = decode_mask(&bytes, &Limits::default()).unwrap();
            if hex::encode(Sha256::digest(mask.samples())) != sha256 {
                failures.push(format!("{name}: the numbers of the mask differ"));
            }
        }
        let header = probe(&bytes, &Limits::default()).unwrap();
        if header != decoded.header || header.upright() != image.size() {
            failures.push(format!("{name}: probed as {header:?}, decoded as {:?}", decoded.header));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_kind_of_jpeg_is_turned_as_its_exif_block_says() {
    let mut kinds = 0;
    for (name, verdict) in judge() {
        let file = read(&name);
        let has_block = file.windows(4).any(|bytes| bytes == b"Exif");
        if !matches!(verdict, Verdict::Picture { .. }) || !file.starts_with(&[0xFF, 0xD8]) || has_block {
            continue;
        }
        let plain = decode(&file, &Limits::default()).unwrap().image;
        for orientation in 2..=8 {
            let block = [
                &b"\xFF\xE1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..],
                &[orientation, 0, 0, 0, 0, 0, 0, 0],
            ]
            .concat();
            let turned = decode(&[&file[..2], &block, &file[2..]].concat(), &Limits::default()).unwrap().image;
            assert!(turned == upright(plain.clone(), orientation).unwrap(), "{name}, orientation {orientation}");
        }
        kinds += 1;
    }
    assert!(kinds > 10, "{kinds} kinds of JPEG");
}

#[test]
fn every_hostile_file_is_refused_with_its_cause() {
    let mut failures = Vec::new();
    for (name, verdict) in judge() {
        let Verdict::Refused { error, says } = verdict else { continue };
        let kind = match error.as_str() {
            "decode" => ErrorKind::Decode,
            "limit" => ErrorKind::Limit,
            _ => ErrorKind::Unsupported,
        };
        match decode(&read(&name), &Limits::default()) {
            Ok(decoded) => failures.push(format!("{name}: decodes to {:?} {:?}", decoded.image, decoded.warnings)),
            Err(found) if found.kind() != kind || !found.message().contains(&says) => {
                failures.push(format!("{name}: {found:?} is not {error}: {says}"));
            }
            Err(_) => {}
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn a_file_that_is_cut_anywhere_is_whole_or_refused() {
    for name in [
        "420.jpg",
        "444.jpg",
        "gray.jpg",
        "progressive.jpg",
        "restart.jpg",
        "rgb8.png",
        "rgb8_interlaced.png",
        "gray_alpha16.png",
        "lossy.webp",
        "lossless.webp",
        "bits24.bmp",
        "bits8_rle.bmp",
        "plain.gif",
        "lzw.tiff",
        "deflate.tiff",
        "tiled.tiff",
        "jpeg.tiff",
    ] {
        let bytes = read(name);
        let whole = decode(&bytes, &Limits::default()).unwrap().image;
        for length in 0..bytes.len() {
            if let Ok(decoded) = decode(&bytes[..length], &Limits::default()) {
                assert!(decoded.image == whole, "{name}: the first {length} bytes make another picture");
            }
        }
    }
}

#[test]
fn jpegs_are_written_as_libjpeg_turbo_writes_them() {
    for (name, source, quality, subsampling) in [
        ("420.jpg", "rgb8.png", 85, Subsampling::Quarter),
        ("444.jpg", "rgb8.png", 95, Subsampling::Full),
        ("quality1.jpg", "rgb8.png", 1, Subsampling::Quarter),
        ("gray.jpg", "gray8.png", 85, Subsampling::Quarter),
        ("icc.jpg", "icc.png", 80, Subsampling::Quarter),
    ] {
        let decoded = decode(&read(source), &Limits::default()).unwrap();
        let encoding = Encoding::Jpeg { quality, subsampling };
        let bytes = encode(&decoded.image, &encoding, decoded.icc.as_deref(), Fill::BLACK).unwrap();
        assert!(bytes == read(name), "{name} differs from Pillow's file");
    }
}

/// Every combination of sampling factors is decoded or refused: decoders take some of them for granted.
#[test]
fn no_sampling_factors_end_in_a_panic() {
    for (name, marker) in [("444.jpg", 0xC0), ("progressive_444.jpg", 0xC2), ("ycck.jpg", 0xC0)] {
        // Twice the data, so that frames of more blocks find some too.
        let bytes = read(name);
        let frame = bytes.windows(2).position(|pair| pair == [0xFF, marker]).unwrap();
        let scan = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
        let data = scan + 2 + usize::from(bytes[scan + 3]);
        let mut bytes = [&bytes[..bytes.len() - 2], &bytes[data..bytes.len() - 2], &bytes[data..]].concat();
        let components = usize::from(bytes[frame + 9]);
        // All of them for three components; for four, the first and the last are alike or do not matter.
        for code in 0..16_usize.pow(3) {
            for last in if components == 4 { vec![0, 3, 5, code % 16] } else { vec![0] } {
                for component in 0..components {
                    let factors = if component == 3 { last } else { code >> (4 * component) & 15 };
                    bytes[frame + 11 + component * 3] = (((factors & 3) + 1) | (((factors >> 2) + 1) << 4)) as u8;
                }
                let _ = decode(&bytes, &Limits::default());
            }
        }
    }
}

/// A PNG of three pixels in one row.
fn three_pixels(color: png::ColorType, depth: png::BitDepth, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 3, 1);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(&[0, 0, 0, 128, 0, 0, 0, 128, 0, 9, 9, 9][..]);
    }
    encoder.write_header().expect("a header is written").write_image_data(data).expect("and its data");
    bytes
}

#[test]
fn a_mask_comes_back_as_the_numbers_that_it_was() {
    use png::{BitDepth, ColorType};
    for (color, depth, data, numbers) in [
        (ColorType::Grayscale, BitDepth::Sixteen, &[0, 1, 0, 77, 200, 4][..], [1, 77, 51_204]),
        (ColorType::Grayscale, BitDepth::Eight, &[1, 77, 255], [1, 77, 255]),
        (ColorType::Indexed, BitDepth::Eight, &[0, 1, 2], [0, 1, 2]),
        (ColorType::Indexed, BitDepth::Two, &[0b0111_1000], [1, 3, 2]),
    ] {
        let (mask, _) = decode_mask(&three_pixels(color, depth, data), &Limits::default()).unwrap();
        assert!(mask.each_value().eq(numbers.map(Value::Number)), "{color:?} {depth:?}");
        let written = encode_mask(&mask).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(&written));
        let reader = decoder.read_info().unwrap();
        let info = reader.info();
        let deep = depth == BitDepth::Sixteen;
        assert_eq!((info.color_type, info.bit_depth == BitDepth::Sixteen), (color, deep), "{color:?} {depth:?}");
        let palette = info.palette.as_ref().map(|palette| palette[3..6].to_vec());
        assert_eq!(palette, (color == ColorType::Indexed).then(|| vec![128, 0, 0]), "the colors are kept");
    }
    let (things, _) = decode_mask(&read("things16.tiff"), &Limits::default()).unwrap();
    let numbers: Vec<Value> = things.each_value().collect();
    let all = |number| numbers.contains(&Value::Number(number));
    assert!(
        all(200) && all(212) && *things.values() == Values::Words,
        "a picture of these would be black, a mask is not"
    );
    let colors = three_pixels(ColorType::Rgb, BitDepth::Sixteen, &[7; 18]);
    let error = decode_mask(&colors, &Limits::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "colors of 16 bits would lose some: {error}");
}
