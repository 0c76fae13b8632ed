//! Why a job stops: it waits for something, or it has failed.

use augment_api::client::ClientError;
use leptos::prelude::*;

use super::model::{Cloud, WaitReason};

/// Why a job of an earlier page cannot continue.
pub(super) const NOT_KEPT: &str =
    "The page was closed before everything was sent, and there was no space to keep the rest. Add the images again.";

/// Why an attempt ended.
#[derive(Debug)]
pub(super) enum Halt {
    /// It continues when the wait is over.
    Wait(WaitReason),
    /// It failed, for this reason.
    Failed(String),
}

impl Halt {
    /// How a failed call affects a job.
    pub(super) fn of(cloud: Cloud, error: &ClientError) -> Self {
        match error.status() {
            None if matches!(error, ClientError::Network(_)) => Self::Wait(offline_or(cloud, WaitReason::Unreachable)),
            Some(500..) => Self::Wait(WaitReason::Unreachable),
            Some(401) => {
                cloud.gallery.error_text(error);
                Self::Wait(WaitReason::SignIn)
            }
            _ => Self::Failed(cloud.gallery.error_text(error)),
        }
    }
}

fn offline_or(cloud: Cloud, why: WaitReason) -> WaitReason {
    if cloud.offline.online.get_untracked() { why } else { WaitReason::Offline }
}

/// The page now uses another service than the job.
pub(super) fn other_service() -> Halt {
    Halt::Failed("This job belongs to another service. Set its address in the settings again.".into())
}
