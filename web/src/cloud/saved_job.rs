//! The record of a job in this browser's storage, so that a reloaded page finds it.

use augment_api::Content;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::browser;

/// The storage name of the list of jobs.
const LIST: &str = "jobs";
/// The name of the labels among a job's cached files; images have numbers.
pub(super) const LABELS: &str = "labels.zip";

/// A job as stored here. Its id is also its id in the service, and the name of its folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedJob {
    pub(super) id: String,
    /// The address of its service.
    pub(super) api: String,
    /// What the input is called.
    pub(super) title: String,
    /// The name of its zip.
    pub(super) name: String,
    /// The whole recipe, with count and seed.
    pub(super) recipe: Value,
    pub(super) count: u32,
    /// The format to write labels in, if it is not the dataset's own.
    pub(super) format: Option<String>,
    /// Whether labels may name images that are missing.
    pub(super) partial: bool,
    pub(super) images: Vec<SavedImage>,
    /// The zip of labels; `None` until it is packed.
    pub(super) labels: Option<SavedLabels>,
    /// Whether the service has the job.
    pub(super) taken: bool,
    /// Whether its zip was downloaded once: a reloaded page does not download it again unasked.
    pub(super) downloaded: bool,
}

/// An image of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SavedImage {
    /// Its name in the dataset.
    #[serde(rename = "p")]
    pub(super) path: String,
    #[serde(rename = "n")]
    pub(super) size: u64,
    /// Empty until the image was read.
    #[serde(rename = "h", default, skip_serializing_if = "String::is_empty")]
    pub(super) sha256: String,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<String>,
    /// Whether it is in the upload cache.
    #[serde(rename = "k", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) kept: bool,
    /// The id of its upload, once it is complete.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) upload: Option<String>,
    /// Why it was not uploaded.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl SavedImage {
    /// Whether it still has to be uploaded.
    pub(super) const fn waits(&self) -> bool {
        self.upload.is_none() && self.error.is_none()
    }
}

/// The labels of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SavedLabels {
    /// The dataset has only images.
    None,
    /// A zip, cached in this browser until it is uploaded.
    Zip(Content),
}

impl SavedJob {
    /// Stores it; returns whether there was space.
    pub(super) fn keep(&self) -> bool {
        let text = serde_json::to_string(self).unwrap_or_default();
        let mut ids = ids();
        if !ids.contains(&self.id) {
            ids.push(self.id.clone());
        }
        browser::store(&name(&self.id), &text) && browser::store(LIST, &serde_json::to_string(&ids).unwrap_or_default())
    }

    /// Removes it.
    pub(super) fn forget(&self) {
        let mut ids = ids();
        ids.retain(|id| *id != self.id);
        browser::forget(&name(&self.id));
        browser::store(LIST, &serde_json::to_string(&ids).unwrap_or_default());
    }

    /// Whether a reloaded page could continue it: everything is cached or uploaded.
    pub(super) fn is_safe(&self) -> bool {
        let kept = self.labels.is_some() && self.images.iter().all(|image| image.kept || !image.waits());
        self.taken || kept
    }

    /// Bytes that wait in this browser.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.images.iter().filter(|image| image.kept && image.waits()).map(|image| image.size).sum()
    }
}

fn name(id: &str) -> String {
    format!("job.{id}")
}

/// The ids of all stored jobs.
pub(super) fn ids() -> Vec<String> {
    browser::stored(LIST).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// All stored jobs.
pub(super) fn all() -> Vec<SavedJob> {
    ids().iter().filter_map(|id| serde_json::from_str(&browser::stored(&name(id))?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_round_trips_and_knows_whether_it_is_safe() {
        let sent = SavedImage { path: "a.jpg".into(), size: 5, upload: Some("x".into()), ..SavedImage::default() };
        let kept = SavedImage { path: "b.jpg".into(), size: 7, kept: true, ..SavedImage::default() };
        let waits = SavedImage { path: "c.jpg".into(), size: 9, ..SavedImage::default() };
        let failed = SavedImage { error: Some("not a valid image file".into()), ..waits.clone() };
        let mut record = SavedJob { id: "j".into(), images: vec![sent, kept, failed], ..SavedJob::default() };
        assert!(!record.is_safe(), "the labels are not packed");
        record.labels = Some(SavedLabels::None);
        assert!(record.is_safe(), "everything is cached, uploaded or failed");
        assert_eq!(record.kept_bytes(), 7, "one waits");
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<SavedJob>(&text).unwrap(), record, "{text}");
        record.images.push(waits);
        assert!(!record.is_safe(), "another page could not upload one image");
    }
}
