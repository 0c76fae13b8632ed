//! The record of a job over a dataset, its API view and its objects.
//!
//! All objects of a job are in the results area: `jobs/{id}/items.json` (the [`DatasetItem`]s to run now), and under
//! `jobs/{id}/{generation}/` `labels.zip` as uploaded, `images.json` (all [`DatasetImage`]s by path), `items/{n}.zip`, then
//! `items/{n}.json` (written when the item is done; its first field is the `round` of that run), and `results.zip`.

mod claims;
mod objects;

use std::ops::{Deref, DerefMut, Range};

use augment_api::{Content, Job, JobFacts, JobState, NewJob};
use augment_stores_port::StoreResult;
use serde::{Deserialize, Serialize};

pub use self::claims::{
    DatasetClaim, DatasetOutcome, claim_dataset, finish_dataset, give_back_dataset, release_datasets, renew_dataset,
};
pub use self::objects::{DatasetImage, DatasetItem};
use crate::image::{Lease, generation, is_false};
use crate::time::{DAY, rfc3339};

/// How long a job waits for its labels, in seconds.
const WAITING_SECONDS: u64 = DAY;

/// The record of a job over a dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// What the API shows too.
    #[serde(flatten)]
    pub facts: JobFacts,
    /// The user who created it.
    pub owner: String,
    /// Items: ranges of images that run as one unit.
    pub items: u32,
    /// Images per item; the last item may have fewer.
    pub per_item: u32,
    /// The announced zip of labels.
    pub labels: Option<Content>,
    /// The items with failures; a retry runs these.
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
    /// A random part of its keys, so that nothing signed for an earlier job of this id reaches it. Empty in old records.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub generation: String,
    /// Whether it was deleted; the record stays until its objects are removed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gone: bool,
}

impl Deref for JobRecord {
    type Target = JobFacts;

    fn deref(&self) -> &JobFacts {
        &self.facts
    }
}

impl DerefMut for JobRecord {
    fn deref_mut(&mut self) -> &mut JobFacts {
        &mut self.facts
    }
}

impl JobRecord {
    /// A new job in the state `waiting`. `bytes` is the total size of the images.
    ///
    /// # Errors
    /// `Other` if the system has no randomness.
    pub fn new(id: String, owner: &str, job: NewJob, bytes: u64, now_ms: u64) -> StoreResult<Self> {
        let images = u32::try_from(job.images.len()).unwrap_or(u32::MAX);
        let per_item = augment_api::images_per_item(images, bytes, job.outputs);
        Ok(Self {
            facts: JobFacts {
                id,
                state: JobState::Waiting,
                title: job.title,
                images,
                failed: 0,
                failures: Vec::new(),
                count: job.count,
                recipe: job.recipe,
                format: job.format,
                retention: job.retention,
                partial: job.partial,
                results: None,
                made: None,
                error: None,
                error_kind: None,
            },
            owner: owner.to_owned(),
            items: images.div_ceil(per_item),
            per_item,
            labels: job.labels.map(|(size, sha256)| Content { size, sha256: sha256.to_hex() }),
            failed_items: Vec::new(),
            created_ms: now_ms,
            updated_ms: now_ms,
            expires: now_ms / 1000 + WAITING_SECONDS,
            lease: None,
            round: 0,
            generation: generation()?,
            gone: false,
        })
    }

    /// Marks it as deleted: it leaves all lists and expires at once, so that an interrupted deletion is finished.
    pub fn bury(&mut self) {
        self.gone = true;
        self.lease = None;
        self.expires = 0;
    }

    /// Whether another record of the id is of this job, and not of a later one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.generation, self.created_ms) == (&other.generation, other.created_ms)
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
    pub fn shown(&self, ended: u32) -> Job {
        let mut facts = self.facts.clone();
        let done = match self.state {
            JobState::Waiting | JobState::Running => {
                // Those of the last round may yet succeed.
                (facts.failed, facts.failures) = (0, Vec::new());
                ended.min(self.images)
            }
            JobState::Ready | JobState::Failed => self.images.saturating_sub(self.failed),
        };
        Job {
            facts,
            done,
            created_at: rfc3339(self.created_ms),
            updated_at: rfc3339(self.updated_ms),
            expires_at: rfc3339(self.expires * 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::document::Document;
    use crate::lists;

    #[test]
    fn a_record_has_the_same_json_with_and_without_optional_fields() {
        let mut stored = json!({
            "id": "a", "owner": "ann", "state": "ready", "title": "A", "images": 3, "items": 2, "per_item": 2,
            "count": 5, "recipe": {"version": 1, "seed": 7, "steps": []}, "format": "voc",
            "labels": {"size": 7, "sha256": "cd"}, "retention": "standard", "partial": true,
            "results": {"size": 9, "sha256": ""},
            "made": {"engine": "1", "outputs": 2, "pixels": 24, "bytes_before": 3, "bytes_after": 9, "warnings": 0,
                "augment_ms": 2, "store_ms": 3},
            "error": "no", "error_kind": "time", "failed": 1,
            "failures": [{"path": "a.jpg", "error": "no", "kind": "image"}], "failed_items": [1], "created_ms": 1,
            "updated_ms": 2, "expires": 3, "lease": {"attempts": 1, "lease_until": 5, "holder": 6}, "round": 1,
        });
        let job: JobRecord = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&job).unwrap(), stored, "every field");
        for name in ["title", "format", "labels", "results", "made", "error", "error_kind", "lease"] {
            stored[name] = Value::Null;
        }
        let job: JobRecord = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(serde_json::to_value(&job).unwrap(), stored, "absent values are null");
        let shown = serde_json::to_value(job.shown(0)).unwrap();
        let names: std::collections::BTreeSet<&str> = shown.as_object().unwrap().keys().map(String::as_str).collect();
        let expected = [
            "count",
            "created_at",
            "done",
            "error",
            "error_kind",
            "expires_at",
            "failed",
            "failures",
            "format",
            "id",
            "images",
            "made",
            "partial",
            "recipe",
            "results",
            "retention",
            "state",
            "title",
            "updated_at",
        ];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected, "the API shows nothing internal");
        assert_eq!(serde_json::from_value::<Job>(shown).unwrap(), job.shown(0), "round trip");
    }

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
