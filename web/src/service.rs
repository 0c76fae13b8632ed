//! The service that the page shares images with, where there is one: where it is, and who is signed in.
//!
//! A server of the page with an API says so in the document (`<meta name="api" content="/">`); elsewhere a person
//! may name one in the settings. Without either, the page makes no requests.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

use crate::browser;

/// Where the service is; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The address below which its API is, without a slash at its end; `None` where there is none.
    pub address: RwSignal<Option<String>>,
    /// Whether the document itself names it.
    pub named: bool,
    /// Who is signed in. Written by `gallery`, and by `settings` to sign out.
    pub session: RwSignal<Option<Session>>,
}

/// A person who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The bearer token for the API.
    pub token: String,
    /// What the person is called.
    pub name: String,
}

impl Service {
    /// As the document or the settings have it.
    #[must_use]
    pub fn find() -> Self {
        let meta = document().query_selector("meta[name=api]").ok().flatten();
        let named = meta.and_then(|meta| meta.get_attribute("content")).filter(|address| !address.is_empty());
        let own = || window().location().origin().unwrap_or_default();
        let address = match named.as_deref() {
            Some(path) if path.starts_with('/') => Some(own() + path),
            Some(address) => Some(address.to_owned()),
            None => browser::stored("api"),
        };
        let address = address.map(|address| address.trim_end_matches('/').to_owned());
        let service = Self {
            address: RwSignal::new(address.filter(|address| !address.is_empty())),
            named: named.is_some(),
            session: RwSignal::new(None),
        };
        // A token lives as long as its tab.
        Effect::watch(
            move || service.session.get(),
            |session, _, _| {
                if session.is_none() {
                    browser::session_store("session", None);
                }
            },
            false,
        );
        service
    }

    /// Takes another address, from a person; says what is wrong with it.
    ///
    /// # Errors
    /// In words, for what is no address.
    pub fn choose(self, text: &str) -> Result<(), &'static str> {
        let text = text.trim().trim_end_matches('/');
        if !text.is_empty() {
            let url = web_sys::Url::new(text).map_err(|_| "Give an address such as https://api.example.org")?;
            if !matches!(url.protocol().as_str(), "https:" | "http:") || !url.search().is_empty() {
                return Err("Give an address such as https://api.example.org");
            }
            let policy = document().query_selector("meta[http-equiv=Content-Security-Policy]").ok().flatten();
            let allowed = policy.and_then(|meta| meta.get_attribute("content")).unwrap_or_default();
            let own = window().location().origin().unwrap_or_default();
            if url.origin() != own && !allowed.split([' ', ';']).any(|origin| origin == url.origin()) {
                return Err(
                    "This page's security policy does not let it reach that address: its operator must build the page with it",
                );
            }
        }
        browser::store("api", text);
        self.session.set(None);
        self.address.set((!text.is_empty()).then(|| text.to_owned()));
        Ok(())
    }
}

/// Whether the page was opened by a sign-in service that sends a person back.
#[must_use]
pub fn returns_from_sign_in() -> bool {
    let search = window().location().search().unwrap_or_default();
    let has = |name: &str| search.trim_start_matches('?').split('&').any(|part| part.starts_with(name));
    has("state=") && (has("code=") || has("error="))
}

/// The id that the page's address names in the gallery.
#[must_use]
pub fn gallery_id() -> Option<String> {
    let hash = window().location().hash().ok()?;
    hash.strip_prefix("#gallery/").filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Puts the keyboard's focus on an element by its id.
pub fn focus(id: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(id)
            && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = element.focus();
        }
    });
}
