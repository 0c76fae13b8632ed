//! Runs that are handed to the cloud: the offer with its estimate, what is sent, and the zip that comes back.
//!
//! A job is kept in this browser until the service has it, so it outlives a page that is closed and times without a
//! network. `work.rs` is one job from its files to its zip; `state.rs` has all of them.

mod ask;
mod card;
mod estimate;
mod fetch;
mod offer;
mod record;
mod send;
mod state;
mod work;

use leptos::prelude::*;

use self::ask::AskDialog;
use self::card::{Badge, JobList, Jobs};
use self::offer::Offer;
use self::state::Cloud;

/// The cloud as the frame of the page takes it.
pub static CLOUD: crate::later::Cloud = crate::later::Cloud {
    begin: || provide_context(Cloud::new()),
    always: || view! { <Always /> }.into_any(),
    head: || view! { <Badge /> }.into_any(),
    offer: || view! { <Offer /> }.into_any(),
    jobs: || view! { <Jobs /> }.into_any(),
};

#[component]
fn Always() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    view! {
        <AskDialog />
        <JobList />
        <p class="visually-hidden" role="status" aria-live="polite">{move || cloud.said.get()}</p>
    }
}
