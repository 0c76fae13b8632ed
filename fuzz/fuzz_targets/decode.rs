//! Any bytes through the image decoders: an image or an error, never a panic, never more memory than the limits say.
//!
//! Seeds: `mkdir -p fuzz/corpus/decode && cp tests/fixtures/codec/*.{jpg,png,webp,bmp,gif,tiff} fuzz/corpus/decode/`
//! Run: `cargo +nightly fuzz run decode -- -rss_limit_mb=512 -max_len=65536 -dict=fuzz/decode.dict`
#![no_main]

use augment_core::codec::{
    Encoding, PngCompression, Subsampling, decode, decode_as, decode_mask, encode, encode_mask, kind, probe,
};
use augment_core::image::{Channels, Fill};
use augment_core::limits::Limits;
use augment_core::reading::{LevelRange, Reading};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
    let _ = kind(bytes);
    let mask = decode_mask(bytes, &limits);
    let wanted = Reading { range: Some(LevelRange::File), keep_truncated: true };
    if let Ok(decoded) = decode_as(bytes, &limits, &wanted) {
        assert!(decoded.image.size().area() <= 1_000_000, "the limit holds for what is there of a file, too");
    }
    let Ok(decoded) = decode(bytes, &limits) else {
        let _ = probe(bytes, &limits);
        return;
    };
    assert_eq!(probe(bytes, &limits).ok(), Some(decoded.header), "a head tells what the picture turns out to be");
    let image = &decoded.image;
    assert_eq!(image.size(), decoded.header.upright(), "the picture is upright");
    assert!(image.size().area() <= 1_000_000, "the limit holds");
    if let Ok((mask, _)) = mask {
        assert_eq!(mask.size(), image.size(), "read as a mask, a picture has the same size");
        if image.size().area() <= 10_000 {
            let written = encode_mask(&mask).expect("every mask can be written");
            let (again, _) = decode_mask(&written, &limits).expect("what was written can be read");
            assert!(again.each_value().eq(mask.each_value()), "a mask keeps its values");
        }
    }
    // What was read can be written, and read again; small pictures only, for speed.
    if image.size().area() > 10_000 {
        return;
    }
    for encoding in [
        Encoding::Jpeg { quality: 30, subsampling: Subsampling::Quarter },
        Encoding::Jpeg { quality: 95, subsampling: Subsampling::Half },
        Encoding::Png { compression: PngCompression::Fast },
        Encoding::WebP,
    ] {
        let icc = decoded.icc.as_deref();
        let Ok(written) = encode(image, &encoding, icc, Fill::BLACK) else { continue };
        let back = decode(&written, &limits).expect("what was written can be read");
        assert_eq!(back.image.size(), image.size(), "the size is kept");
        if image.channels() != Channels::Gray {
            if let Encoding::Png { .. } | Encoding::WebP = encoding {
                assert!(back.image.samples() == image.samples(), "lossless formats keep every level");
            }
            assert_eq!(back.icc.as_deref(), icc, "the profile is kept");
        }
    }
});
