//! A sign of life: a lock that the browser gives away when the worker ends, however it ends.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// Takes a lock of its own for as long as the worker lives, then calls `held` with its name; without a name where the
/// browser has no locks, as on pages that are not served securely.
pub(crate) fn hold(held: impl FnOnce(Option<String>) + 'static) {
    let locks = Reflect::get(&crate::post::scope().navigator(), &"locks".into()).unwrap_or_default();
    let request: Option<Function> = Reflect::get(&locks, &"request".into()).ok().and_then(|f| f.dyn_into().ok());
    let Some(request) = request else { return held(None) };
    let name = format!("delta-augment worker {}{}", js_sys::Date::now(), js_sys::Math::random());
    let own = name.clone();
    let granted = Closure::once_into_js(move || {
        held(Some(own));
        // Never kept: the lock ends with the worker.
        Promise::new(&mut |_, _| {})
    });
    // It fails only on a page that is going away.
    let _ = request.call2(&locks, &name.into(), &granted);
}
