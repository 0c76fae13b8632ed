//! The parts of the page that load on demand, as the other parts see them.

use leptos::prelude::*;

/// A room of the page that loads on demand.
#[derive(Debug)]
pub struct Room {
    /// Sets up what the room shares with others. Called once, when the room has loaded.
    pub begin: fn(),
    /// What stays on the page, whichever room is shown.
    pub always: fn() -> AnyView,
    /// The room itself.
    pub page: fn() -> AnyView,
}

/// The cloud: it has no page of its own, but shows up in several others.
#[derive(Debug)]
pub struct CloudParts {
    /// Sets up what the cloud shares with others. Called once, when it has loaded.
    pub begin: fn(),
    /// What stays on the page, whichever room is shown.
    pub always: fn() -> AnyView,
    /// What the page's header shows.
    pub head: fn() -> AnyView,
    /// Beside an active run: how long the cloud would take for it.
    pub offer: fn() -> AnyView,
    /// In the run's panel: the jobs.
    pub jobs: fn() -> AnyView,
}

/// The cloud, once it has loaded; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct LazyCloud(pub(crate) RwSignal<Option<&'static CloudParts>>);

impl LazyCloud {
    /// A part of the cloud; empty until it has loaded.
    pub fn show(self, part: fn(&CloudParts) -> fn() -> AnyView) -> AnyView {
        (move || self.0.get().map(|cloud| part(cloud)())).into_any()
    }
}
