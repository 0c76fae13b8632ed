//! Wrappers for browser features: storage, locks, the clipboard, downloads, the clock.

use futures::channel::oneshot;
use js_sys::{Function, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlAnchorElement, Storage, Url};

/// The stored value of a name; `None` also if storage is off.
#[must_use]
pub fn stored(name: &str) -> Option<String> {
    storage()?.get_item(&key(name)).ok().flatten()
}

/// Stores a value under a name; returns whether there was space. If storage is off, nothing outlives the page.
pub fn store(name: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(&key(name), value).is_ok())
}

/// Removes the stored value of a name.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(name));
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The value of a name in this tab's storage.
#[must_use]
pub fn session_stored(name: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(&key(name)).ok().flatten()
}

/// Stores a value under a name in this tab's storage, or removes it.
pub fn session_store(name: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = match value {
            Some(value) => storage.set_item(&key(name), value),
            None => storage.remove_item(&key(name)),
        };
    }
}

fn key(name: &str) -> String {
    format!("delta-augment.{name}")
}

/// Milliseconds since the page was opened.
#[must_use]
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Waits for some milliseconds.
pub async fn sleep(milliseconds: u64) {
    let (sender, receiver) = oneshot::channel();
    let wake = move || {
        let _ = sender.send(());
    };
    leptos::prelude::set_timeout(wake, std::time::Duration::from_millis(milliseconds));
    // The timer fires, or the page is closed.
    let _ = receiver.await;
}

/// Takes a lock until the page is closed; `false` if another page of this site has it. In a browser without locks it
/// always succeeds.
pub async fn lock(name: &str) -> bool {
    let navigator: JsValue = window().navigator().into();
    let Some(locks) = property(&navigator, "locks") else { return true };
    let (sender, receiver) = oneshot::channel();
    let granted = Closure::once_into_js(move |lock: JsValue| {
        let is_ours = !lock.is_null();
        let _ = sender.send(is_ours);
        // The lock is held until this promise resolves, which never happens.
        if is_ours { js_sys::Promise::new(&mut |_, _| {}).into() } else { JsValue::UNDEFINED }
    });
    let options = object(&[("ifAvailable", true.into())]);
    match call(&locks, "request", &[key(name).into(), options, granted]) {
        Some(_) => receiver.await.unwrap_or(true),
        None => true,
    }
}

/// The property of a value by its path, such as `storage.persist`; `None` if there is none.
#[must_use]
pub fn property(of: &JsValue, path: &str) -> Option<JsValue> {
    let mut value = of.clone();
    for name in path.split('.') {
        value = Reflect::get(&value, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())?;
    }
    Some(value)
}

/// Calls a method by name, for methods that not every browser has; `None` if there is none or it throws.
#[must_use]
pub fn call(of: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = property(of, method)?.dyn_into().ok()?;
    method.apply(of, &arguments.iter().collect()).ok()
}

/// A JavaScript object with these fields.
#[must_use]
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// Copies text to the clipboard; returns whether that worked.
pub async fn copy(text: &str) -> bool {
    let navigator: JsValue = window().navigator().into();
    let Some(clipboard) = property(&navigator, "clipboard") else { return false };
    let Some(promise) = call(&clipboard, "writeText", &[text.into()]) else { return false };
    wasm_bindgen_futures::JsFuture::from(promise.unchecked_into::<js_sys::Promise>()).await.is_ok()
}

/// Saves a blob as a download.
pub fn download(blob: &web_sys::Blob, name: &str) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // By then the download has started, and the address is not needed any more.
    leptos::prelude::set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        std::time::Duration::from_secs(60),
    );
    Ok(())
}

/// The number of processor cores that the browser reports.
#[must_use]
pub fn cores() -> u64 {
    (window().navigator().hardware_concurrency() as u64).max(1)
}

/// Whether this is a Mac or an iPhone, where Cmd takes the place of Ctrl.
#[must_use]
pub fn is_apple() -> bool {
    window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}
