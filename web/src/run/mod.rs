//! The run:  what is made, where it goes, how far it is, what came of it.

use leptos::prelude::*;

/// RunPanel.
#[component]
pub fn RunPanel() -> impl IntoView {
    view! { <div class="panel"><h2 class="panel-title">"RunPanel"</h2></div> }
}
