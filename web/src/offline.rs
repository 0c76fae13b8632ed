//! Offline use: the state of the network and the service worker, offers to update and to install.
//!
//! The site's start script registers the service worker; this module follows its registration.

use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::browser;
use crate::ui::{Button, ButtonKind, Glyph, Icon, Toaster, Tone, When};

/// The state of the network and of the offline copy; taken from the context.
#[derive(Clone, Copy, Debug)]
pub struct Offline {
    /// Whether the browser has a network.
    pub online: RwSignal<bool>,
    /// Whether everything that the page needs is stored in the browser.
    pub ready: RwSignal<bool>,
    /// Whether the browser offers to install the page.
    pub installable: RwSignal<bool>,
    offer: StoredValue<Option<JsValue>, LocalStorage>,
}

impl Offline {
    /// Starts to follow the network and the service worker.
    #[must_use]
    pub fn follow(toaster: Toaster) -> Self {
        let offline = Self {
            online: RwSignal::new(window().navigator().on_line()),
            ready: RwSignal::new(false),
            installable: RwSignal::new(false),
            offer: StoredValue::new_local(None),
        };
        let _ = window_event_listener(leptos::ev::online, move |_| offline.online.set(true));
        let _ = window_event_listener(leptos::ev::offline, move |_| offline.online.set(false));
        let _ = window_event_listener_untyped("beforeinstallprompt", move |event| {
            event.prevent_default();
            offline.offer.set_value(Some(event.into()));
            offline.installable.set(true);
        });
        let _ = window_event_listener_untyped("appinstalled", move |_| offline.installable.set(false));
        spawn_local(async move {
            // Without a service worker (an old browser, a private window) the page needs a network.
            let _ = offline.follow_worker(toaster).await;
        });
        offline
    }

    async fn follow_worker(self, toaster: Toaster) -> Option<()> {
        let navigator: JsValue = window().navigator().into();
        let container = browser::property(&navigator, "serviceWorker")?;
        let ready: Promise = browser::property(&container, "ready")?.unchecked_into();
        let registration = JsFuture::from(ready).await.ok()?;
        self.ready.set(true);
        if browser::stored("offline-told").is_none() {
            browser::store("offline-told", "yes");
            toaster.say(Tone::Good, "Ready to work offline");
        }
        if let Some(waiting) = browser::property(&registration, "waiting") {
            offer_update(toaster, &container, waiting);
        }
        let found = {
            let (registration, container) = (registration.clone(), container.clone());
            move |_: JsValue| {
                let Some(installing) = browser::property(&registration, "installing") else { return };
                let (worker, container) = (installing.clone(), container.clone());
                listen(&installing, "statechange", move |_| {
                    let state = browser::property(&worker, "state").and_then(|state| state.as_string());
                    // Without a controller this is the first installation, and no update waits.
                    if state.as_deref() == Some("installed") && browser::property(&container, "controller").is_some() {
                        offer_update(toaster, &container, worker.clone());
                    }
                });
            }
        };
        listen(&registration, "updatefound", found);
        Some(())
    }

    /// Asks the browser to install the page.
    pub fn install(self) {
        if let Some(offer) = self.offer.try_update_value(Option::take).flatten() {
            let _ = browser::call(&offer, "prompt", &[]);
        }
        self.installable.set(false);
    }
}

/// Offers the new version. The page reloads only if the user accepts.
fn offer_update(toaster: Toaster, container: &JsValue, waiting: JsValue) {
    let waiting = send_wrapper::SendWrapper::new((waiting, container.clone()));
    toaster.offer(Tone::Info, "A new version is ready", "Update now", move || {
        let (waiting, container) = &*waiting;
        listen(container, "controllerchange", |_| {
            let _ = window().location().reload();
        });
        let _ = browser::call(waiting, "postMessage", &["skip waiting".into()]);
    });
}

/// Listens until the page is closed.
fn listen(target: &JsValue, event: &str, act: impl FnMut(JsValue) + 'static) {
    let act = Closure::<dyn FnMut(JsValue)>::new(act);
    let _ = browser::call(target, "addEventListener", &[event.into(), act.as_ref().clone()]);
    act.forget();
}

/// Shows that there is no network, and offers to install the page if the browser can.
#[component]
pub fn OfflineBadge() -> impl IntoView {
    let offline = expect_context::<Offline>();
    view! {
        <When on=Signal::derive(move || !offline.online.get())>
            <span class="badge" role="status"><Icon glyph=Glyph::Offline size="s" /><span class="badge-word">"Offline, all works"</span></span>
        </When>
        <When on=offline.installable>
            <Button label="Install" glyph=Glyph::Save class="small" kind=ButtonKind::Quiet on_press=move || offline.install() />
        </When>
    }
}
