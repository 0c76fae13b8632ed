//! The offer beside an active run: the time left here, and the estimated time in the cloud.

use leptos::prelude::*;
use send_wrapper::SendWrapper;

use super::estimate::{RunSize, Uplink, about, mbit, seconds};
use super::model::{Cloud, JobStage};
use super::send::measured;
use crate::run::{Phase, Runs};
use crate::settings::Settings;
use crate::ui::{Button, Glyph, Icon, When, bytes, counted};

/// The least seconds left of a run that is offered to the cloud: reading the offer takes as long.
const WORTH_IT: f64 = 6.0;

/// Both estimates for the active run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Comparison {
    /// Seconds left here.
    pub(super) here: f64,
    /// Seconds in the cloud.
    pub(super) there: f64,
    pub(super) task: RunSize,
    pub(super) line: Uplink,
}

/// Whether an address is of this machine.
fn is_here(address: &str) -> bool {
    let host = web_sys::Url::new(address).map(|url| url.hostname()).unwrap_or_default();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// Compares the active run with the cloud; tracks its progress.
pub(super) fn compare(cloud: Cloud, runs: Runs, settings: Settings) -> Option<Comparison> {
    let address = cloud.gallery.service.address.get()?;
    let progress = runs.progress.get();
    let here = progress.left?;
    let made = progress.outputs_done.max(1) as f64;
    let workers = settings.worker_count().min(progress.outputs.max(1) as u64) as f64;
    let bytes = cloud.gallery.studio.listing.with(|listing| listing.as_ref().map_or(0, |listing| listing.bytes));
    let task = RunSize {
        images: progress.items as u64,
        bytes,
        outputs: progress.outputs as u64,
        zip: (progress.bytes as f64 / made * progress.outputs as f64) as u64,
        each: progress.seconds * workers / made,
    };
    let at_once = cloud.limits().items_at_once;
    let line = Uplink { measured: measured(), local: is_here(&address), at_once };
    Some(Comparison { here, there: seconds(task, line), task, line })
}

impl Comparison {
    /// "here: 4 min · cloud: about 40 s".
    pub(super) fn words(&self) -> String {
        format!("here: {} · cloud: about {}", about(self.here), about(self.there))
    }

    /// The assumptions of the estimate.
    pub(super) fn reasons(&self) -> String {
        let up = format!("{} with {}", counted(self.task.images as usize, "image", "images"), bytes(self.task.bytes));
        match (self.line.local, self.line.measured) {
            (true, _) => format!("Estimated for a service on this computer and an upload of {up}."),
            (false, Some(rate)) => format!("Estimated for an upload of {up} at {}, as last measured.", mbit(rate)),
            (false, None) => {
                format!("Estimated for an upload of {up} at {}, an assumed speed.", mbit(self.line.up()))
            }
        }
    }
}

/// The offer.
#[component]
pub(super) fn Offer() -> impl IntoView {
    let cloud = expect_context::<Cloud>();
    let runs = expect_context::<Runs>();
    let settings = expect_context::<Settings>();
    let now = Memo::new(move |_| compare(cloud, runs, settings));
    let number = Memo::new(move |_| {
        runs.phase.track();
        runs.current().map(|asked| asked.number)
    });
    // Once shown, it stays until the run ends, so that nothing moves under the pointer.
    let worth_it = move || cloud.offered.get() == number.get();
    Effect::new(move || {
        let long = now.with(|now| now.is_some_and(|now| now.here >= WORTH_IT));
        if long && runs.phase.get() == Phase::Running && !untrack(worth_it) {
            cloud.offered.set(number.get_untracked());
            if let Some(now) = now.get_untracked().filter(|now| now.there < now.here) {
                cloud.announce(format!("The cloud could take over this run: {}", now.words()));
            }
        }
    });
    let handed = Memo::new(move |_| {
        let number = number.get();
        cloud.jobs.with(|jobs| {
            jobs.iter().any(|job| {
                let same = job.run.with_value(|run| run.as_ref().map(|run| run.1)) == number;
                same && number.is_some() && job.stage.with(|stage| !matches!(stage, JobStage::Failed(_)))
            })
        })
    });
    let on = Memo::new(move |_| {
        let open = matches!(runs.phase.get(), Phase::Running | Phase::Paused);
        worth_it() && open && now.with(Option::is_some) && !handed.get()
    });
    let offline = move || !cloud.offline.online.get();
    view! {
        <When on=on>
            <section class="cloud-offer" aria-label="Offer of the cloud">
                <p class="strong num cloud-times"><Icon glyph=Glyph::Cloud size="s" /> <span>{move || now.get().map(|now| now.words())}</span></p>
                <p class="small soft">{move || if offline() {
                    Some("You are offline: the job would wait for the network and then start.".to_owned())
                } else {
                    now.get().map(|now| now.reasons())
                }}</p>
                <Button label="Hand it to the cloud" glyph=Glyph::Upload class="wide" on_press=move || {
                    cloud.asking.set(runs.current().map(SendWrapper::new));
                } />
            </section>
        </When>
    }
}
