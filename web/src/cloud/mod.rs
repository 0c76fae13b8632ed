//! Runs that the cloud takes over: the offer with its estimate, the upload, and the zip that comes back.
//!
//! A job stays in this browser until the service has it, so it survives a closed page and time without a network.
//! `model.rs` has the jobs, `run_job.rs` the steps of one job.

mod actions;
mod card;
mod confirm;
mod estimate;
mod fetch;
mod halt;
mod model;
mod offer;
mod run_job;
mod saved_job;
mod send;

use leptos::prelude::*;

use self::card::{Badge, JobList, Jobs};
use self::confirm::ConfirmDialog;
use self::model::Cloud;
use self::offer::Offer;
use crate::lazy::CloudParts;

/// The cloud as the page loads it.
pub static CLOUD: CloudParts = CloudParts {
    begin,
    always: || view! { <Always /> }.into_any(),
    head: || view! { <Badge /> }.into_any(),
    offer: || view! { <Offer /> }.into_any(),
    jobs: || view! { <Jobs /> }.into_any(),
};

fn begin() {
    let cloud = Cloud::new();
    provide_context(cloud);
    cloud.resume_saved();
}

#[component]
fn Always() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    view! {
        <ConfirmDialog />
        <JobList />
        <p class="visually-hidden" role="status" aria-live="polite">{move || cloud.announcement.get()}</p>
    }
}
