//! The limits of the API: fixed ones as constants, configurable ones as a struct.

use serde::{Deserialize, Serialize};

/// Characters of an id at most.
pub(crate) const MAX_ID: usize = 20;
/// Characters of a tag at most.
pub(crate) const MAX_TAG: usize = 20;
/// Tags per image at most.
pub const MAX_TAGS: usize = 10;
/// Characters of a group's name at most.
pub(crate) const MAX_GROUP: usize = 40;
/// Characters of a title at most.
pub const MAX_TITLE: usize = 200;
/// Bytes of a file name at most, as in common file systems.
pub(crate) const MAX_FILENAME: usize = 255;
/// Entries per page of a listing, at most and by default.
pub(crate) const MAX_PAGE: u32 = 100;
pub(crate) const DEFAULT_PAGE: u32 = 24;
/// The highest limit of copies that an operator can set.
pub(crate) const MAX_COUNT: u32 = 1000;
/// Bytes of an image's path in a dataset at most.
pub(crate) const MAX_PATH: usize = 1000;
/// Failures listed in a job's answer at most.
pub(crate) const MAX_FAILURES: usize = 100;
/// Part URLs per request at most.
pub(crate) const MAX_PARTS_PER_CALL: usize = 100;

/// The configurable limits, published by `GET /v1/config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Copies per image, 1 to 1000.
    pub max_count: u32,
    /// Bytes of an image.
    pub max_image_bytes: u64,
    /// Bytes of a zip of results.
    pub max_results_bytes: u64,
    /// File size in bytes above which clients upload in parts.
    pub multipart_from_bytes: u64,
    /// Bytes of every part but the last.
    pub part_bytes: u64,
    /// Bytes of a request's body.
    pub max_body_bytes: u64,
    /// Images in a job over a dataset.
    pub max_job_images: u32,
    /// Bytes of the body that creates a job.
    pub max_job_body_bytes: u64,
    /// Bytes of a job's zip of labels.
    pub max_labels_bytes: u64,
    /// Items of a job over a dataset that run at once.
    pub items_at_once: u32,
    /// Lifetime of a signed upload URL in seconds.
    pub upload_seconds: u64,
    /// Lifetime of a signed download URL in seconds.
    pub download_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_count: 20,
            max_image_bytes: 256 << 20,
            max_results_bytes: 2 << 30,
            multipart_from_bytes: 64 << 20,
            part_bytes: 16 << 20,
            max_body_bytes: 256 << 10,
            max_job_images: 5000,
            max_job_body_bytes: 1 << 20,
            max_labels_bytes: 64 << 20,
            // `MaxConcurrency` of the state machine in `infra`.
            items_at_once: 40,
            upload_seconds: 3600,
            download_seconds: 300,
        }
    }
}

impl Limits {
    /// The number of parts of a file.
    #[must_use]
    pub const fn parts(&self, size: u64) -> u64 {
        size.div_ceil(self.part_bytes)
    }

    /// The size of part `number` (from 1) of a file; `None` if there is no such part.
    #[must_use]
    pub fn part_size(&self, size: u64, number: u32) -> Option<u64> {
        let before = u64::from(number.checked_sub(1)?).checked_mul(self.part_bytes)?;
        let left = size.checked_sub(before).filter(|left| *left > 0)?;
        Some(left.min(self.part_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn the_state_machine_runs_as_many_items_at_once_as_clients_are_told() {
        let machine = include_str!("../../infra/state-machine.asl.json");
        let machine: serde_json::Value = serde_json::from_str(machine).unwrap();
        let items = &machine["States"]["AugmentItems"]["MaxConcurrency"];
        assert_eq!(*items, Limits::default().items_at_once);
    }

    #[test]
    fn parts_cover_a_file_exactly() {
        let limits = Limits { part_bytes: 10, ..Limits::default() };
        for size in [1, 9, 10, 11, 30, 31] {
            let count = limits.parts(size);
            let sum: u64 = (1..=count as u32).filter_map(|number| limits.part_size(size, number)).sum();
            assert_eq!(sum, size, "the parts of {size} bytes add up");
            assert_eq!(limits.part_size(size, count as u32 + 1), None, "and there is no further part");
        }
        assert_eq!(limits.part_size(30, 0), None, "parts are numbered from 1");
    }
}
