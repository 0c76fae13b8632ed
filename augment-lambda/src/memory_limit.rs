//! Memory estimates, so that an image that does not fit is refused before it is decoded.

use augment_api::FailureKind;
use augment_core::limits::Limits;
use augment_records::jobs::JobError;

/// Memory of the program, its threads and the parts being uploaded.
const BASE: u64 = 72 << 20;
/// Peak bytes per pixel: a source, an output, and the codec's buffers.
const BYTES_PER_PIXEL: u64 = 14;

/// Bytes as megabytes, rounded up.
const fn mb(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 20)
}

/// The memory that a job needs, including the file.
pub(crate) const fn needed(file_bytes: u64, pixels: u64) -> u64 {
    BASE + file_bytes + pixels.saturating_mul(BYTES_PER_PIXEL)
}

/// Refuses an image that does not fit. Pass 0 `pixels` while the size is unknown.
pub(crate) fn check(memory: Option<u64>, file_bytes: u64, pixels: u64) -> Result<(), JobError> {
    let need = needed(file_bytes, pixels);
    match memory {
        Some(memory) if need > memory => Err(JobError::new(
            FailureKind::Memory,
            format!(
                "the image needs about {} MB of memory, and a job here has {}; make it smaller, or use `delta augment`",
                mb(need),
                mb(memory)
            ),
        )),
        _ => Ok(()),
    }
}

/// The core's limits, so that no recipe makes more pixels than fit.
pub(crate) fn limits(memory: Option<u64>, file_bytes: u64) -> Limits {
    let limits = Limits::default();
    let Some(memory) = memory else { return limits };
    let pixels = memory.saturating_sub(needed(file_bytes, 0)) / BYTES_PER_PIXEL;
    Limits { max_pixels: limits.max_pixels.min(pixels), ..limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_of_24_megapixels_fits_into_512_megabytes_and_one_of_50_does_not() {
        let memory = Some(512 << 20);
        assert_eq!(check(memory, 20 << 20, 24_000_000), Ok(()), "the promise");
        let refused = check(memory, 20 << 20, 50_000_000).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Memory, "{refused}");
        assert!(refused.detail.contains("about 760 MB") && refused.detail.contains("has 512"), "{refused}");
        assert_eq!(check(None, 20 << 20, 50_000_000), Ok(()), "no limit");
        assert!(check(memory, 600 << 20, 0).is_err(), "the file alone can be too large");
    }

    #[test]
    fn outputs_are_limited_too() {
        assert!(limits(Some(512 << 20), 0).max_pixels < 40_000_000, "an enlargement would not fit");
        assert_eq!(limits(None, 0), Limits::default(), "no limit");
    }
}
