//! The names of the lists that an image or a job over a dataset is in.

use augment_api::{JobState, Run, State, Visibility};
use augment_core::digest::Digest;

use crate::dataset::JobRecord;
use crate::image::ImageRecord;

/// The list of public images.
pub const PUBLIC_LIST: &str = "public";
/// The list of images with a job.
pub(crate) const JOB_LIST: &str = "jobs";
/// The list of running jobs over datasets: a new entry starts one.
pub(crate) const DATASET_LIST: &str = "datasets";

/// The list of a user's images. User names come from outside, so list names use their hash.
#[must_use]
pub fn own_list(owner: &str) -> String {
    format!("own/{}", Digest::of(owner.as_bytes()).to_hex())
}

/// The list of a user's jobs over datasets.
#[must_use]
pub fn dataset_list(owner: &str) -> String {
    format!("{}#datasets", own_list(owner))
}

/// The list of a tag within another list.
#[must_use]
pub fn tag_list(scope: &str, tag: &str) -> String {
    format!("{scope}#tag#{tag}")
}

/// The list of a group within another list.
#[must_use]
pub fn group_list(scope: &str, group: &str) -> String {
    format!("{scope}#group#{group}")
}

/// All lists of an image.
pub(crate) fn of(image: &ImageRecord) -> Vec<String> {
    if image.gone || image.run == Run::Dataset {
        // An image of a dataset belongs to jobs and is not shown in the gallery.
        return Vec::new();
    }
    let mut scopes = vec![own_list(&image.owner)];
    if image.visibility == Visibility::Public && image.state != State::Pending {
        scopes.push(PUBLIC_LIST.to_owned());
    }
    let mut lists = Vec::new();
    for scope in scopes {
        lists.extend(image.tags.iter().map(|tag| tag_list(&scope, tag)));
        lists.extend(image.group.iter().map(|group| group_list(&scope, group)));
        lists.push(scope);
    }
    if image.job.is_some() {
        lists.push(JOB_LIST.to_owned());
    }
    lists
}

/// All lists of a job over a dataset.
pub(crate) fn of_dataset(job: &JobRecord) -> Vec<String> {
    if job.gone {
        return Vec::new();
    }
    let mut lists = vec![dataset_list(&job.owner)];
    if job.state == JobState::Running {
        lists.push(DATASET_LIST.to_owned());
    }
    lists
}
