//! How a job over a dataset is divided into items; clients use it to estimate the duration.

/// Estimated output bytes per item, at least: above the smallest part of a multipart upload.
const ITEM_BYTES: u64 = 16 << 20;
/// Images per item at most, unless that makes too many items.
const ITEM_IMAGES: u64 = 200;
/// Items per job at most.
const MAX_ITEMS: u64 = 1000;

/// Images per item: enough for large outputs, few enough to finish soon.
#[must_use]
pub fn images_per_item(images: u32, bytes: u64, outputs: u32) -> u32 {
    let images = u64::from(images.max(1));
    let each = (bytes / images).saturating_mul(u64::from(outputs)).max(1);
    let enough = ITEM_BYTES.div_ceil(each).clamp(1, ITEM_IMAGES);
    u32::try_from(enough.max(images.div_ceil(MAX_ITEMS)).min(images)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_large_enough_and_few_enough() {
        for (images, bytes, outputs, expected) in [
            (1, 1000, 1, 1),
            (50, 50 * 1000, 1, 50),
            (5000, 5000 * 1000, 5, 200),
            (5000, 5000 * 400_000, 5, 9),
            (5000, 5000 * (20 << 20), 5, 5),
            (900, 900 * (20 << 20), 5, 1),
            (3, 0, 0, 3),
        ] {
            let found = images_per_item(images, bytes, outputs);
            assert_eq!(found, expected, "{images} images of {bytes} bytes, {outputs} outputs of each");
            assert!(images.div_ceil(found) <= 1000, "not too many items");
        }
    }
}
