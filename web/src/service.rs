//! The address of the service that stores shared images, and who is signed in.
//!
//! A server with an API names it in the document (`<meta name="api" content="/">`); otherwise the user may set an
//! address in the settings. Without either, the page makes no requests.

use std::fmt;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

use crate::browser;

/// The service; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The base address of the API, without a slash at the end; `None` if there is no service.
    pub address: RwSignal<Option<String>>,
    /// Whether the document names the address.
    pub named: bool,
    /// The session. Written by `gallery`, and by `settings` to sign out.
    pub session: RwSignal<Option<Session>>,
}

/// The session of a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The bearer token for the API.
    pub token: String,
    /// The user's name.
    pub name: String,
}

/// Without the token, which is a secret.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Service {
    /// The service that the document or the settings name.
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
        // The token lasts as long as its tab.
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

    /// Sets another address.
    ///
    /// # Errors
    /// With a message, if the address is not valid.
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
                    "This page's security policy does not allow that address: its operator must build the page with it",
                );
            }
        }
        browser::store("api", text);
        self.session.set(None);
        self.address.set((!text.is_empty()).then(|| text.to_owned()));
        Ok(())
    }
}

/// Whether a sign-in service has just sent the user back to the page.
#[must_use]
pub fn returns_from_sign_in() -> bool {
    let search = window().location().search().unwrap_or_default();
    let has = |name: &str| search.trim_start_matches('?').split('&').any(|part| part.starts_with(name));
    has("state=") && (has("code=") || has("error="))
}

/// The id of the gallery image in the page's address.
#[must_use]
pub fn gallery_id() -> Option<String> {
    let hash = window().location().hash().ok()?;
    hash.strip_prefix("#gallery/").filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Focuses an element by its id.
pub fn focus(id: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(id)
            && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = element.focus();
        }
    });
}
