//! Estimates the size of a zip from the sizes of the sources and typical compression ratios.

use augment_core::plan::Split;
use augment_web_messages::ItemInfo;
use leptos::prelude::*;

use crate::studio_state::Studio;

/// From this size on, a zip should go straight to a file.
pub(super) const LARGE_BYTES: u64 = 300_000_000;

/// Output bytes per source byte, for typical photographs.
fn factor(ending: &str, format: &str, quality: u64) -> f64 {
    let source_is_jpeg = matches!(ending, "jpg" | "jpeg");
    // Bytes per byte of a JPEG of typical quality.
    let source = match ending {
        "jpg" | "jpeg" => 1.0,
        "webp" => 0.8,
        "bmp" | "tif" | "tiff" => 12.0,
        _ => 6.0,
    };
    let jpeg = match quality {
        0..70 => 0.5,
        70..85 => 0.75,
        85..93 => 1.1,
        93..98 => 1.7,
        _ => 3.0,
    };
    let output = match format {
        "jpeg" => jpeg,
        "webp" => 4.5,
        "keep" if source_is_jpeg => jpeg,
        "keep" if ending == "webp" => 4.5,
        _ => 6.0,
    };
    output / source
}

fn item_bytes(item: &ItemInfo, format: &str, quality: u64) -> f64 {
    let ending = item.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    item.bytes as f64 * factor(&ending, format, quality)
}

/// The estimated size of the zip in bytes.
pub(super) fn bytes(studio: Studio) -> u64 {
    let each = u64::from(studio.count.get()) + u64::from(studio.originals());
    let (format, quality) = studio.output.with(|output| {
        (output["format"].as_str().unwrap_or("jpeg").to_owned(), output["quality"].as_u64().unwrap_or(90))
    });
    let unchanged = studio.unchanged();
    let of = |item: &ItemInfo| match unchanged.contains(&item.split.as_deref().map(Split::named)) {
        true => item.bytes as f64,
        false => item_bytes(item, &format, quality) * each as f64,
    };
    let sum: f64 = studio.listing.with(|listing| listing.iter().flat_map(|listing| &listing.items).map(of).sum());
    sum as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str) -> ItemInfo {
        ItemInfo { name: name.into(), bytes: 1000, ..ItemInfo::default() }
    }

    #[test]
    fn lossless_outputs_of_photographs_are_larger_than_their_sources() {
        assert!(item_bytes(&item("a.jpg"), "png", 90) > 3000.0, "PNG of a JPEG");
        assert!(item_bytes(&item("a.png"), "jpeg", 90) < 500.0, "JPEG of a PNG");
        assert!(item_bytes(&item("A.JPG"), "keep", 60) < item_bytes(&item("A.JPG"), "keep", 95), "quality counts");
    }
}
