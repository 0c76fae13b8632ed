//! Audits what leaves this computer, by the browser's own record of requests.
//!
//! The page requests files of its own site, without a query and without a body. Any other request counts as a leak: a
//! request to another origin, or one with a query, each with at least the bytes of its address. Requests to the
//! gallery, and the bytes that the user shares with it, are counted apart. Workers and the service worker have records
//! of their own; for them, the content security policy allows no other origin.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::ui::{Dialog, Glyph, Icon, bytes, counted};

/// The requests so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkAudit {
    /// Requests for files of this site.
    pub own: usize,
    /// Requests to the gallery.
    pub service: usize,
    /// Bytes that the user sent to the gallery, including failed attempts.
    pub shared: u64,
    /// Prefixes of the gallery's addresses.
    pub known: Vec<String>,
    /// All other requests: the address, and the least number of bytes that it carried.
    pub others: Vec<(String, u64)>,
}

impl NetworkAudit {
    fn add(&mut self, address: &str, origin: &str) {
        let local = ["blob:", "data:"].iter().any(|scheme| address.starts_with(scheme));
        let inside = address.strip_prefix(origin).is_some_and(|path| path.starts_with('/'));
        if self.known.iter().any(|known| address.starts_with(known)) {
            self.service += 1;
        } else if inside && !address.contains('?') {
            self.own += 1;
        } else if !local {
            self.others.push((address.chars().take(120).collect(), address.len() as u64));
        }
    }

    fn bytes_out(&self) -> u64 {
        self.others.iter().map(|(_, bytes)| bytes).sum()
    }
}

/// Follows the browser's record of requests.
fn follow(record: RwSignal<NetworkAudit>) {
    let origin = window().location().origin().unwrap_or_default();
    let take = Closure::<dyn FnMut(JsValue)>::new(move |list: JsValue| {
        let entries: Array = browser::call(&list, "getEntries", &[]).map(JsCast::unchecked_into).unwrap_or_default();
        let names: Vec<String> =
            entries.iter().filter_map(|entry| browser::property(&entry, "name")?.as_string()).collect();
        record.update(|record| names.iter().for_each(|name| record.add(name, &origin)));
    });
    if let Ok(observer) = web_sys::PerformanceObserver::new(take.as_ref().unchecked_ref()) {
        let what = browser::object(&[("type", "resource".into()), ("buffered", true.into())]);
        let _ = browser::call(&observer, "observe", &[what]);
    }
    // It listens until the page is closed.
    take.forget();
}

/// Counts bytes that the user sends to the gallery.
pub fn note_shared(record: RwSignal<NetworkAudit>, bytes: u64) {
    record.update(|record| record.shared += bytes);
}

/// Notes an address of the gallery, without its query.
pub fn note_known(record: RwSignal<NetworkAudit>, address: &str) {
    let address = address.split('?').next().unwrap_or_default();
    if !record.with_untracked(|record| record.known.iter().any(|known| known == address)) {
        record.update(|record| record.known.push(address.to_owned()));
    }
}

/// Starts the audit.
#[must_use]
pub fn start() -> RwSignal<NetworkAudit> {
    let record = RwSignal::new(NetworkAudit::default());
    follow(record);
    record
}

/// "0 bytes have left this computer", and how the page knows.
#[component]
pub fn NetworkAuditLine() -> impl IntoView {
    let record = expect_context::<RwSignal<NetworkAudit>>();
    let open = RwSignal::new(false);
    let words = move || {
        let (out, shared) = record.with(|record| (record.bytes_out(), record.shared));
        if out == 0 && shared > 0 {
            format!("{} shared by you, nothing else", bytes(shared))
        } else if out == 0 {
            "0 bytes have left this computer".to_owned()
        } else {
            format!("At least {} went to other sites", bytes(out))
        }
    };
    let leaks = Memo::new(move |_| record.with(|record| !record.others.is_empty()));
    view! {
        <button type="button" class="trust" class:leak=move || leaks.get() class:shared=move || record.with(|record| record.shared > 0) on:click=move |_| open.set(true)>
            <Icon glyph=Signal::derive(move || if leaks.get() { Glyph::Warning } else { Glyph::Shield }) size="s" />
            <span class="num">{words}</span>
        </button>
        <Dialog open=open title="What left this computer">
            <div class="dialog-body stack">
                <p class="strong num">{words}</p>
                <p>{move || record.with(|record| format!(
                    "The browser's own record of this page: {} for files of this site, {} to the gallery, {} for anything else.",
                    counted(record.own, "request", "requests"),
                    record.service,
                    record.others.len()
                ))}</p>
                <ul class="problem-rows">
                    {move || record.with(|record| record.others.iter().take(20).map(|(address, _)| {
                        view! { <li>{address.clone()}</li> }
                    }).collect_view())}
                </ul>
                <p class="soft">
                    "Images leave this computer only when you share them, and then they go only to the gallery's store. Otherwise, workers inside this page read your images in place. The page's security policy keeps the page and its workers from reaching any other site. Turn the network off, and everything still works."
                </p>
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::NetworkAudit;

    #[test]
    fn requests_for_files_of_the_site_are_not_counted() {
        let mut record = NetworkAudit::default();
        let origin = "https://a.example";
        for own in ["https://a.example/app.js", "blob:https://a.example/1", "data:,x"] {
            record.add(own, origin);
        }
        assert_eq!((record.own, record.bytes_out()), (1, 0));
        for other in ["https://a.example/app.js?image=xyz", "https://b.example/", "https://a.example.evil/app.js"] {
            record.add(other, origin);
        }
        assert_eq!(record.others.len(), 3);
        assert!(record.bytes_out() > 60, "at least the addresses");
        record.known.push("https://a.example/v1/".into());
        record.add("https://a.example/v1/images?limit=2", origin);
        assert_eq!((record.service, record.others.len()), (1, 3), "the gallery's requests are counted apart");
    }
}
