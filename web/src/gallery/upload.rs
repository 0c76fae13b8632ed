//! One upload: what to share and how, its stage, and what is already done.

use augment_api::client::StartedUpload;
use augment_api::{Retention, Visibility};
use futures::future::AbortHandle;
use leptos::prelude::*;

use crate::engine::{OneImage, RunResult, Source};
use crate::studio_state::ShareMode;

/// What to share, and how.
#[derive(Clone, Debug)]
pub(super) struct ShareOptions {
    pub(super) image: OneImage,
    pub(super) mode: ShareMode,
    /// The whole recipe, with count and seed.
    pub(super) recipe: serde_json::Value,
    pub(super) count: u32,
    pub(super) seed: u64,
    /// The format to write labels in.
    pub(super) labels: Option<String>,
    pub(super) title: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) group: Option<String>,
    pub(super) visibility: Visibility,
    pub(super) retention: Retention,
}

/// The stage of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum UploadStage {
    /// It waits for other uploads.
    Waiting,
    /// The image is being read.
    Reading,
    /// Its results are being made.
    Making,
    /// Its files are being uploaded.
    Sending,
    /// The service checks the files.
    Checking,
    /// It is in the gallery, with this id.
    Done(String),
    /// It failed, for this reason.
    Failed(String),
    /// The user cancelled it.
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
    /// Bytes uploaded, and all bytes.
    pub(super) sent: RwSignal<u64>,
    pub(super) total: RwSignal<u64>,
    /// What is already done: another attempt continues from there.
    pub(super) kept: StoredValue<UploadState, LocalStorage>,
    pub(super) abort: StoredValue<Option<AbortHandle>>,
}

/// Why an upload failed, as a message.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

/// What is already done of an upload.
#[derive(Clone, Debug, Default)]
pub(super) struct UploadState {
    pub(super) source: Option<Source>,
    pub(super) results: Option<RunResult>,
    pub(super) started: Option<StartedUpload>,
    /// The storage name of the reservation.
    pub(super) name: Option<String>,
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
