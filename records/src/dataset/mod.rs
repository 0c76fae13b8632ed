//! The record of a job over a dataset, its API view and its objects.
//!
//! All objects of a job are in the results area under `jobs/{id}/`: `labels.zip` as uploaded, `images.json` (all
//! [`DatasetImage`]s by path), `items.json` (the [`DatasetItem`]s to run now), `items/{n}.zip`, then `items/{n}.json`
//! (written when the item is done; its first field is the `round` of that run), and `results.zip`.

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

/// How long a job waits for its labels, in seconds.
const WAITING_SECONDS: u64 = DAY;

/// The record of a job over a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// The job's id.
    pub id: String,
    /// The user who created it.
    pub owner: String,
    /// The state.
    pub state: JobState,
    /// A title.
    pub title: Option<String>,
    /// Images.
    pub images: u32,
    /// Items: ranges of images that run as one unit.
    pub items: u32,
    /// Images per item; the last item may have fewer.
    pub per_item: u32,
    /// Copies per image.
    pub count: u32,
    /// The recipe, with its seed.
    pub recipe: Value,
    /// The label format of the output; the source's format if `None`.
    pub format: Option<LabelFormat>,
    /// The announced zip of labels.
    pub labels: Option<Content>,
    /// The retention of the zip.
    pub retention: Retention,
    /// Whether the images are single files of a larger dataset.
    pub partial: bool,
    /// The zip in the store; its hash is empty.
    pub results: Option<Content>,
    /// How it was made.
    pub made: Option<Made>,
    /// Why there is no zip, or why the last attempt was returned.
    pub error: Option<String>,
    /// The kind of that failure.
    pub error_kind: Option<FailureKind>,
    /// Images without output.
    pub failed: u32,
    /// The first of them by path.
    pub failures: Vec<JobFailure>,
    /// The items that contain them; a retry runs these.
    pub failed_items: Vec<u32>,
    /// Milliseconds since 1970.
    pub created_ms: u64,
    /// Milliseconds since 1970.
    pub updated_ms: u64,
    /// Seconds since 1970.
    pub expires: u64,
    /// The lease of the worker, in deployments without an engine; set while the job runs.
    pub lease: Option<Lease>,
    /// Retries so far.
    pub round: u32,
}

impl JobRecord {
    /// A new job in the state `waiting`. `bytes` is the total size of the images.
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

    /// Starts the job.
    pub fn run(&mut self, now_ms: u64) {
        self.state = JobState::Running;
        self.lease = Some(Lease::WAITING);
        self.updated_ms = now_ms;
        self.expires = now_ms / 1000 + self.retention.days() * DAY;
    }

    /// Starts a retry of what failed; its zip replaces the old one.
    pub fn run_again(&mut self, now_ms: u64) {
        self.run(now_ms);
        self.round += 1;
        self.error = None;
        self.error_kind = None;
    }

    /// The images of an item, by index in `images.json`.
    #[must_use]
    pub fn images_of(&self, item: u32) -> Range<u32> {
        let at = |item: u32| item.saturating_mul(self.per_item).min(self.images);
        at(item)..at(item.saturating_add(1))
    }

    /// The items to run: all of them, or in a retry those with failures.
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

    /// The API view. `ended` counts the images of finished items while the job runs.
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
    fn items_cover_every_image_once() {
        let mut job = claims::tests::job("a", 23, 5);
        let items = job.items_to_run();
        assert_eq!(
            items.iter().map(|item| (item.item, item.first, item.images)).collect::<Vec<_>>(),
            [(0, 0, 5), (1, 5, 5), (2, 10, 5), (3, 15, 5), (4, 20, 3)]
        );
        assert_eq!(job.images_of(9), 23..23, "past the end");
        job.failed_items = vec![1, 4];
        job.run_again(2000);
        assert_eq!(job.items_to_run(), [items[1], items[4]], "a retry runs only items with failures");
    }

    #[test]
    fn a_job_is_in_its_owners_list_and_in_the_run_list_while_it_runs() {
        let mut job = claims::tests::job("a", 3, 2);
        assert_eq!(job.to_record(1).unwrap().lists, [lists::dataset_list("ann"), "datasets".to_owned()]);
        for state in [JobState::Waiting, JobState::Ready, JobState::Failed] {
            job.state = state;
            assert_eq!(job.to_record(1).unwrap().lists, [lists::dataset_list("ann")], "{state:?}");
        }
        assert_eq!(JobRecord::from_record(&job.to_record(1).unwrap()).unwrap(), job, "round trip");
    }
}
