//! The state of the gallery: its limits, the listed images, and the filters.

use augment_api::client::{Client, ClientError};
use augment_api::{Config, Image, ImageQuery, State};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::text::{age_ms, sentence};
use crate::engine::Engine;
use crate::intake::Intake;
use crate::network_audit::{self, NetworkAudit};
use crate::service::{self, Service};
use crate::settings::Settings;
use crate::studio_state::Studio;
use crate::ui::{Toaster, Tone};

/// Images per request.
const PAGE: u32 = 36;
/// Milliseconds between two updates of unfinished images, and how many are updated at once.
const UPDATE_EVERY: u64 = 1500;
const UPDATE_AT_ONCE: usize = 8;
/// How long to wait for a thumbnail, in milliseconds.
const THUMBNAIL_MS: f64 = 60_000.0;

/// The gallery; taken from the context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gallery {
    pub(crate) service: Service,
    pub(crate) studio: Studio,
    pub(crate) toaster: Toaster,
    /// The Studio's engine, the settings, and the intake.
    pub(super) parts: StoredValue<(Engine, Settings, Intake)>,
    pub(crate) record: RwSignal<NetworkAudit>,
    /// The service's limits and sign-in, once they are known.
    pub(crate) config: RwSignal<Option<Config>>,
    /// Why there is no listing.
    pub(super) error: RwSignal<Option<String>>,
    /// The listed images, newest first.
    pub(super) images: RwSignal<Vec<Image>>,
    /// Whether a page of the listing is loading.
    pub(super) busy: RwSignal<bool>,
    /// Whether there is more to list.
    pub(super) more: RwSignal<bool>,
    cursor: StoredValue<Option<String>>,
    /// Counts listings: only the latest one is shown.
    turn: StoredValue<u64>,
    /// The filters.
    pub(super) tag: RwSignal<Option<String>>,
    pub(super) group: RwSignal<Option<String>>,
    pub(super) mine: RwSignal<bool>,
    pub(super) search: RwSignal<String>,
    /// The tags and groups to filter by.
    pub(super) tags: RwSignal<Vec<String>>,
    pub(super) groups: RwSignal<Vec<String>>,
    /// The id of the image in the page's address.
    pub(super) at: RwSignal<Option<String>>,
    /// The image itself.
    pub(super) current: RwSignal<Option<Image>>,
}

impl Gallery {
    pub(super) fn new() -> Self {
        let gallery = Self {
            service: expect_context(),
            studio: expect_context(),
            toaster: expect_context(),
            parts: StoredValue::new((expect_context(), expect_context(), expect_context())),
            record: expect_context(),
            config: RwSignal::new(None),
            error: RwSignal::new(None),
            images: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            more: RwSignal::new(true),
            cursor: StoredValue::new(None),
            turn: StoredValue::new(0),
            tag: RwSignal::new(None),
            group: RwSignal::new(None),
            mine: RwSignal::new(false),
            search: RwSignal::new(String::new()),
            tags: RwSignal::new(Vec::new()),
            groups: RwSignal::new(Vec::new()),
            at: RwSignal::new(service::gallery_id()),
            current: RwSignal::new(None),
        };
        let _ = window_event_listener(leptos::ev::hashchange, move |_| {
            let at = service::gallery_id();
            if gallery.at.get_untracked() != at {
                gallery.at.set(at);
            }
        });
        // Another service, or another user, has other images.
        Effect::watch(
            move || (gallery.service.address.get(), gallery.service.session.get()),
            move |(address, _), before, _| {
                if before.is_none_or(|(old, _)| old != address) {
                    gallery.config.set(None);
                }
                gallery.images.set(Vec::new());
                gallery.current.set(None);
                gallery.load_config();
            },
            false,
        );
        gallery.load_config();
        gallery
    }

    /// A client of the service, with the token of the session.
    pub(crate) fn client(self) -> Option<Client> {
        let address = self.service.address.get_untracked()?;
        network_audit::note_known(self.record, &format!("{address}/v1/"));
        let token =
            self.service.session.with_untracked(|session| session.as_ref().map(|session| session.token.clone()));
        Client::new(&address, token).ok()
    }

    /// Loads limits and sign-in.
    pub(super) fn load_config(self) {
        let Some(client) = self.client() else { return };
        spawn_local(async move {
            match client.config().await {
                Ok(config) => self.config.set(Some(config)),
                Err(error) => self.error.set(Some(self.error_text(&error))),
            }
        });
    }

    /// Whether the user may change anything: without sign-in, everyone may.
    pub(super) fn may_write(self) -> bool {
        let free = self.config.with(|config| config.as_ref().is_some_and(|config| config.auth.is_none()));
        free || self.service.session.with(Option::is_some)
    }

