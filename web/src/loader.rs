//! Downloads the rooms that load on demand, each a module of its own.
//!
//! `cargo xtask dist` splits the page's module at the functions here. Code that only such a function reaches goes into
//! its own file; shared code stays in the page's first file.

use augment_web_messages::LoadFailed;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use crate::lazy::{CloudParts, LazyCloud, Room};
use crate::ui::{Button, Notice, Tone};

#[wasm_split(studio, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_studio() -> Result<&'static Room, LoadFailed> {
    Ok(&crate::studio::ROOM)
}

#[wasm_split(gallery, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_gallery() -> Result<&'static Room, LoadFailed> {
    Ok(&crate::gallery::ROOM)
}

#[wasm_split(cloud, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_cloud() -> Result<&'static CloudParts, LoadFailed> {
    Ok(&crate::cloud::CLOUD)
}

#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
fn fetch_settings() -> Result<&'static Room, LoadFailed> {
    Ok(&crate::settings::ROOM)
}

/// A room; `None` while it loads.
type Loading = RwSignal<Option<Result<&'static Room, LoadFailed>>>;

/// The state of all downloads.
#[derive(Clone, Copy, Debug)]
pub struct Loader {
    studio: Loading,
    settings: Loading,
    gallery: Loading,
    /// Whether the gallery is wanted: someone opened it, or the page has a gallery to share with.
    gallery_wanted: RwSignal<bool>,
    /// Loads after the gallery, which asks the service for its limits.
    cloud: LazyCloud,
    cloud_wanted: RwSignal<bool>,
    /// What a room sets up lives as long as the page.
    owner: StoredValue<Owner>,
}

impl Loader {
    /// Starts to load all rooms, the Studio first; the gallery only if it is wanted now.
    #[must_use]
    pub fn start(gallery: bool) -> Self {
        let loader = Self {
            studio: RwSignal::new(None),
            settings: RwSignal::new(None),
            gallery: RwSignal::new(None),
            gallery_wanted: RwSignal::new(gallery),
            cloud: LazyCloud(RwSignal::new(None)),
            cloud_wanted: RwSignal::new(false),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        provide_context(loader.cloud);
        loader.load();
        loader
    }

    /// Loads the rooms that are not there, those that failed before among them.
    fn load(self) {
        spawn_local(async move {
            self.load_room(self.studio, fetch_studio).await;
            self.load_room(self.settings, fetch_settings).await;
            if self.gallery_wanted.get_untracked() {
                self.load_gallery().await;
            }
        });
    }

    async fn load_gallery(self) {
        self.load_room(self.gallery, fetch_gallery).await;
        if self.cloud_wanted.get_untracked() && is_loaded(self.gallery) {
            self.load_cloud().await;
        }
    }

    async fn load_room(self, room: Loading, fetch: impl AsyncFnOnce() -> Result<&'static Room, LoadFailed>) {
        if is_loaded(room) {
            return;
        }
        room.set(None);
        let fetched = fetch().await;
        if let Ok(fetched) = fetched {
            self.owner.with_value(|owner| owner.with(fetched.begin));
        }
        room.set(Some(fetched));
    }

    /// Loads the cloud. A failure is not shown: runs work without the cloud, and the next run tries again.
    async fn load_cloud(self) {
        let signal = self.cloud.0;
        if signal.with_untracked(Option::is_none)
            && let Ok(cloud) = fetch_cloud().await
            && signal.with_untracked(Option::is_none)
        {
            self.owner.with_value(|owner| owner.with(cloud.begin));
            signal.set(Some(cloud));
        }
    }

    /// Loads the cloud unless it has loaded: a run is active, or a job of an earlier page waits.
    pub fn want_cloud(self) {
        self.cloud_wanted.set(true);
        if is_loaded(self.gallery) {
            spawn_local(self.load_cloud());
        }
    }

    /// Loads the gallery, the first time it is wanted.
    pub fn want_gallery(self) {
        if !self.gallery_wanted.get_untracked() {
            self.gallery_wanted.set(true);
            spawn_local(self.load_gallery());
        }
    }

    /// What the rooms always keep on the page.
    pub fn always(self) -> AnyView {
        let of = |room: Loading| move || room.get().and_then(Result::ok).map(|room| (room.always)());
        (of(self.studio), of(self.gallery), self.cloud.show(|cloud| cloud.always)).into_any()
    }

    /// What the header shows of the cloud.
    pub fn cloud_head(self) -> AnyView {
        self.cloud.show(|cloud| cloud.head)
    }

    /// The Studio, or the state of its download.
    pub fn studio(self) -> AnyView {
        self.show(self.studio)
    }

    /// The settings, or the state of their download.
    pub fn settings(self) -> AnyView {
        self.show(self.settings)
    }

    /// The gallery, or the state of its download.
    pub fn gallery(self) -> AnyView {
        self.want_gallery();
        self.show(self.gallery)
    }

    fn show(self, room: Loading) -> AnyView {
        (move || match room.get() {
            Some(Ok(room)) => (room.page)(),
            Some(Err(LoadFailed)) => view! {
                <div class="later" role="alert">
                    <Notice tone=Tone::Danger>
                        <p>"A part of the page could not be downloaded. Check the network, then try again."</p>
                        <Button label="Try again" class="small" on_press=move || self.load() />
                    </Notice>
                </div>
            }
            .into_any(),
            None => view! { <p class="later busy" role="status"><span class="spinner" aria-hidden="true"></span>"Loading"</p> }.into_any(),
        })
        .into_any()
    }
}

fn is_loaded(room: Loading) -> bool {
    room.with_untracked(|room| matches!(room, Some(Ok(_))))
}
