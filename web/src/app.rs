//! The frame of the page: its places and how one gets from one to the other.

use augment_core::transforms::CATALOG;
use leptos::prelude::*;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    view! { <main><h1>"Delta Augment"</h1><ul>{CATALOG.iter().map(|d| view! { <li>{d.op}</li> }).collect_view()}</ul></main> }
}