    /// The message of a failed call. Ends the session if its token is not valid any more.
    pub(crate) fn error_text(self, error: &ClientError) -> String {
        if error.status() == Some(401) && self.service.session.with_untracked(Option::is_some) {
            self.service.session.set(None);
            return "Your sign-in has ended. Sign in again.".into();
        }
        let mut words = sentence(&error.to_string());
        if let ClientError::Refused(problem) = error {
            for field in problem.errors.iter().filter(|field| !problem.detail.contains(&field.detail)) {
                words.push_str(&format!(" {}: {}.", field.pointer.trim_start_matches('/'), field.detail));
            }
        }
        words
    }

    /// Shows the message of a failed call.
    pub(super) fn show_error(self, error: &ClientError) {
        self.toaster.say(Tone::Danger, self.error_text(error));
    }

    /// Starts to show the gallery.
    pub(super) fn enter(self) {
        self.refresh();
        let looking =
            set_interval_with_handle(move || self.update_unfinished(), std::time::Duration::from_millis(UPDATE_EVERY));
        on_cleanup(move || {
            if let Ok(looking) = looking {
                looking.clear();
            }
        });
        // A changed filter needs another listing.
        Effect::watch(
            move || {
                (
                    self.tag.get(),
                    self.group.get(),
                    self.mine.get(),
                    self.service.address.get(),
                    self.service.session.get(),
                )
            },
            move |_, _, _| self.refresh(),
            false,
        );
    }

    /// Starts a new listing, by the filters.
    pub(super) fn refresh(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.cursor.set_value(None);
        self.busy.set(false);
        self.more.set(true);
        self.error.set(None);
        self.load();
        let Some(client) = self.client() else { return };
        spawn_local(async move {
            if let Ok(tags) = client.tags().await {
                self.tags.set(tags.tags.into_iter().map(|tag| tag.name).collect());
            }
            if let Ok(groups) = client.groups().await {
                self.groups.set(groups.groups.into_iter().map(|group| group.name).collect());
            }
        });
    }

    /// Loads the next page of the listing.
    pub(super) fn load(self) {
        let Some(client) = self.client() else { return };
        if self.busy.get_untracked() || !self.more.get_untracked() {
            return;
        }
        self.busy.set(true);
        let turn = self.turn.get_value();
        let first = self.cursor.with_value(Option::is_none);
        let query = ImageQuery {
            tag: self.tag.get_untracked(),
            group: self.group.get_untracked(),
            owner: self.mine.get_untracked().then(|| "me".to_owned()),
            limit: Some(PAGE),
            cursor: self.cursor.get_value(),
            ..ImageQuery::default()
        };
        spawn_local(async move {
            let page = client.images(&query).await;
            if self.turn.get_value() != turn {
                return;
            }
            self.busy.set(false);
            match page {
                Ok(page) => {
                    self.error.set(None);
                    self.more.set(page.next_cursor.is_some());
                    self.cursor.set_value(page.next_cursor);
                    let shown = page.images.into_iter().filter(|image| image.state != State::Pending);
                    self.images.update(|images| {
                        if first {
                            images.clear();
                        }
                        images.extend(shown);
                    });
                }
                Err(error) => {
                    self.more.set(false);
                    self.error.set(Some(self.error_text(&error)));
                }
            }
        });
    }

    /// Updates an image.
    pub(super) fn put(self, image: Image) {
        if self
            .current
            .with_untracked(|current| current.as_ref().is_some_and(|one| one.id == image.id && *one != image))
        {
            self.current.set(Some(image.clone()));
        }
        let at = self.images.with_untracked(|images| images.iter().position(|one| one.id == image.id));
        match at {
            Some(at) if self.images.with_untracked(|images| images[at] == image) => {}
            Some(at) => self.images.update(|images| images[at] = image),
            None => {}
        }
    }

    /// Shows a new image first.
    pub(super) fn add(self, image: Image) {
        self.images.update(|images| {
            images.retain(|one| one.id != image.id);
            images.insert(0, image);
        });
    }

    /// Removes an image from the listing.
    pub(super) fn remove(self, id: &str) {
        self.images.update(|images| images.retain(|image| image.id != id));
    }

    /// Updates unfinished images.
    fn update_unfinished(self) {
        let waits = |image: &Image| match image.state {
            State::Pending | State::Uploaded | State::Augmenting => true,
            State::Ready => !image.thumbnail && age_ms(&image.updated_at) < THUMBNAIL_MS,
            State::Failed => false,
        };
        let mut ids: Vec<String> = self.images.with_untracked(|images| {
            images.iter().filter(|image| waits(image)).take(UPDATE_AT_ONCE).map(|image| image.id.clone()).collect()
        });
        ids.extend(
            self.current
                .with_untracked(|image| image.as_ref().filter(|image| waits(image)).map(|image| image.id.clone())),
        );
        ids.sort();
        ids.dedup();
        let Some(client) = self.client().filter(|_| !ids.is_empty() && !document().hidden()) else { return };
        spawn_local(async move {
            for id in ids {
                if let Ok(image) = client.image(&id).await {
                    self.put(image);
                }
            }
        });
    }
}
