//! Beside a run that is on: how long it still takes here, and how long the cloud would take.

use leptos::prelude::*;
use send_wrapper::SendWrapper;

use super::estimate::{Line, Task, about, mbit, seconds};
use super::send::measured;
use super::state::{Cloud, Stage};
use crate::browser;
use crate::run::{Phase, Runs};
use crate::settings::Settings;
use crate::ui::{Button, Glyph, Icon, When, bytes, counted};

/// Seconds that a run must still take when it is offered to the cloud: an offer takes as long to read.
const WORTH_IT: f64 = 6.0;

/// The estimate for the run that is on; `None` while nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Compared {
    /// Seconds that are left here.
    pub(super) here: f64,
    /// Seconds that the cloud takes.
    pub(super) there: f64,
    pub(super) task: Task,
    pub(super) line: Line,
}

/// Whether an address is of this very machine.
fn is_here(address: &str) -> bool {
    let host = web_sys::Url::new(address).map(|url| url.hostname()).unwrap_or_default();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// Compares the run that is on with the cloud; follows its progress.
pub(super) fn compared(cloud: Cloud, runs: Runs, settings: Settings) -> Option<Compared> {
    let address = cloud.gallery.service.address.get()?;
    let progress = runs.progress.get();
    let here = progress.left?;
    let made = progress.outputs_done.max(1) as f64;
    let workers = settings.worker_count().min(progress.outputs.max(1) as u64) as f64;
    let bytes = cloud.gallery.studio.listing.with(|listing| listing.as_ref().map_or(0, |listing| listing.bytes));
    let task = Task {
        images: progress.items as u64,
        bytes,
        outputs: progress.outputs as u64,
        zip: (progress.bytes as f64 / made * progress.outputs as f64) as u64,
        each: progress.seconds * workers / made,
    };
    let at_once = cloud.limits().items_at_once;
    let line = Line { measured: measured(), own: is_here(&address).then(browser::cores), at_once };
    Some(Compared { here, there: seconds(task, line), task, line })
}

impl Compared {
    /// "here: 4 min · cloud: about 40 s".
    pub(super) fn words(&self) -> String {
        format!("here: {} · cloud: about {}", about(self.here), about(self.there))
    }

    /// What the estimate rests on.
    pub(super) fn reasons(&self) -> String {
        let up = format!("{} with {}", counted(self.task.images as usize, "image", "images"), bytes(self.task.bytes));
        match (self.line.own, self.line.measured) {
            (Some(_), _) => format!("Reckoned for a service on this very computer; {up} go to it."),
            (None, Some(rate)) => format!("Reckoned with {up} that go up at {}, as last measured.", mbit(rate)),
            (None, None) => {
                format!("Reckoned with {up} that go up at {}, which is assumed.", mbit(self.line.up()))
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
    let now = Memo::new(move |_| compared(cloud, runs, settings));
    let number = Memo::new(move |_| {
        runs.phase.track();
        runs.asked().map(|asked| asked.number)
    });
    // Once it is there, it stays until the run ends: nothing jumps under a hand that reaches for it.
    let worth_it = move || cloud.offered.get() == number.get();
    Effect::new(move || {
        let long = now.with(|now| now.is_some_and(|now| now.here >= WORTH_IT));
        if long && runs.phase.get() == Phase::Running && !untrack(worth_it) {
            cloud.offered.set(number.get_untracked());
            if let Some(now) = now.get_untracked().filter(|now| now.there < now.here) {
                cloud.say(format!("The cloud could take this run over: {}", now.words()));
            }
        }
    });
    let handed = Memo::new(move |_| {
        let number = number.get();
        cloud.jobs.with(|jobs| {
            jobs.iter().any(|job| {
                let same = job.run.with_value(|run| run.as_ref().map(|run| run.1)) == number;
                same && number.is_some() && job.stage.with(|stage| !matches!(stage, Stage::Failed(_)))
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
                    Some("You are offline: it would wait for the network, and go by itself.".to_owned())
                } else {
                    now.get().map(|now| now.reasons())
                }}</p>
                <Button label="Hand it to the cloud" glyph=Glyph::Upload class="wide" on_press=move || {
                    cloud.asking.set(runs.asked().map(SendWrapper::new));
                } />
            </section>
        </When>
    }
}
