//! One upload: what to share and how, its stage, and what is already done.

use augment_api::{Reservation, Retention, Visibility};
use futures::future::AbortHandle;
use leptos::prelude::*;

use crate::engine::{OneImage, RunResult, Source};
use crate::studio_state::ShareMode;

/// The image to share, and how.
#[derive(Clone, Debug)]
pub(super) struct ShareOptions {
    pub(super) image: OneImage,
    pub(super) mode: ShareMode,
    /// The whole recipe, with count and seed.
    pub(super) recipe: serde_json::Value,
    pub(super) count: u32,
    pub(super) seed: u64,
    /// The format of the labels.
    pub(super) labels: Option<String>,
    pub(super) title: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) group: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) retention: Retention,
}

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UploadStage {
    /// It waits for those before it.
    Waiting,
    /// The image is read.
    Reading,
    /// Its results are made here.
    Making,
    /// Bytes are sent.
    Sending,
    /// The service looks at what arrived.
    Checking,
    /// It is in the gallery, by this id.
    Done(String),
    /// It is not, for this reason.
    Failed(String),
    /// A person stopped it.
    Cancelled,
}

impl UploadStage {
    pub(super) const fn is_over(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_) | Self::Cancelled)
    }
}

/// An upload.
#[derive(Clone, Copy, Debug)]
pub(super) struct UploadJob {
    pub(super) id: u32,
    pub(super) options: StoredValue<ShareOptions>,
    pub(super) stage: RwSignal<UploadStage>,
    /// Bytes that arrived, of all.
    pub(super) sent: RwSignal<u64>,
    pub(super) total: RwSignal<u64>,
    /// What was done already, so that another try goes on from there.
    pub(super) kept: StoredValue<UploadState, LocalStorage>,
    pub(super) abort: StoredValue<Option<AbortHandle>>,
}

/// Why an upload ended, in words for the person.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

/// What was done of an upload.
#[derive(Clone, Debug, Default)]
pub(super) struct UploadState {
    pub(super) source: Option<Source>,
    pub(super) results: Option<RunResult>,
    pub(super) reserved: Option<Reservation>,
    /// What the reservation is kept as in this tab.
    pub(super) name: Option<String>,
    pub(super) original_arrived: bool,
    pub(super) results_arrived: bool,
}

impl From<augment_web_messages::Refusal> for Failure {
    fn from(refusal: augment_web_messages::Refusal) -> Self {
        Self(refusal.message)
    }
}

/// A name without its folders.
pub(super) fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}
