//! The heartbeat lock: the browser releases it when the worker stops, for whatever reason.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// Takes a lock that the worker holds while it lives, then calls `held` with its name; without a name if the browser
/// has no locks, as on insecure pages.
pub(crate) fn hold(held: impl FnOnce(Option<String>) + 'static) {
    let locks = Reflect::get(&crate::post::scope().navigator(), &"locks".into()).unwrap_or_default();
    let request: Option<Function> = Reflect::get(&locks, &"request".into()).ok().and_then(|f| f.dyn_into().ok());
    let Some(request) = request else { return held(None) };
    let name = format!("delta-augment worker {}{}", js_sys::Date::now(), js_sys::Math::random());
    let own = name.clone();
    let granted = Closure::once_into_js(move || {
        held(Some(own));
        // This promise never resolves: the lock ends with the worker.
        Promise::new(&mut |_, _| {})
    });
    // It fails only while the page is closing.
    let _ = request.call2(&locks, &name.into(), &granted);
}
