//! JPEGs that are cut off: refused, or on request taken as far as they go.

#![expect(clippy::unwrap_used, reason = "a test stops at the first thing that is wrong")]

use augment_core::codec::{Encoding, Subsampling, decode, decode_as, decode_small, encode, probe, upright};
use augment_core::error::ErrorKind;
use augment_core::geometry::Size;
use augment_core::image::{Channels, Fill, Image};
use augment_core::limits::Limits;
use augment_core::reading::Reading;

const KEEP: Reading = Reading { range: None, keep_truncated: true };

/// Texture everywhere, nowhere gray.
fn picture(channels: Channels) -> Image {
    let level = |at: usize| [(at * at / 7 % 90) as u8, 200 + (at / 11 % 50) as u8][at / 50 % 2];
    let size = Size::new(96, 128);
    Image::from_samples(size, channels, (0..size.area() * channels.count()).map(level).collect()).unwrap()
}

fn jpeg(channels: Channels) -> Vec<u8> {
    let encoding = Encoding::Jpeg { quality: 90, subsampling: Subsampling::Full };
    encode(&picture(channels), &encoding, None, Fill::BLACK).unwrap()
}

fn scan_of(file: &[u8]) -> usize {
    file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap()
}

#[test]
fn a_cut_jpeg_is_refused_and_the_option_named() {
    let file = jpeg(Channels::Rgb);
    for length in [scan_of(&file) + 20, file.len() / 2, file.len() - 40] {
        let error = decode(&file[..length], &Limits::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.message().contains("cut off") && error.message().contains("--keep-truncated"), "{error}");
    }
}

#[test]
fn what_there_is_of_a_cut_jpeg_is_kept_and_the_rest_is_gray() {
    for channels in [Channels::Rgb, Channels::Gray] {
        let file = jpeg(channels);
        let whole = decode(&file, &Limits::default()).unwrap().image;
        let mut before = 0;
        for length in (scan_of(&file) + 30..file.len() - 60).step_by(file.len() / 9) {
            let decoded = decode_as(&file[..length], &Limits::default(), &KEEP).unwrap();
            assert!(decoded.warnings.iter().any(|warning| warning.contains("cut off")), "{:?}", decoded.warnings);
            assert_eq!(probe(&file[..length], &Limits::default()).unwrap(), decoded.header);
            let rows = 0..whole.size().height as usize;
            let same = rows.clone().take_while(|y| decoded.image.row(*y) == whole.row(*y)).count();
            assert!(same >= before, "more of the file is more of the picture");
            // One row of blocks may be half there.
            let gray = |y: usize| decoded.image.row(y).iter().all(|level| (126..=130).contains(level));
            assert!(
                rows.skip(same + 8).all(gray),
                "{length} bytes: {same} rows are there, and the others are not gray"
            );
            before = same;
        }
        assert!(before > 64, "{before} rows of a nearly whole file");
        assert_eq!(decode_as(&file, &Limits::default(), &KEEP).unwrap().image, whole, "a whole file is as ever");
        assert!(decode_as(&file, &Limits::default(), &KEEP).unwrap().warnings.is_empty());
    }
}

#[test]
fn every_kind_of_jpeg_is_kept_as_far_as_it_goes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/codec");
    for name in
        ["420.jpg", "progressive.jpg", "progressive_444.jpg", "restart.jpg", "gray.jpg", "cmyk.jpg", "exif6.jpg"]
    {
        let file = std::fs::read(folder.join(name)).unwrap();
        let whole = decode(&file, &Limits::default()).unwrap();
        let mut kept = 0;
        for length in (scan_of(&file) + 12..file.len() - 2).step_by(7) {
            // A cut among the tables between scans leaves nothing to go on with.
            let Ok(decoded) = decode_as(&file[..length], &Limits::default(), &KEEP) else { continue };
            kept += 1;
            assert_eq!(decoded.header, whole.header, "{name}, {length} bytes");
            assert!(decode_small(&file[..length], &Limits::default(), &KEEP, 16).is_ok(), "{name}, {length} bytes");
            if decoded.image != whole.image {
                assert!(decoded.warnings.iter().any(|warning| warning.contains("cut off")), "{name}, {length} bytes");
            }
        }
        assert!(kept * 10 > (file.len() - scan_of(&file)) / 7 * 8, "{name}: {kept} of its beginnings are kept");
    }
}

#[test]
fn a_turned_jpeg_that_is_cut_off_is_turned_as_well() {
    let file = jpeg(Channels::Rgb);
    let block =
        [&b"\xFF\xE1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[6, 0, 0, 0, 0, 0, 0, 0]];
    let turned = [&file[..2], &block.concat(), &file[2..file.len() * 2 / 3]].concat();
    let plain = decode_as(&file[..file.len() * 2 / 3], &Limits::default(), &KEEP).unwrap().image;
    let decoded = decode_as(&turned, &Limits::default(), &KEEP).unwrap().image;
    assert_eq!(decoded, upright(plain, 6).unwrap());
}

#[test]
fn damage_is_no_cut() {
    let mut file = jpeg(Channels::Rgb);
    let middle = (scan_of(&file) + file.len()) / 2;
    // A marker that has no place in a scan.
    file[middle..middle + 2].copy_from_slice(&[0xFF, 0xC4]);
    assert!(decode(&file, &Limits::default()).is_err());
    let text = b"no picture at all".to_vec();
    assert!(decode_as(&text, &Limits::default(), &KEEP).is_err());
    let large = Limits { max_pixels: 100, ..Limits::default() };
    assert_eq!(decode_as(&jpeg(Channels::Rgb)[..900], &large, &KEEP).unwrap_err().kind(), ErrorKind::Limit);
}
