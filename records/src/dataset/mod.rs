//! A job over a dataset as it is kept and as it is shown, and the objects that belong to it.
//!
//! All objects of a job are in the area of results under `jobs/{id}/`: `labels.zip` as it was sent, `images.json` (all
//! [`DatasetImage`]s, by path), `items.json` (the [`DatasetItem`]s that are to be run now), `items/{n}.zip` and, after
//! it, `items/{n}.json` (an item that is done, its first field the `round` it was run in) and `results.zip`.

mod claims;
mod objects;

use std::ops::Range;

use augment_api::{Content, FailureKind, JobFailure, JobState, Made, NewJob, Retention};
use augment_core::formats::LabelFormat;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::claims::{
    DatasetClaim, DatasetOutcome, claim_dataset, finish_dataset, give_back_dataset, release_datasets, renew_dataset,
};
pub use self::objects::{DatasetImage, DatasetItem};
use crate::image::Lease;
use crate::time::{DAY, rfc3339};

/// Seconds that a job waits for its labels.
const WAITING_SECONDS: u64 = DAY;

/// The record of a job over a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// The id.
    pub id: String,
    /// Who made it.
    pub owner: String,
    /// How far it is.
    pub state: JobState,
    /// A title.
    pub title: Option<String>,
    /// Images.
    pub images: u32,
    /// Items: what is run at once.
    pub items: u32,
    /// Images of an item; the last may have fewer.
    pub per_item: u32,
    /// Copies of each image.
    pub count: u32,
    /// The recipe, with its seed.
    pub recipe: Value,
    /// The format of the labels in the output; that of the source without it.
    pub format: Option<LabelFormat>,
    /// The zip of labels that was announced.
    pub labels: Option<Content>,
    /// How long the zip is kept.
    pub retention: Retention,
    /// Whether single files were brought, not a whole dataset.
    pub partial: bool,
    /// The zip that is there; its hash is empty.
    pub results: Option<Content>,
    /// How it was made.
    pub made: Option<Made>,
    /// Why there is none, or why the last try was given back.
    pub error: Option<String>,
    /// The kind of that failure.
    pub error_kind: Option<FailureKind>,
    /// Images that gave no output.
    pub failed: u32,
    /// The first of them by path.
    pub failures: Vec<JobFailure>,
    /// The items that hold them, which another try runs again.
    pub failed_items: Vec<u32>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Milliseconds since 1970.
    pub updated_ms: u64,
    /// Seconds since 1970.
    pub expires: u64,
    /// Who runs it, where no engine schedules it; there while it runs.
    pub lease: Option<Lease>,
    /// How often it was run again.
    pub round: u32,
}

impl JobRecord {
    /// A new job over images of so many bytes in all; it waits.
    #[must_use]
    pub fn new(id: String, owner: &str, job: NewJob, bytes: u64, now_ms: u64) -> Self {
        let images = u32::try_from(job.images.len()).unwrap_or(u32::MAX);
        let per_item = augment_api::images_per_item(images, bytes, job.outputs);
        Self {
            id,
            owner: owner.to_owned(),
            state: JobState::Waiting,
            title: job.title,
            images,
            items: images.div_ceil(per_item),
            per_item,
            count: job.count,
            recipe: job.recipe,
            format: job.format,
            labels: job.labels.map(|(size, sha256)| Content { size, sha256: sha256.to_hex() }),
            retention: job.retention,
            partial: job.partial,
            results: None,
            made: None,
            error: None,
            error_kind: None,
            failed: 0,
            failures: Vec::new(),
            failed_items: Vec::new(),
            created_ms: now_ms,
            updated_ms: now_ms,
            expires: now_ms / 1000 + WAITING_SECONDS,
            lease: None,
            round: 0,
        }
    }

    /// Has it run from now on.
    pub fn run(&mut self, now_ms: u64) {
        self.state = JobState::Running;
        self.lease = Some(Lease::WAITING);
        self.updated_ms = now_ms;
        self.expires = now_ms / 1000 + self.retention.days() * DAY;
    }

    /// Has it run again what failed; what this makes takes the place of what is there.
    pub fn run_again(&mut self, now_ms: u64) {
        self.run(now_ms);
        self.round += 1;
        self.error = None;
        self.error_kind = None;
    }

    /// The images of an item, by their places in `images.json`.
    #[must_use]
    pub fn images_of(&self, item: u32) -> Range<u32> {
        let at = |item: u32| item.saturating_mul(self.per_item).min(self.images);
        at(item)..at(item.saturating_add(1))
    }

    /// The items that are to be run: all, or in another round those that hold failures.
    #[must_use]
    pub fn items_to_run(&self) -> Vec<DatasetItem> {
        let all = 0..self.items;
        let items: Vec<u32> = if self.round == 0 { all.collect() } else { self.failed_items.clone() };
        let item = |item| {
            let images = self.images_of(item);
            DatasetItem { item, first: images.start, images: images.end - images.start }
        };
        items.into_iter().map(item).collect()
    }

    /// The job as it is shown to its owner, with the images that it has come to an end with while it runs.
    #[must_use]
    pub fn shown(&self, ended: u32) -> augment_api::Job {
        let (done, failed, failures) = match self.state {
            JobState::Waiting | JobState::Running => (ended.min(self.images), 0, Vec::new()),
            JobState::Ready | JobState::Failed => {
                (self.images.saturating_sub(self.failed), self.failed, self.failures.clone())
            }
        };
        augment_api::Job {
            id: self.id.clone(),
            state: self.state,
            title: self.title.clone(),
            images: self.images,
            done,
            failed,
            failures,
            count: self.count,
            recipe: self.recipe.clone(),
            format: self.format,
            retention: self.retention,
            partial: self.partial,
            results: self.results.clone(),
            made: self.made.clone(),
            error: self.error.clone(),
            error_kind: self.error_kind,
            created_at: rfc3339(self.created_ms),
            updated_at: rfc3339(self.updated_ms),
            expires_at: rfc3339(self.expires * 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::lists;

    #[test]
    fn items_cover_the_images_each_once() {
        let mut job = claims::tests::job("a", 23, 5);
        let items = job.items_to_run();
        assert_eq!(
            items.iter().map(|item| (item.item, item.first, item.images)).collect::<Vec<_>>(),
            [(0, 0, 5), (1, 5, 5), (2, 10, 5), (3, 15, 5), (4, 20, 3)]
        );
        assert_eq!(job.images_of(9), 23..23, "there are no more");
        job.failed_items = vec![1, 4];
        job.run_again(2000);
        assert_eq!(job.items_to_run(), [items[1], items[4]], "again only those with failures");
    }

    #[test]
    fn a_job_is_listed_as_its_owners_and_as_to_be_run_while_it_runs() {
        let mut job = claims::tests::job("a", 3, 2);
        assert_eq!(job.to_record(1).unwrap().lists, [lists::dataset_list("ann"), "datasets".to_owned()]);
        for state in [JobState::Waiting, JobState::Ready, JobState::Failed] {
            job.state = state;
            assert_eq!(job.to_record(1).unwrap().lists, [lists::dataset_list("ann")], "{state:?}");
        }
        assert_eq!(JobRecord::from_record(&job.to_record(1).unwrap()).unwrap(), job, "there and back");
    }
}
