//! Sign-in with OpenID Connect: authorization code with PKCE.
//!
//! The token stays in this tab and is sent to the API only. If the Studio has images, sign-in opens a tab of its own,
//! because leaving the page would lose them; that tab passes the session on and closes.

use augment_api::AuthConfig;
use augment_api::client::{Discovery, Tokens, secret};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use super::model::Gallery;
use crate::browser;
use crate::network_audit;
use crate::service::{self, Session};
use crate::ui::{Button, ButtonKind, Glyph, Icon, Tone};

/// The longest timeout of a browser, in milliseconds.
const LONGEST: u64 = i32::MAX as u64;

/// A sign-in in progress, stored until the user returns.
#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    auth: AuthConfig,
    discovery: Discovery,
    state: String,
    nonce: String,
    verifier: String,
    /// The fragment of the page's address before sign-in.
    hash: String,
    /// Whether this tab was opened for it.
    tab: bool,
}

/// A session as it is stored and passed on.
#[derive(Clone, Serialize, Deserialize)]
struct StoredSession {
    token: String,
    name: String,
    /// When it expires, in milliseconds since 1970.
    until: f64,
    /// The API that it is for.
    api: String,
}

/// Restores the session of this tab, listens for sessions of others, and finishes a sign-in whose response is in the
/// address.
pub(super) fn begin(gallery: Gallery) {
    if let Some(session) = browser::session_stored("session").and_then(|text| serde_json::from_str(&text).ok()) {
        take(gallery, &session);
    }
    listen(gallery);
    if service::returns_from_sign_in() {
        spawn_local(async move {
            if let Err(words) = end(gallery).await {
                gallery.toaster.say(Tone::Danger, words);
            }
        });
    }
}

/// The page's own address, where the issuer sends users back.
fn here() -> String {
    let location = window().location();
    format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default())
}

fn channel() -> Option<BroadcastChannel> {
    BroadcastChannel::new(&format!("delta-augment sign-in {}", here())).ok()
}

fn take(gallery: Gallery, session: &StoredSession) {
    let left = session.until - js_sys::Date::now();
    if left <= 0.0 || gallery.service.address.get_untracked().as_ref() != Some(&session.api) {
        return;
    }
    if let Ok(text) = serde_json::to_string(session) {
        browser::session_store("session", Some(&text));
    }
    gallery.service.session.set(Some(Session { token: session.token.clone(), name: session.name.clone() }));
    let token = session.token.clone();
    set_timeout(
        move || {
            let ours = gallery
                .service
                .session
                .with_untracked(|session| session.as_ref().is_some_and(|one| one.token == token));
            if ours {
                gallery.service.session.set(None);
                gallery.toaster.say(Tone::Warn, "Your sign-in has ended. Sign in again to continue.");
            }
        },
        std::time::Duration::from_millis((left as u64).min(LONGEST)),
    );
}

/// Listens for sessions from other tabs of this page.
fn listen(gallery: Gallery) {
    let Some(channel) = channel() else { return };
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let session = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(session) = session {
            take(gallery, &session);
        }
    });
    channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // It listens until the page is closed.
    hear.forget();
    std::mem::forget(channel);
}

/// Sends the user to the issuer.
fn start(gallery: Gallery, auth: AuthConfig) {
    // A tab can only be opened inside a click; its address is set later.
    let busy = gallery.studio.listing.with_untracked(Option::is_some);
    let tab = busy.then(|| window().open_with_url_and_target("", "_blank").ok().flatten()).flatten();
    spawn_local(async move {
        let opened = tab.clone();
        if let Err(words) = go_to_issuer(gallery, auth, tab).await {
            if let Some(tab) = opened {
                let _ = tab.close();
            }
            gallery.toaster.say(Tone::Danger, words);
        }
    });
}

