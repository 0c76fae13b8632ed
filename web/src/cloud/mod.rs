//! Runs that are handed to the cloud: the offer with its estimate, what is sent, and the zip that comes back.
//!
//! A job is kept in this browser until the service has it, so it outlives a page that is closed and times without a
//! network. `work.rs` is one job from its files to its zip; `state.rs` has all of them.

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

/// The cloud as the frame of the page takes it.
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
    cloud.find();
}

#[component]
fn Always() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    view! {
        <ConfirmDialog />
        <JobList />
        <p class="visually-hidden" role="status" aria-live="polite">{move || cloud.said.get()}</p>
    }
}
