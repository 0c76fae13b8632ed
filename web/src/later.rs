//! What is downloaded after the first sight of the page: its larger rooms, each a module of its own.
//!
//! `cargo xtask dist` cuts the page's module where a function here says so. What only such a function reaches goes into
//! a file of its own; what is shared stays in the page's first one.

use augment_web_messages::Missing;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use crate::ui::{Button, Notice, Tone};

/// A room that comes later.
#[derive(Debug)]
pub struct Room {
    /// Sets up what the room shares with others, once, as soon as it is there.
    pub begin: fn(),
    /// What of it is on the page as long as the page is there.
    pub always: fn() -> AnyView,
    /// The room itself.
    pub place: fn() -> AnyView,
}

/// What hands runs to the cloud: in no place of its own, but in several of others.
#[derive(Debug)]
pub struct Cloud {
    /// Sets up what it shares with others, once, as soon as it is there.
    pub begin: fn(),
    /// What of it is on the page as long as the page is there.
    pub always: fn() -> AnyView,
    /// What the page's header shows of it.
    pub head: fn() -> AnyView,
    /// Beside a run that is on: what the cloud would take for it.
    pub offer: fn() -> AnyView,
    /// In the run's panel: the jobs that were begun.
    pub jobs: fn() -> AnyView,
}

#[wasm_split(studio, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_studio() -> Result<&'static Room, Missing> {
    Ok(&crate::studio::ROOM)
}

#[wasm_split(gallery, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_gallery() -> Result<&'static Room, Missing> {
    Ok(&crate::gallery::ROOM)
}

#[wasm_split(cloud, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_cloud() -> Result<&'static Cloud, Missing> {
    Ok(&crate::cloud::CLOUD)
}

#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_settings() -> Result<&'static Room, Missing> {
    Ok(&crate::settings::ROOM)
}

/// Where the rooms' files stand.
#[derive(Clone, Copy, Debug)]
pub struct Later {
    studio: RwSignal<Option<Result<&'static Room, Missing>>>,
    settings: RwSignal<Option<Result<&'static Room, Missing>>>,
    gallery: RwSignal<Option<Result<&'static Room, Missing>>>,
    /// It comes after the gallery, which asks the service what it allows.
    cloud: RwSignal<Option<&'static Cloud>>,
    cloud_wanted: RwSignal<bool>,
    /// Whether the gallery is wanted: it comes when a person goes there, or when there is one to share with.
    wanted: RwSignal<bool>,
    /// What a room sets up lives as long as the page.
    owner: StoredValue<Owner>,
}

impl Later {
    /// Asks for all rooms, the Studio first; for the gallery only where it is wanted at once.
    #[must_use]
    pub fn fetch(gallery: bool) -> Self {
        let owner = StoredValue::new(Owner::current().unwrap_or_default());
        let later = Self {
            studio: RwSignal::new(None),
            settings: RwSignal::new(None),
            gallery: RwSignal::new(None),
            cloud: RwSignal::new(None),
            cloud_wanted: RwSignal::new(false),
            wanted: RwSignal::new(gallery),
            owner,
        };
        later.again();
        later
    }

    /// Asks for what is not there.
    fn again(self) {
        self.studio.set(None);
        self.settings.set(None);
        spawn_local(async move {
            let studio = fetch_studio().await;
            self.came(self.studio, studio);
            let settings = fetch_settings().await;
            self.came(self.settings, settings);
            if self.wanted.get_untracked() {
                self.fetch_gallery().await;
            }
        });
    }

    async fn fetch_gallery(self) {
        self.gallery.set(None);
        let gallery = fetch_gallery().await;
        let there = gallery.is_ok();
        self.came(self.gallery, gallery);
        if there && self.cloud_wanted.get_untracked() {
            self.fetch_cloud().await;
        }
    }

    /// Nothing is told where it does not come: runs go on without, and the next one asks again.
    async fn fetch_cloud(self) {
        if self.cloud.with_untracked(Option::is_none)
            && let Ok(cloud) = fetch_cloud().await
            && self.cloud.with_untracked(Option::is_none)
        {
            self.owner.with_value(|owner| owner.with(cloud.begin));
            self.cloud.set(Some(cloud));
        }
    }

    /// Asks for what hands runs to the cloud, unless that was done: a run is on, or a job of an earlier page waits.
    pub fn want_cloud(self) {
        self.cloud_wanted.set(true);
        let gallery_is_there = self.gallery.with_untracked(|gallery| matches!(gallery, Some(Ok(_))));
        if gallery_is_there {
            spawn_local(self.fetch_cloud());
        }
    }

    /// Asks for the gallery, unless that was done.
    pub fn want_gallery(self) {
        if !self.wanted.get_untracked() {
            self.wanted.set(true);
            spawn_local(self.fetch_gallery());
        }
    }

    fn came(self, place: RwSignal<Option<Result<&'static Room, Missing>>>, room: Result<&'static Room, Missing>) {
        if let Ok(room) = room {
            self.owner.with_value(|owner| owner.with(room.begin));
        }
        place.set(Some(room));
    }

    /// What of the rooms is always on the page.
    pub fn always(self) -> AnyView {
        let of = |place: RwSignal<Option<Result<&'static Room, Missing>>>| {
            move || place.get().and_then(Result::ok).map(|room| (room.always)())
        };
        (of(self.studio), of(self.gallery), self.of_cloud(|cloud| cloud.always)).into_any()
    }

    /// What the header shows of the cloud.
    pub fn cloud_head(self) -> AnyView {
        self.of_cloud(|cloud| cloud.head)
    }

    /// What the cloud would take for the run that is on.
    pub fn cloud_offer(self) -> AnyView {
        self.of_cloud(|cloud| cloud.offer)
    }

    /// The jobs that were begun in the cloud.
    pub fn cloud_jobs(self) -> AnyView {
        self.of_cloud(|cloud| cloud.jobs)
    }

    fn of_cloud(self, part: fn(&Cloud) -> fn() -> AnyView) -> AnyView {
        (move || self.cloud.get().map(|cloud| part(cloud)())).into_any()
    }

    /// The Studio, when it is there.
    pub fn studio(self) -> AnyView {
        self.shown(self.studio)
    }

    /// The settings, when they are there.
    pub fn settings(self) -> AnyView {
        self.shown(self.settings)
    }

    /// The gallery, when it is there.
    pub fn gallery(self) -> AnyView {
        self.want_gallery();
        self.shown(self.gallery)
    }

    fn shown(self, place: RwSignal<Option<Result<&'static Room, Missing>>>) -> AnyView {
        (move || match place.get() {
            Some(Ok(room)) => (room.place)(),
            Some(Err(Missing)) => view! {
                <div class="later" role="alert">
                    <Notice tone=Tone::Danger>
                        <p>"A part of the page could not be downloaded. Check the network, then try again."</p>
                        <Button label="Try again" class="small" on_press=move || self.again() />
                    </Notice>
                </div>
            }
            .into_any(),
            None => view! { <p class="later busy" role="status"><span class="spinner" aria-hidden="true"></span>"Loading"</p> }.into_any(),
        })
        .into_any()
    }
}
