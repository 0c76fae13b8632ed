//! Any bytes through the reduced decoders of previews: a small picture or an error, never a panic.
//!
//! Seeds: `mkdir -p fuzz/corpus/preview && cp tests/fixtures/codec/*.{jpg,png,webp,bmp,gif,tiff} fuzz/corpus/preview/`
//! Run: `cargo +nightly fuzz run preview -- -rss_limit_mb=512 -max_len=65536 -dict=fuzz/decode.dict`
#![no_main]

use augment_core::codec;
use augment_core::error::Result;
use augment_core::files::Files;
use augment_core::formats::{LabelChoice, open};
use augment_core::limits::Limits;
use augment_core::preview::Reduced;
use libfuzzer_sys::fuzz_target;

/// One image and nothing else.
struct Alone<'a>([String; 1], &'a [u8]);

impl Files for Alone<'_> {
    fn names(&self) -> &[String] {
        &self.0
    }

    fn read(&self, _: &str) -> Result<Vec<u8>> {
        Ok(self.1.to_vec())
    }

    fn size(&self, _: &str) -> Option<u64> {
        Some(self.1.len() as u64)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_pixels: 1_000_000, ..Limits::default() };
    let dataset = open(&Alone(["a.jpg".to_owned()], bytes), LabelChoice::Auto, &limits).expect("an image alone is a dataset");
    for side in [1, 7, 64, 5000] {
        let Ok(reduced) = Reduced::new(&dataset.items[0], bytes, None, side, &limits) else { continue };
        let size = reduced.small.image.size();
        assert!(size.width.max(size.height) <= side.max(1), "no larger than asked for: {size:?}");
        let header = codec::probe(bytes, &limits).expect("what is pictured has a head");
        assert_eq!(reduced.small.full, header.upright(), "the frame is the whole one");
    }
});