async fn go_to_issuer(gallery: Gallery, auth: AuthConfig, tab: Option<web_sys::Window>) -> Result<(), String> {
    network_audit::note_known(gallery.record, &auth.issuer);
    let discovery = Discovery::of(&auth.issuer).await.map_err(|error| gallery.error_text(&error))?;
    network_audit::note_known(gallery.record, &discovery.token_endpoint);
    let chance = || secret().ok_or_else(|| "This browser does not provide random numbers.".to_owned());
    let pending = PendingSignIn {
        state: chance()?,
        nonce: chance()?,
        verifier: chance()?,
        hash: window().location().hash().unwrap_or_default(),
        tab: tab.is_some(),
        auth,
        discovery,
    };
    let address = pending.discovery.sign_in(&pending.auth, &here(), &pending.state, &pending.nonce, &pending.verifier);
    let text = serde_json::to_string(&pending).unwrap_or_default();
    match tab {
        Some(tab) => {
            let storage = tab.session_storage().ok().flatten().ok_or("This browser cannot store the sign-in.")?;
            storage.set_item("delta-augment.sign-in", &text).map_err(|_| "This browser cannot store the sign-in.")?;
            let _ = tab.location().set_href(&address);
        }
        None => {
            browser::session_store("sign-in", Some(&text));
            let _ = window().location().set_href(&address);
        }
    }
    Ok(())
}

/// Makes a session of the response in the address.
async fn end(gallery: Gallery) -> Result<(), String> {
    let pending: Option<PendingSignIn> =
        browser::session_stored("sign-in").and_then(|text| serde_json::from_str(&text).ok());
    browser::session_store("sign-in", None);
    let search = window().location().search().unwrap_or_default();
    let answer = web_sys::UrlSearchParams::new_with_str(&search).map_err(|_| "The sign-in response cannot be read.")?;
    // A code works once, so it is removed from the address.
    let back = pending.as_ref().map(|pending| pending.hash.clone()).unwrap_or_default();
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{}{back}", here())));
    }
    if !back.is_empty() {
        let event = web_sys::Event::new("hashchange").map_err(|_| "The page cannot go back.")?;
        let _ = window().dispatch_event(&event);
    }
    let strange = "This response does not belong to a sign-in of this tab. Sign in again.";
    let pending = pending.filter(|pending| answer.get("state").as_ref() == Some(&pending.state)).ok_or(strange)?;
    if let Some(error) = answer.get("error") {
        let why = answer.get("error_description").unwrap_or(error);
        return Err(format!("You are not signed in: {why}"));
    }
    let code = answer.get("code").ok_or(strange)?;
    let PendingSignIn { auth, discovery, nonce, verifier, tab, .. } = pending;
    network_audit::note_known(gallery.record, &discovery.token_endpoint);
    let tokens = discovery.exchange(&auth, &here(), &code, &nonce, &verifier).await;
    let tokens: Tokens = tokens.map_err(|error| gallery.error_text(&error))?;
    let session = StoredSession {
        token: tokens.bearer().to_owned(),
        name: tokens.name(),
        until: js_sys::Date::now() + tokens.expires_in.unwrap_or(3600) as f64 * 1000.0,
        api: gallery.service.address.get_untracked().unwrap_or_default(),
    };
    take(gallery, &session);
    gallery.toaster.say(Tone::Good, "You are signed in");
    if tab {
        if let (Some(channel), Ok(text)) = (channel(), serde_json::to_string(&session)) {
            let _ = channel.post_message(&text.into());
        }
        let _ = window().close();
    }
    Ok(())
}

/// The user and a button to sign out, or a button to sign in; nothing if sign-in is off.
#[component]
pub(crate) fn SignIn() -> impl IntoView {
    let gallery = expect_context::<Gallery>();
    let auth = Memo::new(move |_| gallery.config.with(|config| config.as_ref().and_then(|config| config.auth.clone())));
    view! {
        {move || {
            let auth = auth.get()?;
            Some(match gallery.service.session.get() {
                Some(session) => view! {
                    <span class="signed-in small"><Icon glyph=Glyph::CheckCircle size="s" /> <span class="truncate">{session.name}</span></span>
                    <Button label="Sign out" kind=ButtonKind::Quiet on_press=move || gallery.service.session.set(None) />
                }.into_any(),
                None if auth.client_id.is_none() => view! { <p class="small soft">"Sign-in does not work on this page: its operator set no client ID."</p> }.into_any(),
                None => view! { <Button label="Sign in" glyph=Glyph::Shield on_press=move || start(gallery, auth.clone()) /> }.into_any(),
            })
        }}
    }
}
